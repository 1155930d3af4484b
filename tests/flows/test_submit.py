"""Paying once: what is written down, what is sent, and what is told when nobody can say what became of it."""

import pytest
from attrs import evolve

from omniflash import Ledger
from omniflash.adapter import Outcome
from omniflash.effects import Call, NoAnswerTrouble, NotSentTrouble, Record, Repeat, Turn
from omniflash.errors import (
    AuthenticationFailed,
    ConfigurationError,
    InvalidRequest,
    ProviderUnavailable,
    RateLimited,
    SubmissionUncertain,
)
from omniflash.flows.submit import Intent, paid_call, submit
from omniflash.jobs import Fate
from omniflash.money.entries import (
    Accepted,
    Answer,
    Asking,
    Attempted,
    Conflict,
    Entry,
    Intended,
    New,
    Refused,
    Sending,
    Settled,
    Taken,
    Uncertain,
    Unsettled,
)
from omniflash.money.records import OrderState
from omniflash.routing.plan import Desk, make_plan
from omniflash.spec import ImageToVideo, ReferenceToVideo, Refine, Request, TextToVideo
from tests.stage import DAY, OUTLOOK, Acme, Stage, account, answer, in_turn, job, raising

ACCEPTED = answer(202, {"id": "j1"})


def intent(request: Request | None = None, key: str | None = None, adapter: Acme | None = None) -> Intent:
    at = account(adapter)
    plan = make_plan(request or TextToVideo("A cat", duration=5), Desk([at]), {}, OUTLOOK)
    return Intent(plan, plan.best, at, "order-1", key)


def kinds(stage: Stage) -> list[type]:
    return [type(entry) for entry in stage.entries]


def test_it_is_written_down_before_it_is_sent_and_settled_after() -> None:
    stage = Stage(in_turn(ACCEPTED))
    accepted = stage.run(submit(intent()))
    assert kinds(stage) == [Intended, Sending, Attempted, Accepted]
    written, sent = (next(n for n, e in enumerate(stage.done) if isinstance(e, kind)) for kind in (Record, Call))
    assert written < sent
    assert (accepted.handle, accepted.order_id, accepted.submitted_at) == ("j1", "order-1", DAY)


def test_the_job_carries_request_quote_and_the_fate_of_each_field() -> None:
    accepted = Stage(in_turn(ACCEPTED)).run(submit(intent()))
    assert accepted.request == TextToVideo("A cat", duration=5)
    assert accepted.quote is not None
    assert {fate.field: (fate.fate, fate.wire) for fate in accepted.dispositions} == {
        "prompt": (Fate.SENT, "text"),
        "duration": (Fate.SENT, "seconds"),
    }


@pytest.mark.parametrize(
    "lost",
    [
        NoAnswerTrouble("reset"),
        answer(503),
        answer(408),
        answer(202, b"<html>"),
        answer(202, {}),
        answer(202, {"id": "/"}),
    ],
    ids=["reset", "503", "408", "not json", "no id", "an id that is none"],
)
def test_no_readable_answer_is_uncertain_and_never_sent_again(lost: object) -> None:
    stage = Stage(in_turn(lost, ACCEPTED))
    with pytest.raises(SubmissionUncertain) as caught:
        stage.run(submit(intent()))
    assert stage.calls == ["submit"]
    assert kinds(stage) == [Intended, Sending, Attempted, Uncertain]
    told = caught.value.order
    assert (told.id, told.offer.endpoint, told.request, told.made_at) == (
        "order-1",
        "flash",
        intent().plan.request,
        DAY,
    )
    assert "order-1" in str(caught.value)


@pytest.mark.parametrize(("refused", "error"), [(answer(422), InvalidRequest), (answer(401), AuthenticationFailed)])
def test_a_refusal_is_told_as_it_is(refused: object, error: type[Exception]) -> None:
    stage = Stage(in_turn(refused))
    with pytest.raises(error):
        stage.run(submit(intent()))
    assert kinds(stage) == [Intended, Sending, Attempted, Refused]


def test_what_was_never_sent_is_sent_again() -> None:
    stage = Stage(in_turn(NotSentTrouble("refused"), NotSentTrouble("refused"), ACCEPTED))
    assert stage.run(submit(intent())).handle == "j1"
    assert stage.calls == ["submit"] * 3


def test_a_vendor_that_is_never_reached_was_not_paid() -> None:
    stage = Stage(in_turn(NotSentTrouble("refused")))
    with pytest.raises(ProviderUnavailable):
        stage.run(submit(intent()))
    assert kinds(stage)[-1] is Refused
    assert {entry.outcome for entry in stage.entries if isinstance(entry, Attempted)} == {Outcome.UNSENT}


