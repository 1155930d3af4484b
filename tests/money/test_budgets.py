"""What may be spent: by a job, by one client, in a day; counted before anything is sent (COST-BUDGET)."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from omniflash import Budget, BudgetExceeded, Client, ConfigurationError, InvalidRequest, Job, Ledger, OmniflashError
from omniflash.config import load
from omniflash.errors import ContentRejected, Money, ProviderUnavailable
from omniflash.jobs import Charge, State, Status
from omniflash.money.budgets import beyond, merged
from omniflash.money.entries import Accepted, Consulting, Finished, Intended, Known, New, Over, Refused, Uncertain
from omniflash.money.quotes import FINEST, quote
from omniflash_sandbox import Sandbox
from tests.money.places import Place, anew
from tests.money.test_ledger import Clock, accepted, numbered
from tests.stage import DAY, PRICE

THREE_SECONDS = Decimal("0.39")  # at most, at fal
BOUND = quote(PRICE, 8).bound  # $0.80
amounts = st.decimals("0.01", 1_000, places=2)


class TestAmounts:
    @given(amounts)
    def test_a_number_or_a_text_is_dollars(self, amount: Decimal) -> None:
        texts = (str(amount), f"${amount}", f" {amount} ")
        assert {Budget(job=given).job for given in (amount, *texts)} == {amount}  # type: ignore[arg-type]
        assert Budget(day=0.1).day == Decimal("0.1"), "as it is written, not as it is stored"  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "wrong", [0, -1, "0", "-0.01", "NaN", "sNaN", "inf", "-inf", "", "a lot", "1 €", "$", True, False, [], {}]
    )
    @pytest.mark.parametrize("name", ["job", "run", "day"])
    def test_what_is_no_amount_is_refused(self, name: str, wrong: object) -> None:
        with pytest.raises(ConfigurationError, match=r"a budget cannot be .*; give US dollars, more than 0"):
            Budget(**{name: wrong})  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="a budget cannot be"):
            Client("fal", budget={name: wrong})

    def test_a_field_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="a budget has no 'week'; name job, run, day"):
            merged(Budget(), {"week": 5})

    @given(*[st.none() | amounts] * 4)
    def test_what_is_given_goes_before_what_is_usual(
        self, usual: Decimal | None, day: Decimal | None, given_: Decimal | None, run: Decimal | None
    ) -> None:
        found = merged(Budget(job=usual, day=day), {"job": given_, "run": run})
        assert found == Budget(job=given_ or usual, day=day, run=run)

    @given(amounts, amounts, amounts)
    def test_a_limit_may_be_reached_and_not_passed(self, limit: Decimal, bound: Decimal, spent: Decimal) -> None:
        assert (beyond("day", limit, bound, spent) is None) is (spent + bound <= limit)

    @given(*[st.decimals("0.0001", 10, places=7)] * 3)
    def test_what_is_told_of_it_comes_out_and_never_says_that_nothing_is_over(
        self, limit: Decimal, bound: Decimal, spent: Decimal
    ) -> None:
        told = beyond("day", limit, bound, spent) or ""
        figures = [Decimal(figure) for figure in re.findall(r"\$([0-9.]+[0-9])", told)]
        if told:
            up_to, before, over, allowed = figures
            assert over > 0
            assert float(up_to + before - allowed) == pytest.approx(float(over), abs=0.0002 * (over >= FINEST))

    def test_rounding_does_not_hide_by_how_much(self) -> None:
        told = "it may cost up to $0.39: $0.000001 more than the $0.389999 allowed for a job"
        assert beyond("job", Decimal("0.389999"), Decimal("0.39"), Decimal(0)) == told


class TestProviders:
    """A provider's own budget, beside the one for all."""

    def test_it_is_merged_field_by_field(self) -> None:
        usual = Budget(day=25, provider={"fal": {"day": 5}})  # type: ignore[arg-type, dict-item]
        found = merged(usual, {"provider": {"fal": {"job": 1}, "pixeldojo": {"day": 2}}})
        both = {"fal": Budget(job=1, day=5), "pixeldojo": Budget(day=2)}  # type: ignore[arg-type]
        assert found == Budget(day=25, provider=both)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            (5, "a budget is no '5'; write a table with job, run, day, provider"),
            ({"provider": 5}, "budgets by provider are a table, not '5'"),
            ({"provider": {"fal": 5}}, "a budget is no '5'"),
            ({"provider": {"fal": {"dya": 5}}}, "a budget has no 'dya'"),
            ({"provider": {"fal": {"provider": {"x": {"day": 5}}}}}, "the budget of fal has a provider in it"),
            ({"provider": {"fall": {"day": 5}}}, "the budget names 'fall', .*; did you mean 'fal'?"),
            ({5: 1, "a": 2}, "a budget has no '5'"),
        ],
    )
    def test_what_holds_nothing_is_refused(self, wrong: object, told: str) -> None:
        with pytest.raises(ConfigurationError, match=told):
            Client(["fal", "pixeldojo"], budget=wrong)  # type: ignore[arg-type]

    def test_a_typo_in_the_file_is_told(self) -> None:
        Path("omniflash.toml").write_text("[budget.provider.fal]\ndya = 5\n")
        with pytest.raises(ConfigurationError, match="did you mean 'day'"):
            load()

    def test_a_providers_is_for_all_its_accounts_together(self, ledger: Ledger) -> None:
        def asked(number: int, account: str, **limits: str) -> object:
            order = evolve(numbered(number), account=account)
            budget = Budget(provider={order.offer.provider: limits})  # type: ignore[dict-item]
            return ledger.record(Intended(order, None, quote(PRICE, 8), "mine", budget))

        assert isinstance(asked(1, "fal-work", day="1"), New)
        told = asked(2, "fal-home", day="1")
        assert isinstance(told, Over)
        assert f"$0.60 more than the $1.00 allowed for a day at {numbered().offer.provider}" in told.told


