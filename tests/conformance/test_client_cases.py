"""Whole clients at their clauses: ours holds every case, and each broken one is caught by the clause that it breaks."""

import json
from collections.abc import Iterator

import pytest
from attrs import evolve

from omniflash.codec import plain
from omniflash.spec import Mode, Subject
from omniflash_conformance.case import Case, cases
from omniflash_conformance.cases.secrets import SECRET, SIGNATURE
from omniflash_conformance.grounds.sandbox import SandboxStand, sandbox_stand
from omniflash_conformance.grounds.stand import Stand
from omniflash_conformance.ours import our_client
from omniflash_conformance.report import Result
from omniflash_conformance.runner import Task, tasks
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.zoo.keeping import contract_of, run_of, sound, zoo_stand
from omniflash_conformance.zoo.specimen import Specimen, specimens

CASES = [case for case in cases().values() if case.subject is Subject.CLIENT]
FINE = {Verdict.HELD, Verdict.NOT_DECLARED}
# What our own client leaves open: the id of a call that was interrupted is kept, and not asked with again by itself.
LAX = {"JOB-DEDUP-3"}
ON_A_RUNNING_CLOCK = ("JOB-ONCE-8", "JOB-ONCE-9", "JOB-RESUME-3", "JOB-DEADLINE-1", "JOB-POLL-4", "RES-SAVE-1")


@pytest.fixture(scope="module")
def stand() -> Iterator[SandboxStand]:
    with zoo_stand() as stand:
        yield stand


def named(task: Task) -> str:
    case, mode = task
    return f"{case.id}-{mode}" if mode else case.id


def clients(modes: bool) -> list[Task]:
    return [task for task in tasks(CASES) if modes or task[1] in (None, Mode.TEXT_TO_VIDEO)]


@pytest.mark.parametrize("task", clients(modes=True), ids=named)
def test_our_client_holds_it_at_fal(task: Task, stand: Stand) -> None:
    held(run_of("fal", stand).result(task))


@pytest.mark.parametrize("task", clients(modes=False), ids=named)
def test_our_client_holds_it_at_pixeldojo(task: Task, stand: Stand) -> None:
    held(run_of("pixeldojo", stand).result(task))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.clause.id in ("JOB-DEDUP", "JOB-KEY")], ids=lambda c: c.id
)
def test_our_client_holds_it_where_the_vendor_takes_our_ids(case: Case, stand: Stand) -> None:
    held(run_of("acme", stand).result((case, None)))


def held(result: Result) -> None:
    allowed = FINE | ({Verdict.LAX} if result.case in LAX else set())
    assert result.verdict in allowed, result.said


@pytest.mark.parametrize(
    "specimen", [each for each in specimens().values() if each.subject is Subject.CLIENT], ids=lambda s: s.habit
)
def test_a_broken_client_is_caught(specimen: Specimen, stand: Stand) -> None:
    said = list(until(SAID.get(specimen.habit), specimen, stand))
    assert said, f"nothing of {specimen.clause} catches it"
    assert SAID.get(specimen.habit, said[-1]) == said[-1]


def until(wanted: str | None, specimen: Specimen, stand: Stand) -> Iterator[str]:
    """What its clause's cases say of a specimen, up to what is wanted, or the first."""
    run = evolve(run_of(specimen.provider, stand), client=specimen.make())
    for task in tasks(case for case in CASES if case.clause.id == specimen.clause):
        result = run.result(task)
        if result.verdict is Verdict.BROKEN:
            yield result.said
            if wanted in (None, result.said):
                return


SAID = {
    "repeats a paid call after a read timeout": "2 jobs were bought by one submit",
    "takes a lost answer for a refusal": "ProviderUnavailable says that nothing was paid, and a job was bought",
    "submits a failed job anew": "after job-failed, the number of jobs bought is 2, not 1",
    "chooses a new id for each attempt": "in 2 sendings of one order, the number of ids is 2, not 1",
    "forgets the caller's key after a restart": "with one key, the number of jobs bought is 2, not 1",
    "puts the key into its tokens": "the key is in a token",
    "gives up waiting without a token": "a wait that ran out of time ends as TimeoutError, without the token",
    "cancels a job whose wait ran out of time": "a wait that ran out of time cancelled the job",
    "looks every two minutes": "may notice the end of a job 120 s late",
    "sends the key to where the clip is": "the key is sent with GET (asset), where the clip is",
    "puts the key into the URL": "the key is in the URL or body of GET (status)",
    "follows a status URL to another host": "the key is sent with GET (stranger), a stranger's host",
    "believes a short download": "of a clip that was saved, the number of bytes is 50000, not 148200",
    "trusts the vendor's file name": "the vendor's file name decides that a clip goes to hostile.mp4",
    "does not listen to the clip": "a clip without sound is not complained of",
    "logs the Authorization header": "a repr or log shows the key",
    "leaves out a seed without a word": "seed, which the vendor does not take, is refused only after submit",
    "tells its own quote for the charge": "the charge is told as '≈$1.00', and the vendor says 16 credits",
}


def test_every_clause_of_clients_has_cases_and_at_least_two_specimens() -> None:
    clauses = {case.clause.id for case in CASES}
    kept = [each.clause for each in specimens().values()]
    assert all(kept.count(clause) >= 2 for clause in clauses)
    assert set(SAID) <= set(specimens())


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxStand]:
    contract = contract_of("acme")
    with sandbox_stand([contract] if contract else [], speed=40) as stand:
        yield stand


@pytest.mark.parametrize("case", ON_A_RUNNING_CLOCK)
def test_it_holds_where_the_clock_runs_by_itself(case: str, running: Stand) -> None:
    result = run_of("fal", running).result((cases()[case], None))
    assert result.verdict in FINE | {Verdict.LAX, Verdict.NOT_RUN}, result.said


def test_a_client_by_the_walls_clock_is_not_run_where_time_stands_still(stand: Stand, running: Stand) -> None:
    kind = evolve(our_client(sound("fal")), virtual_time=False)
    (still, moving) = (evolve(run_of("fal", ground), client=kind) for ground in (stand, running))
    task: Task = (cases()["JOB-ONCE-1"], None)
    assert still.result(task).verdict is Verdict.NOT_RUN
    assert moving.result(task).verdict is Verdict.HELD


@pytest.mark.parametrize(
    ("habit", "case"),
    [
        ("puts the key into the URL", "MAP-KEY-2"),
        ("tells the key in its errors", "ERR-SECRET-2"),
        ("tells a signed URL in its errors", "ERR-SECRET-5"),
    ],
)
def test_no_report_shows_what_a_client_tells(habit: str, case: str, stand: Stand) -> None:
    specimen = specimens()[habit]
    result = evolve(run_of(specimen.provider, stand), client=specimen.make()).result((cases()[case], None))
    assert result.verdict is Verdict.BROKEN
    shown = json.dumps(plain(result))
    assert SECRET not in shown
    assert SIGNATURE not in shown
