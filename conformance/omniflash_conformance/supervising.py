"""Runs providers beside each other, each in a process of its own, and makes the report of what they tell.

A process that hangs in a case or ends in one is told as that case's finding; the rest goes on in a new process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from queue import Empty, Queue
from threading import Thread
from typing import TypeAlias

from attrs import define, field

from omniflash.codec import from_plain
from omniflash.spec import Mode

from .case import Profile, cases
from .choosing import HELD_TO, SPEC, Options, again, check, chosen
from .exemptions import Exemption, applied
from .grounds.choice import server
from .report import Column, Report, Result, standings
from .runner import tasks
from .stamps import Stamps
from .verdicts import Verdict
from .worker import Claimed, Job, Line, written

Watcher: TypeAlias = Callable[[str, Result], None]
OVER = ""  # what a worker's end is in the queue of its lines
STARTING_S = 120.0  # of patience for a worker that has to be loaded, which is no stranger's doing
LEAVING_S = 5.0  # and for one that has told its last line
FIRST = "before its first case"


@define
class Watched:
    """What is known of one provider so far."""

    provider: str
    options: Options
    watcher: Watcher
    claimed: Claimed = field(factory=Claimed)
    failure: str = ""
    results: list[Result] = field(factory=list)
    begun: str | None = None
    stopped: bool = False
    worker: "subprocess.Popen[str] | None" = None

    def run(self) -> None:
        """All cases, in as many processes as it takes."""
        while not self.stopped and self._one_process():
            pass

    def stop(self) -> None:
        """Have what is running ended, and nothing begun any more."""
        self.stopped = True
        if self.worker:
            self.worker.kill()

    def _one_process(self) -> bool:
        """Whether another one is needed: this one came to an end in the middle of a case."""
        self.begun, patience_s = None, STARTING_S
        done = tuple(" ".join(filter(None, result.key)) for result in self.results)
        with _process(Job(self.provider, self.options, done)) as worker, _ended(worker):
            self.worker = worker
            heard = _heard(worker)
            while True:
                try:
                    text = heard.get(timeout=patience_s)
                except Empty:
                    return self._gone(f"did not come back within {patience_s:g} s")
                if text == OVER:
                    return self._gone("ended the process that it ran in")
                patience_s = self.options.patience_s
                if self._told(from_plain(json.loads(text), Line, "a worker's line")):
                    return False

    def _told(self, line: Line) -> bool:
        """Take in a line; answers whether it is the last one."""
        if line.begun:
            self.begun = line.begun.task
        if line.claimed:
            self.claimed = line.claimed
        if line.result:
            self._add(line.result)
        if line.failed:
            self.failure = line.failed.why
        return line.over

    def _gone(self, said: str) -> bool:
        if self.begun is None or any(self.begun == " ".join(filter(None, r.key)) for r in self.results):
            self.failure = f"the process of {self.provider} {said} {'in no case' if self.results else FIRST}"
            return False
        id_, _, mode = self.begun.partition(" ")
        case, of = cases()[id_], Mode(mode) if mode else None
        self._add(
            Result(
                case=id_,
                verdict=Verdict.BROKEN,
                title=case.title,
                mode=of,
                profile=case.profile_in(of),
                said=f"it {said}",
                again=again(self.provider, id_, self.options.words),
            )
        )
        return True

    def _add(self, result: Result) -> None:
        self.results.append(result)
        self.begun = None
        self.watcher(self.provider, result)

    def column(self, exemptions: Iterable[Exemption], stamps: Stamps) -> Column:
        """What was found, with what is exempt and when each last held live."""
        today = datetime.now(UTC).date()
        results = tuple(applied(result, self.provider, exemptions, today) for result in self.results)
        return stamps.on(
            Column(
                name=self.provider,
                package=self.claimed.package,
                version=self.claimed.version,
                results=results,
                profiles=standings(results, self.claimed.profiles, self._left_out()),
                failure=self.failure,
            )
        )

    def _left_out(self) -> frozenset[Profile]:
        """The profiles of which some case was not even chosen, or not come to."""
        seen = {result.key for result in self.results}
        every = tasks(case for case in cases().values() if case.subject in HELD_TO[self.provider == SPEC])
        return frozenset(case.profile_in(mode) for case, mode in every if (case.id, mode or "") not in seen)


def _process(job: Job) -> "subprocess.Popen[str]":
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "omniflash_conformance.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C is for the supervisor alone
    )
    if worker.stdin:
        worker.stdin.write(json.dumps(written(job)) + "\n")
        worker.stdin.close()
    return worker


@contextmanager
def _ended(worker: "subprocess.Popen[str]") -> Iterator[None]:
    """A worker that is gone when this is over, whatever a stranger's threads are still at."""
    try:
        yield
        worker.wait(LEAVING_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        worker.kill()


def _heard(worker: "subprocess.Popen[str]") -> "Queue[str]":
    heard: Queue[str] = Queue()

    def listen() -> None:
        for text in worker.stdout or ():
            heard.put(text)
        heard.put(OVER)

    Thread(target=listen, daemon=True, name="omniflash-conformance").start()
    return heard


def supervised(
    providers: Sequence[str],
    options: Options,
    *,
    exemptions: Iterable[Exemption] = (),
    stamps: Stamps | None = None,
    watcher: Watcher = lambda provider, result: None,
) -> Report:
    """The report of a run. `watcher` is called with each result, from several threads.

    Raises ConfigurationError for options that name what there is not.
    """
    check(options)
    exempt, known = tuple(exemptions), stamps or Stamps()
    asked = [name for name in (SPEC, *providers) if chosen(options, *HELD_TO[name == SPEC])]
    watched = [Watched(name, options, watcher) for name in asked]
    _run(watched)
    return Report(
        made_at=datetime.now(UTC),
        omniflash=version("omniflash"),
        ground=options.ground.value,
        server="; ".join(dict.fromkeys(filter(None, (one.claimed.server for one in watched)))) or server(options),
        seed=options.seed,
        examples=options.examples,
        columns=tuple(one.column(exempt, known) for one in watched),
    )


def _run(watched: Sequence[Watched]) -> None:
    """Run them beside each other; who is interrupted leaves nobody running."""
    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        running = [pool.submit(one.run) for one in watched]
        try:
            for each in running:
                each.result()
        except BaseException:
            for one in watched:
                one.stop()
            raise