class TestSettings:
    def test_it_may_stand_in_the_file(self) -> None:
        Path("omniflash.toml").write_text('[budget]\njob = 1\nrun = "2.50"\nday = 10.1\n')
        assert load().budget == Budget(job=Decimal(1), run=Decimal("2.50"), day=Decimal("10.1"))

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("job = 0", "a budget cannot be '0'"),
            ("job = -0.5", "a budget cannot be '-0.5'"),
            ("job = nan", "nan is no number @ omniflash.toml.budget.job"),
            ("job = true", "True is no number @ omniflash.toml.budget.job"),
            ("dya = 5", "did you mean 'day'"),
        ],
    )
    def test_what_makes_no_sense_there_is_told(self, text: str, told: str) -> None:
        Path("omniflash.toml").write_text(f"[budget]\n{text}\n")
        with pytest.raises(ConfigurationError, match=told):
            load()

    def test_a_table_is_needed(self) -> None:
        Path("omniflash.toml").write_text("budget = 5")
        with pytest.raises(ConfigurationError, match="is no table"):
            load()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Iterator[Ledger]:
    made = Ledger(anew(), now=clock)  # type: ignore[arg-type]
    yield made
    made.close()


def intended(number: int, client: str = "mine", **limits: str) -> Intended:
    """One order of at most 80 cents."""
    return Intended(numbered(number), None, quote(PRICE, 8), client, Budget(**limits))  # type: ignore[arg-type]


