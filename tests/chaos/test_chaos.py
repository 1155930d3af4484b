"""A small storm, a few ends at a write, and the broken clients: what `nox -s chaos` does at length."""

from collections.abc import Iterator

import pytest

from tests.chaos.broken import BROKEN
from tests.chaos.every_write import every_write
from tests.chaos.ground import Ground, ground
from tests.chaos.sides import Ours, Theirs
from tests.chaos.storm import LONG_LIFE_S, storm
from tests.chaos.trial import TROUBLES, trial
from tests.chaos.worker import SOUND

SEED, FEW, RATE, STRIDE = 1, 4, 0.2, 37


@pytest.fixture(scope="module")
def here() -> Iterator[Ground]:
    with ground("tests.chaos.fal_client_run") as made:
        yield made


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_no_job_is_lost_or_billed_twice_whatever_goes_wrong(here: Ground, provider: str) -> None:
    made = storm(here, Ours(), provider, SEED, FEW)
    here.sandbox.chaos(SEED, RATE)
    verdict = made.run()
    assert (verdict.lost, verdict.twice) == ((), ())
    assert verdict.asked == verdict.accepted == verdict.delivered + verdict.without_clip
    assert here.faults


@pytest.mark.parametrize(("provider", "way"), [("fal", "threads"), ("pixeldojo", "tasks")])
def test_no_job_is_lost_or_billed_twice_wherever_it_is_killed(here: Ground, provider: str, way: str) -> None:
    moments = list(every_write(here, provider, way, step=STRIDE))
    assert [moment.number for moment in moments if not moment.verdict.kept or moment.verdict.delivered != 1] == []
    assert len(moments) > 2
    assert moments[-1].whole


def test_the_same_storm_goes_through_fals_own_client(here: Ground) -> None:
    made = storm(here, Theirs(), "fal", SEED, FEW)
    made.longest_life_s = LONG_LIFE_S
    here.sandbox.chaos(SEED, RATE)
    verdict = made.run()
    assert verdict.asked == FEW
    assert verdict.accepted >= FEW


@pytest.mark.parametrize("name", BROKEN)
def test_a_client_that_is_broken_is_caught_where_a_sound_one_is_not(here: Ground, name: str) -> None:
    assert trial(here, name, TROUBLES[name]) != ()
    assert trial(here, SOUND, TROUBLES[name]) == ()
