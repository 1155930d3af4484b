"""The user's own prices, read from plain tables: whatever is wrong with any of them is told at once, line by line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from attrs import asdict, field, fields, frozen

from ..adapter import Offer
from ..codec import converter
from ..errors import ConfigurationError
from ..spec.limits import LATEST, LIMITS
from ..spec.requests import Mode
from ..spec.violations import did_you_mean
from .overrides import OwnPrice, Unit, told_by
from .quotes import LEAST, MOST, RESOLUTION, USD, plainly

Sold: TypeAlias = "Mapping[str | None, Callable[[], Sequence[Offer]]]"

MONEY = ("usd", "credits")
NARROWING = ("mode", "version", "resolution")
NUMBERS = (*MONEY, "at_most", "tokens_per_second")
CHOICES: Mapping[str, type[StrEnum]] = {"mode": Mode, "unit": Unit}
TYPES: Mapping[str, Any] = {attribute.name: attribute.type for attribute in fields(OwnPrice)}
A_TEXT, A_NUMBER = "a text in quotes", f"a number from {plainly(LEAST)} to {MOST:,}"
# What each field is, and what to do where it is missing or is something else.
WANTED: Mapping[str, tuple[str, str]] = {
    "provider": (A_TEXT, 'write the name of a provider or an account, such as "fal"'),
    "mode": (f"one of {', '.join(Mode)}", ""),
    "version": (A_TEXT, f'write it as "{LATEST.version}"'),
    "resolution": (A_TEXT, f'write it as "{RESOLUTION}"'),
    "unit": (f"one of {', '.join(Unit)}", f"write what the price is for: {', '.join(Unit)}"),
    "usd": (A_NUMBER, 'write dollars for one unit, such as "0.10"'),
    "credits": (A_NUMBER, 'write credits for one unit, such as "16"'),
    "at_most": (A_NUMBER, "write the most that one unit may cost, in the same money, or leave it out"),
    "tokens_per_second": (A_NUMBER, "write how many tokens a second of the file has: at 720p Google lists 5,792"),
    "as_of": ("a day", "write when you learned the price, as 2026-11-01"),
    "source": (A_TEXT, "write where the price stands, in your words"),
}
LONGEST_SHOWN = 60


def read(rows: Sequence[object], where: str, today: date, sold: Sold) -> tuple[OwnPrice, ...]:
    """The prices of plain tables, or of values, as `where` has them.

    `sold` tells, by the names of providers and accounts, what is offered there. Raises one ConfigurationError with a
    line for everything that is wrong with any of them.
    """
    found: dict[tuple[str | None, ...], int] = {}
    prices, problems = [], []
    for number, row in enumerate(rows, 1):
        table = _Table(f"{where} {number}", _plain(row), today, sold)
        wrong = [*table.problems(), *_misplaced(table), *_again(table, found, number)]
        if not wrong:
            prices.append(OwnPrice(**table.values))
        problems += wrong
    if problems:
        raise ConfigurationError("\n".join(problems))
    return tuple(prices)


def _plain(row: object) -> object:
    return asdict(row, filter=lambda _, value: value not in (None, "")) if isinstance(row, OwnPrice) else row


@frozen
class _Table:
    """One row, as it is given: `where` it stands, and what could be read of it."""

    where: str
    given: Any
    today: date
    sold: Sold
    values: dict[str, Any] = field(factory=dict, init=False)

    def known(self, *names: str) -> bool:
        """Whether each of these fields could be read, or is left out."""
        return isinstance(self.given, Mapping) and not (self.given.keys() - self.values.keys()) & set(names)

    def told(self, name: str, limit: str, remedy: str) -> str:
        """A problem: the row, the field, what it is, what is allowed, what to do."""
        value = self.values.get(name, self.given.get(name))
        given = "" if value is None else f" = {_short(value)}"
        return f"{self.where}: {name}{given}: {limit}; {remedy}"

    def problems(self) -> Iterator[str]:
        """What is wrong with the row by itself. Fills in `values`."""
        if not isinstance(self.given, Mapping):
            remedy = "write its unit, usd, as_of and source"
            yield f"{self.where} = {_short(self.given)}: no table of fields; {remedy}"
            return
        for name in self.given:
            if name not in TYPES:
                yield self.told(name, "there is no such field", did_you_mean(name, TYPES))
            else:
                yield from self._structured(name)
        for judge in (self._missing, self._numbers, self._moneys, self._tokens, self._facts):
            yield from judge()

    def _structured(self, name: str) -> Iterator[str]:
        try:
            self.values[name] = converter.structure(self.given[name], TYPES[name])
        except Exception:  # noqa: BLE001 - cattrs groups whatever the classes raise
            limit, remedy = WANTED[name]
            choices = CHOICES.get(name)
            yield self.told(name, limit, did_you_mean(self.given[name], choices) if choices else remedy)

    def _missing(self) -> Iterator[str]:
        needed = ["unit", "as_of"]
        if self.values.get("unit") is Unit.MILLION_TOKENS:
            needed.append("tokens_per_second")
        yield from (self.told(name, "it is missing", WANTED[name][1]) for name in needed if name not in self.given)
        if not self.given.keys() & set(MONEY):
            yield self.told("usd", "there is no price", "write usd = … or credits = …, for one unit")

    def _numbers(self) -> Iterator[str]:
        for name in NUMBERS:
            number = self.values.get(name)
            if number is not None and not LEAST <= number <= MOST:
                yield self.told(name, *WANTED[name])

    def _moneys(self) -> Iterator[str]:
        if self.given.keys() >= set(MONEY):
            yield self.told("credits", "there is a price in usd too", "leave one of them out")
        dearest = self.values.get("at_most")
        for name in MONEY:
            price = self.values.get(name)
            if dearest is not None and price is not None and dearest < price:
                limit = f"at least the price itself, {name} = {plainly(price)}"
                yield self.told("at_most", limit, "raise it, or leave it out")

    def _tokens(self) -> Iterator[str]:
        unit = self.values.get("unit")
        if unit not in (None, Unit.MILLION_TOKENS) and "tokens_per_second" in self.given:
            yield self.told("tokens_per_second", f"the price is for a {unit}", "leave it out")

    def _facts(self) -> Iterator[str]:
        day, version = self.values.get("as_of"), self.values.get("version")
        if day is not None and day > self.today + timedelta(days=1):  # tomorrow is today, somewhere
            yield self.told("as_of", f"yet to come: today is {self.today}", WANTED["as_of"][1])
        if version is not None and version not in LIMITS:
            yield self.told("version", "no version of the model", did_you_mean(version, LIMITS))
        provider = self.values.get("provider")
        if provider not in self.sold and "provider" not in self.given.keys() - self.values.keys():
            limit = "it is missing" if provider is None else "no provider and no account"
            yield self.told("provider", limit, did_you_mean(provider, filter(None, self.sold)))


def _misplaced(table: _Table) -> Iterator[str]:
    """Where what could be read of a row fits nothing that is offered."""
    provider = table.values.get("provider")
    if not table.known("provider") or provider not in table.sold:
        return
    offers, seller = table.sold[provider](), provider or "the provider"
    for name in NARROWING:
        wanted = table.values.get(name)
        if name == "version" and wanted not in LIMITS:
            continue
        there = dict.fromkeys(told_by(offer)[name] for offer in offers)
        offers = [offer for offer in offers if wanted in (None, told_by(offer)[name])]
        if not offers:
            yield table.told(name, f"{seller} offers nothing of it", did_you_mean(wanted, there))
            return
    in_credits = "credits" in table.values and "usd" not in table.given
    if in_credits and table.known(*NARROWING) and any(offer.price.unit == USD for offer in offers):
        yield table.told("credits", f"{seller} asks for dollars, not for credits", "write usd = … in its place")


def _again(table: _Table, found: dict[tuple[str | None, ...], int], number: int) -> Iterator[str]:
    """Where a row is for the same as one before it, as far as both say what they are for."""
    scope = tuple(table.values.get(name) for name in ("provider", *NARROWING))
    if not table.known("provider", *NARROWING) or scope[0] not in table.sold:
        return
    if found.setdefault(scope, number) != number:
        what = " ".join(filter(None, scope)) or "everything"
        yield f"{table.where}: row {found[scope]} has a price of {what} too; leave one of the two out"


def _short(value: object) -> str:
    words = str(value) if isinstance(value, Decimal | date) else repr(getattr(value, "value", value))
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…"
