"""Everything that can happen to the outside world, as values.

A flow is a generator: it yields effects and receives what came of them. It does no I/O, reads no clock and draws no
randomness, so the same flow runs under a sync driver, an async one and a simulator. Whatever goes wrong while an effect
is carried out, Ctrl-C and cancellation included, is thrown into the flow at its yield. On its way out of an
interruption a flow may yield nothing but `Record` and `Drop`, and a flow that is closed unfinished (GeneratorExit)
nothing at all.
"""

import math
from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from attrs import field, frozen

from .redact import safe_url
from .spec.media import Data, File, FileFacts
from .types import JSON

if TYPE_CHECKING:
    from .jobs import Status
    from .money.entries import Answer, Entry


class Repeat(Enum):
    """What sending a call a second time costs."""

    FREELY = auto()
    WITH_SAME_ID = auto()
    IF_REFUSED = auto()


@frozen
class Call:
    """One HTTP call, described. The driver builds the request from it anew for each attempt.

    `name` is its word in tables, logs and cassettes. `url` is "host:/path", with a key of the adapter's `hosts`, or an
    absolute URL that the vendor gave. With `keyed` the key is sent, but only to an origin among the adapter's hosts.
    `cache_s`: an answer that is no older than so many seconds will do, for public key sets. `account` and
    `until`, the latest moment in ticks to wait for its answer, are filled in by `attempt`: an adapter does not know for
    whom it works.
    """

    name: str
    method: str
    url: str = field(repr=safe_url)
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    json: JSON = field(default=None, repr=False)
    repeat: Repeat = Repeat.FREELY
    keyed: bool = True
    cache_s: float = 0.0
    account: str = ""
    until: float = math.inf


@frozen
class Response:
    """An answer: header names are in lower case, and our keys are blotted out of `headers` and `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str = field(default="", repr=safe_url)


@frozen
class Moment:
    """The time: `at` for people and tokens, `ticks` in seconds, never going back, for deadlines."""

    at: datetime
    ticks: float


@frozen
class Pause:
    """Wait `seconds`, longer by a random share up to `spread`, so that many clients do not come back at once.

    `why` is told to whoever would otherwise sit before a silent terminal for long.
    """

    seconds: float
    spread: float = 0.0
    why: str = ""


@frozen
class Now:
    """Ask for the Moment."""


@frozen
class Turn:
    """Wait for the account's pace; answers False when it cannot be granted before `until` (in ticks).

    A call that is made `again` needs the account's retry budget too.
    """

    account: str
    call: str
    until: float
    again: bool = False


@frozen
class Hold:
    """Let nobody make this call for the account before `seconds` have passed: the vendor said so."""

    account: str
    call: str
    seconds: float


@frozen
class Look:
    """Ask for the FileFacts of a local file: its size and what its first bytes are."""

    file: File


@frozen
class Read:
    """Ask for a local file's bytes."""

    file: File


@frozen
class Reserve:
    """Make sure that a file can be made at `path`; nothing is left there."""

    path: Path


@frozen
class Draft:
    """Make an empty file beside `target`, under a name of its own; answers its path."""

    target: Path


@frozen
class Save:
    """Stream the answer to `call` into the file `path`, from byte `offset` on; answers Saved."""

    call: Call
    path: Path
    offset: int = 0


@frozen
class Send:
    """Stream a local input, which stands as `field` in the request, out as the body of `call`; answers its Response."""

    call: Call
    source: File | Data
    field: str


@frozen
class Transfer:
    """How far an upload has come: the `field` of the request, `sent` and `size` in bytes."""

    field: str
    sent: int
    size: int


@frozen
class Saved:
    """What came of a Save: the answer without its body, the file's size now, and if the stream was `cut` short."""

    response: Response
    size: int
    cut: bool = False


@frozen
class Keep:
    """Give the finished file `part` its name `target`, at once or not at all."""

    part: Path
    target: Path


@frozen
class Drop:
    """Remove a file that is of no use; that it is not there is fine."""

    path: Path


@frozen
class Tell:
    """Show a look at a job to whoever asked for updates."""

    status: "Status"


@frozen
class Record:
    """Write an entry to the ledger; answers what `money.entries` calls an Answer. Without a ledger it is always New."""

    entry: "Entry"


Effect: TypeAlias = (
    Call | Send | Pause | Now | Turn | Hold | Look | Read | Reserve | Draft | Save | Keep | Drop | Tell | Record
)
T = TypeVar("T")
Flow: TypeAlias = Generator[Effect, Any, T]


class Trouble(Exception):
    """What a driver throws into a flow when an effect came to nothing. `reason` is in words, without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSentTrouble(Trouble):
    """The connection was never made: nothing of the call has reached anybody."""


class NoAnswerTrouble(Trouble):
    """The call was on its way, and no whole answer came: nobody can say what became of it."""


class FileTrouble(Trouble):
    """A local file could not be read or written."""


def call(what: Call) -> Flow[Response]:
    """The answer to a call."""
    response: Response = yield what
    return response


def send(what: Send) -> Flow[Response]:
    """The answer to a call that carries a local input."""
    response: Response = yield what
    return response


def now() -> Flow[Moment]:
    """The time."""
    moment: Moment = yield Now()
    return moment


def look(file: File) -> Flow[FileFacts]:
    """What one look at a local file tells."""
    facts: FileFacts = yield Look(file)
    return facts


def read(file: File) -> Flow[bytes]:
    """A local file's bytes."""
    content: bytes = yield Read(file)
    return content


def save(what: Save) -> Flow[Saved]:
    """What came of streaming an answer into a file."""
    saved: Saved = yield what
    return saved


def record(entry: "Entry") -> Flow["Answer"]:
    """The ledger's answer to an entry."""
    answer: Answer = yield Record(entry)
    return answer


def perform(effect: Effect) -> Flow[Any]:
    """Any effect, as it is."""
    return (yield effect)


def through(flow: Flow[T], carry: Callable[[Effect], Flow[Any]]) -> Flow[T]:
    """Run `flow` with each of its effects carried out by `carry`; what is raised there is thrown into it."""
    step = partial(next, flow)
    while True:
        try:
            effect = step()
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            answer = yield from carry(effect)
        except GeneratorExit:
            flow.close()
            raise
        except BaseException as problem:  # noqa: BLE001 - it is the flow's to judge
            step = partial(flow.throw, problem)
        else:
            step = partial(flow.send, answer)
