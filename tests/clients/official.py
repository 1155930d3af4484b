"""One face for fal's official clients: what is asked of each, and how it tells that it was refused."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from attrs import field, frozen

Told: TypeAlias = Mapping[str, Any]
Update: TypeAlias = Callable[[Told], object]
"""Is called with each status that a client sees while it waits, in fal's words: {"status": "IN_QUEUE", …}."""


@frozen
class Refused(Exception):
    """An error that a client raised: the HTTP status, all that it says of it, and the request id that it holds."""

    status: int
    says: Any
    request_id: str


@frozen(kw_only=True)
class Options:
    """The options of a submit that both clients can say; `headers` are the caller's own."""

    priority: Literal["normal", "low"] | None = None
    start_timeout: float | None = None
    webhook_url: str | None = None
    headers: Mapping[str, str] = field(factory=dict)


PLAIN = Options()


@frozen
class Upload:
    """A local file for fal's storage; its type is what its name says."""

    path: Path
    type: str


class Official(Protocol):
    """A client, pointed at a site. Each method is one of its own operations, and raises Refused."""

    @property
    def name(self) -> str: ...

    def run(self, endpoint: str, body: Told) -> Told: ...
    def subscribe(self, endpoint: str, body: Told, on_update: Update) -> Told: ...
    def submit(self, endpoint: str, body: Told, options: Options = PLAIN) -> str: ...
    def status(self, endpoint: str, request_id: str, *, logs: bool = False) -> Told: ...
    def result(self, endpoint: str, request_id: str) -> Told: ...
    def cancel(self, endpoint: str, request_id: str) -> None: ...
    def upload(self, file: Upload) -> str: ...
