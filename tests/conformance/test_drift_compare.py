"""Comparing two schemas: nothing is found where nothing changed, and a change is found alone, from both sides."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from omniflash import ConfigurationError
from omniflash_conformance.drift.compare import Change, Direction, Kind, compare
from omniflash_sandbox import contracts

ASKED, ANSWERED = Direction.REQUEST, Direction.ANSWER
NAMES = ("prompt", "seed", "video", "items", "properties", "a~/b")
Schema = dict[str, Any]

directions = st.sampled_from(Direction)
texts = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={"minLength": st.integers(1, 5), "maxLength": st.integers(6, 10), "pattern": st.just("^h")},
)
choices = st.lists(st.sampled_from("abcdef"), min_size=2, unique=True).map(lambda words: {"enum": words})
numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"minimum": st.integers(1, 5), "maximum": st.integers(6, 10), "default": st.integers(1, 9)},
)


def objects(of: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    fields = st.dictionaries(st.sampled_from(NAMES), of, max_size=4)
    return st.builds(_object, fields, st.sets(st.sampled_from(NAMES)))


def _object(fields: dict[str, Schema], required: set[str]) -> Schema:
    return {"type": "object", "properties": fields, "required": sorted(required & fields.keys())}


def lists(of: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries({"type": st.just("array"), "items": of}, optional={"maxItems": st.integers(1, 9)})


leaves = texts | choices | numbers | st.just({"type": "boolean"})
schemas = objects(st.recursive(leaves, lambda inner: objects(inner) | lists(inner), max_leaves=8))


def fresh(schema: Schema) -> Schema:
    """A copy in which no two fields are the same object."""
    return json.loads(json.dumps(schema))  # type: ignore[no-any-return]


# --- the same -------------------------------------------------------------------------------------------------------


@given(schemas, directions)
def test_a_schema_is_the_same_as_itself(schema: Schema, direction: Direction) -> None:
    assert compare(schema, fresh(schema), direction) == ()


@pytest.mark.parametrize("name", contracts.names())
def test_so_is_every_contract(name: str) -> None:
    for direction in Direction:
        assert compare(contracts.load(name), contracts.load(name), direction) == ()


@given(schemas, directions)
def test_a_reference_is_what_it_refers_to(schema: Schema, direction: Direction) -> None:
    document = {"components": {"a/b~": {"allOf": [{"$ref": "#/components/inner"}]}, "inner": schema}}
    assert compare(schema, {"$ref": "#/components/a~1b~0"}, direction, root=document) == ()


SAME: list[tuple[Schema, Schema]] = [
    ({"const": "a"}, {"type": "string", "enum": ["a"]}),
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ({"enum": ["a", "b", None]}, {"oneOf": [{"enum": ["b", "a"]}, {"type": "null"}]}),
    ({"type": ["integer", "null"], "minimum": 3}, {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]}),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
    ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 10, "exclusiveMaximum": True}),
    ({"type": "number", "minimum": 1}, {"type": "number", "minimum": 1.0}),
    ({"type": "array", "minItems": 0}, {"type": "array"}),
    ({"type": "object", "properties": {"a": {"not": {}}}}, {"type": "object"}),
    ({"type": "object", "properties": {"a": False}}, {"type": "object", "properties": {}}),
    ({"type": "object", "properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}}}),
    ({"type": "object", "required": ["a"]}, {"allOf": [{"type": "object"}, {"required": ["a"]}]}),
    ({}, {"title": "Anything", "description": "whatever", "examples": [1]}),
    ({"type": "string"}, {"type": "string", "default": "a", "format": "uri"}),  # what is not stated is not denied
]


@pytest.mark.parametrize(("one", "other"), SAME)
@pytest.mark.parametrize("direction", Direction)
def test_the_same_in_other_words_is_the_same(one: Schema, other: Schema, direction: Direction) -> None:
    assert compare(one, other, direction) == compare(other, one, direction) == ()


# --- one change -----------------------------------------------------------------------------------------------------


def places(schema: Schema, place: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema in a schema, with its place."""
    yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, f"{place}.{name}" if place else name)
    if "items" in schema:
        yield from places(schema["items"], f"{place}[]")


Seed = Callable[[Schema], tuple[str, Kind] | None]
"""Changes a schema, and says what is to be found at which field of it; None where it cannot."""


def _added(required: bool) -> Seed:
    def seed(schema: Schema) -> tuple[str, Kind] | None:
        if schema.get("type") != "object":
            return None
        schema["properties"]["new"] = {"type": "string", "maxLength": 5}
        schema["required"] += ["new"] * required
        return "new", Kind.ADDED

    return seed


def _removed(schema: Schema) -> tuple[str, Kind] | None:
    if not schema.get("properties"):
        return None
    name, _ = schema["properties"].popitem()
    schema["required"] = [other for other in schema["required"] if other != name]
    return name, Kind.REMOVED


