"""A JSON Schema in the one form in which schemas are compared: JSON Schema's words and OpenAPI's mean the same here.

Conditions between fields (`if`, `dependentSchemas`) and whether unnamed fields are taken have no place in it: adapters
send no such field, and pass over those that come.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from math import inf
from typing import TypeAlias, TypeVar

from attrs import evolve, frozen

from omniflash.errors import ConfigurationError
from omniflash.types import JSON

T = TypeVar("T")
Edge: TypeAlias = tuple[float, int]
"""A bound, and where what is allowed begins: 1 is just over it, -1 just under it."""

NULL, OBJECT, ARRAY, TEXT, NUMBER, WHOLE = "null", "object", "array", "string", "number", "integer"
ANY_TYPE = frozenset({NULL, "boolean", OBJECT, ARRAY, TEXT, NUMBER, WHOLE})
TYPES: Mapping[type, str] = {bool: "boolean", int: WHOLE, float: NUMBER, str: TEXT, type(None): NULL}

LEAST: Mapping[str, Edge] = {"minimum": (-inf, 0), "minLength": (0, 0), "minItems": (0, 0)}
MOST: Mapping[str, Edge] = dict.fromkeys(("maximum", "maxLength", "maxItems"), (inf, 0))
UNBOUND: Mapping[str, Edge] = {**LEAST, **MOST}
BOUNDED: Mapping[str, str] = {
    **dict.fromkeys(("minimum", "maximum"), WHOLE),
    **dict.fromkeys(("minLength", "maxLength"), TEXT),
    **dict.fromkeys(("minItems", "maxItems"), ARRAY),
}
EXCLUSIVE: Mapping[str, tuple[str, int]] = {"minimum": ("exclusiveMinimum", 1), "maximum": ("exclusiveMaximum", -1)}


@frozen
class Shape:
    """What a schema lets a value be. `words` and `default` are JSON texts; null stands among the types alone."""

    types: frozenset[str] = ANY_TYPE
    words: frozenset[str] | None = None
    edges: Mapping[str, Edge] = UNBOUND
    pattern: str | None = None
    format: str | None = None
    default: str | None = None
    fields: Mapping[str, "Shape"] = {}
    required: frozenset[str] = frozenset()
    items: "Shape | None" = None

    def __str__(self) -> str:
        if self.types in (ANY_TYPE, frozenset()):
            return "anything" if self.types else "nothing"
        hidden = {WHOLE, NULL} if NUMBER in self.types else {NULL}
        return " or ".join([*sorted(self.types - hidden), *(self.types & {NULL})])


ANYTHING, NOTHING = Shape(), Shape(types=frozenset())


def shape_of(schema: JSON, root: JSON = None) -> Shape:
    """The shape of a schema; `root` is the document that its references point into, if it is not the schema itself.

    Raises ConfigurationError for a reference that leads nowhere.
    """
    return _Reader(schema if root is None else root).read(schema)


def mapping(value: JSON) -> Mapping[str, JSON]:
    """The object that a value is, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: JSON) -> list[JSON]:
    """The list that a value is, or an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


@frozen
class _Reader:
    root: JSON

    def read(self, schema: JSON, way: frozenset[str] = frozenset()) -> Shape:
        """`way`: the references that led here. One that comes again is not followed, and may be anything."""
        if schema is False or mapping(schema).get("not") == {}:
            return NOTHING
        given = mapping(schema)
        parts = [self._own(given, way), *(self.read(part, way) for part in listed(given.get("allOf")))]
        if isinstance(given.get("$ref"), str):
            parts.append(self._referred(str(given["$ref"]), way))
        choices = [listed(given[word]) for word in ("anyOf", "oneOf") if listed(given.get(word))]
        parts += [reduce(_either, [self.read(part, way) for part in choice]) for choice in choices]
        made = reduce(_both, parts)
        return evolve(made, types=made.types | {NULL}) if given.get("nullable") is True else made

    def _referred(self, reference: str, way: frozenset[str]) -> Shape:
        return ANYTHING if reference in way else self.read(self._found(reference), way | {reference})

    def _found(self, reference: str) -> JSON:
        place, found = reference.removeprefix("#").strip("/"), self.root
        for name in place.split("/") if place else ():
            step = name.replace("~1", "/").replace("~0", "~")
            if not reference.startswith("#") or step not in mapping(found):
                remedy = "give the whole document, in one file"
                raise ConfigurationError(f"the schema refers to {reference!r}, which is not in it", remedy=remedy)
            found = mapping(found)[step]
        return found

    def _own(self, schema: Mapping[str, JSON], way: frozenset[str]) -> Shape:
        words = listed(schema["enum"]) if "enum" in schema else [schema["const"]] if "const" in schema else None
        types = _types(schema, words)
        required = frozenset(str(name) for name in listed(schema.get("required")))
        fields = {name: self.read(field, way) for name, field in mapping(schema.get("properties")).items()}
        there = {name: field for name, field in fields.items() if field.types}
        return Shape(
            types,
            None if words is None else frozenset(_text(word) for word in words if word is not None),
            {name: _edge(schema, name, types) for name in UNBOUND},
            _stated(schema, "pattern"),
            _stated(schema, "format"),
            _text(schema["default"]) if schema.get("default") is not None else None,
            {**dict.fromkeys(required, ANYTHING), **there},
            required,
            self.read(schema["items"], way) if "items" in schema else None,
        )


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _stated(schema: Mapping[str, JSON], word: str) -> str | None:
    value = schema.get(word)
    return value if isinstance(value, str) else None


def _types(schema: Mapping[str, JSON], words: list[JSON] | None) -> frozenset[str]:
    """The types that a schema names, or those that its other words are about."""
    stated = schema.get("type")
    names = [stated] if isinstance(stated, str) else [str(name) for name in listed(stated)]
    if not names and words is None:
        names = [name for word, name in (("properties", OBJECT), ("items", ARRAY)) if word in schema]
    types = _with_whole(names) or ANY_TYPE
    return types if words is None else types & _with_whole(type_of(word) for word in words)


def _with_whole(names: Iterable[str]) -> frozenset[str]:
    found = frozenset(names) & ANY_TYPE
    return found | {WHOLE} if NUMBER in found else found


def type_of(value: JSON) -> str:
    """The type of a value, in JSON Schema's word."""
    return OBJECT if isinstance(value, Mapping) else TYPES.get(type(value), ARRAY)


