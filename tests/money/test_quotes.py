"""What a job will cost (COST-QUOTE, COST-VERSION): the arithmetic, by hand and in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Client, ConfigurationError, Provider
from omniflash.discovery import adapter
from omniflash.money.quotes import Kind, PriceRow, Rate, dollars, quote
from omniflash.spec import LATEST, Mode
from omniflash_conformance.strategies import within
from tests.stage import PRICE

amounts = st.decimals(0, 100, places=4)
rates = st.builds(Rate, per_clip=amounts, per_second=amounts)
durations = within(LATEST.duration)


def price(provider: str, mode: Mode) -> PriceRow:
    return next(offer.price for offer in adapter(provider).offers if offer.mode is mode)


@pytest.mark.parametrize(
    ("provider", "mode", "seconds", "amount", "bound"),
    [
        ("fal", Mode.TEXT_TO_VIDEO, 3, "0.375", "0.39"),
        ("fal", Mode.TEXT_TO_VIDEO, 8, "1.00", "1.04"),
        ("fal", Mode.IMAGE_TO_VIDEO, 8, "1.04", "1.04"),
        ("fal", Mode.REFERENCE_TO_VIDEO, 10, "1.30", "1.30"),
        ("fal", Mode.EDIT, 10, "1.30", "1.30"),
        ("pixeldojo", Mode.TEXT_TO_VIDEO, 3, "1.00", "1.00"),
        ("pixeldojo", Mode.TEXT_TO_VIDEO, 8, "1.00", "1.00"),
        ("pixeldojo", Mode.REFINE, 10, "1.00", "1.25"),
    ],
)
def test_the_vendors_prices_by_hand(provider: str, mode: Mode, seconds: int, amount: str, bound: str) -> None:
    told = quote(price(provider, mode), seconds)
    assert (told.amount, told.bound, told.kind) == (Decimal(amount), Decimal(bound), Kind.APPROXIMATE)


def test_the_arithmetic_is_told_in_words() -> None:
    assert quote(PRICE, 8).arithmetic == "8 s × $0.1 = $0.80"
    told = quote(price("pixeldojo", Mode.TEXT_TO_VIDEO), 10).arithmetic
    assert told.startswith(
        "16 credits a clip × $0.0625 a credit = $1.00; at most 10 s × 2 credits × $0.0625 a credit = $1.25"
    )


def test_the_words_can_be_reckoned_as_they_stand() -> None:
    rate = Rate(per_clip=Decimal(4), per_second=Decimal(2))
    row = PriceRow(
        rate=rate,
        bound=rate,
        kind=Kind.EXACT,
        unit="credit",
        usd_per_unit=Decimal("0.05"),
        source="x",
        as_of=PRICE.as_of,
    )
    assert quote(row, 8).arithmetic == "(4 credits a clip + 8 s × 2 credits) × $0.05 a credit = $1.00"


def test_a_price_in_dollars_has_no_credits() -> None:
    assert quote(PRICE, 8, Decimal("0.05")) == quote(PRICE, 8)
    with pytest.raises(ConfigurationError, match="fal asks for dollars, not for credits"):
        Client(Provider("fal", credit_usd=Decimal("0.05")))


def test_a_credit_costs_what_the_caller_says() -> None:
    told = quote(price("pixeldojo", Mode.TEXT_TO_VIDEO), 8, Decimal("0.05"))
    assert (told.amount, told.bound) == (Decimal("0.80"), Decimal("0.80"))
    assert "your own figure" in told.arithmetic


@given(rates, rates, durations)
def test_a_bound_is_never_below_its_amount(rate: Rate, bound: Rate, seconds: int) -> None:
    row = PriceRow(rate=rate, bound=bound, kind=Kind.EXACT, source="here", as_of=PRICE.as_of)
    told = quote(row, seconds)
    assert told.bound >= told.amount == rate.per_clip + seconds * rate.per_second


@given(rates, durations, durations)
def test_a_longer_clip_never_costs_less(rate: Rate, one: int, other: int) -> None:
    row = PriceRow(rate=rate, bound=rate, kind=Kind.EXACT, source="here", as_of=PRICE.as_of)
    shorter, longer = sorted([one, other])
    assert quote(row, shorter).amount <= quote(row, longer).amount


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1", "$1.00"),
        ("1.0000", "$1.00"),
        ("0.375", "$0.375"),
        ("0.39", "$0.39"),
        ("12.3456789", "$12.3457"),
        ("0", "$0.00"),
    ],
)
def test_amounts_are_shown_to_the_cent_or_finer_where_needed(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


def test_a_quote_says_how_sure_it_is() -> None:
    assert str(quote(PRICE, 8)) == "$0.80"
    assert str(quote(price("fal", Mode.TEXT_TO_VIDEO), 8)) == "≈$1.00, at most $1.04"
