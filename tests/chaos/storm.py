"""The first part: jobs under a seeded mix of faults, made by processes that are killed at random moments."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from random import Random
from threading import Thread
from typing import Protocol

from attrs import define, field

from tests.chaos.asked import Asked, asked
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict
from tests.chaos.settling import Settled
from tests.chaos.zygote import Zygote

LIVES = 4  # of each process in a round, before its user settles what is uncertain
SHORTEST_LIFE_S, SHORT_LIFE_S, LONG_LIFE_S = 0.05, 0.7, 2.0
FEW = 30  # jobs
LONGER_AFTER = 5  # rounds, lives may be twice as long: what takes its time has to come to an end too
ROUNDS = 60
CONTESTED_EVERY = 8  # so many jobs are asked for by both processes at once
INTERRUPTED = 0.25  # of the ends are a Ctrl-C, where that ends a process
RESTARTED, DOWN_S = 0.3, 0.1  # so many rounds see the vendor go away, for so long
STOPPED = frozenset({0, 130, -signal.SIGKILL, -signal.SIGINT})


class Side(Protocol):
    """Who makes the jobs: the function that its processes run, and what its user still knows after they were killed."""

    @property
    def function(self) -> str: ...
    @property
    def keyed(self) -> bool:
        """Whether a job has a key, so that two processes may ask for it at once."""
        ...

    def given(self, chance: Random) -> Mapping[str, object]:
        """What one process is given beside the ground; where its `way` is by tasks, it may be ended by Ctrl-C."""
        ...

    def settle(self, ground: Ground) -> Settled: ...
    def out_of_reach(self, ground: Ground) -> frozenset[str]: ...
    def missing(self, ground: Ground, wanted: Sequence[Asked]) -> frozenset[str]: ...
    def verdict(self, storm: "Storm") -> Verdict: ...


@define
class Storm:
    """One run over some jobs. `settled` is what the user found so far, `lost` what was ever out of reach.

    Where it is not `deadly`, faults strike, and nobody kills a process.
    """

    ground: Ground
    side: Side
    provider: str
    seed: int
    wanted: Sequence[Asked]
    longest_life_s: float
    deadly: bool = True
    settled: Settled = field(factory=Settled)
    lost: frozenset[str] = frozenset()
    ends: list[int] = field(factory=list)
    rounds: int = 0

    @property
    def kills(self) -> int:
        return sum(code != 0 for code in self.ends)

    def run(self) -> Verdict:
        """Round after round until every job is over."""
        for self.rounds in range(1, ROUNDS + 1):
            self._round()
            self.lost |= self.side.out_of_reach(self.ground)
            if not self.side.missing(self.ground, self.wanted):
                break
            self.settled += self.side.settle(self.ground)
        if wrong := set(self.ends) - STOPPED:
            raise RuntimeError(f"a process ended by itself with {wrong}: its traceback stands above")
        return self.side.verdict(self)

    def _round(self) -> None:
        lives = [Thread(target=self._lives, args=(place, one)) for place, one in enumerate(self.ground.zygotes)]
        chance = Random(f"{self.seed}/{self.rounds}")
        for life in lives:
            life.start()
        if self.deadly and chance.random() < RESTARTED:
            time.sleep(chance.uniform(0, self.longest_life_s))
            self.ground.sandbox.restart(down_s=DOWN_S)
        for life in lives:
            life.join()
        self.ground.quiet()

    def _lives(self, place: int, zygote: Zygote) -> None:
        mine = [one.number for one in self.wanted if one.number % 2 == place or self._contested(one)]
        for life in range(LIVES if self.deadly else 1):
            seed = f"{self.seed}/{self.rounds}/{place}/{life}"
            chance = Random(seed)
            given = self.side.given(chance)
            told = {**self.ground.given, **given, "provider": self.provider, "numbers": mine, "seed": seed}
            process = zygote.start(self.side.function, told)
            interrupted = given.get("way") == "tasks" and chance.random() < INTERRUPTED
            stop = signal.SIGINT if interrupted else signal.SIGKILL
            longest = self.longest_life_s * (1 + self.rounds / LONGER_AFTER)
            length = chance.uniform(SHORTEST_LIFE_S, longest) if self.deadly else None
            self.ends.append(stopped(zygote, process, length, stop))

    def _contested(self, one: Asked) -> bool:
        return self.side.keyed and one.number % CONTESTED_EVERY == 0


def stopped(zygote: Zygote, process: int, after_s: float | None, stop: signal.Signals) -> int:
    """How a process ended, which was stopped if it was not over by then."""
    codes: list[int] = []
    waiting = Thread(target=lambda: codes.append(zygote.ended()))
    waiting.start()
    waiting.join(after_s)
    if waiting.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process, stop)
    waiting.join()
    return codes[0]


def storm(ground: Ground, side: Side, provider: str, seed: int, jobs: int) -> Storm:
    """A storm over so many jobs, on an empty ground; where they are few, no process lives long."""
    ground.clear()
    wanted = [asked(number, provider, ground.folder) for number in range(jobs)]
    return Storm(ground, side, provider, seed, wanted, LONG_LIFE_S if jobs > FEW else SHORT_LIFE_S)
