"""What a job will cost (COST-QUOTE, COST-VERSION): the arithmetic, by hand and in words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve, fields
from hypothesis import assume, given
from hypothesis import strategies as st

from omniflash import Client, ConfigurationError, Provider
from omniflash.discovery import adapter
from omniflash.money.quotes import (
    FINEST,
    LONGER,
    OLD_AFTER_DAYS,
    USD,
    Kind,
    PriceRow,
    Rate,
    aged,
    dollars,
    price_words,
    quote,
)
from omniflash.spec import LATEST, Mode
from omniflash_conformance.means.reckoning import reckoned
from omniflash_conformance.strategies import within
from tests.stage import PRICE

amounts = st.decimals(0, 100, places=4)
tokens = st.decimals(1, 100_000, places=0)
rates = st.builds(
    Rate,
    per_clip=amounts,
    per_second=amounts,
    per_delivered_second=amounts,
    per_million_tokens=amounts,
    tokens_per_second=tokens,
)
durations = within(LATEST.duration)
TODAY = date(2026, 11, 21)
priced = st.sampled_from([{"unit": USD}, {"unit": "credit", "usd_per_unit": Decimal("0.0625")}])
rows = st.builds(
    lambda rate, bound, unit: PriceRow(rate=rate, bound=bound, kind=Kind.APPROXIMATE, source="x", as_of=TODAY, **unit),
    rates,
    rates,
    priced,
)
SECONDS, TOKENS = Decimal("0.10"), Decimal("21.875")


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
    assert quote(PRICE, 8).arithmetic == "8 s × $0.10 = $0.80"
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


@given(rows, durations)
def test_a_bound_is_never_below_its_amount(row: PriceRow, seconds: int) -> None:
    told = quote(row, seconds)
    assert told.bound >= told.amount >= 0


@given(rows, durations, durations)
def test_a_longer_clip_never_costs_less(row: PriceRow, one: int, other: int) -> None:
    shorter, longer = sorted([one, other])
    assert quote(row, shorter).amount <= quote(row, longer).amount
    assert quote(row, shorter).bound <= quote(row, longer).bound


@given(rows, durations)
def test_the_numbers_in_the_words_come_to_the_amounts_to_the_cent(row: PriceRow, seconds: int) -> None:
    assume(row.rate.units(seconds))
    told = quote(row, seconds)
    words = told.arithmetic.partition(" (the finished")[0].replace("credit", "")
    amount, _, most = words.partition("; at most ")
    for sum_, exact in ((amount, told.amount), (most, told.bound)) if most else ((amount, told.bound),):
        left, _, right = sum_.partition(" = ")
        assert abs((reckoned(left) or 0) - exact) < Decimal("0.00001")
        assert abs((reckoned(right) or 0) - exact) <= Decimal("0.005")


class TestWhatAPriceIsCountedBy:
    """Per clip and per second asked are the vendors' above; these are the others, by hand."""

    def row(self, unit: dict[str, Decimal] | None = None, **rate: Decimal) -> PriceRow:
        counted = Rate(**rate)
        return PriceRow(
            rate=counted,
            bound=counted,
            kind=Kind.APPROXIMATE,
            source="x",
            as_of=TODAY,
            **(unit or {}),  # type: ignore[arg-type]
        )

    def test_by_the_second_of_the_file(self) -> None:
        told = quote(self.row(per_delivered_second=SECONDS), 8)
        assert (told.amount, told.bound) == (Decimal("0.80"), Decimal("0.825"))
        assert told.arithmetic == (
            "8 s × $0.10 = $0.80; at most 8.25 s × $0.10 = $0.825"
            " (the finished file's length is billed, assumed to be at most 0.25 s more than is asked for)"
        )

    def test_the_one_bill_of_that_kind_that_is_known_is_within_the_bound(self) -> None:
        """A clip of 3 s at $0.03 a second of the file was billed as 3.008 s."""
        told = quote(self.row(per_delivered_second=Decimal("0.03")), 3)
        assert (
            told.amount
            == Decimal("0.09")
            < Decimal("0.09024")
            < told.bound
            == 3 * Decimal("0.03") + (LONGER * Decimal("0.03"))
        )

    def test_by_the_token(self) -> None:
        told = quote(self.row(per_million_tokens=TOKENS, tokens_per_second=Decimal(5792)), 8)
        assert told.amount == Decimal("1.0136")
        assert told.arithmetic.startswith("8 s × 5,792 tokens × $21.875 a million = $1.0136; at most 8.25 s × 5,792 to")

    def test_by_everything_in_credits(self) -> None:
        unit = {"unit": "credit", "usd_per_unit": Decimal("0.05")}
        row = self.row(unit, per_clip=Decimal(1), per_delivered_second=Decimal(2))  # type: ignore[arg-type]
        assert quote(row, 4).arithmetic.startswith(
            "(1 credit a clip + 4 s × 2 credits) × $0.05 a credit = $0.45; at most (1 credit a clip + 4.25 s × 2"
        )
        assert price_words(row, row.rate) == "1 credit a clip + 2 credits a second of the file"

    def test_an_asked_second_has_no_more_than_was_asked(self) -> None:
        assert quote(self.row(per_second=SECONDS), 8).bound == Decimal("0.80")


