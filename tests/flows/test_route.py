"""Fail-over: the next is asked only where it is certain that nothing was billed, and never one that rests."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash.accounts import Account
from omniflash.codec import from_json, to_json
from omniflash.drive.memory import Memory
from omniflash.effects import Call, Effect, NoAnswerTrouble, NotSentTrouble, Pause
from omniflash.errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ConfigurationError,
    ContentRejected,
    GenerationFailed,
    InvalidRequest,
    Money,
    OmniflashError,
    PlanOutdated,
    ProviderResting,
    ProviderUnavailable,
    RateLimited,
    SubmissionUncertain,
)
from omniflash.flows.route import OTHERS_S, REFUSALS, Errand, goes_on, nobody, onward, route
from omniflash.flows.submit import SUBMIT_PATIENCE_S
from omniflash.jobs import Job
from omniflash.money.budgets import Budget
from omniflash.money.entries import Accepted, Intended, Over, Refused, Resting, Uncertain
from omniflash.routing.health import FIRST_REST_S
from omniflash.routing.plan import Desk, Outlook, Plan, make_plan
from omniflash.spec import Mode, TextToVideo, Violation
from tests.stage import DAY, OUTLOOK, PRICE, Acme, Stage, account, answer, offer

TAKEN = answer(200, {"id": "j1"})
CLOSED, LOST = NotSentTrouble("connection refused"), NoAnswerTrouble("reset")
REQUEST = TextToVideo("A cat", duration=5)
NAMES = ("cheap", "dear", "dearest")


def at(name: str) -> Account:
    """An account whose price is told by its place among the names."""
    price = evolve(PRICE, rate=evolve(PRICE.rate, per_second=Decimal(NAMES.index(name) + 1) / 10))
    one = offer(Mode.TEXT_TO_VIDEO, evolve(price, bound=price.rate), name)
    return account(Acme(name=name, offers=(one,)), f"{name}-key-1234")


def planned(*names: str, outlook: Outlook = OUTLOOK) -> Plan:
    return make_plan(REQUEST, Desk([at(name) for name in names]), {}, outlook)


def errand(*names: str, **more: object) -> Errand:
    return Errand(planned(*names), {name: at(name) for name in names}, "4711", **more)  # type: ignore[arg-type]


class Vendors:
    """What each vendor does when it is asked; the last of it for ever. Its orders are remembered as a client's are."""

    def __init__(self, **script: object) -> None:
        self.script = {name: list(told) if isinstance(told, list) else [told] for name, told in script.items()}
        self.asked: list[tuple[str, float]] = []
        self.stage = Stage(self.world)
        self.stage.ledger = Memory(lambda: DAY + timedelta(seconds=self.stage.ticks)).record

    def world(self, effect: Effect) -> object:
        assert isinstance(effect, Call)
        self.asked.append((effect.account, self.stage.ticks))
        left = self.script[effect.account]
        result = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(result, BaseException):
            raise result
        return result

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.asked))

    def run(self, what: Errand) -> Job:
        return self.stage.run(route(what))

    def ended(self, what: Errand) -> Job | OmniflashError:
        try:
            return self.run(what)
        except OmniflashError as problem:
            return problem


CERTAIN = {"closed": CLOSED, "limited": answer(429), "locked": answer(403), "empty": answer(402), "gone": answer(404)}
CERTAIN |= {"malformed": answer(422)}
DOUBTFUL = {"lost": LOST, "503": answer(503), "408": answer(408), "no id": answer(200, {})}
results = st.sampled_from([*CERTAIN, *DOUBTFUL, "taken"])
RESULTS: Mapping[str, object] = {**CERTAIN, **DOUBTFUL, "taken": TAKEN}


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, results)))
def test_whoever_takes_it_is_paid_once_and_doubt_ends_it(script: Mapping[str, str]) -> None:
    vendors = Vendors(**{name: RESULTS[result] for name, result in script.items()})
    decided = next((name for name in NAMES if script[name] not in CERTAIN), None)
    match vendors.ended(errand(*NAMES)):
        case SubmissionUncertain(order=order):
            assert decided is not None
            assert script[decided] in DOUBTFUL
            assert order.account == decided
        case OmniflashError(money=money):
            assert (decided, money) == (None, Money.NO)
        case Job(order_id=order_id):
            assert decided is not None
            assert script[decided] == "taken"
            assert order_id == ("4711" if decided == NAMES[0] else f"4711-{NAMES.index(decided) + 1}")
    asked = NAMES if decided is None else NAMES[: NAMES.index(decided) + 1]
    assert vendors.names == list(asked)
    assert [name for name, _ in vendors.asked].count(decided or "") <= 1, "whoever decides it is asked once"
    ends = [type(entry) for entry in vendors.stage.entries if isinstance(entry, Accepted | Refused | Uncertain)]
    assert ends[:-1] == [Refused] * (len(ends) - 1)