def _demanded(schema: Schema) -> tuple[str, Kind] | None:
    name = next((name for name in schema.get("properties", {}) if name not in schema["required"]), None)
    if name is None:
        return None
    schema["required"].append(name)
    return name, Kind.NARROWED


def _excused(schema: Schema) -> tuple[str, Kind] | None:
    return (schema["required"].pop(), Kind.WIDENED) if schema.get("required") else None


def _retyped(schema: Schema) -> tuple[str, Kind] | None:
    kind = "string" if schema.get("type") == "boolean" else "boolean"
    schema.clear()
    schema["type"] = kind
    return "", Kind.RETYPED


def _nullable(schema: Schema) -> tuple[str, Kind] | None:
    schema["nullable"] = True
    return "", Kind.WIDENED


def _new_word(schema: Schema) -> tuple[str, Kind] | None:
    return (schema["enum"].append("new"), ("", Kind.WIDENED))[1] if "enum" in schema else None


def _lost_word(schema: Schema) -> tuple[str, Kind] | None:
    return (schema["enum"].pop(), ("", Kind.NARROWED))[1] if "enum" in schema else None


def _other_word(schema: Schema) -> tuple[str, Kind] | None:
    return (schema["enum"].append("new"), schema["enum"].pop(0), ("", Kind.RETYPED))[2] if "enum" in schema else None


def _fractions(schema: Schema) -> tuple[str, Kind] | None:
    return (schema.update(type="number"), ("", Kind.WIDENED))[1] if schema.get("type") == "integer" else None


def _bound(name: str, by: int, kind: Kind) -> Seed:
    def seed(schema: Schema) -> tuple[str, Kind] | None:
        if name not in schema:
            return None
        schema[name] += by
        return "", kind

    return seed


def _unbound(name: str) -> Seed:
    return lambda schema: ("", Kind.WIDENED) if schema.pop(name, None) is not None else None


def _default(schema: Schema) -> tuple[str, Kind] | None:
    return (schema.update(default=schema["default"] + 1), ("", Kind.DEFAULTED))[1] if "default" in schema else None


LOWEST, HIGHEST = ("minimum", "minLength"), ("maximum", "maxLength", "maxItems")
SEEDS: dict[str, Seed] = {
    "an optional field more": _added(required=False),
    "a required field more": _added(required=True),
    "a field less": _removed,
    "a field demanded": _demanded,
    "a field excused": _excused,
    "another type": _retyped,
    "null": _nullable,
    "a word more": _new_word,
    "a word less": _lost_word,
    "another word": _other_word,
    "fractions": _fractions,
    "another default": _default,
    "no pattern": _unbound("pattern"),
    **{f"{name} up": _bound(name, 1, Kind.NARROWED) for name in LOWEST},
    **{f"{name} down": _bound(name, -1, Kind.WIDENED) for name in LOWEST},
    **{f"{name} up": _bound(name, 1, Kind.WIDENED) for name in HIGHEST},
    **{f"{name} down": _bound(name, -1, Kind.NARROWED) for name in HIGHEST},
    **{f"no {name}": _unbound(name) for name in LOWEST + HIGHEST},
}


@frozen
class Changed:
    """A schema, the same with one change, and what is to be found where."""

    seed: str
    before: Schema
    after: Schema
    place: str
    kind: Kind


def changed(before: Schema, at: str, name: str) -> Changed | None:
    """The schema with this seed at that place, where it can be."""
    after = fresh(before)
    told = SEEDS[name](dict(places(after))[at])
    return told and Changed(name, before, after, f"{at}.{told[0]}".strip("."), told[1])


def changes(before: Schema) -> list[Changed]:
    """The schema with each seed at each place."""
    return [made for at, _ in places(before) for name in SEEDS if (made := changed(before, at, name))]


@st.composite
def one_change(draw: st.DrawFn) -> Changed:
    """A change of one field."""
    before = fresh(draw(schemas))
    at, node = draw(st.sampled_from(list(places(before))))
    name = draw(st.sampled_from([name for name, seed in SEEDS.items() if seed(fresh(node))]))
    made = changed(before, at, name)
    assert made
    return made


RICH = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^h"},
        "length": {"type": "integer", "minimum": 3, "maximum": 10, "default": 8},
        "list": {"type": "array", "maxItems": 7, "items": {"enum": ["a", "b"]}},
    },
    "required": ["prompt"],
}


def found_alone(made: Changed, direction: Direction) -> None:
    found = compare(made.before, made.after, direction)
    assert [(change.place, change.kind) for change in found] == [(made.place, made.kind)]
    assert found[0].before != found[0].after


@pytest.mark.parametrize("name", SEEDS)
@pytest.mark.parametrize("direction", Direction)
def test_each_change_is_found(name: str, direction: Direction) -> None:
    possible = [made for made in changes(RICH) if made.seed == name]
    assert possible
    for made in possible:
        found_alone(made, direction)


@given(one_change(), directions)
def test_a_change_is_found_where_it_is_and_nothing_else(made: Changed, direction: Direction) -> None:
    found_alone(made, direction)


