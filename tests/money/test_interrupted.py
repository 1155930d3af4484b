"""Whatever breaks in on a write, however badly it is timed, leaves the ledger whole and open to the next one."""

import signal
from types import FrameType

import pytest
from attrs import evolve

from omniflash import Ledger, TextToVideo
from omniflash.money.entries import Intended
from omniflash.money.records import OrderState
from tests.money.places import SERVED, Place
from tests.stage import order

STEP_S, STEPS = 0.000_05 if SERVED else 0.000_01, 200  # two milliseconds: a write takes less than one; ten on a server


def break_in(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing here can break in at a given moment")
def test_ctrl_c_at_any_moment_of_a_write_leaves_the_ledger_open_to_the_next(place: Place) -> None:
    ledger = Ledger(place)
    before = signal.signal(signal.SIGALRM, break_in)
    broken = 0
    try:
        for step in range(1, STEPS + 1):
            here, after = (evolve(order(TextToVideo("A cat")), id=f"{when}-{step}") for when in ("here", "after"))
            try:
                signal.setitimer(signal.ITIMER_REAL, step * STEP_S)
                ledger.record(Intended(here))
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                broken += 1
            ledger.record(Intended(after))
            assert ledger.find(after.id).state is OrderState.INTENDED
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        ledger.close()
    assert broken > 0
