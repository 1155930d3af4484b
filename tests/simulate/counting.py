"""Many runs: counted on all cores, and every broken promise told as its shortest history."""

import gc
import logging
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count

from attrs import define, field, frozen

from tests.simulate.broken import BROKEN, Broken, Caught, catch
from tests.simulate.history import CONSTANT
from tests.simulate.judge import GRAVEST
from tests.simulate.run import Run, opened, run, shrunk

CHUNK = 50
SPENT = ("order",)  # no fault: whose turn it is
SEARCHED = 1_000


@frozen
class Failed:
    """A seed whose run broke a promise, and the shortest run that breaks the same."""

    seed: int
    shortest: Run

    def __str__(self) -> str:
        return "\n".join([f"--only {self.seed}: {self.shortest.verdict.breaches[0]}", *told(self.shortest)])


def told(one: Run) -> Iterator[str]:
    """A run's history, line by line."""
    yield from (f"    {decision}" for decision in one.history)


@define
class Tally:
    """What came of many runs: figures, fates of wishes, faults by kind, and broken promises."""

    seeds: int = 0
    figures: Counter[str] = field(factory=Counter)
    fates: Counter[str] = field(factory=Counter)
    faults: Counter[tuple[str, str]] = field(factory=Counter)
    breaches: Counter[str] = field(factory=lambda: Counter(dict.fromkeys(GRAVEST, 0)))
    failed: list[Failed] = field(factory=list)

    def add(self, one: Run) -> None:
        self.seeds += 1
        self.figures.update(asked=one.verdict.asked, accepted=one.accepted, billed=one.billed, settled=one.settled)
        self.figures.update(calls=one.calls)
        self.fates.update(one.verdict.fates)
        self.faults.update((d.kind, d.said) for d in one.history if d.kind not in (*CONSTANT, *SPENT))
        self.breaches.update(breach.name for breach in one.verdict.breaches)

    def join(self, other: "Tally") -> None:
        self.seeds += other.seeds
        self.figures.update(other.figures)
        self.fates.update(other.fates)
        self.faults.update(other.faults)
        self.breaches.update(other.breaches)
        self.failed += other.failed


def tallied(seeds: range) -> Tally:
    """Some seeds, one after another."""
    tally = Tally()
    with opened() as book:
        for seed in seeds:
            one = run(seed, book)
            tally.add(one)
            if one.breach:
                tally.failed.append(Failed(seed, shrunk(one, book)))
    return tally


def everything(first: int, least: int, seconds: float, processes: int) -> Tally:
    """At least so many seeds, and as many more as fit in so many seconds; no more once a promise was broken."""
    total, end = Tally(), time.monotonic() + seconds
    with ProcessPoolExecutor(processes, initializer=settle_down) as pool:
        for chunk in count(first, CHUNK * processes):
            begins = range(chunk, chunk + CHUNK * processes, CHUNK)
            for tally in pool.map(tallied, [range(begin, begin + CHUNK) for begin in begins]):
                total.join(tally)
            if total.failed or (total.seeds >= least and time.monotonic() >= end):
                break
    return total


def caught(one: Broken) -> Caught | None:
    """What catches a broken client first."""
    with opened() as book:
        return next(catch(one, range(SEARCHED), book), None)


def all_caught(processes: int) -> Iterator[tuple[Broken, Caught | None]]:
    """Every broken client, and what caught it."""
    with ProcessPoolExecutor(processes, initializer=settle_down) as pool:
        yield from zip(BROKEN, pool.map(caught, BROKEN), strict=True)


def settle_down() -> None:
    """Run faster: without log lines, and without looking through what stays for ever."""
    logging.getLogger("omniflash").setLevel(logging.CRITICAL)
    gc.collect()
    gc.freeze()