@pytest.mark.parametrize(("at", "written"), [(Call, [Intended, Sending, Uncertain]), (Turn, [])])
def test_ctrl_c_is_written_down_and_goes_on(at: type, written: list[type]) -> None:
    stage = Stage(in_turn(ACCEPTED), break_at=at)
    with pytest.raises(KeyboardInterrupt):
        stage.run(submit(intent()))
    assert kinds(stage) == written


def test_a_place_in_the_crowd_is_waited_for_before_anything_is_written_down() -> None:
    stage = Stage(in_turn(ACCEPTED), granted=False)
    with pytest.raises(RateLimited, match="leaves no room within 20 minutes"):
        stage.run(submit(intent(key="order-7")))
    (turn,) = stage.of(Turn)
    assert (turn.call, turn.until) == ("submit", 1_200.0)
    assert kinds(stage) == [Asking]


def test_what_was_settled_while_it_slept_is_not_sent_any_more() -> None:
    stage = Stage(in_turn(ACCEPTED), ledger=lambda entry: Settled() if isinstance(entry, Sending) else New())
    with pytest.raises(ConfigurationError, match="order-1 was settled before it was sent; nothing was sent"):
        stage.run(submit(intent()))
    assert stage.calls == []
    assert kinds(stage) == [Intended, Sending, Refused]


def test_nor_is_it_sent_again() -> None:
    """The ledger is asked before each sending: between two of them there may be a night."""
    answers = [New(), Settled()]
    stage = Stage(in_turn(answer(429, retry_after="9"), ACCEPTED))
    stage.ledger = lambda entry: answers.pop(0) if isinstance(entry, Sending) else New()
    with pytest.raises(ConfigurationError, match="nothing was sent"):
        stage.run(submit(intent()))
    assert stage.calls == ["submit"]
    assert kinds(stage) == [Intended, Sending, Attempted, Sending, Refused]


@pytest.mark.parametrize("written", [True, False], ids=["after it was written", "before"])
def test_ctrl_c_in_the_midst_of_the_first_write_leaves_the_key_free(written: bool) -> None:
    ledger, broken = Ledger("sqlite://"), list[Entry]()

    def breaking(entry: Entry) -> Answer:
        told = ledger.record(entry) if written or broken or isinstance(entry, Asking) else New()
        if isinstance(entry, Intended) and not broken:
            broken.append(entry)
            raise KeyboardInterrupt
        return told

    stage = Stage(in_turn(ACCEPTED), ledger=breaking)
    with pytest.raises(KeyboardInterrupt):
        stage.run(submit(intent(key="order-7")))
    assert stage.calls == []
    assert [record.state for record in ledger.records()] == [OrderState.REFUSED] * written
    stage = Stage(in_turn(ACCEPTED), ledger=ledger.record)
    again = evolve(intent(key="order-7"), order_id="order-2")
    assert stage.run(submit(again)).handle == "j1"
    ledger.close()


def test_a_flow_that_is_dropped_yields_nothing_more() -> None:
    flow = submit(intent())
    effect = next(flow)
    while not isinstance(effect, Call):
        effect = flow.send(Stage().carry(effect))
    flow.close()


def test_a_taken_key_gives_its_job_and_sends_nothing() -> None:
    stage = Stage(ledger=lambda entry: Taken(job("earlier")))
    assert stage.run(submit(intent(key="order-7"))).handle == "earlier"
    assert stage.calls == []


def test_a_key_that_stands_for_another_request_is_refused() -> None:
    stage = Stage(ledger=lambda entry: Conflict("use another key"))
    with pytest.raises(ConfigurationError, match="order-7"):
        stage.run(submit(intent(key="order-7")))
    assert stage.calls == []


def test_a_job_to_refine_is_looked_up_before_the_order_is_made() -> None:
    done = answer(200, {"state": "succeeded", "film": "https://acme.example/1.mp4", "clip_id": "c1"})
    stage = Stage(in_turn(done, ACCEPTED))
    stage.run(submit(intent(Refine("At night", previous=job()))))
    assert stage.calls == ["status", "submit"]
    assert stage.of(Call)[-1].json == {"text": "At night", "clip_id": "c1"}


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"state": "running"}, "is running, and has no clip"),
        ({"state": "succeeded", "film": "https://acme.example/1.mp4"}, "gave no handle"),
    ],
)
def test_what_has_no_handle_cannot_be_refined(seen: object, told: str) -> None:
    stage = Stage(in_turn(answer(200, seen)))
    with pytest.raises(InvalidRequest, match=told):
        stage.run(submit(intent(Refine("At night", previous=job()))))
    assert stage.calls == ["status"]


