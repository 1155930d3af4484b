"""The process that one provider's cases run in: what hangs, ends or prints there takes nobody else with it.

It is told what to do by one line of JSON, and tells each case before and after it is run by a line of its own.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOBase
from typing import TextIO

from attrs import evolve, frozen

from omniflash.adapter import Adapter
from omniflash.codec import from_json, plain, to_json, versioned
from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.errors import OmniflashError
from omniflash.spec import Subject
from omniflash.types import JSON

from .case import Case, Profile
from .choosing import SPEC, Options, chosen
from .grounds.choice import contract_for, stand
from .grounds.paper import PaperStand
from .report import Result
from .runner import Run, Task, claims, tasks
from .verdicts import Verdict

WELL_FORMED = "CAP-DECLARE-1"
NO_DECLARATION = f"its declaration is none: see {WELL_FORMED}"


@versioned("omniflash.conformance-job/1")
@frozen
class Job:
    """What a worker is to do: the cases of a provider, but for those that are `done`, by case and mode."""

    provider: str
    options: Options
    done: tuple[str, ...] = ()


@frozen
class Begun:
    """A case is about to be run."""

    task: str


@frozen
class Claimed:
    """Who the provider is, which profiles it claims, and who answers it, in words."""

    package: str = ""
    version: str = ""
    profiles: tuple[Profile, ...] = ()
    server: str = ""


@frozen
class Failed:
    """The provider cannot be looked at."""

    why: str


@frozen
class Line:
    """One line of a worker: just one of these is there. The first one says that it is `ready` to load the provider, the
    last one that it is `over`.
    """

    ready: bool = False
    begun: Begun | None = None
    claimed: Claimed | None = None
    failed: Failed | None = None
    result: Result | None = None
    over: bool = False


def name_of(task: Task) -> str:
    """What a case and mode are called between the processes."""
    case, mode = task
    return f"{case.id} {mode}" if mode else case.id


def lines(job: Job, spoken: "Spoken") -> Iterator[Line]:
    """The worker's work."""
    if job.provider == SPEC:
        yield Line(claimed=Claimed("omniflash", "", (Profile.CORE,)))
        run = Run(SPEC, stand=PaperStand()).by(job.options)
        yield from _played(run, chosen(job.options, Subject.SPEC), job, spoken)
        return
    found = adapter(job.provider)
    contract = contract_for(job.provider, job.options)
    with stand(job.provider, job.options, contract) as ground:
        run = Run(job.provider, stand=ground, adapter=found, contract=contract).by(job.options)
        yield from _held(run, found, job, spoken)


def told_lines(job: Job, spoken: "Spoken") -> Iterator[Line]:
    """The same, with a first and, in any case, a last line."""
    yield Line(ready=True)
    try:
        yield from lines(job, spoken)
    except OmniflashError as problem:
        yield Line(failed=Failed(str(problem)))
    except Exception as problem:  # noqa: BLE001 - ours, and told as such: other providers go on
        yield Line(failed=Failed(f"a mistake of the suite: {type(problem).__name__}: {problem}"))
    yield Line(over=True)


def _held(run: Run, found: Adapter, job: Job, spoken: "Spoken") -> Iterator[Line]:
    """All cases of an adapter, once its declaration is known to be one: everything else builds on it."""
    (first,) = chosen(evolve(job.options, only=(WELL_FORMED,), profiles=()), Subject.ADAPTER)
    yield Line(begun=Begun(first.id))
    sound = run.result((first, None))
    yield Line(claimed=_claimed(run, found if sound.verdict is not Verdict.BROKEN else None))
    wanted = chosen(job.options, Subject.ADAPTER, Subject.CLIENT)
    if sound.verdict is not Verdict.BROKEN:
        yield from _played(run, wanted, job, spoken)
        return
    yield Line(result=sound)
    for case, mode in (task for task in tasks(wanted) if task[0] is not first and _is_wanted(task, job.options)):
        profile = case.profile_in(mode)
        yield Line(
            result=Result(
                case=case.id, verdict=Verdict.NOT_RUN, title=case.title, mode=mode, profile=profile, said=NO_DECLARATION
            )
        )


def _claimed(run: Run, found: Adapter | None) -> Claimed:
    dist = installed(PROVIDERS)[run.provider].dist
    package = (dist.name, dist.version) if dist else ("", "")
    return Claimed(*package, tuple(sorted(claims(found))), run.stand.server)


def _played(run: Run, wanted: Iterable[Case], job: Job, spoken: "Spoken") -> Iterator[Line]:
    for task in tasks(wanted):
        if name_of(task) in job.done or not _is_wanted(task, job.options):
            continue
        yield Line(begun=Begun(name_of(task)))
        yield Line(result=_overheard(run.result(task), spoken))


def _is_wanted(task: Task, options: Options) -> bool:
    case, mode = task
    return not options.profiles or case.profile_in(mode) in options.profiles


def _overheard(result: Result, spoken: "Spoken") -> Result:
    """An adapter that prints spoils its caller's own output."""
    said = spoken.taken()
    if not said or result.verdict is not Verdict.HELD:
        return result
    return evolve(result, verdict=Verdict.LAX, said=f"it prints: {said[:200]!r}")


class Spoken(TextIOBase):
    """Standard output and error while a stranger's code runs: what is said is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []

    def write(self, text: str) -> int:
        self._said.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def taken(self) -> str:
        """What was said since the last time."""
        said = "".join(self._said)
        self._said.clear()
        return said.strip()


@contextmanager
def _overhearing() -> Iterator[tuple[TextIO, Spoken]]:
    """What to tell the supervisor by, and what hears everybody else."""
    spoken = Spoken()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told, open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        sys.stdout = sys.stderr = spoken
        try:
            yield told, spoken
        finally:
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def main() -> None:
    """Do the job that stands on standard input."""
    job = from_json(json.loads(sys.stdin.readline()), Job)
    with _overhearing() as (told, spoken):
        for line in told_lines(job, spoken):
            told.write(json.dumps(plain(line)) + "\n")
            told.flush()


def written(job: Job) -> JSON:
    """A job as a worker reads it."""
    return to_json(job)


if __name__ == "__main__":
    main()
