"""What stands where in an answer: its leaves, the texts in it, what stands under a name, and its shape."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from omniflash.types import JSON

from ..strategies.nasty import at, places, put

Place: TypeAlias = tuple[str | int, ...]


def leaves(value: JSON) -> Iterator[tuple[Place, JSON]]:
    """Every text, number, truth value and null in a value, with its place; an empty object or list too."""
    found = ((place, at(value, place)) for place in places(value))
    return ((place, leaf) for place, leaf in found if not (isinstance(leaf, dict | list) and leaf))


def places_of(value: JSON, wanted: str) -> tuple[Place, ...]:
    """Where a value holds a text."""
    return tuple(place for place, leaf in leaves(value) if leaf == wanted)


def texts(value: JSON) -> tuple[str, ...]:
    """Every text in a value."""
    return tuple(leaf for _, leaf in leaves(value) if isinstance(leaf, str))


def named(value: JSON, fits: Callable[[str], bool]) -> Iterator[JSON]:
    """Every leaf whose own name, in lower case, fits."""
    return (leaf for place, leaf in leaves(value) if place and isinstance(place[-1], str) and fits(place[-1].lower()))


def without(value: JSON, place: Place) -> JSON:
    """The same value without what an object in it has at a place."""
    *way, name = place
    around = at(value, way)
    left = {other: part for other, part in around.items() if other != name} if isinstance(around, dict) else None
    return put(value, way, left)


KINDS: Mapping[type, str] = {str: "text", bool: "true or false", int: "number", float: "number", dict: "{}", list: "[]"}


def shape(value: JSON) -> list[str]:
    """The names in a value with their types, for whoever compares two answers: `video.url: text`."""
    return sorted({f"{_path(place)}: {KINDS.get(type(leaf), 'null')}" for place, leaf in leaves(value)})


def _path(place: Place) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in place)
