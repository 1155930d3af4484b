"""A fuzz run: numbered inputs on all cores, each from a seed and its number alone, counted, and shown where one fails.

`--seed N` and `--inputs N` say which; `--only I` makes the input with that number again, and nothing else.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from random import Random

from attrs import define, field, frozen

CHUNK = 2_000
MOST_SHOWN = 5


@frozen
class Tried:
    """What came of one input: its outcome, what had been done to it, and what is wrong with that, if anything is."""

    outcome: str
    kinds: tuple[str, ...]
    wrong: str | None = None


Target = Callable[[Random], Tried]
"""Makes one input from the chance it is given, and tries it."""


def chance(seed: int, number: int) -> Random:
    """The chance of one input, the same on every machine."""
    return Random(f"{seed}/{number}")


@define
class Count:
    """Inputs by outcome and by kind, and the wrong ones in words."""

    outcomes: Counter[str] = field(factory=Counter)
    kinds: Counter[str] = field(factory=Counter)
    wrong: list[str] = field(factory=list)

    def add(self, seed: int, number: int, tried: Tried) -> None:
        self.outcomes[tried.outcome] += 1
        self.kinds.update(tried.kinds)
        if tried.wrong is not None:
            self.wrong.append(f"--seed {seed} --only {number}: {tried.wrong}")

    def join(self, other: "Count") -> None:
        self.outcomes += other.outcomes
        self.kinds += other.kinds
        self.wrong += other.wrong


def tried(target: Target, seed: int, numbers: Iterable[int]) -> Count:
    """Some inputs, one after another."""
    count = Count()
    for number in numbers:
        count.add(seed, number, target(chance(seed, number)))
    return count


def first_wrong(target: Target, seed: int, inputs: int) -> int | None:
    """How many inputs it takes until one is wrong, or None where none of them is."""
    return next((number + 1 for number in range(inputs) if target(chance(seed, number)).wrong), None)


def everything(target: Target, seed: int, inputs: int, processes: int) -> Count:
    """All inputs, on several processes; no more are begun once some are wrong."""
    total = Count()
    chunks = iter([range(begin, min(begin + CHUNK, inputs)) for begin in range(0, inputs, CHUNK)])
    with ProcessPoolExecutor(processes) as pool:
        while not total.wrong and (batch := list(islice(chunks, 8 * processes))):
            for count in pool.map(partial(tried, target, seed), batch):
                total.join(count)
    return total


def report(name: str, count: Count, took: float) -> None:
    inputs = count.outcomes.total()
    print(f"{name}: {inputs:,} inputs in {took:.0f} s, {inputs / took:,.0f} a second")
    for title, counter in (("outcome", count.outcomes), ("kind", count.kinds)):
        for key, times in sorted(counter.items()):
            print(f"{name}: {title} {times:>9,}  {key}")


def main(name: str, target: Target, arguments: Sequence[str] = sys.argv[1:]) -> None:
    """The command line of a fuzz script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--only", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    told = parser.parse_args(arguments)
    begin = time.perf_counter()
    if told.only is not None:
        count = tried(target, told.seed, [told.only])
    else:
        count = everything(target, told.seed, told.inputs, told.processes)
    report(name, count, time.perf_counter() - begin)
    if count.wrong:
        raise SystemExit("\n".join([f"{name}: {len(count.wrong)} wrong", *count.wrong[:MOST_SHOWN]]))
