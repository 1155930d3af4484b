"""What is taken out of a result before anybody reads it: keys, credentials, queries of URLs (ERR-SECRET)."""

from collections.abc import Iterable
from functools import partial

from attrs import evolve

from omniflash.redact import safe_text
from omniflash.types import JSON

from .report import Result, Wire


def hidden(result: Result, secrets: Iterable[str]) -> Result:
    """The result without these secrets, nor what looks like one."""
    known = tuple(sorted(secrets, key=len, reverse=True))
    return evolve(
        result,
        said=safe_text(result.said, known),
        request=_json(result.request, known),
        wire=tuple(map(partial(_wire, secrets=known), result.wire)),
        curl=safe_text(result.curl, known),
        facts={name: _json(value, known) for name, value in result.facts.items()},
    )


def _wire(wire: Wire, secrets: tuple[str, ...]) -> Wire:
    return evolve(
        wire,
        url=safe_text(wire.url, secrets),
        headers={name: safe_text(value, secrets) for name, value in wire.headers.items()},
        body=_json(wire.body, secrets),
        answer=_json(wire.answer, secrets),
    )


def _json(value: JSON, secrets: tuple[str, ...]) -> JSON:
    match value:
        case str():
            return safe_text(value, secrets)
        case dict():
            return {safe_text(name, secrets): _json(item, secrets) for name, item in value.items()}
        case list():
            return [_json(item, secrets) for item in value]
        case _:
            return value
