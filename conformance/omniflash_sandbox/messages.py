"""Requests and answers as values: what a handler reads, what it says, and how that goes over the wire."""

import json
import math
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias

from attrs import field, frozen

from omniflash_sandbox.accounts import NOBODY, Account

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

DATA_URI_SHOWN, TEXT_SHOWN = 48, 32_000  # characters
DEEPEST = 50  # levels of nesting
LARGEST = 512 * 1024 * 1024  # bytes of a request; assumption: no vendor's page names a limit
OWN_PORT = re.compile(r"(?<=//127\.0\.0\.1):\d+")  # another one each time the sandbox is started


@frozen
class Ask:
    """One request as a handler reads it.

    `call` is the operation's name. `path` is as it came over the wire, `place` holds what it names; `parameters` are
    those of the query, of which one may come several times. Header names are in lower case. `account` is whose key it
    carries: nobody's before that was looked at, and where none is asked for. The content of a `raw` request is a
    file's, not JSON. `turn` is which of the call's exchanges it is, where a seed makes faults.
    """

    provider: str
    call: str
    method: str
    path: str
    place: Mapping[str, str]
    parameters: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    content: bytes
    account: Account = NOBODY
    raw: bool = False
    turn: int = 0

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters by name; of one that is repeated, the last."""
        return dict(self.parameters)

    def every(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for given, value in self.parameters if given == name]

    @property
    def too_large(self) -> bool:
        return len(self.content) > LARGEST

    @cached_property
    def body(self) -> JSON:
        """The parsed body; raises ValueError where it is no JSON."""
        return parsed(self.content)

    @cached_property
    def digest(self) -> str:
        """What was asked, in 32 hex digits: the same for the same JSON sent to the same endpoint, on any port."""
        asked = canonical([self.provider, dict(self.place), self.readable])
        return sha256(OWN_PORT.sub("", asked).encode()).hexdigest()[:32]

    @property
    def readable(self) -> JSON:
        """The parsed body, or its text where it is no JSON, or None where there is none; of a file type and size."""
        if self.raw or self.too_large:
            return {"content_type": self.headers.get("content-type"), "bytes": len(self.content)}
        try:
            return self.body
        except ValueError:
            return self.content.decode(errors="replace") or None


@frozen
class Delivery:
    """How an answer reaches the caller: whole, at once and as announced, unless a fault says otherwise.

    What is not whole ends with the connection, after `silence_s` seconds of wall time, and in good order unless it is a
    `reset`. `overstated_by` is how many bytes more are announced than there are.
    """

    head: bool = True
    bytes_of_body: int | None = None
    overstated_by: int = 0
    bytes_per_s: int | None = None
    silence_s: int = 0
    reset: bool = False

    @property
    def whole(self) -> bool:
        return self.head and self.bytes_of_body is None and not self.overstated_by

    @property
    def patient(self) -> bool:
        return bool(self.silence_s or self.bytes_per_s)


@frozen
class Answer:
    """One answer; a body that is not bytes is sent as JSON.

    `job` is the id of the job it is about. A `stream` is sent in place of a body, unless a fault strikes. An answer
    that is not `by_vendor` has none of the vendor's headers: it is from a gateway in front of it, or from a stranger.
    """

    status: int
    body: "JSON | bytes" = None
    headers: Mapping[str, str] = field(factory=dict)
    job: str | None = None
    fault: str | None = None
    by_vendor: bool = True
    delivery: Delivery = Delivery()
    stream: AsyncIterator[bytes] | None = None

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else encoded(self.body)


async def content_of(stream: AsyncIterable[bytes]) -> bytes:
    """A request's whole body; of one that is too large only so much as shows that it is."""
    parts: list[bytes] = []
    left = LARGEST + 1
    async for part in stream:  # to its end: to answer before would break the connection of a client that still sends
        parts.append(part[:left])
        left -= len(parts[-1])
    return b"".join(parts)


def parsed(content: bytes) -> JSON:
    """Raises ValueError for what is no JSON, or could not be said again: endless numbers, bottomless nesting."""
    try:
        value: JSON = json.loads(content, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _deeper(value, DEEPEST):
        raise ValueError("nested too deeply")
    return value


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number} is no number of JSON")
    return value


def _deeper(value: JSON, levels: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(part, levels - 1) for part in parts)


def number(amount: Decimal) -> JSON:
    """A number, with a fraction only where there is one."""
    return int(amount) if amount == int(amount) else float(amount)


def encoded(value: JSON) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def canonical(value: JSON) -> str:
    """The same text for equal values, whatever the order of their names."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def shortened(value: JSON) -> JSON:
    """The same value for reading: of a data URI, which may be megabytes, and of an endless text only the beginning."""
    match value:
        case dict():
            return {name: shortened(item) for name, item in value.items()}
        case list():
            return [shortened(item) for item in value]
        case str():
            shown = DATA_URI_SHOWN if value.startswith("data:") else TEXT_SHOWN
            return value if len(value) <= shown else f"{value[:shown]}… ({len(value)} characters)"
        case _:
            return value