def test_each_order_says_why_it_is_its_turn() -> None:
    vendors = Vendors(cheap=CLOSED, dear=TAKEN)
    vendors.run(errand("cheap", "dear"))
    first, second = (entry for entry in vendors.stage.entries if isinstance(entry, Intended))
    assert (first.chosen, first.before) == ("1 of 2 by cheapest: $0.50, about 40 s", ())
    assert second.before == ("cheap gave no answer to 'submit': connection refused",)


def test_an_answer_is_waited_for_as_long_as_ever() -> None:
    """What is cut short is asking again, never the paid call: one that is not heard out is uncertain."""
    vendors = Vendors(cheap=TAKEN, dear=TAKEN)
    vendors.run(errand("cheap", "dear"))
    (paid,) = vendors.stage.of(Call)
    assert paid.until - vendors.stage.ticks >= SUBMIT_PATIENCE_S


@pytest.mark.parametrize("result", [answer(429, retry_after="60"), CLOSED])
def test_others_are_not_kept_waiting_by_the_first(result: object) -> None:
    vendors = Vendors(cheap=result, dear=TAKEN)
    vendors.run(errand("cheap", "dear"))
    assert vendors.stage.ticks <= OTHERS_S * 1.5


def test_the_last_one_is_given_its_time() -> None:
    vendors = Vendors(cheap=[answer(429, retry_after="60"), TAKEN])
    assert vendors.run(errand("cheap")).handle == "j1"
    assert 60 <= vendors.stage.ticks <= SUBMIT_PATIENCE_S


def test_when_nobody_takes_it_everybody_is_told() -> None:
    vendors = Vendors(cheap=answer(403), dear=answer(403))
    with pytest.raises(AuthenticationFailed, match=r"nobody took it: cheap .* dear ") as told:
        vendors.run(errand("cheap", "dear"))
    assert told.value.money is Money.NO
    vendors = Vendors(cheap=answer(403), dear=answer(429, retry_after="500"))
    with pytest.raises(ProviderUnavailable) as other:
        vendors.run(errand("cheap", "dear"))
    assert other.value.retry_after == 500


def test_what_everybody_said_is_told_with_their_names() -> None:
    vendors = Vendors(cheap=TAKEN, dear=TAKEN)
    remembered = vendors.stage.ledger
    over = Over("it may cost up to $0.50", "allow more")
    vendors.stage.ledger = lambda entry: over if isinstance(entry, Intended) else remembered(entry)
    told = r"^nobody took it: cheap: it may cost up to \$0.50; allow more; dear: it may cost up to \$0.50; allow more; "
    with pytest.raises(BudgetExceeded, match=told):
        vendors.run(errand("cheap", "dear"))


def test_one_that_rests_is_not_asked_until_its_rest_is_over() -> None:
    vendors = Vendors(cheap=[answer(403), TAKEN], dear=TAKEN)
    for _ in range(3):
        vendors.run(errand("cheap", "dear"))
    assert [name for name, _ in vendors.asked] == ["cheap", "dear", "dear", "dear"]
    vendors.stage.ticks += FIRST_REST_S
    vendors.run(errand("cheap", "dear"))
    assert vendors.asked[-1][0] == "cheap"


def test_where_all_rest_the_first_rest_is_waited_for() -> None:
    vendors = Vendors(cheap=[answer(403), TAKEN], dear=[answer(403), TAKEN])
    with pytest.raises(AuthenticationFailed):
        vendors.run(errand("cheap", "dear"))
    begin = vendors.stage.ticks
    assert vendors.run(errand("cheap", "dear")).handle == "j1"
    assert vendors.asked[-1][1] - begin >= FIRST_REST_S - 1
    (rest,) = vendors.stage.of(Pause)
    assert rest.why.startswith("nothing is begun at cheap for ")


