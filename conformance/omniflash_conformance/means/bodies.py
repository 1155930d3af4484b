"""Looking into the paid call as it would be sent: where a field stands in it, however deep a vendor wants it."""

import json
from collections.abc import Container, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen
from hypothesis.strategies import SearchStrategy

from omniflash import Client, Request
from omniflash.adapter import MediaKind, Offer
from omniflash.house import Preview
from omniflash.spec import LIMITS
from omniflash.types import JSON

from ..bench import AdapterBench
from ..strategies import offered
from ..verdicts import Broken, NotDeclared


@frozen
class Sent:
    """A paid call as it would go out, and its body, which is a JSON object."""

    preview: Preview
    body: dict[str, JSON]

    @property
    def seen(self) -> tuple[object, ...]:
        """All of it that a vendor sees."""
        return self.preview.method, self.preview.url, tuple(self.preview.headers.items()), self.preview.body

    def at(self, wire: str | None) -> JSON:
        """What stands under a name, at whatever depth, or None."""
        return next((value for name, value in _named(self.body) if name == wire), None)

    def has(self, wire: str | None) -> bool:
        return any(name == wire for name, _ in _named(self.body))

    @property
    def document(self) -> Any:
        """The body, for a contract to read."""
        return self.body

    @property
    def nulls(self) -> tuple[str, ...]:
        """The names under which a null stands."""
        return tuple(name for name, value in _named(self.body) if value is None)

    def beside(self, known: Container[str]) -> dict[str, JSON]:
        """What stands beside these names; an object that holds one of them is only their envelope."""
        return dict(_beside(self.body, known))


def sent(bench: AdapterBench, client: Client, request: Request) -> Sent:
    """The paid call of a request. Breaks the case where its body is no JSON object."""
    preview = bench.previewed(client, request)
    try:
        body = json.loads(preview.body or b"{}")
    except ValueError as problem:
        raise Broken(f"the body is no JSON: {problem}") from problem
    if not isinstance(body, dict):
        raise Broken(f"the body is a {type(body).__name__}, not an object")
    return Sent(preview, body)


def _named(value: JSON) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, dict):
        yield from value.items()
        for inner in value.values():
            yield from _named(inner)


def _beside(body: Mapping[str, JSON], known: Container[str]) -> Iterator[tuple[str, JSON]]:
    for name, value in body.items():
        if name in known:
            continue
        if isinstance(value, dict) and any(inner in known for inner, _ in _named(value)):
            yield from _beside(value, known)
        else:
            yield name, value


def texts(value: JSON) -> Iterator[str]:
    """Every text in a JSON value, in order."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts(item)
        case dict():
            for item in value.values():
                yield from texts(item)


def written_out(offer: Offer) -> Offer:
    """The offer without uploads: what is left of it a preview shows just as it will be sent."""
    fields = {
        name: evolve(field, kinds=field.kinds - {MediaKind.UPLOAD}, upload_limit=0)
        for name, field in offer.fields.items()
    }
    return evolve(offer, fields=fields)


def drawn_from(offer: Offer) -> SearchStrategy[Request]:
    """Requests that this offer takes, and whose preview is what will be sent. Raises NotDeclared where none is."""
    strategy = offered(written_out(offer))
    if strategy.is_empty:
        raise NotDeclared(f"{offer.provider} takes nothing but uploads in {offer.mode}")
    return strategy


def asked_for(request: Request, offer: Offer) -> dict[str, str]:
    """The fields of a request that go over the wire, each with its wire name."""
    declared = {name: offer.fields[name].wire for name in request.given if name in offer.fields}
    return {name: wire for name, wire in declared.items() if wire is not None}


def defaults_sent(request: Request, offer: Offer) -> dict[str, JSON]:
    """The spec's default for each unset field whose default at the vendor is another, by wire name."""
    unset = {name: field for name, field in offer.fields.items() if name not in request.given}
    found = {name: getattr(LIMITS[offer.version], f"{name}_default", None) for name in unset}
    return {
        field.wire: found[name]
        for name, field in unset.items()
        if field.wire and field.vendor_default not in (None, found[name])
    }
