"""Looking at a job until it is over (JOB-POLL, JOB-DEADLINE, JOB-RESUME, JOB-EMPTY)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Provider
from omniflash.accounts import resolve
from omniflash.adapter import Pace
from omniflash.drive.memory import Memory
from omniflash.effects import Call, Effect, Flow, NoAnswerTrouble, Pause, Response, Tell, call
from omniflash.errors import (
    AuthenticationFailed,
    DeadlineExceeded,
    GenerationFailed,
    JobCancelled,
    Money,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderUnavailable,
)
from omniflash.flows.attempt import TRIES
from omniflash.flows.wait import LATEST_S, SOONEST_S, cancel, next_look, soonest_look, status, wait
from omniflash.jobs import Clip, Job, State, Status
from omniflash.money.entries import Accepted, Answer, Consulting, Entry, Finished, Intended, Known, Watching
from omniflash.money.ledger import Ledger
from omniflash.routing.health import ENOUGH, NEAR_S
from omniflash.spec import Mode
from tests.stage import DAY, Acme, Stage, account, answer, in_turn, job, order, raising

FILM = "https://acme.example/1.mp4"
RUNNING = answer(200, {"state": "running"})
DONE = answer(200, {"state": "succeeded", "film": FILM})


def looking(stage: Stage, ends_at: float) -> None:
    """Make the stage's vendor finish the job at a moment."""
    stage.world = lambda effect: DONE if stage.ticks >= ends_at else RUNNING


def waited(ends_at: float, timeout: float = 1200.0, adapter: Acme | None = None) -> Stage:
    stage = Stage()
    looking(stage, ends_at)
    stage.run(wait(account(adapter), job(), 40.0, timeout))
    return stage


@given(st.floats(0, 600))
def test_the_end_is_noticed_soon_after_it_came(ends_at: float) -> None:
    late = waited(ends_at).ticks - ends_at
    assert late <= max(40.0 / 4, SOONEST_S + ends_at / 20)


@given(st.floats(36, 80))
def test_and_sooner_around_the_expected_length(ends_at: float) -> None:
    assert waited(ends_at).ticks - ends_at <= 2.0


def test_a_forty_second_job_takes_few_looks() -> None:
    assert len(waited(40.0).calls) <= 20


@given(st.floats(0, 2000), st.floats(0, 300), st.floats(0, 60))
def test_looks_keep_their_distance(age: float, expected: float, soonest: float) -> None:
    rest = next_look(age, expected, soonest)
    assert soonest <= rest <= max(LATEST_S, soonest)


def test_a_stated_pace_spaces_the_looks() -> None:
    assert soonest_look(account(Acme(pace=Pace(10)))) == 6.0
    pauses = waited(40.0, adapter=Acme(pace=Pace(10))).of(Pause)
    assert min(pause.seconds for pause in pauses) >= 6.0


def test_every_look_is_shown_and_the_end_is_written_down() -> None:
    stage = waited(5.0)
    assert len(stage.of(Tell)) == len(stage.calls)
    assert [type(entry) for entry in stage.entries] == [Watching, Finished]


def the_end(stage: Stage) -> Finished:
    (end,) = (entry for entry in stage.entries if isinstance(entry, Finished))
    return end


@given(st.floats(0.1, 1000))
def test_of_an_end_it_is_told_how_long_before_the_job_was_seen_under_way(ends_at: float) -> None:
    stage = waited(ends_at)
    since_s = the_end(stage).since_s
    assert since_s is not None
    assert 0 < since_s <= NEAR_S
    assert stage.ticks - since_s <= ends_at + 1e-3, "that look saw it under way"


def test_a_first_look_does_not_know_since_when_a_job_is_over() -> None:
    assert the_end(waited(0.0)).since_s is None


def test_a_watcher_who_takes_time_and_looks_that_fail_do_not_bring_the_end_nearer() -> None:
    lost = [NoAnswerTrouble("reset")] * 40
    stage = Stage(in_turn(RUNNING, *lost, DONE))
    stage.run(wait(account(), job(), 40.0, 1200.0))
    assert the_end(stage).since_s == pytest.approx(stage.ticks)


