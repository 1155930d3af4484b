"""What has changed between two JSON Schemas of one body, and whether that breaks who sends or reads it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import frozen

from omniflash.types import JSON

from .shapes import ANYTHING, ARRAY, BOUNDED, LEAST, NULL, OBJECT, UNBOUND, Edge, Shape, shape_of


class Direction(StrEnum):
    """Who writes the body that a schema is of: we, or the vendor."""

    REQUEST = "request"
    ANSWER = "answer"


class Kind(StrEnum):
    """What has become of a field, or of a rule for it."""

    ADDED = "added"
    REMOVED = "removed"
    RETYPED = "retyped"
    NARROWED = "narrowed"
    WIDENED = "widened"
    DEFAULTED = "defaulted"


BREAKING: Mapping[Direction, frozenset[Kind]] = {
    Direction.REQUEST: frozenset({Kind.REMOVED, Kind.RETYPED, Kind.NARROWED, Kind.DEFAULTED}),
    Direction.ANSWER: frozenset({Kind.REMOVED, Kind.RETYPED, Kind.WIDENED}),
}
"""What breaks: a request that was right may be wrong now, or mean another clip; an answer may hold what nobody reads.

A field added to a request breaks it if it is required.
"""


@frozen
class Change:
    """One difference: the field's place ("" is the body itself), what it was, what it is."""

    place: str
    kind: Kind
    before: str
    after: str
    breaking: bool
    direction: Direction


def compare(before: JSON, after: JSON, direction: Direction, *, root: JSON = None) -> tuple[Change, ...]:
    """Every change from one schema to another; `root` is the document that references in `after` point into."""
    found = _differences("", shape_of(before), shape_of(after, root))
    return tuple(difference.in_direction(direction) for difference in found)


ABSENT, REQUIRED, OPTIONAL = "absent", "required", "optional"


@frozen
class _Difference:
    place: str
    kind: Kind
    before: str
    after: str

    def in_direction(self, direction: Direction) -> Change:
        demanded = self.kind is Kind.ADDED and direction is Direction.REQUEST and self.after.startswith(REQUIRED)
        breaking = demanded or self.kind in BREAKING[direction]
        return Change(self.place, self.kind, self.before, self.after, breaking, direction)


def _differences(place: str, before: Shape, after: Shape) -> Iterator[_Difference]:
    if before.types != after.types:
        kind = _kind(wider=after.types > before.types, narrower=after.types < before.types)
        yield _Difference(place, kind, str(before), str(after))
    shared = before.types & after.types
    if not shared - {NULL}:
        return
    yield from _words(place, before, after)
    for name in UNBOUND:
        if BOUNDED[name] in shared:
            yield from _edges(place, name, before.edges[name], after.edges[name])
    yield from _forms(place, before, after)
    if OBJECT in shared:
        yield from _fields(place, before, after)
    if ARRAY in shared and (before.items or after.items):
        yield from _differences(f"{place}[]", before.items or ANYTHING, after.items or ANYTHING)


def _kind(*, wider: bool, narrower: bool) -> Kind:
    return Kind.WIDENED if wider else Kind.NARROWED if narrower else Kind.RETYPED


def _words(place: str, before: Shape, after: Shape) -> Iterator[_Difference]:
    one, other = before.words, after.words
    if one == other or (before.types != after.types and (one is None or other is None)):
        return
    wider = other is None or (one is not None and other > one)
    narrower = one is None or (other is not None and other < one)
    yield _Difference(place, _kind(wider=wider, narrower=narrower), _choice(one), _choice(other))


def _choice(words: frozenset[str] | None) -> str:
    return "any value" if words is None else ", ".join(sorted(words))


def _edges(place: str, name: str, before: Edge, after: Edge) -> Iterator[_Difference]:
    if before != after:
        narrower = (after > before) is (name in LEAST)
        yield _Difference(
            place, _kind(wider=not narrower, narrower=narrower), _bound(name, before), _bound(name, after)
        )


BEYOND = {0: "", 1: "over ", -1: "under "}


def _bound(name: str, edge: Edge) -> str:
    if edge == UNBOUND[name]:
        return f"no {name}"
    return f"{name} {BEYOND[edge[1]]}{edge[0]}"


def _forms(place: str, before: Shape, after: Shape) -> Iterator[_Difference]:
    if before.pattern != after.pattern:
        kind = _kind(wider=after.pattern is None, narrower=before.pattern is None)
        yield _Difference(place, kind, _pattern(before), _pattern(after))
    for name, kind in (("format", Kind.RETYPED), ("default", Kind.DEFAULTED)):  # who states none does not deny one
        one, other = getattr(before, name), getattr(after, name)
        if one and other and one != other:
            yield _Difference(place, kind, f"{name} {one}", f"{name} {other}")


def _pattern(shape: Shape) -> str:
    return f"pattern {shape.pattern}" if shape.pattern else "no pattern"


def _fields(place: str, before: Shape, after: Shape) -> Iterator[_Difference]:
    for name in sorted(before.fields.keys() | after.fields.keys()):
        inner = f"{place}.{name}" if place else name
        if name not in after.fields:
            yield _Difference(inner, Kind.REMOVED, _field(before, name), ABSENT)
        elif name not in before.fields:
            yield _Difference(inner, Kind.ADDED, ABSENT, _field(after, name))
        else:
            yield from _demand(inner, name in before.required, name in after.required)
            yield from _differences(inner, before.fields[name], after.fields[name])


def _demand(place: str, before: bool, after: bool) -> Iterator[_Difference]:
    words = {True: REQUIRED, False: OPTIONAL}
    if before is not after:
        yield _Difference(place, _kind(wider=before, narrower=after), words[before], words[after])


def _field(shape: Shape, name: str) -> str:
    return f"{REQUIRED if name in shape.required else OPTIONAL} {shape.fields[name]}"
