"""One at a time looks at a job or fetches its clip: the ledger's lease, taken, kept for as long as needed, given back.

Without a ledger, and for a job that the ledger does not know, the lease is always free.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from attrs import define, evolve

from ..effects import Flow, Pause, now, record
from ..jobs import Job
from ..money.entries import Busy, Delivered, Finished, Had, Left, Unwritten, Watching

T = TypeVar("T")

LOOKING_S = 300.0  # longer than any time between two looks; a process that ends on this machine is noticed at once
FETCHING_S = 900.0
KEPT_SHARE = 0.2  # of the lease, before it is taken anew
ASK_AGAIN_S = 2.0


@define
class Lease:
    """The lease on a job, for one `holder`. `who` is at the job in its place, in words, where somebody is.

    With `once` there is nothing to be at where somebody has saved the clip: as `had`. Once it was `asked` for it may be
    ours, whatever broke in on the ledger's answer.
    """

    job: Job
    holder: str
    once: bool = False
    who: str | None = None
    had: Path | None = None
    renew_at: float = -math.inf
    last_ask: float = math.inf
    asked: bool = False

    def taken(self, seconds: float = LOOKING_S) -> Flow[bool]:
        """Whether the job is ours for now. Asked often: only what is running out is asked of the ledger again."""
        moment = yield from now()
        if moment.ticks < self.renew_at:
            return True
        gap = max(0.0, moment.ticks - self.last_ask)
        self.asked = True
        answer = yield from record(Watching(_bare(self.job), self.holder, seconds + 2 * gap, self.once))
        self.who = answer.who if isinstance(answer, Busy) else None
        self.had = answer.file if isinstance(answer, Had) else None
        if self.who is None:
            self.renew_at, self.last_ask = moment.ticks + seconds * KEPT_SHARE, moment.ticks
        return self.who is None

    def held(self, work: Callable[[], Flow[T]]) -> Flow[T]:
        """Do this work, and give the lease back however it ends."""
        try:
            result = yield from work()
        except GeneratorExit:
            raise
        except BaseException:
            yield from self.left()
            raise
        yield from self.left()
        return result

    def left(self) -> Flow[None]:
        """Give the lease back."""
        if self.asked:
            yield from record(Left(_bare(self.job), self.holder))


def given_back(entry: Finished | Delivered, lease: Lease | None) -> Flow[None]:
    """Write down what some work came to, and give its lease back with that."""
    if lease is None or not lease.asked:
        yield from record(entry)
        return
    answer = yield from record(evolve(entry, holder=lease.holder))
    lease.asked = isinstance(answer, Unwritten)


def waited_for(lease: Lease, seconds: float, patience_s: float) -> Flow[bool]:
    """Whether the lease came free within `patience_s`."""
    begin = yield from now()
    while not (yield from lease.taken(seconds)):
        moment = yield from now()
        if moment.ticks - begin.ticks >= patience_s:
            return False
        yield Pause(ASK_AGAIN_S)
    return True


def _bare(job: Job) -> Job:
    return evolve(job, request=None)
