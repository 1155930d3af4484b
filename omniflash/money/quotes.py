"""What a job will cost, told before any I/O (COST-QUOTE). The rows are a provider's, the reckoning is here alone."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from attrs import astuple, evolve, frozen

USD = "USD"
RESOLUTION = "720p"  # the only one of version 1.0: both vendors' pages say so, and no field chooses another
MILLION = Decimal(1_000_000)
OLD_AFTER_DAYS = 90
# By so many seconds a file may be longer than was asked for: an assumption. The one bill of this kind that is told
# anywhere was for 3.008 s where 3 were asked for; a quarter of a second is six frames.
LONGER = Decimal("0.25")
LEAST, MOST = Decimal("0.000001"), Decimal(1_000_000)  # what one of anything may cost: beyond that, somebody mistyped
CENT, FINEST = Decimal("0.01"), Decimal("0.0001")  # what amounts are shown to


class Kind(StrEnum):
    """How far a quote can be trusted."""

    EXACT = "exact"
    MAX = "max"
    APPROXIMATE = "approximate"


@frozen(cache_hash=True)
class Rate:
    """A price in units: so much for the clip, and so much for each second of it, or each token.

    `per_second` counts the seconds that are asked for, `per_delivered_second` those of the finished file. So do tokens:
    `tokens_per_second` of them are in each second of the file, and a million costs `per_million_tokens`.
    """

    per_clip: Decimal = Decimal(0)
    per_second: Decimal = Decimal(0)
    per_delivered_second: Decimal = Decimal(0)
    per_million_tokens: Decimal = Decimal(0)
    tokens_per_second: Decimal = Decimal(0)

    @property
    def by_file(self) -> bool:
        """Whether the finished file's length decides, and not what was asked for."""
        return bool(self.per_delivered_second or self.per_million_tokens)

    def units(self, asked: int, delivered: Decimal | None = None) -> Decimal:
        """What a clip costs; the file is taken to be as long as was asked for where nobody knows better."""
        file = Decimal(asked) if delivered is None else delivered
        tokens = self.per_million_tokens * self.tokens_per_second / MILLION
        return self.per_clip + self.per_second * asked + (self.per_delivered_second + tokens) * file


