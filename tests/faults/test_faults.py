"""Every fault × both vendors × sync and async: what the documentation's table says is what happens.

Whatever happens, no key leaves the vendor's hosts, and the sandbox's bill says that no paid call was made twice.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    Clip,
    ContentRejected,
    DownloadFailed,
    EmptyResult,
    GenerationFailed,
    InsufficientCredits,
    Job,
    Ledger,
    NotFound,
    OmniflashError,
    Plan,
    RegionRestricted,
    SubmissionUncertain,
)
from omniflash.jobs import Cancelled
from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from omniflash_sandbox.fault_kinds import KINDS
from tests.drive.fronts import perform
from tests.faults.table import OUTCOMES, ROWS, Case, cases

# Sync and async share every line above the drivers: in turn here, and all of them in `nox -s faults`.
FRONTS = ("sync", "asyncio", "trio")
EVERY_FRONT = bool(os.environ.get("EVERY_FRONT"))
PAID_AGAIN = {"again": 2}  # how often a submit is sent: only what was refused is sent again
ERRORS: Mapping[str, type[OmniflashError]] = {
    "uncertain": SubmissionUncertain,
    "refused": DownloadFailed,
    "empty": EmptyResult,
    "region": RegionRestricted,
    "content": ContentRejected,
    "no_money": InsufficientCredits,
    "failed": GenerationFailed,
}
WHOLE = {"unnoticed", "again", "restart", "new_url", "reported", "unknown"}
UPLOADS = ("initiate", "upload")
PRICES = ("prices", "estimate")


def fronted(*calls: str, wanted: bool) -> list[tuple[Case, str]]:
    """The cases of these calls, or of all others, each with the fronts that it is run on."""
    chosen = [case for case in cases() if (case.call in calls) is wanted]
    pairs = [(case, front) for case in chosen for front in FRONTS]
    return pairs if EVERY_FRONT else [pairs[3 * number + number % 3] for number in range(len(chosen))]


def request(case: Case, picture: Path) -> dict[str, Any]:
    """What is asked for, so that the call that is struck is made."""
    if case.fault == "region":
        return {"request": "At night", "video": "https://example.com/film.mp4", "country": "US"}
    return {"request": "A cat", "duration": 3} | ({"image": picture} if case.call in UPLOADS else {})


async def outcome(client: Any, case: Case, asked: Mapping[str, Any], target: Path) -> Clip | OmniflashError:
    try:
        return await client.generate(**asked, save_as=target)  # type: ignore[no-any-return]
    except OmniflashError as error:
        return error


def arm(sandbox: Sandbox, case: Case) -> None:
    options = dict(case.options)
    times = options.pop("times", 1)
    sandbox.arm(case.fault, provider=case.provider, call=case.call, times=times, **options)


def patience(case: Case) -> dict[str, float]:
    return {"timeout": 1.5} if case.fault == "stall" else {}  # enough for a clip to be rendered


@pytest.mark.parametrize(("case", "front"), fronted("cancel", "keys", "list", *PRICES, wanted=False), ids=str)
def test_a_job_that_meets_a_fault(
    case: Case, front: str, omniflash_sandbox: Sandbox, tmp_path: Path, picture: Path
) -> None:
    target = tmp_path / "clip.mp4"

    async def scenario(client: Any) -> Clip | OmniflashError:
        arm(omniflash_sandbox, case)
        return await outcome(client, case, request(case, picture), target)

    came = perform(front, scenario, case.provider, sandbox=omniflash_sandbox.site, **patience(case))
    assert omniflash_sandbox.armed is False, "the fault never struck"
    no_key_left_the_vendor(omniflash_sandbox)
    paid_once(omniflash_sandbox, case)
    if case.outcome in WHOLE:
        assert isinstance(came, Clip), came
        assert bool(differences(probe(target), duration=3)) is (case.outcome == "reported")
        return
    if case.outcome == "stored":
        assert isinstance(came, Clip if case.accepted else OmniflashError)
        return
    assert not target.exists()
    assert type(came) is ERRORS[case.outcome], came
    if case.outcome == "refused":
        assert had_later(front, case, omniflash_sandbox, came.job, target)


def had_later(front: str, case: Case, sandbox: Sandbox, job: Job | None, target: Path) -> bool:
    async def scenario(client: Any) -> None:
        await client.save(await client.wait(job), target)

    perform(front, scenario, case.provider, sandbox=sandbox.site)
    return target.exists()


def no_key_left_the_vendor(sandbox: Sandbox) -> None:
    exchanges = sandbox.journal()
    assert not any(exchange["key_leaked"] for exchange in exchanges)
    strangers = [exchange for exchange in exchanges if exchange["call"] == "stranger"]
    assert not any("authorization" in exchange["headers"] for exchange in strangers)
    assert {exchange["method"] for exchange in strangers} <= {"GET"}


def paid_once(sandbox: Sandbox, case: Case) -> None:
    sent = [exchange for exchange in sandbox.journal() if exchange["call"] == "submit"]
    assert len(sent) == (PAID_AGAIN.get(case.outcome, 1) if case.call == "submit" else 1)
    heard = {"uncertain": case.accepted, "no_money": False}.get(case.outcome, True) or case.call != "submit"
    assert len(sandbox.charges()) == int(heard)


@pytest.mark.parametrize(("case", "front"), fronted("cancel", wanted=True), ids=str)
def test_a_cancel_that_meets_a_fault(case: Case, front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> Any:
        job = await client.submit(await client.plan("A cat", duration=3))
        arm(omniflash_sandbox, case)
        try:
            return await client.cancel(job)
        except NotFound as error:
            return error

    came = perform(front, scenario, case.provider, sandbox=omniflash_sandbox.site, **patience(case))
    no_key_left_the_vendor(omniflash_sandbox)
    if case.outcome == "unknown":
        assert isinstance(came, NotFound)
        return
    # A cancel whose answer was lost has been heard: asked again, the vendor says that it is too late for another. And
    # while a rate limit is waited for the job begins to run.
    assert came.result in (Cancelled.CANCELLED, Cancelled.TOO_LATE, Cancelled.REQUESTED)


@pytest.mark.parametrize(("case", "front"), fronted("list", wanted=True), ids=str)
def test_a_list_that_meets_a_fault(case: Case, front: str, omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    """It is read to its end or it settles nothing; whatever it says, the order is not paid again."""
    ledger = Ledger(tmp_path / "ledger.sqlite3")

    async def scenario(client: Any) -> Job | OmniflashError | None:
        omniflash_sandbox.arm("lose-response", provider=case.provider, call="submit")
        with pytest.raises(SubmissionUncertain) as caught:
            await client.submit(await client.plan("A cat", duration=3))
        omniflash_sandbox.advance(3_600)
        arm(omniflash_sandbox, case)
        try:
            return await client.reconcile(caught.value.order.id)  # type: ignore[no-any-return]
        except OmniflashError as error:
            return error

    came = perform(front, scenario, case.provider, sandbox=omniflash_sandbox.site, ledger=ledger, **patience(case))
    ledger.close()
    assert omniflash_sandbox.armed is False, "the fault never struck"
    no_key_left_the_vendor(omniflash_sandbox)
    assert len(omniflash_sandbox.charges()) == 1
    if case.outcome == "open":
        assert came is None
    else:
        assert isinstance(came, Job), came
        assert came.handle == omniflash_sandbox.charges()[0]["job"]


@pytest.mark.parametrize(("case", "front"), fronted(*PRICES, wanted=True), ids=str)
def test_asking_for_a_price_meets_a_fault(case: Case, front: str, omniflash_sandbox: Sandbox) -> None:
    """It is asked for again until it is told, by the vendor's own hosts alone."""
    if case.call == "estimate":  # which is only asked for beside a unit that nobody knows
        omniflash_sandbox.set_price("fal", "google/gemini-omni-flash", 1, "units")

    async def scenario(client: Any) -> Plan:
        arm(omniflash_sandbox, case)
        return await client.plan("A cat", duration=3, online=True)  # type: ignore[no-any-return]

    plan = perform(front, scenario, case.provider, sandbox=omniflash_sandbox.site, **patience(case))
    assert omniflash_sandbox.armed is False, "the fault never struck"
    no_key_left_the_vendor(omniflash_sandbox)
    (candidate,) = plan.candidates
    if case.call == "estimate":
        assert "a call has cost 1 USD" in str(candidate.notes)
    else:
        assert candidate.quote.asked_at is not None


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_a_restart_of_the_vendor_loses_no_job(
    provider: str, front: str, omniflash_sandbox: Sandbox, tmp_path: Path
) -> None:
    async def scenario(client: Any) -> None:
        job = await client.submit(await client.plan("A cat", duration=3))
        omniflash_sandbox.restart()
        await client.save(await client.wait(job), tmp_path / "clip.mp4")

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert differences(probe(tmp_path / "clip.mp4"), duration=3) == ()
    assert len(omniflash_sandbox.charges()) == 1


def test_the_table_has_a_row_for_every_fault_and_a_word_for_every_outcome() -> None:
    assert {row.get("fault", name) for name, row in ROWS.items()} == set(KINDS)
    told = {case.outcome for case in cases()}
    assert None not in told
    assert told == set(OUTCOMES)
