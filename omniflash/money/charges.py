"""What charges come to in dollars: what one of a vendor's units costs is the user's own figure, and may be mended."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from .quotes import USD

# What one of each unit costs in USD today, by account: whoever reads a ledger knows that of their own accounts.
UnitPrices: TypeAlias = Mapping[str, Mapping[str, Decimal]]


def in_dollars(amount: Decimal, unit: str, account: str, prices: UnitPrices, then: Decimal | None) -> Decimal | None:
    """What a charge comes to today, or what it came to `then` where the prices are not of its account."""
    if unit == USD or account not in prices:
        return then
    price = prices[account].get(unit)
    return None if price is None else amount * price
