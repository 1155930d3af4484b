"""The user's own prices, which go before those that adapters come with, and before each other (COST-VERSION)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import evolve, frozen

from ..adapter import Offer
from ..redact import one_line
from ..spec.requests import Mode
from .quotes import USD, Kind, PriceRow, Rate

OWN = "your own price"


class Unit(StrEnum):
    """What a price is asked for one of."""

    SECOND = "second"
    DELIVERED_SECOND = "delivered second"
    CLIP = "clip"
    MILLION_TOKENS = "million tokens"


@frozen(kw_only=True)
class OwnPrice:
    """What you really pay: it goes before the prices that a provider's adapter comes with.

    `usd` or `credits` is for one `unit`, and so is `at_most`, the dearest that it may come to. `mode`, `version` and
    `resolution` narrow what it is the price of. `provider` is a provider's or an account's name; in
    `Provider(prices=…)` it can be left out. `tokens_per_second` is how many a second of the file has.
    """

    unit: Unit
    as_of: date
    usd: Decimal | None = None
    credits: Decimal | None = None
    at_most: Decimal | None = None
    tokens_per_second: Decimal | None = None
    provider: str | None = None
    mode: Mode | None = None
    version: str | None = None
    resolution: str | None = None
    source: str = ""

    @property
    def scope(self) -> tuple[str | None, ...]:
        """What it is the price of."""
        return self.provider, *self.narrowed.values()

    def fits(self, offer: Offer) -> bool:
        """Whether it is the price of this offer, its provider aside."""
        return all(wanted in (None, told_by(offer)[name]) for name, wanted in self.narrowed.items())

    @property
    def narrowed(self) -> Mapping[str, str | None]:
        """What it has to say of an offer."""
        return {"mode": self.mode, "version": self.version, "resolution": self.resolution}

    def over(self, offer: Offer) -> PriceRow:
        """The row of an offer with this price in it."""
        row = offer.price
        if self.credits is None:
            row = evolve(row, unit=USD, usd_per_unit=Decimal(1), unit_source="")
        price = self.usd or self.credits or Decimal(0)
        return evolve(
            row,
            rate=self._rate(price),
            bound=self._rate(self.at_most or price),
            kind=self._kind(offer),
            source=one_line(f"{OWN}: {self.source}") if self.source else OWN,
            as_of=self.as_of,
            note="",
            own=True,
        )

    def _rate(self, price: Decimal) -> Rate:
        return _RATES[self.unit](price, self.tokens_per_second or Decimal(0))

    def _kind(self, offer: Offer) -> Kind:
        if self.usd is None or self.at_most not in (None, self.usd) or self._rate(self.usd).by_file:
            return Kind.APPROXIMATE
        return Kind.EXACT if self.unit is Unit.CLIP or "duration" in offer.fields else Kind.MAX


_RATES: Mapping[Unit, Callable[[Decimal, Decimal], Rate]] = {
    Unit.SECOND: lambda price, _: Rate(per_second=price),
    Unit.DELIVERED_SECOND: lambda price, _: Rate(per_delivered_second=price),
    Unit.CLIP: lambda price, _: Rate(per_clip=price),
    Unit.MILLION_TOKENS: lambda price, tokens: Rate(per_million_tokens=price, tokens_per_second=tokens),
}


def applied(offers: Iterable[Offer], prices: Sequence[OwnPrice]) -> tuple[Offer, ...]:
    """The offers at the user's own prices, where there are any; of several that fit, the last one holds."""
    return tuple(_at(offer, next((price for price in reversed(prices) if price.fits(offer)), None)) for offer in offers)


def _at(offer: Offer, price: OwnPrice | None) -> Offer:
    return offer if price is None else evolve(offer, price=price.over(offer))


def ranked(prices: Iterable[OwnPrice], provider: str) -> tuple[OwnPrice, ...]:
    """Prices in the order in which they go before each other, the last before all.

    The provider's go behind the account's, and those that were given to the account itself go before both; of two from
    the same place, the one that says its mode goes before the one that does not, then its version, then its resolution.
    """

    def rank(price: OwnPrice) -> tuple[int, ...]:
        place = 2 if price.provider is None else int(price.provider != provider)
        return (place, *(narrowed is not None for narrowed in price.scope[1:]))

    return tuple(sorted(prices, key=rank))


def told_by(offer: Offer) -> Mapping[str, str]:
    """What a price can be narrowed by, as an offer has it."""
    return {"mode": offer.mode, "version": offer.version, "resolution": offer.price.resolution}