class TestWhatCounts:
    """The order before counts; one more is allowed within $1.00, and 80 cents are asked for."""

    def first(self, ledger: Ledger, *entries: object) -> None:
        for entry in (intended(1), *entries):
            ledger.record(entry)  # type: ignore[arg-type]

    def room_for(self, ledger: Ledger, limit: str) -> bool:
        answer = ledger.record(intended(2, day=limit))
        assert isinstance(answer, New | Over)
        return isinstance(answer, New)

    def test_one_that_is_under_way_counts_with_its_bound(self, ledger: Ledger) -> None:
        self.first(ledger)
        assert not self.room_for(ledger, "1.59")
        assert self.room_for(ledger, "1.60")

    def test_one_that_nobody_knows_of_counts_too(self, ledger: Ledger) -> None:
        self.first(ledger, Uncertain(numbered(1), "lost"))
        assert not self.room_for(ledger, "1.59")

    def test_one_that_was_refused_does_not(self, ledger: Ledger) -> None:
        self.first(ledger, Refused(numbered(1), ProviderUnavailable("never reached")))
        assert self.room_for(ledger, "0.80")

    def test_one_that_was_found_never_to_have_been_does_not(self, ledger: Ledger) -> None:
        self.first(ledger, Uncertain(numbered(1), "lost"))
        ledger.settle(ledger.find("order-1"), None)
        assert self.room_for(ledger, "0.80")

    @pytest.mark.parametrize(("money", "counts"), [(Money.NO, False), (Money.MAYBE, True), (Money.YES, True)])
    def test_one_that_failed_counts_unless_it_was_not_billed(self, money: Money, counts: bool, ledger: Ledger) -> None:
        failed = Status(accepted(1), State.FAILED, "failed", error=ContentRejected("no", money=money))
        self.first(ledger, Accepted(accepted(1)), Finished(failed))
        assert self.room_for(ledger, "0.80") is not counts

    @pytest.mark.parametrize(
        ("charge", "limit", "room"),
        [
            (Charge(Decimal("0.10"), "USD", "x"), "0.90", True),
            (Charge(Decimal("0.10"), "USD", "x"), "0.89", False),
            (Charge(Decimal("2.00"), "USD", "x"), "2.79", False),  # the vendor's word goes before our bound
            (Charge(Decimal(1), "credit", "x"), "1.59", False),  # what a credit cost nobody knows for certain
            (None, "1.59", False),
        ],
    )
    def test_one_that_is_over_counts_with_what_was_charged(
        self, charge: Charge | None, limit: str, room: bool, ledger: Ledger
    ) -> None:
        done = Status(accepted(1), State.SUCCEEDED, "done", charge=charge)
        self.first(ledger, Accepted(accepted(1)), Finished(done))
        assert self.room_for(ledger, limit) is room

    def test_a_job_that_is_had_again_by_its_key_costs_nothing(self, ledger: Ledger) -> None:
        one = evolve(intended(1, day="0.80"), key="order-123")
        assert ledger.record(one) == New()
        assert not isinstance(ledger.record(evolve(one, order=numbered(2))), Over)

    @settings(max_examples=15)
    @given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(3, 5), st.sampled_from([None, "0.10", "0.35"]))))
    def test_all_of_them_add_up(self, made: list[tuple[str, int, str | None]]) -> None:
        ledger = Ledger(anew(), now=Clock())  # type: ignore[arg-type]
        for number, (account, seconds, charge) in enumerate(made):
            ordered = evolve(numbered(number), account=account)
            ledger.record(Intended(ordered, None, quote(PRICE, seconds)))
            ledger.record(Accepted(accepted(number)))
            if charge:
                told = Charge(Decimal(charge), "USD", "x")
                ledger.record(Finished(Status(accepted(number), State.SUCCEEDED, "done", charge=told)))
        known, every = ledger.record(Consulting((), spans=("day",))), ledger.records()
        assert isinstance(known, Known)
        for name in ("a", "b"):
            own = sum((one.at_most({}) for one in every if one.account == name), Decimal(0))
            assert known.spent["day"].get(name, 0) == own
        assert known.spent["day"].get("", 0) == sum((one.at_most({}) for one in every), Decimal(0))
        ledger.close()

    def test_made_up_jobs_and_paid_ones_are_counted_apart(self, ledger: Ledger) -> None:
        made_up = evolve(intended(1), order=evolve(numbered(1), sandbox=True))
        ledger.record(made_up)
        assert self.room_for(ledger, "0.80")

    def test_a_run_is_this_clients_own(self, ledger: Ledger) -> None:
        assert ledger.record(intended(1, "mine", run="1")) == New()
        assert ledger.record(intended(2, "theirs", run="1")) == New()
        assert ledger.record(intended(3, "mine", run="1")) == Over(
            "it may cost up to $0.80, and up to $0.80 are spent or under way in this run: $0.60 more than the "
            "$1.00 allowed for a run",
            "allow more, or start another run",
        )

    def test_a_day_begins_at_midnight_of_utc(self, ledger: Ledger, clock: Clock) -> None:
        clock.now = DAY.replace(hour=23, minute=59, second=59)
        assert ledger.record(intended(1, day="1")) == New()
        assert isinstance(ledger.record(intended(2, day="1")), Over)
        clock.now += timedelta(seconds=1)
        assert ledger.record(intended(3, day="1")) == New()

    @settings(max_examples=15)
    @given(st.lists(st.integers(3, 10), min_size=1, max_size=12), amounts)
    def test_whatever_is_asked_for_no_more_is_ever_allowed(self, lengths: list[int], limit: Decimal) -> None:
        ledger, allowed = Ledger(anew()), Decimal(0)
        for number, seconds in enumerate(lengths):
            asked = Intended(numbered(number), None, quote(PRICE, seconds), "mine", Budget(day=limit))
            if ledger.record(asked) == New():
                allowed += quote(PRICE, seconds).bound
        ledger.close()
        assert allowed <= limit


