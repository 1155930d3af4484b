"""What a client really puts on the wire: a relay in front of a sandbox that keeps each request byte for byte."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from omniflash_sandbox import Sandbox
from omniflash_sandbox.admin import Site
from omniflash_sandbox.messages import JSON
from tests.drive.servers import raw

BLOCK = 65536
JSON_TYPE = "application/json"


@frozen
class Sent:
    """One request, read from its bytes. Header names are in lower case; a body of JSON is parsed.

    Nothing is left out: what two clients send can be compared whole.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: "JSON | bytes"

    @classmethod
    def of(cls, request: bytes) -> "Sent":
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        url = urlsplit(target)
        pairs = (line.partition(":") for line in lines)
        headers = tuple(sorted((name.lower(), value.strip()) for name, _, value in pairs))
        content = json.loads(body) if body and dict(headers).get("content-type") == JSON_TYPE else body
        return cls(method, url.path, tuple(parse_qsl(url.query, True)), headers, content)

    @property
    def parts(self) -> Mapping[str, str]:
        """Everything that there is to compare, by its place in the request; which compressions one can undo is not."""
        fields = self.body if isinstance(self.body, dict) else {}
        return {
            "method": self.method,
            "path": self.path,
            **{f"query {name}": value for name, value in self.query},
            **{f"header {name}": value for name, value in self.headers if name != "accept-encoding"},
            **{f"body {name}": _text(value) for name, value in fields.items()},
            "body": "an object" if isinstance(self.body, dict) else _text(self.body),
        }


def _text(value: "JSON | bytes") -> str:
    """As text, so that 8 is not 8.0 and 1 is not true."""
    return value.hex() if isinstance(value, bytes) else json.dumps(value, sort_keys=True)


@frozen
class Tap:
    """The relay: `site` is the sandbox's own, but for its hosts, which lead through here."""

    site: Site
    _seen: list[bytes]

    def during(self, action: Callable[[], object]) -> list[Sent]:
        """What is sent while `action` runs."""
        before = len(self._seen)
        action()
        return [Sent.of(request) for request in self._seen[before:]]


@contextmanager
def tapped(sandbox: Sandbox, then: Callable[[], None] = lambda: None) -> Iterator[Tap]:
    """A tap on both origins of a sandbox; `then` is called after each exchange, before its answer is handed on."""
    seen: list[bytes] = []
    moved: dict[str, str] = {}

    def relay(origin: str, client: socket.socket, request: bytes) -> None:
        seen.append(request)
        answer = answer_to(request, origin)
        then()
        client.sendall(rewritten(answer, moved))

    with (
        raw(lambda client: relay(sandbox.url, client, apis.seen[-1])) as apis,
        raw(lambda client: relay(sandbox.asset_url, client, files.seen[-1])) as files,
    ):
        moved |= {sandbox.url: apis.url, sandbox.asset_url: files.url}
        yield Tap(_moved(sandbox.site, moved), seen)


def _moved(site: Site, moved: Mapping[str, str]) -> Site:
    """A site whose every URL leads through the relay."""
    told = {name: value for name, value in site.items() if name != "sleep"}
    found: Site = json.loads(rewritten(json.dumps(told).encode(), moved))
    return {**found, "sleep": site["sleep"]}


def rewritten(content: bytes, moved: Mapping[str, str]) -> bytes:
    """With each origin replaced by another that is as long, so that an answer stays as long as it says."""
    for origin, other in moved.items():
        assert len(origin) == len(other), "ports of another length: run it again"
        content = content.replace(origin.encode(), other.encode())
    return content


def answer_to(request: bytes, origin: str) -> bytes:
    """The answer to one request. Only what is handed on asks for a connection that is closed after it."""
    address = urlsplit(origin)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as sandbox:
        sandbox.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return b"".join(iter(lambda: sandbox.recv(BLOCK), b""))
