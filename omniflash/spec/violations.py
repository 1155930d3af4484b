"""What is wrong with a request, one value per problem, ready to be read by a person or a program."""

from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen

from ..types import JSON
from .clauses import CLAUSES
from .limits import LATEST, Limits


@frozen
class Violation:
    """One thing that is wrong: the `clause` it breaks, where, what was given, what is allowed, what to do next."""

    clause: str
    field: str
    value: JSON
    limit: str
    remedy: str

    def __str__(self) -> str:
        given = "" if self.value is None else f" = {_short(self.value)}"
        return f"{self.clause} {self.field}{given}: {self.limit}; {self.remedy}"


def _short(value: JSON) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:50]}… ({len(text):,} characters)"


def violation(clause: str, field: str, value: object, remedy: str, limits: Limits = LATEST) -> Violation:
    """A violation whose limit is the clause's own sentence."""
    return Violation(clause, field, shown(value), CLAUSES[clause].sentence(limits), remedy)


LONGEST_NUMBER = 1_000  # bits: Python refuses to write out much longer ones


def shown(value: object) -> JSON:
    """A value as a violation carries it: plain JSON values as they are, all else in words without secrets."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:
        return "a number without end"
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """The remedy for a name that is not known."""
    names = [str(name) for name in known]
    close = get_close_matches(str(word), names, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(names)}"