class TestClients:
    """What goes beyond a budget is refused here, and nothing at all is sent."""

    @pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
    @pytest.mark.parametrize("name", ["job", "run", "day"])
    def test_nothing_is_sent(self, name: str, provider: str, omniflash_sandbox: Sandbox, place: Place) -> None:
        budget = {name: "0.10"}
        with Client(provider, sandbox=omniflash_sandbox.site, ledger=place, budget=budget) as client:
            with pytest.raises(BudgetExceeded, match=rf"more than the \$0.10 allowed for a {name}; allow more, or"):
                client.submit(client.plan("A cat"))
            assert client.ledger is not None
            assert client.ledger.records() == ()
        assert omniflash_sandbox.journal() == []

    def test_not_even_an_input_of_a_job_that_is_too_dear_by_itself(
        self, omniflash_sandbox: Sandbox, picture: Path
    ) -> None:
        client = Client("fal", sandbox=omniflash_sandbox.site, budget={"job": "0.10"})
        with client, pytest.raises(BudgetExceeded):
            client.generate("She turns", image=picture)
        assert omniflash_sandbox.journal() == []

    def test_a_job_of_its_own_needs_no_ledger(self, omniflash_sandbox: Sandbox) -> None:
        with Client("fal", sandbox=omniflash_sandbox.site, budget=Budget(job=THREE_SECONDS)) as client:
            client.submit(client.plan("A cat", duration=3))
            with pytest.raises(BudgetExceeded, match=r"up to \$0\.52: \$0\.13 more than the \$0\.39 allowed for a job"):
                client.submit(client.plan("A cat", duration=4))
        assert len(omniflash_sandbox.charges()) == 1

    @pytest.mark.parametrize("name", ["run", "day"])
    def test_what_counts_other_jobs_needs_one(self, name: str, omniflash_sandbox: Sandbox) -> None:
        with Client("fal", sandbox=omniflash_sandbox.site, budget={name: 5}) as client:
            plan = client.plan("A cat")
            with pytest.raises(ConfigurationError, match=f"a budget for a {name} needs a ledger; make the client with"):
                client.submit(plan)
        assert omniflash_sandbox.journal() == []

    def test_a_run_ends_with_its_client(self, omniflash_sandbox: Sandbox, place: Place) -> None:
        made = {"sandbox": omniflash_sandbox.site, "ledger": place, "budget": {"run": "0.40", "day": "0.80"}}
        told = []
        for _ in range(3):
            with Client("fal", **made) as client:  # type: ignore[arg-type]
                client_plan = client.plan("A cat", duration=3)
                for _ in range(2):
                    try:
                        client.submit(client_plan)
                    except BudgetExceeded as error:
                        told.append(str(error).partition("; ")[2])
        assert told == ["allow more, or start another run"] * 2 + ["allow more, or wait for tomorrow"] * 2
        assert len(omniflash_sandbox.charges()) == 2

    def test_of_many_at_once_only_so_many_are_paid_as_the_day_allows(
        self, omniflash_sandbox: Sandbox, place: Place
    ) -> None:
        """Each with a client and a connection of its own, as processes have."""
        came: list[Job | OmniflashError] = []

        def buy() -> None:
            made = {"ledger": place, "budget": {"day": 3 * THREE_SECONDS}}
            with Client("fal", sandbox=omniflash_sandbox.site, **made) as client:  # type: ignore[arg-type]
                try:
                    came.append(client.submit(client.plan("A cat", duration=3)))
                except BudgetExceeded as error:
                    came.append(error)

        threads = [threading.Thread(target=buy) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(type(one).__name__ for one in came) == ["BudgetExceeded"] * 3 + ["Job"] * 3
        assert len(omniflash_sandbox.charges()) == 3

    def test_a_request_that_is_wrong_is_told_before_its_price(self, omniflash_sandbox: Sandbox) -> None:
        client = Client("fal", sandbox=omniflash_sandbox.site, budget={"job": "0.01"})
        with client, pytest.raises(InvalidRequest):
            client.generate("A cat", duration=99)
