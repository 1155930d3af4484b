"""Ctrl-C and cancellation: thrown into the flow, written down shielded, then gone on with."""

import threading
import time
from typing import Any

import anyio
import pytest

from omniflash import AsyncClient, Client, Job
from omniflash.drive.aio import AsyncDriver
from omniflash.drive.clock import RealClock
from omniflash.drive.settings import Network
from omniflash.drive.sync import Driver
from omniflash.effects import Flow, Pause, record
from omniflash.money.entries import Answer, Consulting, Entry, Intended, New, Sending, Uncertain
from omniflash_sandbox import Sandbox
from tests.drive.servers import raw
from tests.stage import order

backends = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def careful(problem: list[BaseException]) -> Flow[None]:
    """A flow that writes down what breaks it off."""
    try:
        yield Pause(60.0)
    except BaseException as broken:
        problem.append(broken)
        yield from record(Uncertain(order(), "broken off"))
        raise


@backends
def test_a_cancelled_flow_still_writes_down(backend: str) -> None:
    written: list[Entry] = []

    def slow_ledger(entry: Entry) -> Answer:
        time.sleep(0.05)
        written.append(entry)
        return New()

    async def main() -> None:
        driver = AsyncDriver({}, Network(), RealClock(), slow_ledger)
        with anyio.move_on_after(0.05) as scope:
            await driver.run(careful([]))
        assert scope.cancelled_caught

    anyio.run(main, backend=backend)
    assert [type(entry) for entry in written] == [Uncertain]


@backends
def test_a_cancelled_paid_call_is_written_down_as_uncertain(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Entry] = []

    def ledger(entry: Entry) -> Answer:
        written.append(entry)
        return New()

    async def main(url: str) -> None:
        client = AsyncClient("fal", sandbox={"url": url, "hosts": {"fal": {"queue": url}}, "keys": {"fal": "a:b"}})
        client._driver.recorder = ledger
        with anyio.move_on_after(0.2):
            await client.generate("A cat")

    with raw(lambda connection: time.sleep(1.0)) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1
    assert [type(entry) for entry in written] == [Consulting, Intended, Sending, Uncertain]


def test_ctrl_c_is_thrown_into_the_flow_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    broken: list[BaseException] = []
    with pytest.raises(KeyboardInterrupt):
        Driver({}, Network(), RealClock()).run(careful(broken))
    assert [type(problem) for problem in broken] == [KeyboardInterrupt]


@backends
def test_a_cancelled_wait_carries_the_token(backend: str, omniflash_sandbox: Sandbox) -> None:
    notes: list[str] = []

    async def main() -> None:
        site = {**omniflash_sandbox.site, "sleep": None, "speed": 1.0}
        async with AsyncClient("fal", sandbox=site) as client:
            job = await client.submit(await client.plan("A cat", duration=3))
            with anyio.move_on_after(0.2):
                try:
                    await client.wait(job)
                except BaseException as problem:
                    notes.extend(problem.__notes__)
                    raise
            assert job.token in notes[0]

    anyio.run(main, backend=backend)


def test_threads_share_a_client(omniflash_sandbox: Sandbox) -> None:
    jobs: list[Job] = []
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        plan = client.plan("A cat", duration=3)
        threads = [threading.Thread(target=lambda: jobs.append(client.submit(plan))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({job.handle for job in jobs}) == 8
        assert len({job.order_id for job in jobs}) == 8
    assert len(omniflash_sandbox.charges()) == 8


@backends
def test_a_sync_client_works_inside_a_running_loop(backend: str, omniflash_sandbox: Sandbox, tmp_path: Any) -> None:
    async def main() -> None:
        with Client("fal", sandbox=omniflash_sandbox.site) as client:
            client.generate("A cat", duration=3).save(tmp_path / "clip.mp4")

    anyio.run(main, backend=backend)
    assert (tmp_path / "clip.mp4").stat().st_size > 10_000


@backends
def test_many_jobs_in_one_async_client(backend: str, omniflash_sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncClient("fal", sandbox=omniflash_sandbox.site) as client, anyio.create_task_group() as tasks:
            for n in range(10):
                tasks.start_soon(client.generate, f"Cat number {n}")

    anyio.run(main, backend=backend)
    assert len(omniflash_sandbox.charges()) == 10
