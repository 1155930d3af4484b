"""What charges teach of a price row: how far it is off, in words, and in a quote's upper bound (COST-ACTUAL)."""

from collections.abc import Iterator
from decimal import Decimal
from statistics import median

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from omniflash import Budget, Client, Ledger, Provider
from omniflash.jobs import Charge, State, Status
from omniflash.money.charges import UnitPrices
from omniflash.money.entries import Accepted, Consulting, Finished, Intended, Known
from omniflash.money.learning import LATEST
from omniflash.money.quotes import Learned, Rate, quote, widened
from omniflash_sandbox import Sandbox
from tests.money.places import Place, anew
from tests.money.test_ledger import accepted, numbered
from tests.stage import PRICE, offer

QUOTE = quote(PRICE, 8)  # $0.80
charges = st.decimals("0.01", 10, places=2)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    made = Ledger(anew())
    yield made
    made.close()


def charged(
    ledger: Ledger, number: int, usd: Decimal | None, priced: str | None = PRICE.digest, unit: str = "thing"
) -> None:
    """One order that was made, and charged like this."""
    ledger.record(Intended(numbered(number), quote=QUOTE, priced=priced))
    job = evolve(accepted(number), quote=QUOTE)
    ledger.record(Accepted(job))
    ended = Status(job, State.SUCCEEDED, "done", charge=Charge(Decimal(1), unit, "the test"))
    ledger.record(Finished(ended, usd))


def known(ledger: Ledger, *prices: str, units: UnitPrices | None = None) -> dict[str, Learned]:
    answer = ledger.record(Consulting((), prices=prices, units=units or {}))
    assert isinstance(answer, Known)
    return dict(answer.learned)


@settings(max_examples=20)
@given(st.lists(charges, min_size=1, max_size=8))
def test_it_learns_the_share_of_the_quote_that_was_charged(amounts: list[Decimal]) -> None:
    ledger = Ledger(anew())
    for number, usd in enumerate(amounts):
        charged(ledger, number, usd)
    shares = [usd / QUOTE.amount for usd in amounts]
    assert known(ledger, PRICE.digest) == {PRICE.digest: Learned(len(shares), median(shares), max(shares))}
    ledger.close()


def test_what_has_no_price_in_dollars_or_is_of_another_row_teaches_nothing(ledger: Ledger) -> None:
    charged(ledger, 1, None)
    charged(ledger, 2, Decimal(5), "another row")
    charged(ledger, 3, Decimal(5), None)
    assert known(ledger, PRICE.digest) == {}
    assert list(known(ledger, PRICE.digest, "another row")) == ["another row"]


def test_old_charges_are_outlived(ledger: Ledger) -> None:
    for number in range(LATEST + 1):
        charged(ledger, number, Decimal(8) if number == 0 else QUOTE.amount)
    assert known(ledger, PRICE.digest)[PRICE.digest] == Learned(LATEST, Decimal(1), Decimal(1))


def test_a_row_keeps_what_it_learned_whatever_others_learn_after_it(ledger: Ledger) -> None:
    charged(ledger, 0, QUOTE.amount, "a rare row")
    for number in range(LATEST):
        charged(ledger, number + 1, QUOTE.amount)
    assert {row: found.jobs for row, found in known(ledger, PRICE.digest, "a rare row").items()} == {
        PRICE.digest: LATEST,
        "a rare row": 1,
    }


@settings(max_examples=20)
@given(st.lists(st.none() | charges, min_size=1, max_size=4), st.none() | charges)
def test_a_charge_is_worth_what_its_unit_costs_today(figures: list[Decimal | None], today: Decimal | None) -> None:
    ledger = Ledger("sqlite://")
    for number, usd in enumerate(figures):
        charged(ledger, number, usd)
    units: UnitPrices = {"acme": {"thing": today} if today else {}}
    share = today / QUOTE.amount if today else None
    learned = {PRICE.digest: Learned(len(figures), share, share)} if share else {}
    assert known(ledger, PRICE.digest, units=units) == learned
    strangers: UnitPrices = {"somebody else": {"thing": Decimal(1_000)}}
    assert known(ledger, PRICE.digest, units=strangers) == known(ledger, PRICE.digest)
    ledger.close()


@given(then=charges, later=charges, today=charges, charge=st.integers(1, 20))
@settings(max_examples=20)
def test_a_quote_in_credits_is_held_against_credits_whatever_one_costs(
    then: Decimal, later: Decimal, today: Decimal, charge: int
) -> None:
    ledger = Ledger("sqlite://")
    row = evolve(PRICE, unit="credit", rate=Rate(per_clip=Decimal(10)), bound=Rate(per_clip=Decimal(10)))
    order = evolve(numbered(), offer=offer(price=row))
    ledger.record(Intended(order, quote=quote(row, 8, then), priced=row.digest, units={"acme": {"credit": then}}))
    ledger.record(Accepted(accepted()))
    ended = Status(accepted(), State.SUCCEEDED, "done", charge=Charge(Decimal(charge), "credit", "the test"))
    ledger.record(Finished(ended, charge * later))
    (learned,) = known(ledger, row.digest, units={"acme": {"credit": today}}).values()
    assert float(learned.worst) == pytest.approx(charge / 10)
    ledger.close()


@given(charges, st.integers(1, 50), st.decimals("0.01", 5, places=3))
def test_a_bound_grows_with_the_worst_and_never_shrinks(amount: Decimal, jobs: int, worst: Decimal) -> None:
    before = evolve(QUOTE, amount=amount, bound=amount * 2)
    after = widened(before, Learned(jobs, worst, worst))
    assert after.bound == max(amount * 2, amount * worst)
    assert after.amount == before.amount
    assert f"{jobs} job" in after.arithmetic
    assert widened(before, None) == before


def test_a_plan_shows_what_was_learned(omniflash_sandbox: Sandbox, place: Place) -> None:
    """Its sandbox charges fal's quote to the unit, of which this user says that one costs two dollars."""
    fal = Provider("fal", unit_usd=Decimal(2))
    with Client(fal, sandbox=omniflash_sandbox.site, ledger=place) as client:
        first = client.plan("A cat", duration=4).best.quote
        client.generate("A cat", duration=4)
        second = client.plan("A cat", duration=4).best.quote
        assert client.ledger is not None
        (record,) = client.ledger.records()
    assert (first.amount, record.charge_usd) == (Decimal("0.5"), Decimal(1))
    assert (second.amount, second.bound) == (Decimal("0.5"), Decimal(1))
    assert "1 job was charged 2.00 × the quote in the median, 2.00 × at most: at most $1.00" in second.arithmetic


@pytest.mark.parametrize("mended", [Decimal(1), None], ids=["mended", "left out"])
def test_a_unit_that_was_given_a_wrong_price_spoils_nothing_once_that_is_mended(
    mended: Decimal | None, omniflash_sandbox: Sandbox, place: Place
) -> None:
    def client(unit_usd: Decimal | None, day: int) -> Client:
        fal, budget = Provider("fal", unit_usd=unit_usd), Budget(day=Decimal(day))
        return Client(fal, sandbox=omniflash_sandbox.site, ledger=place, budget=budget)

    with client(Decimal(100), 1_000) as wrong:
        before = wrong.plan("A cat", duration=3).best.quote.bound
        wrong.generate("A cat", duration=3)
        assert wrong.plan("A cat", duration=3).best.quote.bound > 30
    with client(mended, 1) as right:
        plan = right.plan("A cat", duration=3)
        assert plan.best.quote.bound == before
        right.submit(plan)
