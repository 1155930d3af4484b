"""A sandbox that goes away and comes back: on the same ports and state, with every connection reset."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from omniflash_sandbox import Sandbox
from tests.sandbox.clients import PROVIDERS, Fal, PixelDojo, on_the_wire


@PROVIDERS
def test_a_restart_keeps_jobs_bill_and_urls(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    job = vendor.finished()
    url, before = vendor.video_url(job), (sandbox.url, sandbox.asset_url, sandbox.charges())
    whole = httpx.get(url).content
    sandbox.restart()
    assert (sandbox.url, sandbox.asset_url, sandbox.charges()) == before
    assert vendor.video_url(job) == url
    assert httpx.get(url).content == whole


def test_a_job_goes_on_over_a_restart(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    sandbox.restart()
    sandbox.advance(60)
    sandbox.restart()
    assert fal.status(request_id).json()["status"] == "COMPLETED"
    assert len(sandbox.charges()) == 1


def test_what_is_armed_outlives_a_restart(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    sandbox.restart()
    assert fal.submit().status_code == 503


def test_a_connection_in_flight_is_reset(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("slow-drip", bytes_per_second=1)
    with ThreadPoolExecutor() as pool:
        dripping = pool.submit(on_the_wire, fal.submission())
        while not sandbox.charges():
            time.sleep(0.001)
        sandbox.restart()
        answer, was_reset = dripping.result(timeout=60)
    assert was_reset
    assert not answer.endswith(b"}")


def test_while_it_is_down_a_connection_is_refused(sandbox: Sandbox, fal: Fal) -> None:
    refused = 0
    with ThreadPoolExecutor() as pool:
        restart = pool.submit(sandbox.restart, down_s=3)
        while not restart.done():
            try:
                httpx.get(sandbox.url, timeout=0.5)
            except httpx.ConnectError:
                refused += 1
            except httpx.TransportError:
                continue  # at the moment when it goes away
        restart.result()
    assert refused
    assert fal.submit().is_success


@pytest.mark.parametrize("down_s", [-1, math.nan, math.inf])
def test_a_time_there_is_not_is_a_value_error_and_nothing_happens(sandbox: Sandbox, down_s: float) -> None:
    with pytest.raises(ValueError, match="down_s must be a number from 0 to 3,600, not"):
        sandbox.restart(down_s=down_s)
    assert httpx.get(sandbox.url).is_success


def test_a_sandbox_restarts_again_and_again_and_then_stops(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        for _ in range(3):
            sandbox.restart()
        url = sandbox.url
        assert httpx.get(url).is_success
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_sandbox_that_is_not_running_cannot_restart() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        Sandbox().restart()
