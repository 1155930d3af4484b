"""Adapters that quote what nobody will be billed (COST-QUOTE), or in a unit that is not the vendor's (COST-VERSION)."""

import socket
from contextlib import suppress
from datetime import date
from decimal import Decimal

from attrs import evolve, frozen

from omniflash.adapter import Adapter, Offer
from omniflash.discovery import adapter
from omniflash.money.quotes import USD, Kind, PriceRow, Rate

from .altered import Altered
from .making import priced
from .specimen import broken

QUOTE, VERSION = "COST-QUOTE", "COST-VERSION"


def _times(rate: Rate, factor: int) -> Rate:
    return Rate(rate.per_clip * factor, rate.per_second * factor)


@broken(QUOTE, "quotes in cents")
def in_cents() -> Adapter:
    return priced(adapter("fal"), lambda row: evolve(row, rate=_times(row.rate, 100), bound=_times(row.bound, 100)))


@broken(QUOTE, "quotes a bound that the bill exceeds")
def below_the_bill() -> Adapter:
    low = Rate(per_second=Decimal("0.10"))
    return priced(adapter("fal"), lambda row: evolve(row, rate=low, bound=low))


@broken(QUOTE, "calls a rounded price exact")
def exact_and_wrong() -> Adapter:
    rate = Rate(per_second=Decimal("0.13"))
    return priced(adapter("fal"), lambda row: evolve(row, rate=rate, bound=rate, kind=Kind.EXACT))


@broken(QUOTE, "gives its clips away", provider="pixeldojo")
def for_nothing() -> Adapter:
    return priced(adapter("pixeldojo"), lambda row: evolve(row, rate=Rate()))


@broken(QUOTE, "has a price of a day that is yet to come")
def from_the_future() -> Adapter:
    return priced(adapter("fal"), lambda row: evolve(row, as_of=date(2126, 11, 20)))


@frozen
class Asking(Altered):
    """Looks for the latest price list whenever its offers are read."""

    @property
    def offers(self) -> tuple[Offer, ...]:
        with suppress(OSError), socket.create_connection(("127.0.0.1", 9), timeout=1):
            pass
        return self.sound.offers


@broken(QUOTE, "fetches a price list while it quotes")
def asks_for_prices() -> Adapter:
    return Asking(adapter("fal"))


@broken(VERSION, "writes a price in credits as dollars", provider="pixeldojo")
def credits_as_dollars() -> Adapter:
    def in_dollars(row: PriceRow) -> PriceRow:
        return evolve(row, unit=USD, usd_per_unit=Decimal(1), rate=Rate(Decimal(1)), bound=Rate(Decimal("1.25")))

    return priced(adapter("pixeldojo"), in_dollars)


@broken(VERSION, "counts dollars, and calls them credits", provider="pixeldojo")
def dollars_as_credits() -> Adapter:
    def of_a_dollar(row: PriceRow) -> PriceRow:
        return evolve(row, usd_per_unit=Decimal(1), rate=Rate(Decimal(1)), bound=Rate(Decimal("1.25")))

    return priced(adapter("pixeldojo"), of_a_dollar)