def test_a_rest_that_is_too_long_is_told() -> None:
    vendors = Vendors(cheap=answer(429, retry_after="900"), dear=answer(429, retry_after="800"))
    for _ in range(2):
        with pytest.raises((ProviderUnavailable, RateLimited)) as told:
            vendors.run(errand("cheap", "dear"))
    assert "nothing is begun at cheap for" in str(told.value)
    assert told.value.retry_after is not None
    assert told.value.retry_after > SUBMIT_PATIENCE_S


def test_whoever_names_one_provider_gets_that_one() -> None:
    vendors = Vendors(cheap=[answer(403), TAKEN])
    with pytest.raises(AuthenticationFailed):
        vendors.run(errand("cheap"))
    assert vendors.run(errand("cheap")).handle == "j1"


def test_a_rest_that_begins_while_it_is_prepared_is_heeded_too() -> None:
    """Another process may have had trouble since it was looked at: the ledger says so as the order is written down."""
    vendors = Vendors(cheap=TAKEN, dear=TAKEN)
    remembered = vendors.stage.ledger
    vendors.stage.ledger = lambda entry: (
        Resting(DAY + timedelta(seconds=100), "it is locked")
        if isinstance(entry, Intended) and entry.order.account == "cheap"
        else remembered(entry)
    )
    vendors.run(errand("cheap", "dear"))
    assert vendors.names == ["dear"]


def first(stored: dict[str, Any]) -> Any:
    return stored["candidates"][0]


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a longer clip": lambda stored: stored["request"].update(duration=10),
    "no length": lambda stored: stored["request"].pop("duration"),
    "another prompt": lambda stored: stored["request"].update(prompt="A dog"),
    "one field more": lambda stored: stored["request"].update(aspect_ratio="9:16"),
    "a lower quote": lambda stored: first(stored)["quote"].update(amount="0.01", bound="0.01"),
    "a lower bound": lambda stored: first(stored)["quote"].update(bound="0.01"),
    "a quote below nothing": lambda stored: first(stored)["quote"].update(amount="-5", bound="-5"),
    "a quote of nothing": lambda stored: first(stored)["quote"].update(
        amount="0", bound="0", asked_at="2026-11-20T12:00:00+00:00"
    ),
    "no word of what was offered": lambda stored: first(stored).update(offered=""),
    "a file that is not in it": lambda stored: first(stored).update(hosted_by="dear", hosted=["image"]),
}


class TestOutdated:
    """A plan is a value: it may be submitted later, or elsewhere."""

    def test_a_price_that_changed_is_told_before_anything_is_paid(self) -> None:
        plan, vendors = planned("cheap", "dear"), Vendors(cheap=TAKEN, dear=TAKEN)
        now = {"dear": at("dear"), "cheap": evolve(at("dearest"), name="cheap")}
        with pytest.raises(PlanOutdated, match=r"what cheap offers has changed: it asked \$0.50, and asks \$1.50"):
            vendors.run(Errand(plan, now, "4711"))
        assert vendors.asked == []

    def test_so_is_another_field(self) -> None:
        plan, vendors = planned("cheap"), Vendors(cheap=TAKEN)
        there = at("cheap")
        (one,) = there.offers
        other = evolve(there, adapter=Acme(name="cheap", offers=(evolve(one, endpoint="flash-2"),)))
        with pytest.raises(PlanOutdated, match="its endpoint, its fields or where its price stands"):
            vendors.run(Errand(plan, {"cheap": other}, "4711"))

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
    def test_one_that_somebody_wrote_in_is_not_carried_out(self, edit: Callable[[dict[str, Any]], object]) -> None:
        stored = to_json(planned("cheap", "dear"))
        edit(stored)
        vendors = Vendors(cheap=TAKEN, dear=TAKEN)
        with pytest.raises(PlanOutdated):
            vendors.run(Errand(from_json(stored, Plan), {name: at(name) for name in ("cheap", "dear")}, "4711"))
        assert vendors.asked == []

    def test_one_that_breaks_the_spec_by_now_is_refused_by_its_clause(self) -> None:
        stored = to_json(planned("cheap"))
        stored["request"].update(duration=99)  # type: ignore[union-attr]  # a request is a mapping
        vendors = Vendors(cheap=TAKEN)
        with pytest.raises(InvalidRequest, match="REQ-DURATION"):
            vendors.run(Errand(from_json(stored, Plan), {"cheap": at("cheap")}, "4711"))
        assert vendors.asked == []

    def test_one_that_was_only_stored_is(self) -> None:
        stored = from_json(to_json(planned("cheap")), Plan)
        vendors = Vendors(cheap=TAKEN)
        assert vendors.run(Errand(stored, {"cheap": at("cheap")}, "4711")).handle == "j1"

    def test_a_plan_from_elsewhere_is_carried_out_by_whom_there_is_here(self) -> None:
        vendors = Vendors(dear=TAKEN)
        assert vendors.run(Errand(planned("cheap", "dear"), {"dear": at("dear")}, "4711")).handle == "j1"