def test_the_paid_call_can_be_shown_without_being_made() -> None:
    shown, call = paid_call(intent(ImageToVideo("A cat", image="https://example.com/a.png?sig=1", duration=3)))
    assert call.json == {"text": "A cat", "still": "https://example.com/a.png?sig=1", "seconds": 3}
    assert (call.method, call.url, call.account, shown.id) == ("POST", "api:/jobs", "acme", "order-1")


def test_an_adapter_that_does_not_begin_with_its_paid_call_is_told() -> None:
    class Late(Acme):
        def submit(self, order):  # type: ignore[no-untyped-def]
            yield Turn("acme", "submit", 0.0)

    with pytest.raises(ConfigurationError, match="paid call"):
        paid_call(intent(adapter=Late()))


@pytest.mark.parametrize("last", [NotSentTrouble("refused"), answer(429), answer(401), answer(402)])
def test_what_comes_after_a_lost_answer_does_not_make_it_certain(last: object) -> None:
    """Under an id of ours it may be sent again; if that is never answered well, the first may still have been taken."""
    stage = Stage(in_turn(NoAnswerTrouble("reset"), last))
    with pytest.raises(SubmissionUncertain):
        stage.run(submit(intent(adapter=Acme(repeat=Repeat.WITH_SAME_ID))))
    assert kinds(stage)[-1] is Uncertain


def test_a_client_chosen_id_makes_doubt_harmless() -> None:
    stage = Stage(in_turn(NoAnswerTrouble("reset"), answer(503), ACCEPTED))
    assert stage.run(submit(intent(adapter=Acme(repeat=Repeat.WITH_SAME_ID)))).handle == "j1"
    assert stage.calls == ["submit"] * 3


def test_a_crash_inside_the_adapter_after_sending_is_uncertain() -> None:
    class Broken(Acme):
        def submit(self, order):  # type: ignore[no-untyped-def]
            yield from super().submit(order)
            raise ZeroDivisionError("a bug")

    stage = Stage(in_turn(ACCEPTED))
    with pytest.raises(SubmissionUncertain, match="a bug"):
        stage.run(submit(intent(adapter=Broken())))
    assert kinds(stage)[-1] is Uncertain


def test_an_interruption_after_the_answer_still_writes_the_job_down_and_carries_it() -> None:
    def ledger(entry: Entry) -> Answer:
        if isinstance(entry, Accepted) and not broken:
            broken.append(entry)
            raise KeyboardInterrupt
        return New()

    broken: list[Entry] = []
    stage = Stage(in_turn(ACCEPTED), ledger=ledger)
    with pytest.raises(KeyboardInterrupt) as caught:
        stage.run(submit(intent()))
    assert kinds(stage) == [Intended, Sending, Attempted, Accepted, Accepted]
    (note,) = caught.value.__notes__
    assert note.startswith("the job goes on: omni1.")


def test_ctrl_c_during_the_paid_call_carries_what_is_needed_to_look_for_it() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        Stage(in_turn(ACCEPTED), break_at=Call).run(submit(intent()))
    assert "may or may not have accepted order order-1" in caught.value.__notes__[0]


def test_another_process_that_is_paying_under_the_same_key_is_waited_for() -> None:
    answers = [Unsettled("order-0", under_way=True)] * 3 + [Taken(job("earlier"))]
    stage = Stage(ledger=lambda entry: answers.pop(0))
    assert stage.run(submit(intent(key="order-7"))).handle == "earlier"
    assert (stage.calls, stage.ticks) == ([], 1.5)


@pytest.mark.parametrize("under_way", [True, False])
def test_an_order_of_the_same_key_that_nobody_settled_is_not_paid_again(under_way: bool) -> None:
    stage = Stage(ledger=lambda entry: Unsettled("order-0", under_way))
    with pytest.raises(SubmissionUncertain, match="omniflash jobs resolve order-0"):
        stage.run(submit(intent(key="order-7")))
    assert stage.calls == []


def test_without_a_key_of_the_vendors_nothing_is_uploaded() -> None:
    at = account(key=None)
    made = make_plan(ReferenceToVideo("A cat", references=["a.png"]), Desk([at]), {}, OUTLOOK)
    stage = Stage(raising(AssertionError("sent")))
    with pytest.raises(AuthenticationFailed):
        stage.run(submit(Intent(made, made.best, at, "order-1")))
    assert stage.done == []
