"""When a call may be sent again: the table of repeats and outcomes, walked whole (JOB-ONCE)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.adapter import Outcome
from omniflash.effects import Call, NoAnswerTrouble, NotSentTrouble, Pause, Repeat, Response, call
from omniflash.errors import InvalidRequest, OmniflashError, ProviderUnavailable, RateLimited, SubmissionUncertain
from omniflash.flows import attempt as attempting
from omniflash.flows.attempt import LONGEST_BACKOFF_S, TRIES, VERDICTS, Attempt, Verdict, backoff
from omniflash.money.entries import Attempted
from tests.stage import Stage, account, answer, in_turn, order

# One world for each outcome: what happens, and the status that the made-up vendor gives for it.
WORLDS = {
    Outcome.UNSENT: NotSentTrouble("refused"),
    Outcome.REFUSED: answer(429),
    Outcome.UNCLEAR: NoAnswerTrouble("reset"),
    Outcome.FINE: answer(200),
    Outcome.FINAL: answer(422),
}
EVERY = [(repeat, outcome) for repeat in Repeat for outcome in Outcome]


def tried(repeat: Repeat, *results: object, until: float = 1e9) -> tuple[Stage, Attempt, object]:
    stage = Stage(in_turn(*results))
    attempt = Attempt(account(), until, order())
    try:
        ended: object = stage.run(attempt.run(call(Call("submit", "POST", "api:/jobs", repeat=repeat))))
    except OmniflashError as error:
        ended = error
    return stage, attempt, ended


def test_the_table_in_the_docstring_is_the_table_in_the_code() -> None:
    words = {
        Verdict.AGAIN: "again",
        Verdict.HAND_IN: "hand in",
        Verdict.THROW_IN: "throw in",
        Verdict.UNCERTAIN: "SubmissionUncertain",
    }
    rows = {"FREELY": Repeat.FREELY, "SAME_ID": Repeat.WITH_SAME_ID, "IF_REFUSED": Repeat.IF_REFUSED}
    told = [
        line.split() for line in (attempting.__doc__ or "").splitlines() if line.split()[:1] and line.split()[0] in rows
    ]
    assert len(told) == len(Repeat)
    for name, *cells in told:
        assert " ".join(cells) == " ".join(words[VERDICTS[rows[name]][outcome]] for outcome in Outcome)


@pytest.mark.parametrize(("repeat", "outcome"), EVERY, ids=lambda cell: cell.name)
def test_every_cell_does_what_it_says(repeat: Repeat, outcome: Outcome) -> None:
    verdict = VERDICTS[repeat][outcome]
    stage, attempt, ended = tried(repeat, WORLDS[outcome], answer(200))
    sent = len(stage.of(Call))
    match verdict:
        case Verdict.AGAIN:
            assert sent == 2
            assert isinstance(ended, Response)
        case Verdict.HAND_IN:
            assert sent == 1
            assert ended == answer(200)
        case Verdict.THROW_IN:
            assert sent == 1
            assert isinstance(ended, InvalidRequest)
        case Verdict.UNCERTAIN:
            assert sent == 1
            assert isinstance(ended, SubmissionUncertain)
            assert ended.order == order()
    paid, last = repeat is not Repeat.FREELY, Outcome.FINE if verdict is Verdict.AGAIN else outcome
    assert attempt.doubt is (paid and last in (Outcome.UNCLEAR, Outcome.FINE))


@pytest.mark.parametrize("outcome", Outcome, ids=lambda outcome: outcome.name)
def test_a_paid_call_is_written_down_with_each_outcome(outcome: Outcome) -> None:
    stage, _, _ = tried(Repeat.IF_REFUSED, WORLDS[outcome], answer(422))
    outcomes = [entry.outcome for entry in stage.entries if isinstance(entry, Attempted)]
    assert outcomes[0] is outcome
    assert len(outcomes) == len(stage.of(Call))


def test_a_free_call_is_not_written_down() -> None:
    stage, _, _ = tried(Repeat.FREELY, answer(200))
    assert stage.entries == []


@given(st.integers(200, 599))
def test_no_status_makes_a_paid_call_be_sent_twice_unless_it_was_refused(status: int) -> None:
    stage, _, ended = tried(Repeat.IF_REFUSED, answer(status))
    assert len(stage.of(Call)) == (TRIES if status == 429 else 1)
    unclear = status in (408, 409) or 300 <= status < 400 or status >= 500
    assert isinstance(ended, SubmissionUncertain) is unclear


def test_again_is_bounded_by_a_number_of_tries() -> None:
    stage, _, ended = tried(Repeat.FREELY, answer(503))
    assert len(stage.of(Call)) == TRIES
    assert isinstance(ended, ProviderUnavailable)


def test_again_is_bounded_by_the_deadline() -> None:
    stage, _, ended = tried(Repeat.FREELY, answer(503), until=1.0)
    assert stage.ticks <= 1.0
    assert len(stage.of(Call)) == 2
    assert isinstance(ended, ProviderUnavailable)


def test_retry_after_is_honoured() -> None:
    stage, _, _ = tried(Repeat.IF_REFUSED, answer(429, retry_after="7"), answer(200))
    (rest,) = stage.of(Pause)
    assert (rest.seconds, "HTTP 429" in rest.why) == (7.0, True)


def test_a_retry_after_beyond_the_deadline_is_told_at_once() -> None:
    stage, attempt, ended = tried(Repeat.IF_REFUSED, answer(429, retry_after="3600"), until=60.0)
    assert len(stage.of(Call)) == 1
    assert isinstance(ended, RateLimited)
    assert ended.retry_after == 3600.0
    assert not attempt.doubt


def test_no_turn_before_the_deadline_means_nothing_was_sent() -> None:
    stage = Stage(granted=False)
    with pytest.raises(RateLimited):
        stage.run(Attempt(account(), 10.0, order()).run(call(Call("submit", "POST", "api:/jobs"))))
    assert stage.of(Call) == []


def test_waits_grow_and_stay_bounded() -> None:
    waits = [backoff(number) for number in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_BACKOFF_S


@pytest.mark.parametrize("moment", [Call, Pause])
def test_an_interruption_goes_on_and_leaves_doubt_only_when_the_call_was_under_way(moment: type) -> None:
    stage, attempt = Stage(in_turn(answer(429)), break_at=moment), Attempt(account(), 1e9, order())
    with pytest.raises(KeyboardInterrupt):
        stage.run(attempt.run(call(Call("submit", "POST", "api:/jobs", repeat=Repeat.IF_REFUSED))))
    assert attempt.doubt is (moment is Call)


def test_a_paid_call_outside_of_an_order_is_not_repeated_either() -> None:
    stage = Stage(in_turn(NoAnswerTrouble("reset"), answer(200)))
    with pytest.raises(ProviderUnavailable):
        stage.run(Attempt(account(), 1e9).run(call(Call("upload", "POST", "api:/files", repeat=Repeat.IF_REFUSED))))
    assert stage.calls == ["upload"]
