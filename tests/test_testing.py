"""The test kit: clients with a sandbox of their own, the fixture, and an address for webhooks."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from omniflash import Client, ConfigurationError, State, SubmissionUncertain, testing
from omniflash.drive import sandbox as finding
from omniflash.testing import AsyncSandboxClient, Inbox, SandboxClient
from omniflash_sandbox import Sandbox
from tests.conftest import unwatched

FTYP = b"ftyp"


def stopped(url: object) -> bool:
    try:
        httpx.get(f"{url}/_sandbox", trust_env=False)
    except httpx.ConnectError:
        return True
    return False


def test_a_client_brings_its_sandbox_and_takes_it_away() -> None:
    with SandboxClient() as client:
        assert list(client.accounts) == ["fal", "pixeldojo"]
        assert client.generate("A cat", duration=3).read()[4:8] == FTYP
        assert len(client.sandbox.charges()) == 1
        url = client.sandbox.site["url"]
    assert stopped(url)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_client_does_the_same(backend: str) -> None:
    async def scenario() -> object:
        async with AsyncSandboxClient() as client:
            clip = await client.generate("A cat", duration=3)
            assert (await client.read(clip))[4:8] == FTYP
            assert len(client.sandbox.charges()) == 1
            return client.sandbox.site["url"]

    assert stopped(anyio.run(scenario, backend=backend))


def test_its_time_moves_only_when_it_is_told_to() -> None:
    with SandboxClient(providers="fal") as client:
        job = client.submit(client.plan("A cat", duration=3))
        assert client.status(job).state is State.QUEUED
        client.sandbox.advance(60)
        assert client.status(job).state is State.SUCCEEDED


def test_on_a_given_sandbox_it_leaves_it_running(omniflash_sandbox: Sandbox) -> None:
    with SandboxClient(omniflash_sandbox) as client, SandboxClient(omniflash_sandbox) as other:
        assert client.sandbox is omniflash_sandbox
        job = client.submit(client.plan("A cat", duration=3))
        assert other.wait(job).job == job.token
    assert len(omniflash_sandbox.charges()) == 1


def test_two_clients_have_nothing_in_common() -> None:
    with SandboxClient() as one, SandboxClient() as other:
        one.generate("A cat", duration=3)
        assert (len(one.sandbox.charges()), len(other.sandbox.charges())) == (1, 0)


def test_faults_are_armed_through_the_client() -> None:
    with SandboxClient(providers="fal") as client:
        client.sandbox.arm("lose-response")
        with pytest.raises(SubmissionUncertain):
            client.generate("A cat", duration=3)
        assert len(client.sandbox.charges()) == 1


def test_a_client_that_cannot_be_made_leaves_no_server_behind() -> None:
    before = threading.active_count()
    with pytest.raises(ConfigurationError, match="policy"):
        SandboxClient(policy="dearest")
    assert threading.active_count() == before


def test_what_is_set_up_on_a_machine_decides_no_test(tmp_path: Path) -> None:
    Path("omniflash.toml").write_text('providers = ["pixeldojo"]\n', "utf-8")
    with SandboxClient() as client:
        assert list(client.accounts) == ["fal", "pixeldojo"]
    with SandboxClient(config_file="omniflash.toml") as client:
        assert list(client.accounts) == ["pixeldojo"]


def test_a_key_of_the_environment_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "the-id-of-a-real:key-that-costs-money")
    with SandboxClient(providers="fal") as client:
        client.submit(client.plan("A cat"))
        assert client.sandbox.charges()[0]["account"] == "sandbox"


def test_no_variable_makes_a_client_use_a_sandbox(omniflash_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNIFLASH_SANDBOX", omniflash_sandbox.url)
    with Client() as client:
        assert not any(account.sandbox for account in client.accounts.values())
        assert "127.0.0.1" not in client.preview(client.plan("A cat")).url


def broken(name: str) -> dict[str, Any]:
    class Point:
        def load(self) -> object:
            raise ModuleNotFoundError("No module named 'starlette'", name="starlette")

    return {name: Point()}


@pytest.mark.parametrize("offered", [{}, broken("steered")], ids=["none", "in part"])
def test_without_the_extra_it_says_the_line_that_installs_it(
    offered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "installed", lambda group: offered)
    with pytest.raises(ConfigurationError, match=r"pip install 'omniflash\[sandbox\]'"):
        SandboxClient()


def test_the_fixture_is_a_client_on_the_sandbox_of_the_test(
    omniflash_client: SandboxClient, omniflash_sandbox: Sandbox
) -> None:
    assert omniflash_client.sandbox is omniflash_sandbox
    assert omniflash_client.generate("A cat", duration=3).url
    assert len(omniflash_sandbox.charges()) == 1


def test_the_fixture_is_empty_whatever_a_test_before_has_left(
    omniflash_sandbox_server: Sandbox, request: pytest.FixtureRequest
) -> None:
    with SandboxClient(omniflash_sandbox_server) as earlier:
        earlier.generate("A cat", duration=3)
    client: SandboxClient = request.getfixturevalue("omniflash_client")
    assert client.sandbox.charges() == []


def test_pytest_loads_nothing_of_it_before_a_test_asks() -> None:
    code = "import omniflash.testing.pytest_plugin, sys; print(*(name for name in sys.modules if 'omniflash' in name))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=unwatched())
    assert set(done.stdout.split()) == {"omniflash", "omniflash.testing", "omniflash.testing.pytest_plugin"}


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'SandboxClients'"):
        _ = testing.SandboxClients
    assert {name for name in testing.__all__ if getattr(testing, name)} == set(testing.__all__)


def test_an_inbox_takes_in_what_comes_in_the_order_in_which_it_comes() -> None:
    with Inbox() as inbox:
        for number in (1, 2):
            httpx.post(inbox.url, json=number, headers={"X-Number": str(number)}, trust_env=False).raise_for_status()
        came = [inbox.next(), inbox.next()]
        with pytest.raises(TimeoutError, match="no webhook"):
            inbox.next(timeout=0)
    assert [(one.headers["x-number"], one.body) for one in came] == [("1", b"1"), ("2", b"2")]
    with pytest.raises(httpx.ConnectError):
        httpx.post(inbox.url, trust_env=False)


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_a_webhook_comes_as_the_vendor_sends_it(provider: str) -> None:
    with Inbox() as inbox, SandboxClient(providers=provider) as client:
        job = client.submit(client.plan("A cat", duration=3), webhook_url=inbox.url)
        client.sandbox.advance(60)
        came = inbox.next()
        event = client.event(provider, came.headers, came.body, job=job)
        assert event.verified is (provider == "fal")
        client.sandbox.deliver(job.handle)
        assert inbox.next().body == came.body
