"""The bill: one line for each accepted job, and the judge of who paid how often."""

from decimal import Decimal
from typing import TypedDict

from attrs import evolve

from omniflash_sandbox.clock import Clock, iso
from omniflash_sandbox.jobs import Bill, Job, Jobs, Phase, job_from
from omniflash_sandbox.store import Store


class Line(TypedDict):
    """One accepted job on the bill.

    `amount`, in `unit`, and `usd` are decimal numbers as text; `state` is billed or refunded; `digest` is that of the
    request: two billed lines with the same digest are one request paid twice.
    """

    provider: str
    account: str
    job: str
    mode: str
    amount: str
    unit: str
    usd: str
    accepted_at: str
    state: str
    digest: str


class Total(TypedDict):
    """A provider's jobs: how many were accepted, billed and refunded, and what the billed ones come to."""

    accepted: int
    billed: int
    refunded: int
    usd: str


class Ledger:
    """What every account owes. It holds nothing of its own: a line is a view of a job."""

    def __init__(self, store: Store, jobs: Jobs, clock: Clock) -> None:
        self._store, self._jobs, self._clock = store, jobs, clock

    def lines(self) -> list[Line]:
        """One line for each job, in the order of acceptance."""
        self.settle()
        return [_line(job_from(text)) for (text,) in self._store.rows("SELECT job FROM jobs ORDER BY n")]

    def spent(self, provider: str, account: str) -> Decimal:
        """What an account has paid or owes, in the provider's own unit."""
        self.settle()
        amounts = self._store.rows(
            "SELECT amount, count(*) FROM jobs WHERE provider = ? AND account = ? AND state = ? GROUP BY amount",
            provider, account, Bill.BILLED,
        )  # fmt: skip
        return sum((Decimal(amount) * int(times) for amount, times in amounts), Decimal(0))

    def settle(self) -> None:
        """Refunds every job that is over and that nobody has to pay for."""
        with self._store.writing():
            for (text,) in self._store.rows("SELECT job FROM jobs WHERE state = 'billed' AND NOT paid"):
                job = job_from(text)
                if job.phase(self._clock.since(job.start)) is Phase.OVER:
                    self._jobs.keep(evolve(job, state=Bill.REFUNDED))


def totals(lines: list[Line]) -> dict[str, Total]:
    """What the lines come to, by provider."""
    providers = sorted({line["provider"] for line in lines})
    return {provider: _total([line for line in lines if line["provider"] == provider]) for provider in providers}


def _total(lines: list[Line]) -> Total:
    billed = [Decimal(line["usd"]) for line in lines if line["state"] == Bill.BILLED]
    refunded = len(lines) - len(billed)
    return Total(accepted=len(lines), billed=len(billed), refunded=refunded, usd=str(sum(billed, Decimal(0))))


def _line(job: Job) -> Line:
    return Line(
        provider=job.provider,
        account=job.account,
        job=job.id,
        mode=job.mode,
        amount=str(job.amount),
        unit=job.unit,
        usd=str(job.usd),
        accepted_at=iso(job.start.date()),
        state=job.state.value,
        digest=job.digest,
    )
