"""Time: a virtual clock that only moves when told, wall time at a speed, and jobs that go on without a server."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clock import FURTHEST_S, MICROSECONDS, VIRTUAL_START, Clock, Start
from omniflash_sandbox.store import Store
from tests.sandbox.clients import LONG_ENOUGH_S, Fal, PixelDojo, Wall

STEPS = st.lists(st.integers(0, 10_000_000).map(lambda microseconds: microseconds / MICROSECONDS), max_size=5)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("clock"))
    yield store
    store.close()


@given(steps=STEPS)
def test_the_virtual_clock_moves_by_the_sum_of_its_steps_and_by_nothing_else(store: Store, steps: list[float]) -> None:
    store.clear()
    wall = Wall()
    clock = Clock(store, 0, wall)
    start = clock.start()
    for step in steps:
        wall.ns += 3_600_000_000_000
        clock.advance(step)
    assert clock.since(start) == pytest.approx(sum(steps), abs=1e-9)
    assert clock.now() == VIRTUAL_START + timedelta(seconds=clock.since(start))


@given(speed=st.floats(0.001, 1_000), seconds=st.integers(0, 10_000), steps=STEPS)
def test_at_a_speed_a_job_ages_by_wall_time_at_that_speed_and_by_what_is_advanced(
    store: Store, speed: float, seconds: int, steps: list[float]
) -> None:
    store.clear()
    wall = Wall()
    clock = Clock(store, speed, wall)
    start = clock.start()
    wall.ns += seconds * 1_000_000_000
    for step in steps:
        clock.advance(step)
    assert clock.since(start) == pytest.approx(seconds * speed + sum(steps))


@given(speed=st.floats(0.001, 1_000), other=st.sampled_from([0, 1, 50]), seconds=st.integers(0, 10_000))
def test_a_job_keeps_the_speed_it_was_accepted_under(store: Store, speed: float, other: float, seconds: int) -> None:
    wall = Wall()
    start = Clock(store, speed, wall).start()
    wall.ns += seconds * 1_000_000_000
    assert Clock(store, other, wall).since(start) == pytest.approx(seconds * speed)


@given(seconds=st.floats(0, 10_000), speed=st.sampled_from([0, 0.5, 20]))
def test_the_calendar_agrees_with_a_jobs_age(seconds: float, speed: float) -> None:
    start = Start(wall=1_750_000_000_000_000, advanced=5_000_000, speed=speed)
    passed = (start.date(seconds) - start.date()).total_seconds()
    assert passed * (speed or 1) == pytest.approx(seconds, abs=1e-4)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12, 1e300])
def test_a_clock_goes_neither_back_nor_out_of_the_calendar(sandbox: Sandbox, seconds: float) -> None:
    before = sandbox.site
    with pytest.raises(ValueError, match="seconds must be a number from 0 to"):
        sandbox.advance(seconds)
    assert sandbox.site == before


def test_a_clock_ends_after_a_thousand_years(sandbox: Sandbox) -> None:
    sandbox.advance(FURTHEST_S)
    with pytest.raises(ValueError, match="it ends after a thousand years"):
        sandbox.advance(1)


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf"), 1e-9, 1e9])
def test_a_speed_that_there_is_not_is_a_value_error(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be 0"):
        Sandbox(speed=speed)


def test_under_the_virtual_clock_nothing_happens_by_itself(fal: Fal) -> None:
    request_id = fal.request()
    statuses = set()
    for _ in range(20):
        time.sleep(0.01)
        statuses.add(fal.status(request_id).json()["status"])
    assert statuses == {"IN_QUEUE"}


def test_what_time_it_is_is_told(sandbox: Sandbox) -> None:
    before = sandbox.now()
    sandbox.advance(90)
    assert sandbox.now() - before == timedelta(seconds=90)


def test_the_sites_sleep_advances_the_virtual_clock(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    job_id = pixeldojo.request()
    sleep = sandbox.site["sleep"]
    assert callable(sleep)
    sleep(LONG_ENOUGH_S)
    assert pixeldojo.status(job_id).json()["status"] == "completed"


def test_with_a_speed_there_is_nothing_to_sleep_with(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=20) as sandbox:
        assert sandbox.site["sleep"] is None
        assert (sandbox.site["speed"], sandbox.site["virtual"]) == (20.0, False)


def test_a_fast_sandbox_finishes_a_job_by_itself(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=1_000) as sandbox:
        client = PixelDojo(sandbox)
        with client.http:
            job_id = client.request()
            deadline = time.monotonic() + 10
            while client.status(job_id).json()["status"] != "completed" and time.monotonic() < deadline:
                time.sleep(0.01)
            assert httpx.get(client.video_url(job_id)).is_success


def test_a_clock_with_a_speed_can_be_advanced_too(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=1) as sandbox:
        client = PixelDojo(sandbox)
        with client.http:
            assert client.status(client.finished()).json()["status"] == "completed"


def test_a_job_goes_on_while_no_server_is_alive(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=200) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = client.request()
            assert client.status(request_id).json()["status"] != "COMPLETED"
    time.sleep(0.25)  # 50 s of the job
    with Sandbox(state=tmp_path, speed=0) as later:
        client = Fal(later)
        with client.http:
            assert client.status(request_id).json()["status"] == "COMPLETED"
            assert httpx.get(client.video_url(request_id)).is_success


def test_a_render_takes_about_forty_seconds_for_eight_and_the_same_for_the_same_request(
    sandbox: Sandbox, fal: Fal
) -> None:
    times: dict[str, float] = {}
    for prompt in ("A cat", "A dog", "A cat"):
        metrics = fal.status(fal.finished({"prompt": prompt})).json()["metrics"]
        assert times.setdefault(prompt, metrics["inference_time"]) == metrics["inference_time"]
    assert all(36 <= seconds <= 44 for seconds in times.values())
    assert len(set(times.values())) == 2
