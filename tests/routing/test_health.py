"""Health: what a provider's orders teach of it, when nothing is begun there, and when something is again."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from omniflash.codec import from_plain, plain
from omniflash.errors import OmniflashError
from omniflash.routing.health import (
    ENOUGH,
    FIRST_REST_S,
    FORGOTTEN_S,
    KEPT,
    LIMITED_S,
    LONGEST_LIMIT_S,
    LONGEST_REST_S,
    SIGNS,
    SUCCESS,
    TOP,
    TRIAL_S,
    TROUBLE,
    Health,
    Sight,
    Sign,
)
from omniflash.spec import Mode
from tests.stage import DAY

MODE = Mode.TEXT_TO_VIDEO
seconds = st.floats(0, 2_000)


def at(later_s: float) -> datetime:
    return DAY + timedelta(seconds=later_s)


def after(*signs: tuple[Sign, float]) -> Health:
    """The health after these signs, each so many seconds after the beginning."""
    health = Health()
    for sign, later_s in signs:
        health = health.after(Sight(sign=sign, at=at(later_s), mode=MODE, seconds=40.0, told=f"it was {sign}"))
    return health


histories = st.lists(st.tuples(st.sampled_from(Sign), seconds)).map(lambda told: sorted(told, key=lambda one: one[1]))


@given(histories, seconds)
def test_a_rest_never_lasts_longer_than_it_can(history: list[tuple[Sign, float]], later_s: float) -> None:
    now = at(2_000 + later_s)
    until = after(*history).resting_until(now)
    assert until is None or now < until <= now + timedelta(seconds=max(LONGEST_REST_S, TRIAL_S, LIMITED_S))


@given(histories)
def test_without_trouble_there_is_no_rest(history: list[tuple[Sign, float]]) -> None:
    fine = [(sign, when) for sign, when in history if sign not in TROUBLE and sign is not Sign.LIMITED]
    assert after(*fine).resting_until(at(2_000)) is None


@given(histories, st.sampled_from(sorted(SUCCESS)))
def test_a_success_at_both_stages_ends_every_rest_but_a_limits(history: list[tuple[Sign, float]], last: Sign) -> None:
    assume(all(sign is not Sign.LIMITED for sign, _ in history))
    other = next(sign for sign in SUCCESS if sign is not last)
    assert after(*history, (other, 2_000), (last, 2_000)).resting_until(at(2_000)) is None


@given(histories)
def test_it_comes_back_from_the_ledger_as_it_was(history: list[tuple[Sign, float]]) -> None:
    health = after(*history)
    assert from_plain(plain(health), Health, "a health") == health


@pytest.mark.parametrize(
    ("sign", "needed"), [(Sign.SHUT, 1), (Sign.UNCERTAIN, 2), (Sign.UNREACHED, 3), (Sign.FAILED, 3)]
)
def test_the_circuit_opens_after_so_much_trouble_in_a_row(sign: Sign, needed: int) -> None:
    few, enough = [(sign, float(n)) for n in range(needed - 1)], [(sign, float(n)) for n in range(needed)]
    assert after(*few).resting_until(at(needed)) is None
    open_ = after(*enough)
    assert open_.resting_until(at(needed)) == at(needed - 1 + FIRST_REST_S)
    assert open_.resting_until(at(needed - 1 + FIRST_REST_S)) is None
    assert open_.why(at(needed)) == f"resting after trouble: it was {sign}"


def test_one_trial_goes_ahead_and_the_next_rest_is_twice_as_long() -> None:
    rested = FIRST_REST_S + 1
    trial = after((Sign.SHUT, 0), (Sign.BEGUN, rested))
    assert trial.resting_until(at(rested + 1)) == at(rested + TRIAL_S)
    failed = after((Sign.SHUT, 0), (Sign.BEGUN, rested), (Sign.SHUT, rested + 2))
    assert failed.resting_until(at(rested + 2)) == at(rested + 2 + 2 * FIRST_REST_S)
    passed = after((Sign.SHUT, 0), (Sign.BEGUN, rested), (Sign.ANSWERED, rested + 2))
    assert passed.resting_until(at(rested + 2)) is None


def test_a_trial_that_nobody_hears_of_again_makes_room_for_another() -> None:
    trial = after((Sign.SHUT, 0), (Sign.BEGUN, FIRST_REST_S))
    assert trial.resting_until(at(FIRST_REST_S + TRIAL_S)) is None


def test_what_was_begun_before_the_rest_does_not_make_it_longer() -> None:
    crowd = after(*[(Sign.UNCERTAIN, float(n) / 10) for n in range(50)])
    assert crowd.resting_until(at(5)) == at(0.1 + FIRST_REST_S)


@given(st.integers(2, 30))
def test_rests_grow_up_to_the_longest(times: int) -> None:
    health, now = Health(), 0.0
    for _ in range(times):
        health = health.after(Sight(sign=Sign.SHUT, at=at(now)))
        until = health.resting_until(at(now))
        assert until is not None
        rest = (until - at(now)).total_seconds()
        now += rest
    assert rest == min(FIRST_REST_S * 2 ** (times - 1), LONGEST_REST_S)


def test_old_trouble_is_forgotten() -> None:
    almost = [(Sign.UNREACHED, 0.0), (Sign.UNREACHED, 1.0)]
    assert after(*almost, (Sign.UNREACHED, 2.0)).resting_until(at(2)) is not None
    assert after(*almost, (Sign.UNREACHED, 1.0 + FORGOTTEN_S)).resting_until(at(1 + FORGOTTEN_S)) is None


def test_jobs_that_fail_open_it_though_the_door_is_open() -> None:
    taken = [(sign, float(n)) for n in range(TOP // 2) for sign in (Sign.ANSWERED, Sign.FAILED)]
    assert after(*taken).resting_until(at(TOP)) is not None
    assert after(*taken, (Sign.ANSWERED, TOP)).resting_until(at(TOP)) is not None
    assert after(*taken, (Sign.MADE, TOP)).resting_until(at(TOP)) is None


@given(st.none() | st.just(0.0) | st.floats(1, 600))
def test_a_limit_holds_for_as_long_as_the_vendor_says(rest_s: float | None) -> None:
    limited = Health().after(Sight(sign=Sign.LIMITED, at=DAY, rest_s=rest_s, told="too many"))
    rest = LIMITED_S if rest_s is None else rest_s
    assert limited.resting_until(DAY) == (at(rest) if rest else None)
    assert limited.resting_until(at(rest)) is None
    if rest:
        assert limited.why(DAY) == "rate-limited: too many"


def test_no_limit_lasts_for_ever_and_a_shorter_one_does_not_end_a_longer() -> None:
    endless = Health().after(Sight(sign=Sign.LIMITED, at=DAY, rest_s=1e15))
    assert endless.resting_until(DAY) == at(LONGEST_LIMIT_S)
    twice = Health().after(Sight(sign=Sign.LIMITED, at=DAY, rest_s=60)).after(Sight(sign=Sign.LIMITED, at=at(1)))
    assert twice.resting_until(at(1)) == at(60)


@given(st.lists(st.floats(1, 600), max_size=2 * KEPT))
def test_the_expected_time_is_the_median_of_what_was_seen_lately(times: list[float]) -> None:
    health = Health()
    for taken in times:
        health = health.after(Sight(sign=Sign.MADE, at=DAY, mode=MODE, seconds=taken))
    lately = sorted(times[-KEPT:])
    expected = health.expected_s(MODE, 45.0)
    if len(times) < ENOUGH:
        assert expected == 45.0
    else:
        assert lately[(len(lately) - 1) // 2] <= expected <= lately[len(lately) // 2]
    assert health.expected_s(Mode.EDIT, 45.0) == 45.0


def test_every_refusal_has_its_sign_or_tells_nothing() -> None:
    assert set(SIGNS.values()) <= {*TROUBLE, *SUCCESS, Sign.LIMITED}
    assert all(issubclass(kind, OmniflashError) for kind in SIGNS)
    assert {Sign.BEGUN, Sign.LIMITED, *TROUBLE, *SUCCESS} == set(Sign)
