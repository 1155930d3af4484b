"""Faults of the connection: an answer that is lost, reset, halved, stalled or dripping, and who is charged then."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from tests.sandbox.clients import (
    ACCEPTED,
    APP,
    PROVIDERS,
    Fal,
    PixelDojo,
    body_of,
    calls,
    lost,
    on_the_wire,
)


@PROVIDERS
@ACCEPTED
def test_a_response_is_lost_after_the_job_was_accepted_or_before(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool
) -> None:
    sandbox.arm("lose-response", accepted=accepted)
    assert lost(vendor.submit)
    assert len(sandbox.charges()) == accepted
    (entry,) = sandbox.journal()
    assert (entry["status"], entry["answer"], entry["fault"]) == (None, None, "lose-response")
    assert (entry["job"] in [line["job"] for line in sandbox.charges()]) is accepted


@PROVIDERS
def test_a_response_to_any_call_can_be_lost(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("lose-response", provider=provider, call=call)
        assert lost(make)
        assert not lost(make)


@PROVIDERS
@ACCEPTED
@pytest.mark.parametrize(
    ("options", "status", "received"), [({}, None, 0), ({"head": True}, 200, 0), ({"bytes": 7}, 200, 7)]
)
def test_a_connection_is_reset_before_in_or_after_the_head(
    sandbox: Sandbox,
    vendor: Fal | PixelDojo,
    accepted: bool,
    options: dict[str, Any],
    status: int | None,
    received: int,
) -> None:
    sandbox.arm("reset", accepted=accepted, **options)
    answer, was_reset = on_the_wire(vendor.submission())
    assert was_reset
    assert answer.startswith(b"HTTP/1.1 20") is (status is not None)
    assert len(body_of(answer)) == (received if accepted else min(received, len(b"{")))  # never `{}`, which is whole
    assert len(sandbox.charges()) == accepted
    assert (sandbox.journal()[0]["status"] is None) is (status is None)


@PROVIDERS
def test_any_call_can_be_reset(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("reset", provider=provider, call=call, bytes=1)
        with pytest.raises(httpx.ReadError):
            make()
        assert make().status_code < 500


def test_a_lost_response_is_no_reset(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("lose-response")
    assert on_the_wire(fal.submission()) == (b"", False)


@PROVIDERS
@ACCEPTED
def test_of_an_answer_half_may_come(sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool) -> None:
    sandbox.arm("half-answer", accepted=accepted)
    answer, was_reset = on_the_wire(vendor.submission())
    (length,) = re.findall(rb"content-length: (\d+)", answer)
    assert not was_reset
    assert len(body_of(answer)) == int(length) // 2
    assert len(sandbox.charges()) == accepted


@PROVIDERS
def test_of_the_answer_to_any_call_half_may_come(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("half-answer", provider=provider, call=call)
        assert lost(make)
        assert not lost(make)


@PROVIDERS
@ACCEPTED
@pytest.mark.parametrize("head", [True, False])
def test_an_answer_may_stall_and_never_come(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool, head: bool
) -> None:
    sandbox.arm("stall", accepted=accepted, head=head, seconds=1)
    begun = time.monotonic()
    answer, was_reset = on_the_wire(vendor.submission())
    assert time.monotonic() - begun > 0.9
    assert answer.startswith(b"HTTP/1.1 20") is head
    assert (body_of(answer), was_reset) == (b"", False)
    assert len(sandbox.charges()) == accepted


def test_a_stall_holds_up_nobody_else_and_ends_when_its_caller_leaves(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("stall", seconds=3_600)
    with pytest.raises(httpx.ReadTimeout):
        fal.http.post(f"/{APP}", json={"prompt": "A cat"}, timeout=0.2)
    assert len(sandbox.charges()) == 1
    assert eventually(lambda: not tasks_of(sandbox))


def test_others_are_answered_during_a_stall(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("stall", seconds=3_600)
    with ThreadPoolExecutor() as pool:
        stalled = pool.submit(on_the_wire, fal.submission())
        assert eventually(lambda: len(sandbox.charges()) == 1)
        assert fal.submit().is_success
        assert not stalled.done()
        sandbox.restart()
        assert stalled.result() == (b"", True)


@pytest.mark.parametrize("fault", ["stall", "slow-drip"])
def test_a_sandbox_that_stops_does_not_wait_for_what_takes_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("omniflash_sandbox.serving.GRACE_S", 3_600)
    options = {"stall": {"seconds": 3_600}, "slow-drip": {"bytes_per_second": 1}}
    sandbox = Sandbox(state=tmp_path, speed=0)
    with ThreadPoolExecutor() as pool, sandbox:
        sandbox.arm(fault, **options[fault])
        client = Fal(sandbox)
        with client.http:
            slow = pool.submit(on_the_wire, client.submission())
            assert eventually(lambda: len(sandbox.charges()) == 1)
            pool.submit(sandbox.__exit__, None, None, None).result(timeout=60)
        assert not slow.result(timeout=60)[0].endswith(b"}")


@PROVIDERS
def test_an_answer_may_drip_and_is_whole_in_the_end(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    sandbox.arm("slow-drip", bytes_per_second=1_000)
    begun = time.monotonic()
    answer = vendor.submit()
    assert answer.is_success
    assert time.monotonic() - begun > len(answer.content) / 1_000 * 0.9
    assert len(sandbox.charges()) == 1
    for call, make in calls(vendor).items():
        whole = make().content if call not in ("submit", "cancel") else None
        sandbox.arm("slow-drip", provider=provider, call=call, bytes_per_second=1_000_000)
        dripped = make().content
        assert whole is None or dripped == whole


def test_a_drip_comes_byte_by_byte(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    sandbox.arm("slow-drip", call="status", bytes_per_second=20)
    with fal.http.stream("GET", f"/{APP}/requests/{request_id}/status") as answer:
        parts = [part for part, _ in zip(answer.iter_raw(), range(3), strict=False)]
    assert [len(part) for part in parts] == [1, 1, 1]


def tasks_of(sandbox: Sandbox) -> int:
    """How many requests the server is still busy with."""
    assert sandbox._server is not None
    return len(sandbox._server.server_state.tasks)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold; a minute is for ever."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()
