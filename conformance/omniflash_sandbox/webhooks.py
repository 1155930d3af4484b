"""Webhooks as the state has them: whose end is still to be told, to where, and what came of each attempt."""

import json
import math
import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Event
from typing import TypedDict

from attrs import frozen

from omniflash_sandbox.clock import MICROSECONDS, Clock, iso
from omniflash_sandbox.jobs import Job, Jobs, Phase, job_from
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.store import Store
from omniflash_sandbox.switches import Switches

KEPT = 5_000  # deliveries; the older ones go

# fal, webhooks (an older page): "10 times over 2 hours". That each wait is twice the one before is an assumption, and
# so is the whole table for PixelDojo, of whose webhooks no document says more than their URL.
ATTEMPTS_S = (0, 7, 21, 49, 106, 218, 443, 894, 1_795, 3_598, 7_200)
"""When a job's end is told: seconds of the job after its end, the next only if the one before was not acknowledged."""

TIMEOUT_S = 15.0  # fal, webhooks: for the first attempt; for the others too, as an older page has it
LOST_S = 2 * TIMEOUT_S
"""Wall time after which an attempt is taken to have ended with its server: so long may one take to connect and wait."""

OPEN = """
SELECT jobs.job, next FROM webhooks JOIN jobs ON id = webhooks.job WHERE next IS NOT NULL AND busy_until <= ? ORDER BY n
"""
TAKE = "UPDATE webhooks SET next = ?, busy_until = ? WHERE job = ? AND next = ? AND busy_until <= ?"
LATE_S = 60.0
DELAYS: Mapping[str, float] = {"late": LATE_S}
"""By how much a delivery comes after its time, by the switch `webhooks.delivery`."""


class WebhookDelivery(TypedDict):
    """One attempt to tell a job's end.

    `url` is without its user and its query, which may hold secrets. `status` is what the receiver answered, None where
    nothing was sent or nothing came back; `reason` says why it does not count as told, None where it does.
    """

    n: int
    at: str
    provider: str
    job: str
    url: str
    attempt: int
    body: JSON
    status: int | None
    reason: str | None


@frozen
class Due:
    """The end of a job that is to be told when the job is `age` seconds old: for the `n`-th time, counted from 0."""

    job: Job
    n: int
    age: float

    @property
    def date(self) -> datetime:
        return self.job.start.date(self.age)


@frozen
class Errand:
    """One attempt that somebody has taken on. `era` is how often the sandbox had been reset by then.

    `busy_until` is the wall time, in microseconds, up to which it keeps the next one from starting; 0 for one that is
    outside of their order.
    """

    job: Job
    attempt: int
    era: int
    busy_until: int = 0


