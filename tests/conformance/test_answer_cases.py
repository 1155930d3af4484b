"""What an adapter makes of answers: sound ones hold every case, and each broken one is caught by its own clause."""

from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from attrs import evolve

from omniflash.discovery import adapter
from omniflash_conformance.case import cases
from omniflash_conformance.grounds.live import LiveStand
from omniflash_conformance.grounds.recorded import recorded_stand
from omniflash_conformance.grounds.stand import Stand
from omniflash_conformance.means.overheard import Overheard
from omniflash_conformance.runner import Task, tasks
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.worker import name_of
from omniflash_conformance.zoo.keeping import results, run_of
from omniflash_conformance.zoo.specimen import Specimen
from tests.conformance.conftest import first_of_each, some

CLAUSES = (
    "JOB-STATES",
    "JOB-EMPTY",
    "JOB-CANCEL",
    "RES-VIDEO",
    "ERR-KIND",
    "ERR-WORDS",
    "HOOK-HOSTILE",
    "HOOK-VERIFY",
)
CASES = [case for case in cases().values() if case.clause.id in CLAUSES]
TASKS = tasks(CASES)
CASSETTES = Path(__file__).parent.parent / "cassettes"
EXAMPLES = 4  # fewer than usual: `nox -s zoo` looks at as many as a run does


@pytest.mark.parametrize(
    ("provider", "task"),
    [*product(["fal", "pixeldojo"], TASKS), *product(["acme"], tasks(first_of_each(CASES)))],
    ids=lambda each: each if isinstance(each, str) else name_of(each),
)
def test_a_sound_adapter_holds_it(provider: str, task: Task, stand: Stand) -> None:
    result = evolve(run_of(provider, stand), examples=EXAMPLES).result(task)
    assert result.verdict in (Verdict.HELD, Verdict.NOT_DECLARED), result.said


FIXED = [task for task in TASKS if task[0].recording]
CANCELS = ("JOB-CANCEL-1", "JOB-CANCEL-2", "JOB-CANCEL-3")


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
@pytest.mark.parametrize("task", FIXED, ids=name_of)
def test_it_holds_by_the_recordings_too(provider: str, task: Task) -> None:
    result = run_of(provider, recorded_stand(provider, CASSETTES)).result(task)
    absent = provider == "pixeldojo" and task[0].id in CANCELS  # which it has no recording of, as it cannot cancel
    assert result.verdict is (Verdict.NOT_DECLARED if absent else Verdict.HELD), result.said


def test_what_has_no_recording_is_not_run(tmp_path: Path) -> None:
    stand = evolve(recorded_stand("fal", CASSETTES), folder=tmp_path)
    result = run_of("fal", stand).result((cases()["JOB-STATES-1"], None))
    assert (result.verdict, result.said) == (Verdict.NOT_RUN, f"there is no recording {tmp_path.name}/status")


def test_at_the_vendor_itself_the_given_adapter_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "the-users-own:key-at-the-vendor")
    given = Overheard(adapter("fal"))
    with LiveStand(given, Decimal(1)).client(given, {"key": "wrong-id:wrong-secret-half"}) as client:
        account = client.accounts["fal"]
    assert account.adapter is given
    assert account.key == "wrong-id:wrong-secret-half"


def test_the_facts_tell_a_vendor_that_changed_though_everything_still_holds(stand: Stand) -> None:
    case = cases()["ERR-WORDS-2"]
    one, other = (run_of(provider, stand).result((case, None)) for provider in ("fal", "pixeldojo"))
    again = run_of("fal", stand).result((case, None))
    assert one.facts == again.facts
    assert one.facts != other.facts
    assert one.facts["answers"] == [
        {
            "call": "result",
            "status": 422,
            "headers": ["content-type", "x-fal-billable-units", "x-fal-request-id"],
            "content_type": "application/json",
            "body": [
                "detail.[].loc.[]: text",
                "detail.[].msg: text",
                "detail.[].type: text",
                "detail.[].url: text",
            ],
        }
    ]


SENTENCES = {
    "treats an unknown status as failed": "the state of a job whose status is 'UNDER_REVIEW' is 'failed',"
    " not 'running'",
    "takes COMPLETED for success": "the state of a job that completed without a video is 'succeeded', not 'failed'",
    "asks for a cancel that the vendor has not got": "cancelling, which is not declared, asks for"
    " POST api:/jobs/job_1/cancel",
    "loses the handle for refining": "it offers to refine, and its clip of text_to_video has no handle",
    "maps 402 to an error that is worth trying again": "HTTP 402 on a look is ProviderUnavailable,"
    " not InsufficientCredits",
    "loses the vendor's code": "the code on a refusal is None, and the vendor's is ['unauthorized']",
    "compares the signature without the time window": "a webhook whose signature is stale is taken",
    "trusts an unsigned webhook": "a webhook whose body names another job counts as verified",
}


@pytest.mark.parametrize("specimen", some(CLAUSES, SENTENCES), ids=lambda specimen: specimen.habit)
def test_a_broken_adapter_is_caught_by_its_clause(specimen: Specimen, stand: Stand) -> None:
    found = results(specimen, stand)
    first = next(result for result in found if result.verdict not in (Verdict.HELD, Verdict.NOT_DECLARED))
    assert first.verdict is Verdict.BROKEN, first.said
    assert SENTENCES.get(specimen.habit, first.said) == first.said
