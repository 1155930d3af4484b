"""What a vendor is to the sandbox: its hosts and operations, and its words for what they have in common."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import TypeAlias

from attrs import evolve, field, frozen

from omniflash_sandbox.accounts import Account
from omniflash_sandbox.fault_kinds import ANY
from omniflash_sandbox.jobs import Job
from omniflash_sandbox.messages import Answer, Ask
from omniflash_sandbox.prices import Price
from omniflash_sandbox.world import World

Handler: TypeAlias = Callable[[World, Ask], Awaitable[Answer]]
JobHandler: TypeAlias = Callable[[World, Ask, Job], Awaitable[Answer]]

# Google, Gemini Omni Flash; fal's edit page says the same. No source shows the refusal itself: that it comes in these
# words is an assumption, for either vendor.
REGION_NOTE = (
    "Editing uploaded videos is not available for users in the European Economic Area (EEA), Switzerland, and the"
    " United Kingdom."
)


@frozen
class Notice:
    """What a webhook's receiver is sent: JSON, with the vendor's own headers."""

    body: bytes
    headers: Mapping[str, str] = field(factory=dict)


NoticeOf: TypeAlias = Callable[[World, Job], Coroutine[object, None, Notice]]


@frozen
class Dialect:
    """How a host says what it says of any operation.

    `account` reads the key in a request's headers, or answers that there is none. `nowhere` answers on a path that is
    none. `rate_limited`, `locked` (of an account without money) and `unavailable` (by status) are its words for a
    fault, `too_large` those for a body that is.
    """

    account: Callable[[Mapping[str, str]], Account | Answer]
    nowhere: Handler
    rate_limited: Answer
    locked: Answer
    unavailable: Mapping[int, Answer]
    too_large: Answer


@frozen
class Operation:
    """One operation of a vendor's API, and where it is.

    `path` is in Starlette's notation, without a slash at its end; a `method` of None is any. An operation that is not
    `keyed` asks for no key: to bring one there is to leak it. One with an `account` reads something else in place of
    the vendor's key. A `raw` one takes a file. A `dialect` of None is the vendor's.
    """

    call: str
    method: str | None
    path: str
    handle: Handler
    keyed: bool = True
    account: Callable[[Mapping[str, str]], Account | Answer] | None = None
    raw: bool = False
    dialect: Dialect | None = None

    @property
    def methods(self) -> list[str] | None:
        return None if self.method is None else [self.method]


@frozen
class Vendor:
    """A vendor's protocol.

    `hosts` are the vendor's hosts, each as a path on ours. They speak its `dialect`, but for those that have one of
    their own in `dialects`. `unknown` is what it says of a job that it does not know. `stamp` adds the headers that
    every answer has, given the exchange's number. `notice` is what a webhook says of a job that is over, signed anew
    each time, and None where the vendor has none. `files` are operations on the origin of the clips, below the vendor's
    name. `key_header` is where a key is brought, in lower case; `shown` are headers of its own that the journal keeps.
    `status_at` is where an answer on a job has the status. `prices` are those it posts, by endpoint.
    """

    name: str
    hosts: Mapping[str, str]
    operations: tuple[Operation, ...]
    dialect: Dialect
    unknown: Answer
    stamp: Callable[[Answer, int], Answer]
    notice: NoticeOf | None = None
    files: tuple[Operation, ...] = ()
    dialects: Mapping[str, Dialect] = field(factory=dict)
    key_header: str = "authorization"
    shown: frozenset[str] = frozenset()
    status_at: tuple[str, ...] = ("status",)
    prices: Mapping[str, Price] = field(factory=dict)

    @property
    def calls(self) -> tuple[str, ...]:
        """Those of its calls that a fault can strike."""
        own = {"asset", *(operation.call for operation in (*self.operations, *self.files))}
        return tuple(call for call in ANY if call in own)


def calls_of(vendors: Iterable[Vendor]) -> dict[str, tuple[str, ...]]:
    """The calls that a fault can strike, by provider."""
    return {vendor.name: vendor.calls for vendor in vendors}


def found(provider: str, unknown: Answer) -> Callable[[JobHandler], Handler]:
    """For a handler of one job: finds the job that the path names; what is no job of this key is `unknown`."""

    def wrap(handle: JobHandler) -> Handler:
        async def finding(world: World, ask: Ask) -> Answer:
            job = world.jobs.find(ask.place["job"])
            if job is None or (job.provider, job.account) != (provider, ask.account.name):
                return unknown
            return evolve(await handle(world, ask, job), job=job.id)

        return finding

    return wrap
