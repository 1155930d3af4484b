"""`python -m tests.chaos`: real processes and sockets against the sandbox, whose bill is the judge.

Prints what came of the jobs, ours and fal_client's, and ends with an error if omniflash lost one or paid for one twice,
if a broken client was not caught, or if a fault that the sandbox knows never struck.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from tests.chaos.every_write import Moment, every_write
from tests.chaos.ground import Ground, ground
from tests.chaos.judge import Verdict
from tests.chaos.schedule import begin
from tests.chaos.sides import Ours, Theirs
from tests.chaos.storm import Side, storm
from tests.chaos.trial import TROUBLES, trial
from tests.chaos.worker import SOUND

FULL = 500
AT_PIXELDOJO = 0.2  # of the jobs, besides
WAYS = (("fal", "threads"), ("pixeldojo", "tasks"))
FEW = 100  # jobs; with fewer, not every fault has its turn
COLUMNS: Mapping[str, Callable[[Verdict], int]] = {
    "asked": lambda verdict: verdict.asked,
    "accepted": lambda verdict: verdict.accepted,
    "billed": lambda verdict: verdict.billed,
    "delivered": lambda verdict: verdict.delivered,
    "failed at the vendor": lambda verdict: verdict.without_clip,
    "uncertain": lambda verdict: verdict.settled.total,
    "settled as accepted": lambda verdict: verdict.settled.accepted,
    "settled as never accepted": lambda verdict: verdict.settled.never,
    "lost": lambda verdict: len(verdict.lost),
    "billed twice": lambda verdict: len(verdict.twice),
}


def say(*words: object) -> None:
    print(*words, flush=True)


@frozen
class Run:
    """One side's way through the storm, as a line of the table."""

    name: str
    side: Side
    provider: str
    jobs: int
    deadly: bool = True

    def through(self, here: Ground, seed: int) -> tuple[Verdict, list[str]]:
        """What came of it, and what is wrong: with our clients, or with the storm."""
        started = time.perf_counter()
        made = storm(here, self.side, self.provider, seed, self.jobs)
        made.deadly = self.deadly
        names = begin(here.sandbox, self.provider, seed, self.jobs)
        verdict = made.run()
        say(
            f"{self.name}: {self.jobs} jobs, {here.faults.total()} faults of {len(here.faults)} kinds, processes ended"
            f" {made.kills} times, in {time.perf_counter() - started:.0f} s"
        )
        if not isinstance(self.side, Ours):
            return verdict, []
        never = sorted(names - here.faults.keys()) if self.jobs >= FEW else []
        wrong = [*verdict.lost, *verdict.twice, *(f"no {fault} ever struck" for fault in never)]
        return verdict, [f"{self.name}: {told}" for told in wrong]


def runs(jobs: int) -> tuple[Run, ...]:
    return (
        Run("omniflash, fal", Ours(), "fal", jobs),
        Run("omniflash, PixelDojo", Ours(), "pixeldojo", max(1, int(jobs * AT_PIXELDOJO))),
        Run("fal_client, fal", Theirs(), "fal", jobs),
        Run("fal_client, fal, never killed", Theirs(), "fal", jobs, deadly=False),
    )


def moments() -> Iterator[str]:
    """One job's life ended at every write, in each way; what is wrong."""
    with ThreadPoolExecutor() as threads:
        for (provider, way), seen in zip(WAYS, threads.map(ended_everywhere, WAYS), strict=True):
            wrong = [moment for moment in seen if not moment.verdict.kept]
            accepted = sum(moment.verdict.accepted for moment in seen)
            uncertain = sum(moment.verdict.settled.total for moment in seen)
            say(
                f"every write, {provider} by {way}: killed at {len(seen) - 1} moments, accepted {accepted} of"
                f" {len(seen)} jobs, uncertain {uncertain}, lost or billed twice {len(wrong)}"
            )
            yield from (f"every write, moment {moment.number}: {moment.verdict}" for moment in wrong)


def ended_everywhere(way: tuple[str, str]) -> list[Moment]:
    with ground(zygotes=1) as here:
        return list(every_write(here, *way))


def caught() -> Iterator[str]:
    """The broken clients that the judge has nothing against, and what it has against the sound one in their trials."""
    with ground(zygotes=1) as here:
        for name, trouble in TROUBLES.items():
            found, against_ours = trial(here, name, trouble), trial(here, SOUND, trouble)
            say(f"a client that {name}: {'caught, ' + found[-1] if found else 'NOT CAUGHT'}")
            yield from [] if found else [f"a client that {name} was not caught"]
            yield from (f"omniflash, where a client fails that {name}: {told}" for told in against_ours)


def table(verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """A Markdown table, one line for each side."""
    yield f"| | {' | '.join(COLUMNS)} |"
    yield f"|---|{'---:|' * len(COLUMNS)}"
    for name, verdict in verdicts.items():
        yield f"| {name} | {' | '.join(str(count(verdict)) for count in COLUMNS.values())} |"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=FULL, help="of each side; another fifth for PixelDojo")
    told = parser.parse_args(arguments)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # a vendor that goes away breaks answers off
    say(f"seed {told.seed}, {time.strftime('%Y-%m-%d')}")
    verdicts: dict[str, Verdict] = {}
    wrong: list[str] = []
    with ground("tests.chaos.fal_client_run") as here:
        for run in runs(told.jobs):
            verdicts[run.name], problems = run.through(here, told.seed)
            wrong += problems
    wrong += [*moments(), *caught()]
    say("\n".join(table(verdicts)))
    for problem in wrong:
        say(f"WRONG: {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