Keeper = Callable[[Callable[[], datetime]], Callable[[Entry], Answer]]
KEEPERS: list[Keeper] = [lambda now: Memory(now).record, lambda now: Ledger("sqlite://", now=now).record]


@pytest.mark.parametrize("keeper", KEEPERS, ids=["memory", "ledger"])
@pytest.mark.parametrize(("away_s", "learned"), [(0.0, True), (3600.0, False)])
def test_a_clip_that_nobody_looked_at_for_an_hour_did_not_take_an_hour(
    away_s: float, learned: bool, keeper: Keeper
) -> None:
    """Jobs of ten seconds, each waited for until time runs out, and again when somebody comes back."""
    stage = Stage()
    stage.ledger = keeper(lambda: DAY + timedelta(seconds=stage.ticks))
    for number in range(ENOUGH):
        made = job(f"j{number}", f"order-{number}")
        stage.ledger(Intended(evolve(order(), id=made.order_id)))
        stage.ledger(Accepted(made))
        looking(stage, stage.ticks + 10.0)
        with pytest.raises(DeadlineExceeded):
            stage.run(wait(account(), made, 40.0, 5.0))
        stage.ticks += away_s
        stage.run(wait(account(), made, 40.0, 60.0))
    known = stage.ledger(Consulting(("acme",)))
    assert isinstance(known, Known)
    expected = known.health["acme"].expected_s(Mode.TEXT_TO_VIDEO, 40.0)
    assert (expected < 20.0) if learned else (expected == 40.0)
    assert not known.health["acme"].ladders, "that it was made is learned all the same"


def test_time_runs_out_with_the_job_alive() -> None:
    stage = Stage(in_turn(RUNNING))
    with pytest.raises(DeadlineExceeded) as caught:
        stage.run(wait(account(), job(), 40.0, 100.0))
    assert stage.ticks == pytest.approx(100.0)
    assert caught.value.job == job()
    assert job().token in str(caught.value)


def test_trouble_while_looking_says_nothing_of_the_job() -> None:
    stage = Stage(in_turn(*[NoAnswerTrouble("reset")] * 20, answer(503), answer(429, retry_after="30"), DONE))
    assert stage.run(wait(account(), job(), 40.0, 1200.0)) == Clip(FILM, "acme", job=job().token)


def test_an_outage_until_the_deadline_is_told_with_its_reason() -> None:
    stage = Stage(in_turn(NoAnswerTrouble("reset by peer")))
    with pytest.raises(DeadlineExceeded, match="reset by peer") as caught:
        stage.run(wait(account(), job(), 40.0, 100.0))
    assert caught.value.job == job()


@pytest.mark.parametrize("timeout", [0.0, 0.3, 3.0, 100.0])
@pytest.mark.parametrize("said", [RUNNING, NoAnswerTrouble("reset by peer")], ids=["running", "outage"])
def test_a_deadline_that_has_passed_is_nobodys_fault(said: Response | NoAnswerTrouble, timeout: float) -> None:
    """As clocks are: each pause ends a little late, and time goes by at each question after it."""

    class Clock(Stage):
        def carry(self, effect: Effect) -> object:
            self.ticks += 0.001
            return super().carry(effect)

    stage = Clock(in_turn(said))
    stage.granted = lambda turn: stage.ticks <= turn.until
    with pytest.raises(DeadlineExceeded, match=f"^the job was not over after {timeout:g} s") as caught:
        stage.run(wait(account(), job(), 40.0, timeout))
    assert "pace" not in str(caught.value)
    assert ("the last look failed" in str(caught.value)) is (said is not RUNNING and bool(stage.calls))
    assert bool(stage.calls) is (timeout > 0)


def test_what_makes_looking_useless_ends_it_and_carries_the_job() -> None:
    stage = Stage(in_turn(answer(404)))
    with pytest.raises(NotFound) as caught:
        stage.run(wait(account(), job(), 40.0, 100.0))
    assert caught.value.job == job()
    assert stage.calls == ["status"]


