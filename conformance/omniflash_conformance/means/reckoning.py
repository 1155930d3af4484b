"""Arithmetic in words, reckoned: "(4 credits a clip + 8 s × 2 credits) × $0.05 a credit" comes to 1.

Numbers can be written as 5,792; what a million cost is the price of one:
"8 s × 5,792 tokens × $21.875 a million" comes to 1.0136.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from attrs import define, field

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:E[+-]?\d+)?"
_TOKENS = re.compile(rf"(?<![\w.]){_NUMBER}|[+×()]|\ba million\b")
_MILLION = Decimal(1_000_000)


def reckoned(words: str) -> Decimal | None:
    """What the numbers of a text come to, its other words aside, or None where it is no arithmetic."""
    reader = _Reader(iter(_TOKENS.findall(words)))
    try:
        found = reader.sum()
    except ValueError:
        return None
    return None if reader.word else found


@define
class _Reader:
    """Reads sums of products, with parentheses."""

    tokens: Iterator[str]
    word: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.word = next(self.tokens, "")

    def sum(self) -> Decimal:
        total = self.product()
        while self.word == "+":
            self.step()
            total += self.product()
        return total

    def product(self) -> Decimal:
        total = self.factor()
        while self.word == "×":
            self.step()
            total *= self.factor()
        return total

    def factor(self) -> Decimal:
        word = self.step()
        if word[:1].isdigit():
            return Decimal(word.replace(",", "")) / self.many()
        if word != "(":
            raise ValueError(f"{word!r} is no number")
        inner = self.sum()
        if self.step() != ")":
            raise ValueError("a parenthesis is not closed")
        return inner

    def many(self) -> Decimal:
        if self.word != "a million":
            return Decimal(1)
        self.step()
        return _MILLION

    def step(self) -> str:
        word, self.word = self.word, next(self.tokens, "")
        return word
