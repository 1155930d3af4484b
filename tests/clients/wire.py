"""What a client really puts on the wire: a relay in front of a sandbox that keeps each request byte for byte."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen

from omniflash_sandbox.admin import SiteData
from omniflash_sandbox.messages import JSON
from tests.drive.servers import Raw, raw

BLOCK = 65536


@frozen
class Sent:
    """One request, read from its bytes. Header names are in lower case; a body is parsed, and None where there is none.

    Nothing is left out: what two clients send can be compared whole.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: JSON

    @classmethod
    def of(cls, request: bytes) -> "Sent":
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        url = urlsplit(target)
        pairs = (line.partition(":") for line in lines)
        headers = tuple(sorted((name.lower(), value.strip()) for name, _, value in pairs))
        return cls(method, url.path, tuple(parse_qsl(url.query, True)), headers, json.loads(body) if body else None)

    @property
    def parts(self) -> Mapping[str, str]:
        """Everything that there is to compare, by its place in the request; which compressions one can undo is not."""
        return {
            "method": self.method,
            "path": self.path,
            **{f"query {name}": value for name, value in self.query},
            **{f"header {name}": value for name, value in self.headers if name != "accept-encoding"},
            "body": json.dumps(self.body, sort_keys=True),  # text, so that 8 is not 8.0 and 1 is not true
        }


@frozen
class Tap:
    """The relay: `site` is the sandbox's own, but for its hosts, which lead through here."""

    site: SiteData
    _server: Raw

    def during(self, action: Callable[[], object]) -> list[Sent]:
        """What is sent while `action` runs."""
        before = len(self._server.seen)
        action()
        return [Sent.of(request) for request in self._server.seen[before:]]


@contextmanager
def tapped(site: SiteData, then: Callable[[], None] = lambda: None) -> Iterator[Tap]:
    """A tap on a sandbox; `then` is called after each exchange, before its answer is handed on."""
    address = urlsplit(site["url"])
    upstream = (str(address.hostname), int(address.port or 0))

    def relay(client: socket.socket) -> None:
        answer = answer_to(server.seen[-1], upstream)
        then()
        client.sendall(answer)

    with raw(relay) as server:
        hosts = {
            vendor: {name: url.replace(site["url"], server.url) for name, url in names.items()}
            for vendor, names in site["hosts"].items()
        }
        yield Tap({**site, "hosts": hosts}, server)


def answer_to(request: bytes, upstream: tuple[str, int]) -> bytes:
    """The answer to one request. Only what is handed on asks for a connection that is closed after it."""
    with socket.create_connection(upstream) as sandbox:
        sandbox.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return b"".join(iter(lambda: sandbox.recv(BLOCK), b""))
