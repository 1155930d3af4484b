"""What a vendor is to the sandbox: its hosts and operations, and its words for what they have in common."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TypeAlias

from attrs import evolve, field, frozen

from omniflash_sandbox.accounts import Account
from omniflash_sandbox.jobs import Job
from omniflash_sandbox.messages import Answer, Ask
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
class Operation:
    """One operation of a vendor's API, and where it is.

    `path` is in Starlette's notation, without a slash at its end; a `method` of None is any. An operation that is not
    `keyed` asks for no key: to bring one there is to leak it. One with an `account` reads something else in place of
    the vendor's key. A `raw` one takes a file.
    """

    call: str
    method: str | None
    path: str
    handle: Handler
    keyed: bool = True
    account: Callable[[Mapping[str, str]], Account | Answer] | None = None
    raw: bool = False

    @property
    def methods(self) -> list[str] | None:
        return None if self.method is None else [self.method]


@frozen
class Vendor:
    """A vendor's protocol.

    `hosts` are the vendor's hosts, each as a path on ours. `nowhere` answers on a path that is none. `account` reads
    the key in a request's headers, or answers that there is none. `rate_limited`, `unavailable` (by status) and
    `unknown`, of a job, are the vendor's words for a fault, `too_large` those for a body that is. `stamp` adds the
    headers that every answer has, given the exchange's number. `notice` is what a webhook says of a job that is over,
    signed anew each time. `files` are operations on the origin of the clips, below the vendor's name.
    """

    name: str
    hosts: Mapping[str, str]
    operations: tuple[Operation, ...]
    nowhere: Handler
    account: Callable[[Mapping[str, str]], Account | Answer]
    rate_limited: Answer
    unavailable: Mapping[int, Answer]
    unknown: Answer
    stamp: Callable[[Answer, int], Answer]
    too_large: Answer
    notice: NoticeOf
    files: tuple[Operation, ...] = ()


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
