"""A lost submit is found in both vendors' lists, once they show it: over the wire, on the sandbox (JOB-ONCE)."""

from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    Client,
    ConfigurationError,
    Job,
    Ledger,
    OmniflashError,
    ProtocolError,
    Provider,
    SubmissionUncertain,
)
from omniflash.money.records import OrderState
from omniflash_fal import Options
from omniflash_sandbox import Sandbox
from omniflash_sandbox.history import LATE_S
from tests.drive.fronts import FRONTS, perform

vendors = pytest.mark.parametrize("provider", ["fal", "pixeldojo"])


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    made = Ledger(tmp_path / "ledger.sqlite3")
    yield made
    made.close()


def lose(client: Client, sandbox: Sandbox, prompt: str = "A cat", *, accepted: bool = True, **fields: Any) -> str:
    """Our id of an order whose answer was lost."""
    sandbox.arm("lose-response", call="submit", accepted=accepted)
    with pytest.raises(SubmissionUncertain) as caught:
        client.submit(client.plan(prompt, duration=3, **fields))
    return caught.value.order.id


@pytest.mark.parametrize("front", FRONTS)
@vendors
def test_it_is_found_once_the_list_shows_it(
    front: str, provider: str, omniflash_sandbox: Sandbox, ledger: Ledger, tmp_path: Path
) -> None:
    async def scenario(client: Any) -> None:
        omniflash_sandbox.arm("lose-response", provider=provider, call="submit")
        with pytest.raises(SubmissionUncertain) as caught:
            await client.submit(await client.plan("A cat", duration=3), key="order-123")
        lost = caught.value.order.id
        assert await client.reconcile(lost) is None, "absence settles nothing: a list is late"
        assert ledger.find(lost).state is OrderState.UNCERTAIN
        omniflash_sandbox.advance(LATE_S)
        job = await client.reconcile("order-123")
        assert job.handle == omniflash_sandbox.charges()[0]["job"]
        await client.save(await client.wait(job), tmp_path / "clip.mp4")
        again = await client.submit(await client.plan("A cat", duration=3), key="order-123")
        assert again.handle == job.handle

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site, ledger=ledger)
    assert (tmp_path / "clip.mp4").exists()
    assert len(omniflash_sandbox.charges()) == 1


@vendors
def test_one_that_was_never_accepted_is_never_found(provider: str, omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        lost = lose(client, omniflash_sandbox, accepted=False)
        omniflash_sandbox.advance(3_600)
        assert client.reconcile(lost) is None
    assert ledger.find(lost).state is OrderState.UNCERTAIN
    assert omniflash_sandbox.charges() == []


@vendors
def test_of_two_lost_twins_neither_is_taken_for_the_other(
    provider: str, omniflash_sandbox: Sandbox, ledger: Ledger
) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        twins = [lose(client, omniflash_sandbox) for _ in range(2)]
        sister = lose(client, omniflash_sandbox, "A dog")
        omniflash_sandbox.advance(LATE_S)
        assert [client.reconcile(twin) for twin in twins] == [None, None]
        found = client.reconcile(sister)
    assert found is not None
    assert found.handle == omniflash_sandbox.charges()[2]["job"]


@vendors
def test_a_job_that_another_order_has_is_left_to_it(provider: str, omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        known = client.submit(client.plan("A cat", duration=3))
        lost = lose(client, omniflash_sandbox)
        omniflash_sandbox.advance(LATE_S)
        found = client.reconcile(lost)
    assert found is not None
    assert found.handle != known.handle


@vendors
def test_another_accounts_jobs_are_in_another_list(provider: str, omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        lost = lose(client, omniflash_sandbox)
    omniflash_sandbox.advance(LATE_S)
    site = {**omniflash_sandbox.site, "keys": {provider: "stranger:stranger-secret"}}
    with Client(provider, sandbox=site, ledger=ledger) as stranger:
        assert stranger.reconcile(lost) is None


def test_what_fal_was_asked_not_to_keep_is_not_known_again(omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    private = Provider("fal", options=Options(store_io=False))
    with Client(private, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        lost = lose(client, omniflash_sandbox)
        omniflash_sandbox.advance(LATE_S)
        assert client.reconcile(lost) is None
    assert ledger.find(lost).state is OrderState.UNCERTAIN


def test_a_long_list_is_read_to_its_end(omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        lost = lose(client, omniflash_sandbox)
        with Client("fal", sandbox=omniflash_sandbox.site) as busy:
            plan = busy.plan("Something else", duration=3)
            for _ in range(101):
                busy.submit(plan)
        omniflash_sandbox.advance(LATE_S)
        found = client.reconcile(lost)
    assert found is not None
    assert found.handle == omniflash_sandbox.charges()[0]["job"]
    assert [e["call"] for e in omniflash_sandbox.journal()].count("list") == 2


@vendors
def test_the_key_goes_to_the_vendors_own_host_and_follows_no_redirect(
    provider: str, omniflash_sandbox: Sandbox, ledger: Ledger
) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        lost = lose(client, omniflash_sandbox)
        omniflash_sandbox.arm("redirect", provider=provider, call="list", times=None)
        with pytest.raises(ProtocolError, match="HTTP 307"):
            client.reconcile(lost)
    exchanges = omniflash_sandbox.journal()
    assert not any(exchange["key_leaked"] for exchange in exchanges)
    assert {exchange["call"] for exchange in exchanges} == {"submit", "list"}


def test_without_a_ledger_there_is_nothing_to_look_for(omniflash_sandbox: Sandbox) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site) as client, pytest.raises(ConfigurationError, match="ledger=…"):
        client.reconcile("order-1")


def test_only_what_is_uncertain_is_looked_for(omniflash_sandbox: Sandbox, ledger: Ledger) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        job: Job = client.submit(client.plan("A cat", duration=3))
        with pytest.raises(ConfigurationError, match="is accepted; only an uncertain one is looked for"):
            client.reconcile(job.order_id)
        with pytest.raises(OmniflashError, match="knows no job 'nobody'"):
            client.reconcile("nobody")
    assert [exchange["call"] for exchange in omniflash_sandbox.journal()] == ["submit"]
