"""What charges teach of a price row: how far what was charged was from what had been quoted by it."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import and_

from .quotes import Learned
from .tables import orders

if TYPE_CHECKING:
    from .writers import Page

LATEST = 200  # charges that are looked at: an older one may be of another price


def learned(page: "Page", prices: tuple[str, ...]) -> Mapping[str, Learned]:
    """What is known of each of these price rows, by their digests."""
    if not prices:
        return {}
    told = and_(orders.c.priced.in_(prices), orders.c.charge_usd.is_not(None), orders.c.quote.is_not(None))
    shares: dict[str, list[Decimal]] = defaultdict(list)
    for row in page.latest(told, LATEST):
        if quoted := Decimal(row.quote):
            shares[row.priced].append(Decimal(row.charge_usd) / quoted)
    return {price: Learned(len(found), median(found), max(found)) for price, found in shares.items()}
