"""The vendors' contracts: one JSON Schema for each body that goes over the wire, each naming the page it was read from.

Where a schema states what stands in no page, its `$comment` says "assumption".
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Protocol

from attrs import frozen

from omniflash_sandbox.messages import JSON

Place = tuple[str | int, ...]


@frozen
class Violation:
    """One breach of a contract: where, of which keyword of JSON Schema, what that demands, and what was given."""

    place: Place
    keyword: str
    demand: JSON
    given: JSON


def names() -> tuple[str, ...]:
    """The names of all contracts, such as `fal-edit` or `pixeldojo-job`."""
    stored = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in stored if name.endswith(".json")))


def load(name: str) -> dict[str, JSON]:
    """The schema of that name (JSON Schema 2020-12), a fresh copy; raises KeyError for a name there is not."""
    try:
        schema: dict[str, JSON] = json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        raise KeyError(f"no contract {name!r}, only {', '.join(names())}") from None
    return schema


def violations(name: str, value: JSON) -> list[Violation]:
    """Where a value breaks a contract, each place and keyword once; nothing for a value that keeps it."""
    return _stored(name).violations(value)


@frozen
class Schema:
    """A JSON Schema of any contract, ours or a stranger's."""

    document: Mapping[str, JSON]

    @classmethod
    def of(cls, document: Mapping[str, JSON]) -> "Schema":
        """Raises ValueError, in one line, for a document that is no schema, or that refers to another."""
        from jsonschema import Draft202012Validator, SchemaError  # type: ignore[import-untyped]  # no types of its own

        if elsewhere := next((ref for ref in _references(dict(document)) if not ref.startswith("#")), None):
            raise ValueError(f"$ref {elsewhere!r} leads elsewhere; a schema stands by itself")
        try:
            Draft202012Validator.check_schema(dict(document))
        except SchemaError as problem:
            raise ValueError(f"is no JSON Schema: {problem.json_path}: {problem.message}") from problem
        return cls(document)

    def violations(self, value: JSON) -> list[Violation]:
        """Where a value breaks it, each place and keyword once."""
        found = (violation for error in self._validator.iter_errors(value) for violation in _read(error))
        return list({(violation.place, violation.keyword): violation for violation in found}.values())

    @cached_property
    def _validator(self) -> "_Validator":
        from jsonschema import Draft202012Validator  # here: loaded by the first check

        validator: _Validator = Draft202012Validator(dict(self.document))
        return validator


@cache
def _stored(name: str) -> Schema:
    return Schema(load(name))


def _references(value: JSON) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
        yield ref
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _references(part)


class _Error(Protocol):
    """What is used of jsonschema's ValidationError; that package has no types of its own."""

    absolute_path: Iterable[str | int]
    validator: str
    validator_value: JSON
    instance: JSON
    schema: Mapping[str, JSON]


class _Validator(Protocol):
    def iter_errors(self, instance: JSON) -> Iterable[_Error]: ...


def _read(error: _Error) -> Iterator[Violation]:
    """A missing or surplus field is a violation at that field's own place, not at the object around it."""
    place, keyword = tuple(error.absolute_path), error.validator
    for inner in _fields(error):
        yield Violation((*place, *inner), keyword, error.validator_value, error.instance)


def _fields(error: _Error) -> list[Place]:
    given = error.instance if isinstance(error.instance, dict) else {}
    match error.validator, error.validator_value:
        case "required", list(demanded):
            return [(str(name),) for name in demanded if name not in given]
        case "additionalProperties", False:
            properties = error.schema["properties"]
            return [(name,) for name in given if isinstance(properties, dict) and name not in properties]
        case _:
            return [()]
