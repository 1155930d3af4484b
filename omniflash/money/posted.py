"""What vendors say of their prices when they are asked: which of it a quote may stand on, and why not on the rest."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import astuple, evolve, frozen

from ..adapter import Offer, Posted
from .quotes import LEAST, Kind, PriceRow, Rate

LARGEST = Decimal(10_000)  # units for a clip or a second of it: more is a mistake of somebody's


@frozen
class OnlinePrice:
    """What came of asking for an offer's price: the row to quote by, or a note why there is none."""

    offer: Offer
    row: PriceRow | None
    note: str = ""


@frozen
class OnlinePrices:
    """What an account's vendor said of its prices, and when; where it said nothing, each has the same reason."""

    account: str
    asked_at: datetime
    prices: tuple[OnlinePrice, ...]

    def of(self, offer: Offer) -> OnlinePrice | None:
        """What was said of an offer, or None where it was not asked for."""
        return next((price for price in self.prices if price.offer == offer), None)

    def priced(self, offer: Offer) -> Offer | None:
        """The offer at the price that the vendor posted, or None where a quote cannot stand on that."""
        price = self.of(offer)
        return evolve(offer, price=price.row) if price and price.row else None


def unknown(account: str, at: datetime, offers: Iterable[Offer], why: str) -> OnlinePrices:
    """The prices of a vendor that said nothing."""
    return OnlinePrices(account, at, tuple(OnlinePrice(offer, None, why) for offer in offers))


def reckoned(account: str, at: datetime, offers: Iterable[Offer], posted: Iterable[Posted]) -> OnlinePrices:
    """The prices that a vendor posted, each for the offers that it is for.

    A row takes its `rate` from what was posted. Unless that is exact, it keeps its bound: a vendor's one figure says
    nothing of what its pages leave open.
    """
    every = tuple(dict.fromkeys(posted))
    return OnlinePrices(account, at, tuple(_price(offer, at, every) for offer in offers))


def _price(offer: Offer, at: datetime, posted: tuple[Posted, ...]) -> OnlinePrice:
    said = [one for one in posted if one.endpoint == offer.endpoint]
    if len(said) != 1:
        told = f"several prices of {offer.endpoint}: {', '.join(map(str, said))}" if said else "no price of it"
        return OnlinePrice(offer, None, f"asked online, {offer.provider} posts {told}")
    (one,) = said
    why = _unfit(one, offer.price)
    if one.rate is None or why:
        return OnlinePrice(offer, None, f"asked online, {offer.provider} posts {one}: {why}")
    return OnlinePrice(offer, _row(offer, at, one, one.rate), one.note)


def _unfit(one: Posted, row: PriceRow) -> str:
    """Why a quote cannot stand on it, or nothing."""
    if one.rate is None:
        return one.note or "nothing says what a clip costs by that"
    if row.own:
        return "your own price goes first"
    if one.unit != row.unit:
        return f"that counts in {one.unit}, and the price here in {row.unit}"
    return "" if _sound(one.rate) else "that is no price of a clip"


def _sound(rate: Rate) -> bool:
    return all(part.is_finite() and 0 <= part <= LARGEST for part in astuple(rate)) and rate.units(1) >= LEAST


def _row(offer: Offer, at: datetime, one: Posted, rate: Rate) -> PriceRow:
    return evolve(
        offer.price,
        rate=rate,
        bound=rate if one.kind is Kind.EXACT else offer.price.bound,
        kind=one.kind,
        source=f"{offer.provider}, asked online",
        as_of=at.date(),
        note=f"posted as {one}",
    )