class TestOnward:
    """After a job that was accepted."""

    plan, job = planned("cheap", "dear"), Job("cheap", "1.0", Mode.TEXT_TO_VIDEO, "j1", "4711")

    def test_one_that_failed_unbilled_goes_to_the_others(self) -> None:
        onto = onward(self.plan, self.job, GenerationFailed("it crashed", money=Money.NO))
        assert onto is not None
        assert [one.account for one in onto.candidates] == ["dear"]
        assert [(out.account, out.reasons[0].clause) for out in onto.ruled_out] == [("cheap", "FAILED")]

    @pytest.mark.parametrize(
        "problem",
        [
            GenerationFailed("it crashed"),
            GenerationFailed("it crashed", money=Money.YES),
            ContentRejected("no", money=Money.NO),
            ProviderUnavailable("the look failed", job=job),
            ProviderUnavailable("its vendor says that it was down, and nothing of the bill"),
        ],
    )
    def test_whatever_may_be_billed_or_goes_on_stays(self, problem: OmniflashError) -> None:
        assert onward(self.plan, self.job, problem) is None
        with pytest.raises(ConfigurationError, match=r"^job j1 may be billed, or go on: "):
            errand("dear").instead_of((self.job, problem))

    def test_so_does_what_nobody_else_can_make(self) -> None:
        assert onward(planned("cheap"), self.job, GenerationFailed("it crashed", money=Money.NO)) is None
        other = evolve(self.job, provider="stranger")
        assert onward(self.plan, other, GenerationFailed("it crashed", money=Money.NO)) is None

    def test_the_next_order_goes_on_with_its_number_and_its_reason(self) -> None:
        vendors = Vendors(dear=TAKEN)
        failed = GenerationFailed("it crashed", money=Money.NO)
        onto = onward(self.plan, self.job, failed)
        assert onto is not None
        job = vendors.run(Errand(onto, {"dear": at("dear")}, "new").instead_of((self.job, failed)))
        assert job.order_id == "4711-2-new"
        (intended,) = (entry for entry in vendors.stage.entries if isinstance(entry, Intended))
        assert intended.before == ("cheap: it crashed",)
        assert Errand(onto, {}, "new").instead_of((job, failed)).number == 3


def test_a_key_that_is_not_there_makes_nobody_else() -> None:
    """Who has a key for one provider alone asks that one, however many are installed."""
    two = {"cheap": at("cheap"), "dear": evolve(at("dear"), key=None)}
    assert not Errand(planned("cheap", "dear"), two, "4711").routed


def test_a_budget_that_is_gone_at_one_sends_the_job_to_the_next() -> None:
    vendors = Vendors(cheap=TAKEN, dear=TAKEN)
    remembered = vendors.stage.ledger
    vendors.stage.ledger = lambda entry: (
        Over("nothing is left at cheap", "wait")
        if isinstance(entry, Intended) and entry.order.account == "cheap"
        else remembered(entry)
    )
    vendors.run(errand("cheap", "dear"))
    assert vendors.names == ["dear"]


def test_what_stops_a_job_is_told_as_it_is() -> None:
    ours = InvalidRequest(violations=(Violation("REQ-MEDIA", "image", "a.png", "it is gone", "give a file"),))
    assert not goes_on(ours)
    assert not any(issubclass(kind, ContentRejected) for kind in REFUSALS)
    assert nobody([("cheap", ours)]) is ours
    assert issubclass(ProviderResting, ProviderUnavailable)


def test_a_budget_of_one_provider_sends_it_to_the_next() -> None:
    budget = Budget(provider={"cheap": {"job": "0.10"}})  # type: ignore[dict-item]
    desk = Desk([at("cheap"), at("dear")], budget=budget)
    plan = make_plan(REQUEST, desk, {}, OUTLOOK)
    assert [one.account for one in plan.candidates] == ["dear"]
    (out,) = plan.ruled_out
    assert "$0.40 more than the $0.10 allowed for a job at cheap" in str(out.reasons[0])
