"""Places in a JSON value: where something stands, and the same value with something else there."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from omniflash.types import JSON

Place: TypeAlias = tuple[str | int, ...]


def leaves(value: JSON, place: Place = ()) -> Iterator[tuple[Place, JSON]]:
    """Every text, number, truth value and null in a value, with its place; an empty object or list too."""
    parts = _parts(value)
    if not parts:
        yield place, value
    for step, part in parts:
        yield from leaves(part, (*place, step))


def places_of(value: JSON, wanted: JSON) -> tuple[Place, ...]:
    """Where a value holds what is wanted."""
    return tuple(place for place, leaf in leaves(value) if leaf == wanted and type(leaf) is type(wanted))


def texts(value: JSON) -> tuple[str, ...]:
    """Every text in a value."""
    return tuple(leaf for _, leaf in leaves(value) if isinstance(leaf, str))


def named(value: JSON, fits: Callable[[str], bool]) -> Iterator[JSON]:
    """Every leaf whose own name fits."""
    return (leaf for place, leaf in leaves(value) if place and isinstance(place[-1], str) and fits(place[-1].lower()))


def shape(value: JSON) -> list[str]:
    """The names in a value with their types, for whoever compares two answers: `video.url: text`."""
    return sorted({f"{_path(place)}: {_kind(leaf)}" for place, leaf in leaves(value)})


def put(value: JSON, place: Place, new: JSON) -> JSON:
    """The same value with something else at a place."""
    if not place:
        return new
    return _mapped(value, place[0], lambda part: put(part, place[1:], new))


def without(value: JSON, place: Place) -> JSON:
    """The same value without what stands at a place, which is not its whole."""
    if len(place) > 1:
        return _mapped(value, place[0], lambda part: without(part, place[1:]))
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if name != place[0]}
    return [part for number, part in enumerate(value) if number != place[0]] if isinstance(value, list) else value


def _mapped(value: JSON, step: str | int, change: Callable[[JSON], JSON]) -> JSON:
    if isinstance(value, dict):
        return {name: change(part) if name == step else part for name, part in value.items()}
    if isinstance(value, list):
        return [change(part) if number == step else part for number, part in enumerate(value)]
    return value


def _parts(value: JSON) -> list[tuple[str | int, JSON]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


KINDS: Mapping[type, str] = {str: "text", bool: "true or false", int: "number", float: "number", dict: "{}", list: "[]"}


def _kind(leaf: JSON) -> str:
    return KINDS.get(type(leaf), "null")


def _path(place: Place) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in place)
