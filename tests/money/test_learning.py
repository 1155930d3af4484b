"""What charges teach of a price row: how far it is off, in words, and in a quote's upper bound (COST-ACTUAL)."""

from collections.abc import Iterator
from decimal import Decimal
from statistics import median

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from omniflash import Client, Ledger, Provider
from omniflash.jobs import Charge, State, Status
from omniflash.money.entries import Accepted, Consulting, Finished, Intended, Known
from omniflash.money.learning import LATEST
from omniflash.money.quotes import Learned, quote, widened
from omniflash_sandbox import Sandbox
from tests.money.places import Place, anew
from tests.money.test_ledger import accepted, numbered
from tests.stage import PRICE

QUOTE = quote(PRICE, 8)  # $0.80
charges = st.decimals("0.01", 10, places=2)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    made = Ledger(anew())
    yield made
    made.close()


def charged(ledger: Ledger, number: int, usd: Decimal | None, priced: str | None = PRICE.digest) -> None:
    """One order that was made, and charged like this."""
    ledger.record(Intended(numbered(number), quote=QUOTE, priced=priced))
    job = evolve(accepted(number), quote=QUOTE)
    ledger.record(Accepted(job))
    ended = Status(job, State.SUCCEEDED, "done", charge=Charge(Decimal(1), "thing", "the test"))
    ledger.record(Finished(ended, usd))


def known(ledger: Ledger, *prices: str) -> dict[str, Learned]:
    answer = ledger.record(Consulting((), prices=prices))
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
