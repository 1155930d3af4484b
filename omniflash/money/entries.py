"""What is written down about a paid call: every `Record` effect carries one of these.

Without a ledger they go nowhere; with one they are how a job is found again after a crash.
"""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from ..errors import OmniflashError

if TYPE_CHECKING:
    from ..adapter import Order, Outcome
    from ..jobs import Job, Status
    from .quotes import Quote


@frozen
class Intended:
    """A paid call is about to be made: `key` is the caller's own, under which it is made at most once."""

    order: "Order"
    key: str | None = None
    quote: "Quote | None" = None


@frozen
class Attempted:
    """One sending of the paid call, and what its answer means."""

    order: "Order"
    number: int
    outcome: "Outcome"


@frozen
class Accepted:
    """The vendor has the job."""

    job: "Job"


@frozen
class Refused:
    """The vendor said no, or was never reached: nothing was created."""

    order: "Order"
    error: OmniflashError | None


@frozen
class Uncertain:
    """The paid call has no readable answer: a job may exist."""

    order: "Order"
    why: str


@frozen
class Finished:
    """The job ended, as its last status says."""

    status: "Status"


@frozen
class Delivered:
    """The clip of a job was saved."""

    job: str | None
    path: Path


Entry: TypeAlias = Intended | Attempted | Accepted | Refused | Uncertain | Finished | Delivered


@frozen
class New:
    """The entry was written, or there is no ledger."""


@frozen
class Taken:
    """The caller's key has been used for this very request: here is its job."""

    job: "Job"


@frozen
class Conflict:
    """The caller's key has been used for another request."""

    remedy: str


@frozen
class Unsettled:
    """The caller's key has been used for this very request, and nobody knows yet what came of it.

    `order` is the id of that order; `under_way` says that its call may still be on the way, in another process.
    """

    order: str
    under_way: bool


Answer: TypeAlias = New | Taken | Conflict | Unsettled