@given(one_change(), directions)
def test_the_way_back_is_the_opposite(made: Changed, direction: Direction) -> None:
    (there,), (back,) = compare(made.before, made.after, direction), compare(made.after, made.before, direction)
    assert (back.place, back.before, back.after) == (there.place, there.after, there.before)
    assert back.kind is OPPOSITE.get(made.kind, made.kind)


OPPOSITE = {
    Kind.ADDED: Kind.REMOVED,
    Kind.REMOVED: Kind.ADDED,
    Kind.NARROWED: Kind.WIDENED,
    Kind.WIDENED: Kind.NARROWED,
}
MIRRORED = (Kind.NARROWED, Kind.WIDENED)


@given(one_change())
def test_what_narrows_breaks_who_writes_and_what_widens_who_reads(made: Changed) -> None:
    (asked,), (answered,) = compare(made.before, made.after, ASKED), compare(made.before, made.after, ANSWERED)
    assert evolve(asked, breaking=answered.breaking, direction=ANSWERED) == answered
    if made.kind in MIRRORED:
        assert asked.breaking is (made.kind is Kind.NARROWED)
        assert answered.breaking is not asked.breaking
    else:
        assert asked.breaking is (made.seed != "an optional field more")
        assert answered.breaking is (made.kind in (Kind.REMOVED, Kind.RETYPED))


# --- in words -------------------------------------------------------------------------------------------------------


def told(before: Schema, after: Schema, direction: Direction = ASKED) -> list[tuple[str, str, str, str, bool]]:
    return [_plain(change) for change in compare(before, after, direction)]


def _plain(change: Change) -> tuple[str, str, str, str, bool]:
    return change.place, change.kind.value, change.before, change.after, change.breaking


def test_a_change_is_told_in_words() -> None:
    ours = {"properties": {"n": {"type": "number", "minimum": 0}, "words": {"enum": ["a", "b"]}, "old": {}}}
    theirs = {
        "properties": {
            "n": {"type": "number", "exclusiveMinimum": 0},
            "words": {"enum": ["a"]},
            "new": {"type": ["integer", "null"]},
        },
        "required": ["new"],
    }
    assert told(ours, theirs) == [
        ("n", "narrowed", "minimum 0", "minimum over 0", True),
        ("new", "added", "absent", "required integer or null", True),
        ("old", "removed", "optional anything", "absent", True),
        ("words", "narrowed", '"a", "b"', '"a"', True),
    ]


def test_an_object_in_place_of_a_text_is_told_once() -> None:
    theirs = {"oneOf": [{"type": "string"}, {"type": "object", "required": ["url"], "properties": {"url": {}}}]}
    assert told({"type": "string", "maxLength": 9}, theirs, ANSWERED) == [
        ("", "widened", "string", "object or string", True),
        ("", "widened", "maxLength 9", "no maxLength", True),
    ]
    assert told({"type": "string"}, theirs["oneOf"][1], ANSWERED) == [("", "retyped", "string", "object", True)]


def test_of_alternatives_only_what_all_demand_is_demanded() -> None:
    one = {"type": "object", "required": ["a", "b"], "properties": {"a": {"maxLength": 3, "type": "string"}, "b": {}}}
    other = {"type": "object", "required": ["a"], "properties": {"a": {"maxLength": 5, "type": "string"}, "c": {}}}
    assert told(one, {"anyOf": [one, other]}) == [
        ("a", "widened", "maxLength 3", "maxLength 5", False),
        ("b", "widened", "required", "optional", False),
        ("c", "added", "absent", "optional anything", False),
    ]


def test_another_format_or_pattern_is_another_type_of_text() -> None:
    assert told({"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}) == [
        ("", "retyped", "format date-time", "format date", True)
    ]
    assert told({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}) == [
        ("", "retyped", "pattern ^a", "pattern ^b", True)
    ]


def test_a_schema_within_itself_is_read_once() -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert compare(tree, fresh(tree), ANSWERED) == ()


@pytest.mark.parametrize("reference", ["#/nowhere", "other.json#/a", "#/properties/a/0"])
def test_a_reference_that_leads_nowhere_is_told(reference: str) -> None:
    with pytest.raises(ConfigurationError, match="which is not in it"):
        compare({}, {"properties": {"a": {"$ref": reference}}}, ASKED)


# --- hostile --------------------------------------------------------------------------------------------------------

WORDS = (
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "items",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "not",
    "default",
)
WORDS += ("nullable", "minimum", "exclusiveMinimum", "maxLength", "pattern", "format")
atoms = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["string", "object", "#", "#/items"])


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)


@given(st.recursive(atoms, _nested, max_leaves=20), directions)
def test_whatever_stands_in_a_schema_is_compared_or_told(schema: Any, direction: Direction) -> None:
    with suppress(ConfigurationError):
        assert all(
            change.breaking in (True, False) for change in compare(contracts.load("fal-edit"), schema, direction)
        )
        assert compare(schema, schema, direction) == ()
