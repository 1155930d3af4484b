"""Who is held to the clauses: a spec, an adapter, or a whole client. The last one's protocol is what bridges implement.

An adapter is `omniflash.adapter.Adapter`. A `Spec` judges the JSON form of a request. A `Client` submits, looks, waits,
cancels and saves, and a `ClientKind` makes one: ours, a peer's through a bridge, or a broken one.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from omniflash import Request
from omniflash.spec import Violation
from omniflash.types import JSON


class Spec(Protocol):
    """What says if a request is right, before anything is sent."""

    @property
    def name(self) -> str: ...

    def judge(self, form: Mapping[str, object]) -> tuple[Violation, ...]:
        """Everything that is wrong with the JSON form of a request."""
        ...


class Offers(StrEnum):
    """What a client may have beside `submit`. What it has not is not offered, which is not the same as broken."""

    STATUS = "status"
    WAIT = "wait"
    DEADLINE = "a wait that is bounded"
    CANCEL = "cancel"
    SAVE = "save"
    REFUSE = "a refusal before anything is sent"
    KEY = "a caller's own key"
    RESUME = "a token that another process goes on with"
    PARTING = "errors of a wait that carry the token of its job"
    UNCERTAIN = "an error of its own for a paid call whose fate is unknown"
    QUOTE = "a quote"
    CHARGE = "what the vendor says it charged"
    PROBE = "a look whether the clip is what was asked for"
    PATIENCE = "a limit to how long one answer may take"
    DROP = "leaving out, with the caller's consent, what the vendor does not take"


@frozen
class Told:
    """What an error of a client tells its caller. None is: it does not say.

    `kind` is the client's own name for the error, `uncertain` whether it says that nobody knows if the job exists,
    `retry_helps` whether trying again can help. `text` is all of it that a log would show, its causes and notes too.
    `token` is what the job can be picked up by.
    """

    kind: str
    text: str
    uncertain: bool | None = None
    retry_helps: bool | None = None
    may_have_paid: bool | None = None
    status: int | None = None
    code: str | None = None
    token: str | None = None


@frozen
class Ended:
    """A look at a job: its state in the spec's words, and whether it has come to an end.

    `charge` is what the vendor says it charged, `quote` what was expected, each as the client shows it.
    """

    state: str
    over: bool
    charge: str | None = None
    quote: str | None = None


class Client(Protocol):
    """A whole client, at one provider. A ticket and a clip are whatever it makes of them."""

    def submit(self, request: Request, *, key: str | None = None) -> object:
        """Have the job accepted, and return its ticket."""
        ...

    def status(self, ticket: object) -> Ended:
        """One look."""
        ...

    def wait(self, ticket: object, *, timeout: float | None = None) -> object:
        """The clip, once it is there; `timeout` in seconds of the ground's clock."""
        ...

    def cancel(self, ticket: object) -> str:
        """What came of it: "cancelled", "requested", "too late" or "unsupported"."""
        ...

    def save(self, clip: object, path: Path) -> None:
        """Fetch the clip into a file. A client that does not wait is handed the ticket of a job that is over."""
        ...

    def token(self, ticket: object) -> str:
        """What another process can go on with."""
        ...

    def resume(self, token: str) -> object:
        """The ticket of a token, made by whatever process."""
        ...

    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        """How a clip that was saved differs from what was asked for, one line for each difference."""
        ...

    def dropped(self, ticket: object) -> tuple[str, ...]:
        """The fields that were left out of a job's request with consent, as the client has recorded them."""
        ...

    def shown(self) -> str:
        """What its repr and its logs have shown so far."""
        ...


class Place(Protocol):
    """Where a client works: a vendor's protocol at `hosts`, with a `key`; `folder` is its own, and outlives it.

    `site` describes a sandbox in full, for a client that knows such: its `speed` is the ground's seconds in one of wall
    time, and where that is 0, time moves only by its `sleep`. `answer_s` is how many seconds of wall time one answer
    may take, None as long as the client likes; `drops` consents to leaving out what the vendor does not take.
    """

    @property
    def provider(self) -> str: ...
    @property
    def hosts(self) -> Mapping[str, str]: ...
    @property
    def key(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def site(self) -> Mapping[str, object]: ...
    @property
    def answer_s(self) -> float | None: ...
    @property
    def drops(self) -> bool: ...


@frozen
class ClientKind:
    """A kind of client: `open` makes one at a place, `told` reads an error of its own."""

    name: str
    version: str
    offers: frozenset[Offers]
    open: "Opener" = field(repr=False)
    told: "Reader" = field(repr=False)
    virtual_time: bool = (
        True  # whether it can be told the ground's time; else it goes by the wall's, on a faster ground
    )


class Opener(Protocol):
    def __call__(self, place: Place) -> AbstractContextManager[Client]: ...


class Reader(Protocol):
    def __call__(self, error: BaseException) -> Told: ...


def form_of(request: Request) -> Mapping[str, JSON]:
    """The JSON form of a request, for reports."""
    from omniflash.spec import request_to_json

    return request_to_json(request)
