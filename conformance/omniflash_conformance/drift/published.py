"""What a vendor publishes of its calls: where that stands, and which schema in it is of which contract.

fal publishes an OpenAPI document for each endpoint (its model pages link it). That PixelDojo's discovery endpoint
answers with the schema of the run's body as `schema` stands in its SDK's README, `requestSchema` in its API
documentation; all else of that answer is an assumption.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from attrs import frozen

from omniflash.adapter import Adapter
from omniflash.drive.settings import ANSWER_S, MOST_BYTES
from omniflash.errors import ConfigurationError, ProviderUnavailable
from omniflash.redact import safe_url
from omniflash.spec.violations import did_you_mean
from omniflash.types import JSON
from omniflash_conformance.recordings.wire import BASES, HOSTS, ROWS, Row
from omniflash_sandbox import contracts

from .compare import Change, Direction, compare
from .shapes import listed, mapping

HOMES: Mapping[str, str] = {
    "fal": "https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={endpoint}",
    "pixeldojo": "https://pixeldojo.ai/api/v1/models/{endpoint}/schema",
}
"""Where a vendor publishes the schemas of an endpoint; neither asks for a key."""

ENVELOPES = ("schema", "requestSchema")
NAMES = ("apiId", "endpoint_id")
JSON_TYPE = "application/json"


@frozen
class Document:
    """What was read, and from where."""

    where: str
    content: JSON


@frozen
class Published:
    """A vendor's schema of what a contract is of; `root` is what its references point into."""

    contract: str
    direction: Direction
    schema: JSON
    root: JSON

    def changes(self) -> tuple[Change, ...]:
        """What is different from our contract. Raises ConfigurationError for a schema that cannot be read."""
        try:
            return compare(contracts.load(self.contract), self.schema, self.direction, root=self.root)
        except RecursionError:
            said = f"the schema of {self.contract} is nested too deeply"
            raise ConfigurationError(said, remedy="give the vendor's own document") from None


def homes(found: Adapter) -> list[str]:
    """The addresses of what a vendor publishes of the endpoints that are offered. Raises ConfigurationError."""
    if found.name not in HOMES:
        remedy = did_you_mean(found.name, HOMES)
        raise ConfigurationError(f"there is no contract of {found.name!r} to compare with", remedy=remedy)
    return list(dict.fromkeys(HOMES[found.name].format(endpoint=offer.endpoint) for offer in found.offers))


def read(place: str) -> Document:
    """The JSON of a file or an address. Raises ConfigurationError, or ProviderUnavailable where nobody answers."""
    is_address = place.startswith(("http://", "https://"))
    where = place if place.startswith(tuple(home.partition("{")[0] for home in HOMES.values())) else safe_url(place)
    content = _fetched(place, where) if is_address else _opened(Path(place))
    try:
        return Document(where, json.loads(content))
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{where} holds no JSON", remedy="give the vendor's schema as JSON") from None


def _opened(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem.strerror}", remedy="give a file or a URL") from None


def _fetched(url: str, where: str) -> bytes:
    remedy = "give the schema as a file, with --schema"
    try:
        with httpx.stream("GET", url, timeout=ANSWER_S, follow_redirects=True) as answer:
            answer.raise_for_status()
            return _whole(answer, where)
    except httpx.HTTPStatusError as problem:
        raise ProviderUnavailable(f"{where} answered {problem.response.status_code}", remedy=remedy) from None
    except httpx.InvalidURL as problem:
        raise ConfigurationError(f"{where} is no URL: {problem}", remedy="give a file or a URL") from None
    except httpx.HTTPError as problem:
        raise ProviderUnavailable(f"{where} was not reached: {problem}", remedy=remedy) from None


def _whole(answer: httpx.Response, where: str) -> bytes:
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            raise ConfigurationError(f"{where} has no end", remedy="give the schema as a file, with --schema")
    return content


def published(found: Adapter, document: Document) -> tuple[Published, ...]:
    """The schemas of this model that a document holds. Raises ConfigurationError where it holds none."""
    endpoints = {offer.endpoint for offer in found.offers}
    rows = [row for row in ROWS if row.provider == found.name]
    schemas = tuple(schema for part in _parts(document.content, endpoints) for schema in _schemas(part, rows))
    if not schemas:
        remedy = f"give what it publishes of {' or '.join(sorted(endpoints))}"
        raise ConfigurationError(f"{document.where} holds no schema of {found.name}'s Omni Flash", remedy=remedy)
    return schemas


def _parts(content: JSON, endpoints: set[str]) -> Iterator[Mapping[str, JSON]]:
    """The document, or what a list of models says of this one."""
    for part in [content, *listed(mapping(content).get("models"))]:
        given = mapping(part)
        if all(given[name] in list(endpoints) for name in NAMES if name in given):
            yield mapping(given.get("openapi")) or given


def _schemas(part: Mapping[str, JSON], rows: list[Row]) -> Iterator[Published]:
    if "paths" in part:
        yield from _operations(part, rows)
        return
    bodies = {row.asked for row in rows if row.call == "submit" and row.asked}
    alone = next((part[name] for name in ENVELOPES if mapping(part.get(name))), part)
    if len(bodies) == 1 and "properties" in mapping(alone):  # else nobody can tell which body it is of
        yield Published(bodies.pop(), Direction.REQUEST, alone, alone)


def _operations(document: Mapping[str, JSON], rows: list[Row]) -> Iterator[Published]:
    for path, operations in mapping(document["paths"]).items():
        for row in rows:
            operation = mapping(mapping(operations).get(row.method.lower()))
            if operation and any(row.path.fullmatch(place) for place in _places(row.provider, path)):
                yield from _operation(document, row, operation)


def _places(provider: str, path: str) -> list[str]:
    """Where a path of one of the vendor's hosts would be in the table of calls."""
    bases = BASES[provider]
    return [prefix + path.removeprefix(urlsplit(bases[host]).path) for host, prefix in HOSTS[provider].items()]


def _operation(document: JSON, row: Row, operation: Mapping[str, JSON]) -> Iterator[Published]:
    asked = _body(operation.get("requestBody"))
    if row.asked and asked is not None:
        yield Published(row.asked, Direction.REQUEST, asked, document)
    for status, response in mapping(operation.get("responses")).items():
        contract, answered = _answer(row, status), _body(response)
        if contract and answered is not None:
            yield Published(contract, Direction.ANSWER, answered, document)


def _answer(row: Row, status: str) -> str | None:
    """The contract of an answer. Which status says that all is well is not what is compared here."""
    exact = {str(known): contract for known, contract in row.answered.items()}
    well = next(contract for known, contract in row.answered.items() if 200 <= known < 300)
    return exact.get(status, well if status.startswith("2") else None)


def _body(described: JSON) -> JSON:
    return mapping(mapping(mapping(described).get("content")).get(JSON_TYPE)).get("schema")
