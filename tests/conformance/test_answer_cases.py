"""What an adapter makes of answers: sound ones hold every case, and each broken one is caught by its own clause."""

from collections.abc import Iterator

import pytest
from attrs import evolve

from omniflash_conformance.case import cases
from omniflash_conformance.grounds.stand import Stand
from omniflash_conformance.runner import Task, tasks
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.worker import name_of
from omniflash_conformance.zoo.keeping import results, run_of, zoo_stand
from omniflash_conformance.zoo.specimen import specimens

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
TASKS = tasks(case for case in cases().values() if case.clause.id in CLAUSES)
EXAMPLES = 10  # fewer than usual: every specimen is looked at with all
HABITS = [habit for habit, specimen in specimens().items() if specimen.clause in CLAUSES]


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """One sandbox for all of them."""
    with zoo_stand() as opened:
        yield opened


@pytest.mark.parametrize("provider", ["fal", "pixeldojo", "acme"])
@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_sound_adapter_holds_it(provider: str, task: Task, stand: Stand) -> None:
    result = evolve(run_of(provider, stand), examples=EXAMPLES).result(task)
    assert result.verdict in (Verdict.HELD, Verdict.NOT_DECLARED), result.said


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


@pytest.mark.parametrize("habit", HABITS)
def test_a_broken_adapter_is_caught_by_its_clause(habit: str, stand: Stand) -> None:
    found = results(specimens()[habit], stand)
    first = next(result for result in found if result.verdict not in (Verdict.HELD, Verdict.NOT_DECLARED))
    assert first.verdict is Verdict.BROKEN, first.said
    assert SENTENCES.get(habit, first.said) == first.said