@pytest.mark.parametrize(("state", "error"), [("failed", GenerationFailed), ("cancelled", JobCancelled)])
def test_a_job_that_ended_without_a_clip_is_its_error_and_is_over(state: str, error: type[OmniflashError]) -> None:
    stage = Stage(in_turn(answer(200, {"state": state})))
    with pytest.raises(error, match=state) as caught:
        stage.run(wait(account(), job(), 40.0, 100.0))
    assert caught.value.job is None


def test_ctrl_c_carries_the_token() -> None:
    stage = Stage(in_turn(RUNNING), break_at=Pause)
    with pytest.raises(KeyboardInterrupt) as caught:
        stage.run(wait(account(), job(), 40.0, 100.0))
    assert any(job().token in note for note in caught.value.__notes__)


def test_a_wait_that_is_dropped_yields_nothing_more() -> None:
    flow = wait(account(), job(), 40.0, 100.0)
    next(flow)
    flow.close()


def test_the_age_of_a_job_is_heeded() -> None:
    old = evolve(job(), submitted_at=DAY - timedelta(seconds=60))
    stage = Stage(in_turn(RUNNING, DONE))
    stage.run(wait(account(), old, 40.0, 100.0))
    assert stage.of(Pause)[0].seconds == pytest.approx(1.0)


def test_cancel_is_one_call() -> None:
    stage = Stage(in_turn(answer(200)))
    assert not stage.run(cancel(account(), job())).may_bill
    assert stage.calls == ["cancel"]


def test_a_cancel_without_an_answer_carries_the_job_and_says_that_it_may_cost_money() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        Stage(raising(NoAnswerTrouble("lost"))).run(cancel(account(), job()))
    assert (caught.value.job, caught.value.money) == (job(), Money.MAYBE)


class Strict(Acme):
    """The made-up vendor, read by an adapter that says what is nonsense."""

    def status(self, job: Job) -> Flow[Status]:
        response = yield from call(Call("status", "GET", f"api:/jobs/{job.handle}"))
        if "state" not in json.loads(response.body):
            raise ProtocolError("no state")
        return Status(job, State.SUCCEEDED, "succeeded", clip=Clip(FILM, "acme"))


def test_one_answer_of_nonsense_is_looked_past_and_three_are_not() -> None:
    nonsense, at = answer(200, {}), account(Strict())
    assert Stage(in_turn(nonsense, nonsense, DONE)).run(wait(at, job(), 40.0, 600.0)).url == FILM
    stage = Stage(in_turn(nonsense))
    with pytest.raises(ProtocolError) as caught:
        stage.run(wait(at, job(), 40.0, 600.0))
    assert (len(stage.calls), caught.value.job, caught.value.money) == (3, job(), Money.MAYBE)


def test_the_next_look_waits_as_long_as_the_vendor_says() -> None:
    busy = answer(429, {}, retry_after="30")
    stage = Stage(in_turn(*[busy] * TRIES, DONE))
    stage.run(wait(account(), job(), 40.0, 1200.0))
    assert stage.ticks >= 30 * TRIES


def test_an_error_of_a_job_that_was_accepted_does_not_say_that_nothing_was_spent() -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        Stage(in_turn(answer(401))).run(wait(account(), job(), 40.0, 600.0))
    assert (caught.value.money, caught.value.job) == (Money.MAYBE, job())


@pytest.mark.parametrize(
    ("provider", "told", "usd"),
    [
        (Provider("pixeldojo", key="pd_the-key"), {"creditCost": 16}, Decimal(1)),
        (Provider("pixeldojo", key="pd_the-key", credit_usd=Decimal("0.05")), {"creditCost": 16}, Decimal("0.80")),
        (Provider("pixeldojo", key="pd_the-key"), {}, None),
    ],
)
def test_what_a_job_was_charged_is_written_down_in_dollars(
    provider: Provider, told: dict[str, int], usd: Decimal | None
) -> None:
    dojo = resolve(provider)
    stage = Stage(in_turn(answer(200, {"status": "completed", "output": {"video": FILM}, **told})))
    stage.run(status(dojo, evolve(job(), provider="pixeldojo")))
    (entry,) = stage.entries
    assert isinstance(entry, Finished)
    assert entry.usd == usd
