"""Cassettes that a person can read: parsed bodies, few headers, no host, and on top against whom they were made, and
when.

An uploaded file is written as its type and size. The query of an upload URL is its signature: it is hidden in the
answer that names the URL and in the request that uses it alike, so that what is replayed still fits together.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import yaml
from attrs import frozen

from omniflash.errors import ConfigurationError

from .secrets import checked
from .wire import BASES, HOSTS, STRANGER, Row, held_to, prefixes, row_of

SANDBOX = f"the sandbox of omniflash {version('omniflash')}, not the vendor"
NOBODY = "http://vendor.invalid"  # cassettes name no host: the sandbox has another port each time
SHOWN = ("content-type", "retry-after", "x-fal-request-id", "x-fal-billable-units")
OWN_HOST = re.compile(r"http://127\.0\.0\.1:\d+")
Bases: TypeAlias = Mapping[str, str]
OWN_BASES: dict[str, str] = {base: HOSTS[name][host] for name in HOSTS for host, base in BASES[name].items()}
SIGNED = re.compile(rf'({re.escape(NOBODY)}[^\s"?]*)\?[^\s"]+')
HIDDEN = "hidden=1"
JSON_TYPE = "application/json"


def dumped(found: Mapping[str, Any], server: str = SANDBOX) -> str:
    """A file's text: who made it and when, and what was found."""
    made = {"server": server, "at": datetime.now(UTC).date(), "contract": found["contract"]}
    content = {"made": made, **{name: value for name, value in found.items() if name != "contract"}}
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


def bases_of(provider: str, hosts: Mapping[str, str]) -> Bases:
    """Each base URL of a vendor's, and of those that are known, with the path that recordings have in its place."""
    found = prefixes(provider, hosts)
    return OWN_BASES | {base.rstrip("/"): found[host] for host, base in hosts.items() if host in found}


def without_host(text: str, bases: Bases = OWN_BASES) -> str:
    """The text with nobody's host in place of the sandbox's, and of the vendors' own."""
    for base, prefix in bases.items():
        text = text.replace(base, NOBODY + prefix)
    return OWN_HOST.sub(NOBODY, text)


def as_asked(request: Any, bases: Bases = OWN_BASES) -> Any:
    """vcrpy's request as it is written and compared, without its headers; vcrpy asks for that more than once."""
    if not request.headers:
        return request
    url = urlsplit(without_host(request.uri, bases))
    if request.body and _is_file(request, row_of(request.method, url.path)):
        url = url._replace(query=HIDDEN)
        request.body = json.dumps({"content_type": request.headers["content-type"], "bytes": len(request.body)})
    elif request.body:
        request.body = without_host(request.body.decode(), bases)
    request.uri, request.headers = urlunsplit(url), {}
    return request


def _is_file(request: Any, row: Row) -> bool:
    """Whether a call carries a file: which of a stranger's does, only its type tells."""
    return row.call == "upload" or (row.provider == STRANGER and JSON_TYPE not in request.headers["content-type"])


def as_answered(response: dict[str, Any], bases: Bases = OWN_BASES) -> dict[str, Any]:
    """vcrpy's answer as it is written: no signed URL is in it."""
    text = without_host(response["body"]["string"].decode(), bases)
    return {**response, "body": {"string": SIGNED.sub(rf"\1?{HIDDEN}", text).encode()}}


@frozen
class Readable:
    """The serializer: from vcrpy's form of a cassette to ours and back. `server` is whom it was made against."""

    server: str = SANDBOX

    def serialize(self, cassette: Mapping[str, Any]) -> str:
        """The text of a cassette. Raises ConfigurationError where something like a key is in it."""
        exchanges = [_written(interaction) for interaction in cassette["interactions"]]
        names = [name for exchange in exchanges for name, _ in held_to(exchange)]
        text = dumped({"contract": list(dict.fromkeys(names)), "exchanges": exchanges}, self.server)
        return checked(text, "the recording")

    def deserialize(self, text: str) -> dict[str, Any]:
        """vcrpy's form of a cassette. Raises ConfigurationError for a text that is none."""
        try:
            return {"version": 1, "interactions": [_read(exchange) for exchange in yaml.safe_load(text)["exchanges"]]}
        except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as problem:
            told = f"this is no recording, or not the whole of one: {type(problem).__name__}: {problem}"
            raise ConfigurationError(told, remedy="record it again") from problem


def _written(interaction: Mapping[str, Any]) -> dict[str, Any]:
    request, response = interaction["request"], interaction["response"]
    url = urlsplit(request["uri"])
    row = row_of(request["method"], url.path)
    body = "file" if row.call == "upload" else "json"
    asked = {"method": row.method, "path": url.path, "query": url.query, body: parsed(request["body"])}
    headers = {name.lower(): values for name, values in response["headers"].items()}
    shown = {name: headers[name][0] for name in SHOWN if name in headers}
    answered = {"status": response["status"]["code"], "headers": shown, "json": parsed(response["body"]["string"])}
    return {"call": row.call, "request": _there(asked), "response": _there(answered)}


def _there(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def parsed(body: str | bytes | None) -> Any:
    """The JSON of a body, or None where there is none."""
    return json.loads(body) if body else None


def _read(exchange: Mapping[str, Any]) -> dict[str, Any]:
    asked, answered = exchange["request"], exchange["response"]
    query = f"?{asked['query']}" if "query" in asked else ""
    return {
        "request": {
            "method": asked["method"],
            "uri": f"{NOBODY}{asked['path']}{query}",
            "body": _encoded(asked.get("json", asked.get("file"))),
            "headers": {},
        },
        "response": {
            "status": {"code": answered["status"], "message": ""},
            "headers": {name: [value] for name, value in answered.get("headers", {}).items()},
            "body": {"string": _encoded(answered.get("json"))},
        },
    }


def _encoded(body: Any) -> str:
    return "" if body is None else json.dumps(body)
