"""The simulator's command line: as many seeds as fit, then every broken client, which has to be caught.

`--seeds N` is how many at least, `--seconds T` for how long at least, `--seed S` the first one. `--only S` tells one
seed again: all of its history, and the shortest one where it breaks a promise.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from tests.simulate.counting import Tally, all_caught, everything, settle_down, tallied, told
from tests.simulate.run import opened, run


def report(tally: Tally, took: float) -> None:
    """Print what came of many runs."""
    faults = tally.faults.total()
    print(f"{tally.seeds:,} seeds in {took:.0f} s, {tally.seeds / took:.0f} a second; {faults:,} faults tried")
    for (kind, said), times in sorted(tally.faults.items()):
        print(f"    {times:>8,}  {kind}: {said}")
    for name, number in (*tally.figures.items(), *sorted(tally.fates.items()), *tally.breaches.items()):
        print(f"{number:>12,}  {name}")


def report_broken(processes: int) -> list[str]:
    """Print what caught each broken client; the names of those that nothing caught."""
    missed = []
    for one, found in all_caught(processes):
        if found is None:
            missed.append(one.name)
            continue
        print(f"a client that {one.name} is caught by seed {found.seed}: {found.run.breach}")
        print("\n".join(told(found.run)))
    return missed


def again(seed: int) -> Tally:
    """One seed, told whole."""
    with opened() as book:
        one = run(seed, book)
    print("\n".join([f"seed {seed}: {dict(one.verdict.fates)}", *told(one)]))
    return tallied(range(seed, seed + 1))


def main(arguments: Sequence[str] = sys.argv[1:]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    settle_down()
    begin = time.perf_counter()
    if asked.only is not None:
        tally, missed = again(asked.only), []
    else:
        tally = everything(asked.seed, asked.seeds, asked.seconds, asked.processes)
        report(tally, time.perf_counter() - begin)
        missed = report_broken(asked.processes)
    wrong = [str(failed) for failed in tally.failed] + [f"nothing caught a client that {name}" for name in missed]
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