class Webhooks:
    """The webhooks of a state. Several servers may send them: each attempt is taken on by one, and the next waits."""

    def __init__(self, store: Store, clock: Clock, jobs: Jobs, switches: Switches) -> None:
        self._store, self._clock, self._jobs, self._switches = store, clock, jobs, switches
        self._again: deque[Job] = deque()
        self._under_way: Errand | None = None
        self._era = 0
        self.bell = Event()
        """Rung whenever something may have become due."""

    def expect(self, job: Job) -> None:
        """From now on the job's end is to be told, if it has somebody to tell it to."""
        if job.webhook:
            self._store.run("INSERT INTO webhooks (job) VALUES (?)", job.id)
            self.bell.set()

    def repeat(self, job_id: str) -> None:
        """Tells a job's end once more, now; raises ValueError where there is nobody to tell, or nothing yet."""
        job = self._jobs.find(job_id)
        if job is None or job.webhook is None:
            raise ValueError(f"there is no job {job_id!r} with a webhook")
        if job.phase(self._clock.since(job.start)) is not Phase.OVER:
            raise ValueError(f"job {job_id!r} is not over")
        self._again.append(job)
        self.bell.set()

    def errands(self) -> Iterator[Errand]:
        """All that is to be told by now, in the order of time, each taken on as it is yielded."""
        while self._again:
            yield self._taken_on(self._again.popleft())
        while due := self._due():
            for each in due:
                if busy_until := self._took(each):
                    self._under_way = self._taken_on(each.job, busy_until)
                    yield self._under_way

    def seconds_left(self) -> float:
        """Seconds of wall time until something becomes due by itself; endless where nothing does."""
        running = (due for due in self._open() if due.job.start.speed)
        left = ((due.age - self._clock.since(due.job.start)) / due.job.start.speed for due in running)
        return min((max(0.0, seconds) for seconds in left), default=math.inf)

    def _due(self) -> list[Due]:
        open_now = [due for due in self._open() if due.age <= self._clock.since(due.job.start)]
        return sorted(open_now, key=lambda due: due.date)

    def _open(self) -> Iterator[Due]:
        how = self._switches["webhooks.delivery"]
        for text, n in self._store.rows(OPEN, self._clock.start().wall) if how != "held" else ():
            job = job_from(text)
            yield Due(job, int(n), job.over_s + ATTEMPTS_S[int(n)] + DELAYS.get(how, 0.0))

    def _took(self, due: Due) -> int | None:
        """Until when the attempt keeps the next from starting; None where another server took it.

        The next is set before this one is made: a server that is killed meanwhile loses none.
        """
        later = due.n + 1 if due.n + 1 < len(ATTEMPTS_S) else None
        now = self._clock.start().wall
        busy_until = now + round(LOST_S * MICROSECONDS)
        return busy_until if self._store.run(TAKE, later, busy_until, due.job.id, due.n, now) == 1 else None

    def _taken_on(self, job: Job, busy_until: int = 0) -> Errand:
        with self._store.writing():
            self._store.run("UPDATE webhooks SET attempts = attempts + 1 WHERE job = ?", job.id)
            rows = self._store.rows("SELECT attempts FROM webhooks WHERE job = ?", job.id)
        return Errand(job, int(rows[0][0]) if rows else 0, self._era, busy_until)

    def again(self, errand: Errand) -> Errand | None:
        """The duplicate of what was told, if the switch asks for one."""
        return self._taken_on(errand.job) if self._switches["webhooks.delivery"] == "twice" else None

    def told(self, errand: Errand, body: JSON, status: int | None, reason: str | None, *, final: bool) -> None:
        """Writes an attempt down. A `final` one is the last."""
        with self._store.writing():
            if errand.era != self._era:
                return
            if final:
                self._store.run("UPDATE webhooks SET next = NULL WHERE job = ?", errand.job.id)
            self._free(errand)
            self._write(errand, body, status, reason)

    def give_up(self) -> None:
        """Nobody will say any more what came of the attempt that is under way: the next need not wait for it."""
        if self._under_way:
            self._free(self._under_way)

    def _free(self, errand: Errand) -> None:
        """The next attempt may start, unless another server has started it already."""
        self._store.run(
            "UPDATE webhooks SET busy_until = 0 WHERE job = ? AND busy_until = ?", errand.job.id, errand.busy_until
        )

    def _write(self, errand: Errand, body: JSON, status: int | None, reason: str | None) -> None:
        ((n,),) = self._store.rows("SELECT coalesce(max(n), 0) + 1 FROM deliveries")
        delivery = WebhookDelivery(
            n=int(n),
            at=iso(self._clock.now()),
            provider=errand.job.provider,
            job=errand.job.id,
            url=bare(str(errand.job.webhook)),
            attempt=errand.attempt,
            body=body,
            status=status,
            reason=reason,
        )
        self._store.run("INSERT INTO deliveries VALUES (?, ?)", n, json.dumps(delivery))
        self._store.run("DELETE FROM deliveries WHERE n <= ?", int(n) - KEPT)

    def deliveries(self) -> list[WebhookDelivery]:
        """Every attempt, the earliest first."""
        return [json.loads(str(text)) for (text,) in self._store.rows("SELECT delivery FROM deliveries ORDER BY n")]

    def forget(self) -> None:
        """What is under way when the sandbox is reset is not written down any more."""
        self._again.clear()
        self._era += 1


def bare(url: str) -> str:
    return re.sub("[?#].*", "", re.sub("//[^/?#]*@", "//", url, count=1))
