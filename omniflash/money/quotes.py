"""What a job will cost, told before any I/O (COST-QUOTE). The rows are a provider's, the reckoning is here alone."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from attrs import evolve, frozen

USD = "USD"


class Kind(StrEnum):
    """How far a quote can be trusted."""

    EXACT = "exact"
    MAX = "max"
    APPROXIMATE = "approximate"


@frozen
class Rate:
    """A price in units: so much for the clip, and so much for each second of it."""

    per_clip: Decimal = Decimal(0)
    per_second: Decimal = Decimal(0)

    def units(self, seconds: int) -> Decimal:
        return self.per_clip + self.per_second * seconds


@frozen(kw_only=True)
class PriceRow:
    """What one provider asks for one mode of one model version, and what it may ask at most.

    `unit` is "USD", or "credit" with `usd_per_unit`. `bound` is the dearest reading of the vendor's pages; the upper
    bound of a quote is never below its amount.
    """

    rate: Rate
    bound: Rate
    kind: Kind
    source: str
    as_of: date
    unit: str = USD
    usd_per_unit: Decimal = Decimal(1)
    unit_source: str = ""
    note: str = ""

    @cached_property
    def digest(self) -> str:
        """What the row is known by: equal rows have equal digests."""
        return sha256(repr(self).encode()).hexdigest()[:16]


@frozen
class Quote:
    """What a job will cost: `amount` and `bound` in USD, how they were reckoned, and where the price stands."""

    amount: Decimal
    bound: Decimal
    kind: Kind
    arithmetic: str
    source: str
    as_of: date

    def __str__(self) -> str:
        sign = "" if self.kind is Kind.EXACT else "≈"
        ceiling = f", at most {dollars(self.bound)}" if self.bound != self.amount else ""
        return f"{sign}{dollars(self.amount)}{ceiling}"


@frozen
class Learned:
    """What `jobs` priced by one row really cost, as a share of their quotes: the `median`, and the `worst`."""

    jobs: int
    median: Decimal
    worst: Decimal


def dollars(amount: Decimal) -> str:
    """An amount for people: to the cent, and to a hundredth of a cent where that is needed to be right."""
    cents = amount.quantize(Decimal("0.01"))
    return f"${cents if cents == amount else amount.quantize(Decimal('0.0001')).normalize():f}"


def quote(row: PriceRow, seconds: int, usd_per_unit: Decimal | None = None) -> Quote:
    """The quote for a clip of `seconds`; `usd_per_unit` is what a credit really cost the caller, where they know.

    A price in dollars has no credits, and stays as it is.
    """
    priced = (
        row
        if usd_per_unit is None or row.unit == USD
        else evolve(row, usd_per_unit=usd_per_unit, unit_source="your own figure")
    )
    amount = priced.rate.units(seconds) * priced.usd_per_unit
    ceiling = priced.bound.units(seconds) * priced.usd_per_unit
    words = _words(priced, priced.rate, seconds, amount)
    if ceiling > amount:
        words = f"{words}; at most {_words(priced, priced.bound, seconds, ceiling)}"
    notes = "; ".join(filter(None, (priced.note, priced.unit_source and f"a {priced.unit}: {priced.unit_source}")))
    return Quote(
        amount, max(amount, ceiling), row.kind, f"{words} ({notes})" if notes else words, row.source, row.as_of
    )


def _words(row: PriceRow, rate: Rate, seconds: int, total: Decimal) -> str:
    parts = [_clip_words(row, rate)] if rate.per_clip else []
    parts += [f"{seconds} s × {_in_units(row, rate.per_second)}"] if rate.per_second else []
    units = " + ".join(parts)
    if row.unit == USD:
        return f"{units} = {dollars(total)}"
    return f"{f'({units})' if len(parts) > 1 else units} × ${row.usd_per_unit} a {row.unit} = {dollars(total)}"


def _clip_words(row: PriceRow, rate: Rate) -> str:
    return f"{_in_units(row, rate.per_clip)} a clip"


def _in_units(row: PriceRow, number: Decimal) -> str:
    return f"${number}" if row.unit == USD else f"{number} {row.unit}{'' if number == 1 else 's'}"


def widened(quote: Quote, known: Learned | None) -> Quote:
    """The quote, with its upper bound where charges went beyond it, and with what they were in words."""
    if known is None:
        return quote
    bound = max(quote.bound, quote.amount * known.worst)
    jobs = "1 job was" if known.jobs == 1 else f"{known.jobs} jobs were"
    told = f"{jobs} charged {known.median:.2f} × the quote in the median, {known.worst:.2f} × at most"
    wider = f": at most {dollars(bound)}" if bound > quote.bound else ""
    return evolve(quote, bound=bound, arithmetic=f"{quote.arithmetic}; {told}{wider}")
