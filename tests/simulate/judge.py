"""The judge: holds what is left after recovery beside the vendors' bill, which alone says who paid how often."""

from collections import Counter
from collections.abc import Iterator

from attrs import frozen

from omniflash.errors import Money
from omniflash.jobs import State
from omniflash.money.records import OrderState, Record
from tests.simulate.driver import Driver, Universe
from tests.simulate.people import Desk, Told, Wish
from tests.simulate.vendor import Made

NEAR = 1e-6  # seconds: sums of floats
FREE = ("failed", "rejected", "empty")
GRAVEST = ("billed twice", "lost", "id lost", "half a file", "not delivered")  # told first, the others in their order
UNSUCCESSFUL = (State.FAILED, State.CANCELLED)


@frozen
class Breach:
    """A promise that was not kept: its `name`, and what happened."""

    name: str
    told: str

    def __str__(self) -> str:
        return f"{self.name}: {self.told}"


@frozen
class Verdict:
    """What came of a run: each wish's fate, counted, how many orders were `asked` for, and every breach."""

    fates: Counter[str]
    asked: int
    breaches: tuple[Breach, ...]


def judged(universe: Universe, desk: Desk) -> Verdict:
    """The verdict on a run that is over."""
    records = universe.ledger.records()
    breaches = [Breach(name, told) for name, told in universe.breaches]
    fates: Counter[str] = Counter()
    for wish in desk.wishes:
        jobs = universe.network.vendors.on_the_bill(wish.prompt, universe.schedule.now)
        own = [record for record in records if record.request.prompt == wish.prompt]
        fate = fate_of(universe, wish, jobs, own)
        if isinstance(fate, Breach):
            breaches.append(fate)
        else:
            fates[fate] += 1
        breaches += misled(desk.told, wish, jobs, universe.schedule.now)
    for driver in desk.drivers:
        breaches += hurried(driver)
    breaches += [Breach("a key where none belongs", url) for url in universe.network.vendors.leaks]
    return Verdict(fates, len(records), tuple(sorted(breaches, key=_gravity)))


def _gravity(breach: Breach) -> int:
    return GRAVEST.index(breach.name) if breach.name in GRAVEST else len(GRAVEST)


def fate_of(universe: Universe, wish: Wish, jobs: list[Made], records: list[Record]) -> str | Breach:
    """What became of a wish, as its vendor, the ledger and the disk tell together."""
    billed = [job for job in jobs if job.billed(universe.schedule.now)]
    if len(billed) > 1:
        return Breach("billed twice", f"{wish.name}: {', '.join(job.handle for job in billed)}")
    uncertain = any(record.state is OrderState.UNCERTAIN for record in records)
    if not jobs:
        return _without_job(wish, records, uncertain=uncertain)
    job = (billed or jobs)[-1]  # one that failed unbilled may have another in its place
    known = next((record for record in records if record.job and record.job.handle == job.handle), None)
    if known is not None:
        return _of_job(universe, wish, job, known)
    states = ", ".join(record.state for record in records) or "nothing"
    return "uncertain" if uncertain else Breach("lost", f"{job.handle} is billed, and the ledger says {states}")


def _without_job(wish: Wish, records: list[Record], *, uncertain: bool) -> str | Breach:
    if uncertain:
        return "uncertain"
    claimed = [record.state for record in records if record.state is not OrderState.REFUSED]
    if claimed:
        return Breach("made up", f"{wish.name}: no vendor has such a job, and the ledger says {', '.join(claimed)}")
    return "refused" if records else "never begun"


def _of_job(universe: Universe, wish: Wish, job: Made, record: Record) -> str | Breach:
    if record.state not in (OrderState.ACCEPTED, OrderState.FINISHED):
        return Breach("lost", f"{job.handle} is billed, and the ledger says {record.state}")
    if not job.billed(universe.schedule.now):
        told = record.outcome in UNSUCCESSFUL
        return "failed unbilled" if told else Breach("made up", f"{job.handle} came to nothing, told: {record.outcome}")
    if universe.disk.files.get(wish.target) == job.content:
        return "delivered"
    if record.state is OrderState.ACCEPTED and not job.over(universe.schedule.now):
        return "running"
    return Breach("not delivered", f"{job.handle} is paid for, and {wish.target} is not there; told: {record.told}")


def misled(told: list[Told], wish: Wish, jobs: list[Made], now: float) -> Iterator[Breach]:
    """Whoever was told that nothing was spent, and it was. Under a key others may have spent it."""
    for one in told:
        free = one.error is not None and one.error.money is Money.NO
        if one.wish == wish and wish.key is None and free and any(job.billed(now) and job.at <= one.at for job in jobs):
            yield Breach("told that nothing was spent", f"{wish.name}: {one.error}")


def hurried(driver: Driver) -> Iterator[Breach]:
    """Whoever sent more requests than an account's pace allows."""
    for name, sent in driver.turns.items():
        pace = driver.accounts[name].pace
        if pace is None:
            continue
        for first, last in zip(sent, sent[pace.requests :], strict=False):
            if last - first < pace.seconds - NEAR:
                yield Breach("too fast", f"{driver.name}: more than {pace} to {name}")
                break