@frozen(kw_only=True, cache_hash=True)
class PriceRow:
    """What one provider asks for one mode of one model version at one resolution, and what it may ask at most.

    `unit` is "USD", or "credit" with `usd_per_unit`. `bound` is the dearest reading of the vendor's pages; the upper
    bound of a quote is never below its amount. `own` says that it is the user's own, in place of the provider's.
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
    resolution: str = RESOLUTION
    own: bool = False

    @cached_property
    def digest(self) -> str:
        """What this price is known by: what it comes to, and who says so.

        The day it was read on is no part of it: a price that was read again and is the same is the same.
        """
        figures = (*astuple(self.rate), *astuple(self.bound), self.usd_per_unit)
        words = (self.kind.value, self.unit, self.resolution, self.source)
        text = "\n".join([*(plainly(figure) for figure in figures), *words])
        return sha256(text.encode()).hexdigest()[:16]


@frozen
class Quote:
    """What a job will cost: `amount` and `bound` in USD, how they were reckoned, and where the price stands.

    `asked_at` is when the vendor itself was asked for the price, None where it stands in a row.
    """

    amount: Decimal
    bound: Decimal
    kind: Kind
    arithmetic: str
    source: str
    as_of: date
    asked_at: datetime | None = None

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
    """An amount for people: to the cent, and to a hundredth of a cent where that is needed to be right.

    What is not 0 is never shown as 0.
    """
    fine = amount.quantize(FINEST) or Decimal(f"{amount:.2g}")
    return f"${fine:,.2f}" if fine == fine.quantize(CENT) else f"${fine.normalize():,f}"


def plainly(number: Decimal) -> str:
    """A number as people write it: no zeros at its end, and no exponent."""
    return f"{number.normalize() + 0:f}"


def aged(row: PriceRow, today: date) -> str | None:
    """The warning of a price that was read long ago, or None."""
    days = (today - row.as_of).days
    if days <= OLD_AFTER_DAYS:
        return None
    return f"the price is of {row.as_of}, {days:,} days old: `omniflash prices` shows where it stands"


def quote(row: PriceRow, seconds: int, usd_per_unit: Decimal | None = None, at_longest: int | None = None) -> Quote:
    """The quote for a clip of `seconds`; `usd_per_unit` is what a credit really cost the caller, where they know.

    A price in dollars has no credits, and stays as it is. Where nobody can say how long the clip is going to be,
    `seconds` is what is usual, and the upper bound that of one `at_longest`.
    """
    priced = (
        row
        if usd_per_unit is None or row.unit == USD
        else evolve(row, usd_per_unit=usd_per_unit, unit_source="your own figure")
    )
    most = seconds if at_longest is None else at_longest
    longest = most + LONGER
    amount = priced.rate.units(seconds) * priced.usd_per_unit
    ceiling = priced.bound.units(most, longest) * priced.usd_per_unit
    words = _words(priced, priced.rate, seconds, Decimal(seconds), amount)
    if ceiling > amount:
        words = f"{words}; at most {_words(priced, priced.bound, most, longest, ceiling)}"
    open_ = most > seconds and priced.rate.units(most) != priced.rate.units(seconds)
    notes = "; ".join(filter(None, (*_quote_notes(priced), LENGTH_UNKNOWN if open_ else "")))
    kind = Kind.APPROXIMATE if open_ else row.kind
    return Quote(amount, max(amount, ceiling), kind, f"{words} ({notes})" if notes else words, row.source, row.as_of)


LENGTH_UNKNOWN = "the clip is as long as its source, and nobody here knows how long that is"


def _quote_notes(row: PriceRow) -> Iterator[str]:
    yield row.note
    if row.rate.by_file or row.bound.by_file:
        yield f"the finished file's length is billed, assumed to be at most {LONGER} s more than is asked for"
    yield row.unit_source and f"a {row.unit}: {row.unit_source}"


def _words(row: PriceRow, rate: Rate, asked: int, delivered: Decimal, total: Decimal) -> str:
    parts = list(_parts(row, rate, asked, delivered))
    units = " + ".join(parts)
    if row.unit == USD:
        return f"{units} = {dollars(total)}"
    return f"{f'({units})' if len(parts) > 1 else units} × ${money(row.usd_per_unit)} a {row.unit} = {dollars(total)}"


def _parts(row: PriceRow, rate: Rate, asked: int, delivered: Decimal) -> Iterator[str]:
    if rate.per_clip:
        yield f"{_in_units(row, rate.per_clip)} a clip"
    if rate.per_second:
        yield f"{asked} s × {_in_units(row, rate.per_second)}"
    if rate.per_delivered_second:
        yield f"{delivered} s × {_in_units(row, rate.per_delivered_second)}"
    if rate.per_million_tokens:
        tokens = f"{delivered} s × {rate.tokens_per_second:,f} tokens"
        yield f"{tokens} × {_in_units(row, rate.per_million_tokens)} a million"


def price_words(row: PriceRow, rate: Rate) -> str:
    """A rate of a row, for people: "$0.125 a second"."""
    told = {
        "a clip": rate.per_clip,
        "a second": rate.per_second,
        "a second of the file": rate.per_delivered_second,
        f"a million tokens, {rate.tokens_per_second:,f} a second of the file": rate.per_million_tokens,
    }
    return " + ".join(f"{_in_units(row, price)} {unit}" for unit, price in told.items() if price) or "nothing"


def _in_units(row: PriceRow, number: Decimal) -> str:
    return f"${money(number)}" if row.unit == USD else f"{plainly(number)} {row.unit}{'' if number == 1 else 's'}"


def money(price: Decimal) -> str:
    """A price as it is, with its cents."""
    text = plainly(price)
    return text if len(text.partition(".")[2]) > 1 else f"{price:.2f}"


def widened(quote: Quote, known: Learned | None) -> Quote:
    """The quote, with its upper bound where charges went beyond it, and with what they were in words."""
    if known is None:
        return quote
    bound = max(quote.bound, quote.amount * known.worst)
    jobs = "1 job was" if known.jobs == 1 else f"{known.jobs} jobs were"
    told = f"{jobs} charged {known.median:.2f} × the quote in the median, {known.worst:.2f} × at most"
    wider = f": at most {dollars(bound)}" if bound > quote.bound else ""
    return evolve(quote, bound=bound, arithmetic=f"{quote.arithmetic}; {told}{wider}")
