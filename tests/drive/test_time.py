"""Clocks and pace: whose time is gone by, and that nobody is faster than a provider allows (JOB-POLL)."""

import logging
import threading
import time
from logging import Handler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.accounts import Site
from omniflash.adapter import Pace
from omniflash.drive.aio import AsyncDriver
from omniflash.drive.base import LONG_S, World
from omniflash.drive.clock import RealClock, VirtualClock, clock_of, length
from omniflash.drive.pace import SLACK, Window
from omniflash.drive.settings import Network
from omniflash.drive.sync import Driver
from omniflash.effects import Flow, Pause, Record, Turn, now, perform
from omniflash.money.entries import Intended
from omniflash.money.quotes import quote
from tests.stage import PRICE, Acme, account, order

SITE = Site("http://127.0.0.1:1", {}, {}, speed=20.0)


def test_a_faster_clock_has_shorter_waits_and_more_ticks() -> None:
    clock = RealClock(20.0)
    assert clock.real_seconds(60.0) == 3.0
    before = time.monotonic()
    ticks = clock.now().ticks
    assert ticks >= before * 20.0
    assert clock.now().ticks >= ticks
    assert clock.now().at.tzinfo is not None


@given(st.floats(0.0, 1_000.0), st.sampled_from(["", "fal rests"]))
def test_only_a_pause_that_is_long_for_whoever_waits_is_told(ticks: float, why: str) -> None:
    told: list[str] = []
    listener = Handler()
    listener.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("omniflash").addHandler(listener)
    try:
        assert Driver({}, Network(), RealClock(20.0)).ticks_of(Pause(ticks, why=why)) == ticks
    finally:
        logging.getLogger("omniflash").removeHandler(listener)
    assert told == ([f"fal rests; waiting {ticks / 20:.0f} s"] if why and ticks / 20 >= LONG_S else [])


def test_whoever_goes_on_is_told_the_price_before_it_is_paid(caplog: pytest.LogCaptureFixture) -> None:
    next_one = Intended(order(), quote=quote(PRICE, 4), before=("fal: it is locked",))
    Driver({}, Network(), RealClock()).record(Record(next_one))
    assert caplog.messages == [f"fal: it is locked; going on with acme, {next_one.quote}"]


def test_a_virtual_clock_moves_only_by_waiting() -> None:
    slept: list[float] = []
    clock = VirtualClock(slept.append)
    assert clock.real_seconds(600.0) == 0.0
    clock.passed(600.0)
    assert (slept, clock.now().ticks) == ([600.0], 600.0)


def test_the_sandbox_says_which_clock() -> None:
    assert clock_of(None) == RealClock(1.0)
    assert clock_of(SITE) == RealClock(20.0)
    assert isinstance(clock_of(Site("", {}, {}, 0.0, print)), VirtualClock)
    assert clock_of(Site("", {}, {}, 0.0)) == RealClock(1.0)


@given(st.floats(0, 100), st.floats(0, 1))
def test_a_spread_pause_is_never_shorter_than_asked(seconds: float, spread: float) -> None:
    assert seconds <= length(Pause(seconds, spread)) <= seconds * (1 + spread) + 1e-9


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60), st.integers(1, 10))
def test_no_window_ever_holds_more_than_the_pace(rests: list[float], requests: int) -> None:
    window, ticks, starts = Window(Pace(requests, 60.0)), 0.0, []
    for rest in rests:
        ticks += rest
        wait = window.take(ticks, 1e9)
        assert wait is not None
        starts.append(ticks + wait)
    for first, later in zip(starts, starts[requests:], strict=False):
        assert later - first >= 60.0 - 1e-6
    assert starts == sorted(starts)


def test_a_place_beyond_the_deadline_is_not_taken() -> None:
    window = Window(Pace(1, 60.0))
    assert window.take(0.0, 10.0) == 0.0
    assert window.take(0.0, 10.0) is None
    assert window.take(0.0, 100.0) == 60.0


def test_threads_share_one_pace() -> None:
    window, starts = Window(Pace(5, 60.0)), []
    threads = [threading.Thread(target=lambda: starts.append(window.take(0.0, 1e9))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(starts) == [60.0 * (n // 5) for n in range(20)]


def paced(flow: Flow[float]) -> float:
    slept: list[float] = []
    at = account(Acme(pace=Pace(2, 60.0)))
    return Driver({"acme": at}, Network(), VirtualClock(slept.append)).run(flow)


def five_turns() -> Flow[float]:
    for _ in range(4):
        assert (yield Turn("acme", "status", 1e9))
    assert not (yield Turn("acme", "status", 60.0))
    assert (yield Turn("stranger", "status", 0.0))
    moment = yield from now()
    return moment.ticks


def test_a_driver_waits_for_its_turn() -> None:
    assert paced(five_turns()) == 60.0 * SLACK


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_async_driver_too(backend: str) -> None:
    import anyio

    at = account(Acme(pace=Pace(2, 60.0)))
    driver = AsyncDriver({"acme": at}, Network(), VirtualClock(lambda seconds: None))
    assert anyio.run(driver.run, five_turns(), backend=backend) == 60.0 * SLACK


def test_real_time_really_passes() -> None:
    driver = Driver({}, Network(), RealClock(10.0))
    before = time.monotonic()
    driver.run(perform(Pause(1.0)))
    assert time.monotonic() - before >= 0.1


def test_an_unknown_word_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    from omniflash.jobs import State, Status
    from tests.stage import job

    world = World({}, Network(), RealClock())
    for word in ("WEIRD", "WEIRD", "ODD"):
        world.notice(Status(job(), State.RUNNING, word, known=False))
    assert [record.getMessage().split("'")[1] for record in caplog.records] == ["WEIRD", "ODD"]