class TestDigests:
    @given(rows)
    def test_equal_rows_have_equal_ones(self, row: PriceRow) -> None:
        longer = evolve(row, rate=Rate(*(getattr(row.rate, part.name) + Decimal("0.00000") for part in fields(Rate))))
        assert longer == row
        assert longer.digest == row.digest

    @pytest.mark.parametrize(
        "other",
        [
            {"rate": Rate(per_second=Decimal("0.11"))},
            {"rate": Rate(per_delivered_second=Decimal("0.1"))},
            {"bound": Rate(per_second=Decimal("0.11"))},
            {"unit": "credit"},
            {"usd_per_unit": Decimal(2)},
            {"kind": Kind.MAX},
            {"source": "elsewhere"},
            {"resolution": "1080p"},
        ],
        ids=str,
    )
    def test_another_price_has_another(self, other: dict[str, object]) -> None:
        assert evolve(PRICE, **other).digest != PRICE.digest  # type: ignore[arg-type]

    def test_they_are_kept_in_ledgers_and_stay(self) -> None:
        assert PRICE.digest == "5a063aaf4fced552"

    def test_a_price_that_was_read_again_is_the_same(self) -> None:
        assert evolve(PRICE, as_of=date(2030, 1, 1), note="read again").digest == PRICE.digest


@given(st.integers(-10_000, 10_000))
def test_only_a_price_that_was_read_long_ago_is_old(days: int) -> None:
    told = aged(evolve(PRICE, as_of=TODAY - timedelta(days)), TODAY)
    assert (told is not None) is (days > OLD_AFTER_DAYS)


@pytest.mark.parametrize(("days", "old"), [(90, False), (91, True)])
def test_ninety_days_are_the_limit(days: int, old: bool) -> None:
    assert (aged(evolve(PRICE, as_of=TODAY - timedelta(days)), TODAY) is not None) is old


def test_an_old_price_says_how_old_it_is() -> None:
    told = aged(evolve(PRICE, as_of=date(2026, 7, 1)), TODAY)
    assert told == "the price is of 2026-07-01, 143 days old: `omniflash prices` shows where it stands"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1", "$1.00"),
        ("1.0000", "$1.00"),
        ("0.375", "$0.375"),
        ("0.39", "$0.39"),
        ("12.3456789", "$12.3457"),
        ("0", "$0.00"),
        ("1234.5", "$1,234.50"),
        ("8000000.00001", "$8,000,000.00"),
        ("0.00004", "$0.00004"),
        ("1E-11", "$0.00000000001"),
        ("0.0000123456", "$0.000012"),
    ],
)
def test_amounts_are_shown_to_the_cent_or_finer_where_needed(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


@given(st.decimals("1E-20", 10_000_000))
def test_what_is_not_nothing_is_never_shown_as_nothing(amount: Decimal) -> None:
    shown = Decimal(dollars(amount).removeprefix("$").replace(",", ""))
    assert shown > 0
    assert abs(shown - amount) <= FINEST / 2
    assert len(dollars(amount).partition(".")[2]) >= 2


def test_a_quote_says_how_sure_it_is() -> None:
    assert str(quote(PRICE, 8)) == "$0.80"
    assert str(quote(price("fal", Mode.TEXT_TO_VIDEO), 8)) == "≈$1.00, at most $1.04"
