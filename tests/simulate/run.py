"""One run: a seed or a history, told from the first wish to the verdict."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from uuid import uuid4

from attrs import define, field, frozen

from omniflash.money.ledger import Ledger
from omniflash.money.tables import metadata, version_table
from omniflash.money.writers import ABANDONED
from tests.simulate.driver import Universe
from tests.simulate.history import Chance, History, shortest
from tests.simulate.judge import Verdict, judged
from tests.simulate.network import Network
from tests.simulate.people import Desk, scene
from tests.simulate.vendor import Vendors
from tests.simulate.world import Disk, Endless, Schedule


@frozen
class Run:
    """What happened: the `history` that tells it again, the verdict, and figures."""

    history: History
    verdict: Verdict
    accepted: int
    billed: int
    settled: int
    calls: int = field(default=0)

    @property
    def breach(self) -> str | None:
        """The name of the first promise that was not kept."""
        return self.verdict.breaches[0].name if self.verdict.breaches else None


@define
class Book:
    """A real ledger in memory, for run after run: emptied in between, and of the time of the one that goes on."""

    ledger: Ledger = field(init=False)
    now: Callable[[], datetime] = field(init=False)
    dead: set[str] = field(init=False, factory=set)
    _inside: sqlite3.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        name = f"file:/omniflash-{uuid4()}?vfs=memdb"  # in memory, and the same for all connections
        self._inside = sqlite3.connect(name, uri=True, isolation_level=None)
        self.ledger = Ledger(f"sqlite:///{name}&uri=true", now=lambda: self.now(), gone=self._is_gone)

    def _is_gone(self, holder: str) -> bool:
        return holder.rpartition("/")[2].partition(".")[0] in self.dead

    def emptied(self, schedule: Schedule) -> Ledger:
        """The ledger with nothing in it."""
        self.now = schedule.wall
        self.dead.clear()
        for table in reversed(metadata.sorted_tables):
            if table is not version_table:
                self._inside.execute(f"DELETE FROM {table.name}")
        return self.ledger

    def close(self) -> None:
        self.ledger.close()
        self._inside.close()


@contextmanager
def opened() -> Iterator[Book]:
    """A ledger, as long as the block lasts."""
    with closing(Book()) as book:
        yield book


def run(source: int | History, book: Book) -> Run:
    """Run a seed or a history, over a ledger that is emptied first."""
    chance = Chance.of(source)
    schedule = Schedule(chance)
    ledger = book.emptied(schedule)
    network = Network(chance, schedule, Vendors(chance))
    universe = Universe(chance, schedule, network, Disk(chance), ledger, [], book.dead)
    desk = Desk(universe, scene(chance))
    try:
        desk.open()
        schedule.run()
        _later(chance, schedule)
        desk.recover()
        schedule.run()
    except Endless as problem:
        universe.breaches.append(("endless", str(problem)))
    jobs = network.vendors.jobs.values()
    return Run(
        history=tuple(chance.taken),
        verdict=judged(universe, desk),
        accepted=len(jobs),
        billed=sum(job.billed(schedule.now) for job in jobs),
        settled=desk.settled,
        calls=network.calls,
    )


def _later(chance: Chance, schedule: Schedule) -> None:
    """Every message has arrived or is lost, and what was under way has been for so long that it counts as abandoned."""
    chance.calm()
    schedule.wall()
    schedule.jumped = schedule.latest - schedule.now + 2 * ABANDONED.total_seconds()


def shrunk(found: Run, book: Book) -> Run:
    """The shortest run in which the same promise is not kept."""
    best = found

    def again(history: History) -> History | None:
        nonlocal best
        tried = run(history, book)
        if tried.breach != found.breach:
            return None
        best = tried if len(tried.history) <= len(best.history) else best
        return tried.history

    shortest(found.history, again)
    return best
