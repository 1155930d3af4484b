"""Reading a contract's tables: each value with its place in the file, so that a mistake is one line that names it."""

import math
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from attrs import frozen

from omniflash_sandbox.messages import JSON


def wrong(place: str, given: object, must: str) -> ValueError:
    """One line: where, what is there, and what should be."""
    return ValueError(f"{place}: {_brief(given)} is not {must}")


def _brief(given: object) -> str:
    text = repr(given)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


SHOWN = 80  # characters


@frozen
class Part:
    """A table of the file, and where it is; the whole file has no place."""

    place: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, value: object, place: str) -> "Part":
        if not isinstance(value, dict):
            raise wrong(place, value, "a table")
        return cls(place, value)

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def only(self, *names: str) -> "Part":
        """The same part; raises ValueError where it says something else."""
        for name in self.values:
            if name not in names:
                raise ValueError(f"{self.at(name)}: there is no such entry, only {', '.join(names)}")
        return self

    def wrong(self, name: str, must: str) -> ValueError:
        return wrong(self.at(name), self.values[name], must)

    def given(self, name: str) -> object:
        """What must be there."""
        if name not in self.values:
            raise ValueError(f"{self.at(name)}: is missing; there is {', '.join(self.values) or 'nothing'}")
        return self.values[name]

    def text(self, name: str, default: str | None = None) -> str:
        value = default if name not in self.values and default is not None else self.given(name)
        if value == "" != default:
            raise ValueError(f"{self.at(name)}: is blank")
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(name, "a list of texts")
        return tuple(value)

    def word(self, name: str, words: Collection[str], default: str | None = None) -> str:
        """One of the words there are."""
        value = self.text(name, default)
        if value not in words:
            raise self.wrong(name, f"one of {', '.join(words)}")
        return value

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value = default if name not in self.values and default is not None else self.given(name)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(name, f"a whole number from {least} to {most}")
        return value

    def amount(self, name: str, default: Decimal | None = None) -> Decimal:
        """A number of 0 or more, written as one or as a text."""
        value = default if name not in self.values and default is not None else self.given(name)
        try:
            amount = Decimal("NaN" if isinstance(value, bool) else str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not (amount.is_finite() and amount >= 0):
            raise self.wrong(name, "an amount of 0 or more")
        return amount

    def day(self, name: str, default: date | None = None) -> date:
        value = default if name not in self.values and default is not None else self.given(name)
        if type(value) is not date:
            raise self.wrong(name, "a date, such as 2026-11-20")
        return value

    def json(self, name: str) -> JSON:
        return json_of(self.given(name), self.at(name))

    def table(self, name: str) -> "Part":
        """A table that must be there."""
        return Part.of(self.given(name), self.at(name))

    def optional(self, name: str) -> "Part | None":
        return self.table(name) if name in self.values else None

    def open(self, name: str) -> "Part":
        """A table that may be left out, where leaving it out says that it is empty."""
        return self.optional(name) or Part(self.at(name), {})

    def parts(self) -> "dict[str, Part]":
        """Its own tables by name, where it has nothing else."""
        return {name: self.table(name) for name in self.values}

    def tables(self, name: str) -> "list[Part]":
        """A list of tables, at least one, counted from 1."""
        value = self.given(name)
        if not isinstance(value, list) or not value:
            raise self.wrong(name, "a list of tables")
        return [Part.of(item, f"{self.at(name)}[{number}]") for number, item in enumerate(value, 1)]


def json_of(value: object, place: str) -> JSON:
    """The value, where JSON can say it; raises ValueError."""
    match value:
        case dict():
            return {name: json_of(item, f"{place}.{name}") for name, item in value.items()}
        case list():
            return [json_of(item, f"{place}[{number}]") for number, item in enumerate(value, 1)]
        case bool() | int() | str() | None:
            return value
        case float() if math.isfinite(value):
            return value
        case _:
            raise wrong(place, value, "JSON")
