"""What is written down about a paid call: every `Record` effect carries one of these, and has one of their answers.

Without a ledger they go nowhere; with one they are how a job is found again after a crash.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from ..errors import OmniflashError

if TYPE_CHECKING:
    from ..adapter import Order, Outcome
    from ..jobs import Job, Status
    from ..routing.health import Health
    from ..spec.requests import Request
    from .budgets import Budget
    from .charges import UnitPrices
    from .quotes import Learned, Quote


@frozen
class Asking:
    """Somebody is about to order something under a key: what does the ledger know of it? Nothing is written.

    `order` is the id that the order is going to have: one in place of a job that failed unbilled has its key from that.
    """

    key: str
    request: "Request"
    order: str = ""


@frozen
class Consulting:
    """A `run` is about to plan: how have these accounts been doing, and what is spent? Nothing is written.

    `spans` are the limits of its budget that count other jobs; `prices` are digests of price rows; `units` is what the
    units of charges cost by what the client knows now.
    """

    accounts: tuple[str, ...]
    sandbox: bool = False
    run: str = ""
    spans: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    units: "UnitPrices" = field(factory=dict, hash=False)


@frozen
class Intended:
    """A paid call is about to be made.

    `key` is the caller's own, under which it is made at most once. `run` tells this client's orders from others',
    `budget` is what it may spend. `sent` holds a digest of each field of the paid call's body, to know it again by in a
    vendor's list. `priced` is the digest of the price row, `units` what the units of charges cost by what the client
    knows now. With `heed`, nothing is begun while the account rests. `chosen` says why it is this one's turn, and
    `before` who was asked before, and what came of it.
    """

    order: "Order"
    key: str | None = None
    quote: "Quote | None" = None
    run: str = ""
    budget: "Budget | None" = None
    sent: Mapping[str, str] = field(factory=dict, hash=False)
    priced: str | None = None
    heed: bool = False
    chosen: str = ""
    before: tuple[str, ...] = ()
    units: "UnitPrices" = field(factory=dict, hash=False)


@frozen
class Sending:
    """The paid call is going out now: the last moment at which the ledger can say that the order was settled."""

    order: "Order"


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
class Found:
    """The vendor's list shows jobs, by their `handles`, that an uncertain order may have become."""

    order: str
    handles: tuple[str, ...]


@frozen
class Watching:
    """Somebody, a `holder`, is about to look at a job or to fetch its clip, and is not heard of again for `seconds`.

    With `once`, they would not fetch a clip that somebody has saved.
    """

    job: "Job"
    holder: str
    seconds: float
    once: bool = False


@frozen
class Left:
    """The holder is done with the job."""

    job: "Job"
    holder: str


@frozen
class Finished:
    """The job ended, as its last status says; `usd` is what its charge comes to, where its unit has a known price.

    A `holder` is done with the job. `since_s` seconds before, an earlier look of the same wait still saw it under way;
    None where none did.
    """

    status: "Status"
    usd: Decimal | None = None
    holder: str | None = None
    since_s: float | None = None


@frozen
class Delivered:
    """The clip of a job was saved. A `holder` is done with the job."""

    job: str | None
    path: Path
    holder: str | None = None


Entry: TypeAlias = (
    Asking
    | Consulting
    | Intended
    | Sending
    | Attempted
    | Accepted
    | Refused
    | Uncertain
    | Found
    | Watching
    | Left
    | Finished
    | Delivered
)


@frozen
class New:
    """The entry was written, or there is no ledger."""


@frozen
class Unwritten:
    """The entry could not be written down. What it tells of goes on all the same."""


@frozen
class Known:
    """What is known before a plan is made.

    `health` is that of each account; `spent` is what each limit of a budget ("day", "run") may have used up already, in
    USD, by account, "" being all of them; `learned` is told by the digests of price rows.
    """

    health: Mapping[str, "Health"] = field(factory=dict, hash=False)
    spent: Mapping[str, Mapping[str, Decimal]] = field(factory=dict, hash=False)
    learned: Mapping[str, "Learned"] = field(factory=dict, hash=False)


@frozen
class Resting:
    """Nothing is begun at the account until then, because of `why`."""

    until: datetime
    why: str


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


@frozen
class Settled:
    """The order is not open any more: somebody settled it, or it was taken for lost."""


@frozen
class Busy:
    """Somebody else is at the job: `who`, in words."""

    who: str


@frozen
class Had:
    """The clip was saved before, as `file`."""

    file: Path


@frozen
class Over:
    """It would cost more than was allowed: how, in words, and what to do."""

    told: str
    remedy: str


Answer: TypeAlias = New | Unwritten | Known | Taken | Conflict | Unsettled | Settled | Resting | Busy | Had | Over
