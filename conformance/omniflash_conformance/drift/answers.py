"""What recorded answers really contain: fields that no contract knows, what was demanded and never came, other types,
new words."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import yaml
from attrs import frozen

from omniflash.errors import ConfigurationError
from omniflash.redact import safe_text
from omniflash.types import JSON
from omniflash_conformance.recordings.wire import Row, row_of
from omniflash_sandbox import contracts
from omniflash_sandbox.contracts import Place, Violation
from omniflash_sandbox.messages import JSON as BODY

from .compare import ABSENT, BREAKING, OPTIONAL, REQUIRED, Change, Direction, Kind
from .shapes import ANYTHING, NULL, Shape, listed, mapping, shape_of, type_of

Exchange: TypeAlias = Mapping[str, Mapping[str, BODY]]
"""A request and its answer, as a recording holds them."""
SHOWN = 80  # characters of a value

# What a breach of a contract's word says of the field. A word that is not here bounds what a value may be.
KINDS: Mapping[str | None, Kind] = {
    "type": Kind.RETYPED,
    "oneOf": Kind.RETYPED,
    "anyOf": Kind.RETYPED,
    "required": Kind.REMOVED,
    None: Kind.ADDED,  # a field that this answer may not have
}


@frozen
class Recorded:
    """All answers of one contract that were recorded from a `server`, which may be a sandbox."""

    server: str
    contract: str
    bodies: Sequence[BODY]

    def changes(self) -> tuple[Change, ...]:
        """Where they differ from their contract, each difference once."""
        shape = shape_of(contracts.load(self.contract))
        unknown = (change for body in self.bodies for change in _unknown("", body, shape))
        broken = {_sort(broken): broken for body in self.bodies for broken in contracts.violations(self.contract, body)}
        return tuple(dict.fromkeys([*unknown, *map(self._change, broken.values())]))

    def _change(self, broken: Violation) -> Change:
        place, kind = _shown(broken.place), KINDS.get(broken.keyword, Kind.WIDENED)
        if kind is Kind.REMOVED:
            around = [found for body in self.bodies for found in _at(body, broken.place[:-1])]
            missing = sum(broken.place[-1] not in mapping(found) for found in around)
            if missing < len(around):
                return _change(place, Kind.WIDENED, REQUIRED, f"missing in {missing} of {len(around)}")
            return _change(place, kind, REQUIRED, ABSENT)
        if kind is Kind.ADDED:
            return _change(place, kind, ABSENT, type_of(broken.given))
        if kind is Kind.RETYPED:
            given = type_of(broken.given)
            return _change(place, Kind.WIDENED if given == NULL else kind, _words(broken.demand), given)
        return _change(place, kind, f"{broken.keyword} {_words(broken.demand)}", _words(broken.given))


@frozen
class Recording:
    """A file of exchanges, and from whom they were recorded."""

    server: str
    exchanges: list[Exchange]


def recorded(provider: str, folder: Path) -> tuple[Recorded, ...]:
    """The answers in a folder's recordings, or in those of its folder of the provider. Raises ConfigurationError."""
    inner = folder / provider
    bodies: dict[tuple[str, str], list[BODY]] = {}
    for recording in map(_recording, sorted((inner if inner.is_dir() else folder).glob("*.yaml"))):
        for exchange in recording.exchanges:
            row, answered = _row(exchange), exchange["response"]
            contract = row.answered.get(int(str(answered["status"])))
            if contract and row.provider == provider:
                bodies.setdefault((recording.server, contract), []).append(answered.get("json"))
    if not bodies:
        remedy = "give the folder of its recordings"
        raise ConfigurationError(f"{folder} holds no recorded answer of {provider}", remedy=remedy)
    return tuple(Recorded(*whose, found) for whose, found in bodies.items())


def _recording(path: Path) -> Recording:
    """What a file holds, each exchange known to be one. Raises ConfigurationError."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        found = Recording(str(content["made"]["server"]), content["exchanges"])
        for exchange in found.exchanges:
            _row(exchange), int(str(exchange["response"]["status"]))
    except (OSError, LookupError, ValueError, TypeError, yaml.YAMLError, RecursionError):
        remedy = "mend it, record it again, or take it out of the folder"
        raise ConfigurationError(f"{path} is no recording of known calls", remedy=remedy) from None
    return found


def _row(exchange: Exchange) -> Row:
    asked = exchange["request"]
    return row_of(str(asked["method"]), str(asked["path"]))


def _change(place: str, kind: Kind, before: str, after: str) -> Change:
    return Change(place, kind, before, after, kind in BREAKING[Direction.ANSWER], Direction.ANSWER)


def _unknown(place: str, value: JSON, shape: Shape) -> Iterator[Change]:
    """The fields that no contract names, wherever it names any."""
    if isinstance(value, list):
        for item in value:
            yield from _unknown(f"{place}[]", item, shape.items or ANYTHING)
    for name, inner in mapping(value).items() if shape.fields else ():
        at = f"{place}.{name}" if place else name
        if name in shape.fields:
            yield from _unknown(at, inner, shape.fields[name])
        else:
            yield _change(at, Kind.ADDED, ABSENT, f"{OPTIONAL} {type_of(inner)}")


def _shown(place: Place) -> str:
    """A place as `compare` writes it, whichever item of a list it is in."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def _at(value: JSON, place: Place) -> Iterator[JSON]:
    """The values at a place, whichever item of a list it goes through."""
    if not place:
        yield value
    elif isinstance(place[0], int):
        for item in listed(value):
            yield from _at(item, place[1:])
    elif place[0] in mapping(value):
        yield from _at(mapping(value)[place[0]], place[1:])


def _sort(broken: Violation) -> tuple[str, str | None, str]:
    """What makes one breach the same as another: each new word is told, of all else one example of each type."""
    is_word = broken.keyword in ("enum", "const")
    return _shown(broken.place), broken.keyword, _words(broken.given) if is_word else type_of(broken.given)


def _words(value: JSON) -> str:
    said = safe_text(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