def _edge(schema: Mapping[str, JSON], name: str, types: frozenset[str]) -> Edge:
    edge = (_number(schema.get(name), UNBOUND[name][0]), 0)
    word, over = EXCLUSIVE.get(name, ("", 0))
    beyond = schema.get(word)
    if beyond is True:  # OpenAPI 3.0: a mark on the bound
        edge = (edge[0], over)
    elif type(beyond) in (int, float):
        edge = (_number(beyond, edge[0]), over)
    return (edge[0] + edge[1], 0) if types - {NULL} == {WHOLE} else edge


def _number(value: JSON, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _both(one: Shape, other: Shape) -> Shape:
    """What satisfies both."""
    return Shape(
        one.types & other.types,
        other.words if one.words is None else one.words if other.words is None else one.words & other.words,
        {name: (max if name in LEAST else min)(edge, other.edges[name]) for name, edge in one.edges.items()},
        other.pattern or one.pattern,
        other.format or one.format,
        other.default or one.default,
        _joined(one.fields, other.fields, _both),
        one.required | other.required,
        _both(one.items, other.items) if one.items and other.items else one.items or other.items,
    )


def _either(one: Shape, other: Shape) -> Shape:
    """What satisfies one of two, as far as one shape can say it: who does not take a type has no say in its rules."""
    texts = [shape for shape in (one, other) if TEXT in shape.types]
    objects = [shape for shape in (one, other) if OBJECT in shape.types]
    valued = [shape.words for shape in (one, other) if shape.types != {NULL}]
    return Shape(
        one.types | other.types,
        None if None in valued else frozenset().union(*(words or () for words in valued)),
        {name: _loosest(name, one, other) for name in UNBOUND},
        _same([shape.pattern for shape in texts]),
        _same([shape.format for shape in texts]),
        other.default or one.default,
        reduce(lambda found, shape: _joined(found, shape.fields, _either), objects, {}),
        frozenset.intersection(*(shape.required for shape in objects)) if objects else frozenset(),
        _either_items([shape.items for shape in (one, other) if ARRAY in shape.types]),
    )


def _loosest(name: str, one: Shape, other: Shape) -> Edge:
    edges = [shape.edges[name] for shape in (one, other) if BOUNDED[name] in shape.types]
    return (min if name in LEAST else max)(edges, default=UNBOUND[name])


def _either_items(items: list[Shape | None]) -> Shape | None:
    return None if not items or None in items else reduce(_either, (shape for shape in items if shape))


def _same(values: list[T | None]) -> T | None:
    return values[0] if len({*values}) == 1 else None


def _joined(
    one: Mapping[str, Shape], other: Mapping[str, Shape], join: Callable[[Shape, Shape], Shape]
) -> Mapping[str, Shape]:
    shared = {name: join(one[name], other[name]) for name in one if name in other}
    return {**one, **other, **shared}
