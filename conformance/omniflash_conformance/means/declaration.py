"""Whether a declaration is one at all: every part there, and of its type, whatever a stranger's adapter holds.

Every other case reads offers, fields and prices as what they should be; so this is looked at before any of them.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import TypeAlias

from attrs import fields, frozen

from omniflash.adapter import Adapter, Features, Field, MediaKind, Offer, Pace
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.spec import Mode

from ..verdicts import shown

Holds: TypeAlias = Callable[[object], bool]


@frozen
class Part:
    """One attribute of a declaration: what it is, in words and as a test."""

    name: str
    wanted: str
    holds: Holds


def _isa(*kinds: type) -> Holds:
    return lambda value: isinstance(value, kinds)


def _row_of(holds: Holds) -> Holds:
    return lambda value: isinstance(value, tuple) and all(map(holds, value))


def _mapping_of(keys: Holds, values: Holds) -> Holds:
    return lambda found: isinstance(found, Mapping) and all(keys(key) and values(found[key]) for key in found)


def _day(value: object) -> bool:
    return type(value) is date  # a datetime is a date too, and cannot be compared with one


def _amount(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _count(value: object) -> bool:
    return type(value) is int and value >= 0


def _seconds(value: object) -> bool:
    return type(value) in (int, float) and 0 < value < math.inf  # type: ignore[operator]  # a number, by then


def _plain(value: object) -> bool:
    match value:
        case list() | tuple():
            return all(map(_plain, value))
        case dict():
            return all(isinstance(key, str) and _plain(item) for key, item in value.items())
        case _:
            return isinstance(value, str | int | float | NoneType)


_text, _flag = _isa(str), _isa(bool)
METHODS = ("authorize", "read", "wire", "upload", "submit", "status", "cancel", "find", "download", "event")
_ADAPTER = (
    Part("name", "a text", _text),
    Part("hosts", "a mapping of texts to texts", _mapping_of(_text, _text)),
    Part("credentials", "a tuple of tuples of texts", _row_of(_row_of(_text))),
    Part("offers", "a tuple of Offers", _row_of(_isa(Offer))),
    Part("absent", "a mapping of Modes to texts", _mapping_of(_isa(Mode), _text)),
    Part("pace", "a Pace or None", _isa(Pace, NoneType)),
    Part("features", "a Features", _isa(Features)),
    Part("options", "a class or None", _isa(type, NoneType)),
    *(Part(name, "a method", callable) for name in METHODS),
)
_FEATURES = tuple(
    Part(name, "true or false", _flag)
    for name in ("cancel", "webhook", "upload", "public_uploads", "find", "find_assumed", "prices")
)
_OFFER = (
    Part("provider", "a text", _text),
    Part("version", "a text", _text),
    Part("mode", "a Mode", _isa(Mode)),
    Part("endpoint", "a text", _text),
    Part("fields", "a mapping of texts to Fields", _mapping_of(_text, _isa(Field))),
    Part("price", "a PriceRow", _isa(PriceRow)),
    Part("expected_s", "a number of seconds above 0", _seconds),
    Part("as_of", "a date", _day),
    Part("assumed", "true or false", _flag),
    Part("retires_on", "a date or None", lambda value: value is None or _day(value)),
)
_FIELD = (
    Part("wire", "a text or None", _isa(str, NoneType)),
    Part("values", "a tuple of JSON values", lambda value: isinstance(value, tuple) and _plain(value)),
    Part("kinds", "a frozenset of MediaKinds", lambda value: isinstance(value, frozenset) and _kinds(value)),
    Part("inline_limit", "a number of bytes", _count),
    Part("upload_limit", "a number of bytes", _count),
    Part("vendor_default", "a JSON value", _plain),
    Part("note", "a text", _text),
)
_PRICE = (
    Part("rate", "a Rate", _isa(Rate)),
    Part("bound", "a Rate", _isa(Rate)),
    Part("kind", "a Kind", _isa(Kind)),
    Part("source", "a text", _text),
    Part("as_of", "a date", _day),
    Part("unit", "a text", _text),
    Part("usd_per_unit", "a Decimal", _amount),
    Part("unit_source", "a text", _text),
    Part("note", "a text", _text),
    Part("resolution", "a text", _text),
    Part("own", "true or false", _flag),
)
_RATE = tuple(Part(attribute.name, "a Decimal", _amount) for attribute in fields(Rate))


def _kinds(values: Iterable[object]) -> bool:
    return all(isinstance(value, MediaKind) for value in values)


def malformed(adapter: Adapter) -> tuple[str, ...]:
    """Every part of an adapter that is not what the contract says, in words; nothing for a declaration."""
    return (
        tuple(_wrong(adapter, "", _ADAPTER))
        or tuple(_wrong(adapter.features, "features.", _FEATURES))
        or tuple(problem for n, offer in enumerate(adapter.offers) for problem in _in_offer(offer, f"offers[{n}]."))
    )


def _in_offer(offer: Offer, path: str) -> tuple[str, ...]:
    price = f"{path}price."
    return (
        tuple(_wrong(offer, path, _OFFER))
        or tuple(problem for name, field in offer.fields.items() for problem in _in_field(field, path, name))
        or tuple(_wrong(offer.price, price, _PRICE))
        or (*_wrong(offer.price.rate, f"{price}rate.", _RATE), *_wrong(offer.price.bound, f"{price}bound.", _RATE))
    )


def _in_field(field: Field, path: str, name: str) -> Iterator[str]:
    return _wrong(field, f"{path}fields[{name!r}].", _FIELD)


def _wrong(owner: object, path: str, parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        try:
            value = getattr(owner, part.name)
            if not part.holds(value):
                yield f"{path}{part.name} is {shown(value)}, not {part.wanted}"
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - whatever a stranger's code does is a finding
            yield f"{path}{part.name} raises {type(problem).__name__} ({problem}), and should be {part.wanted}"
