"""What charges teach of a price row: how far what was charged was from what had been quoted by it."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from statistics import median

from sqlalchemy import Connection, bindparam, select

from ..errors import Money
from .quotes import Learned
from .tables import orders

LATEST = 200  # charges that are looked at: an older one may be of another price


CHARGED = (
    select(orders.c.priced, orders.c.charge_usd, orders.c.quote)
    .where(orders.c.priced.in_(bindparam("prices", expanding=True)))
    .where(orders.c.charge_usd.is_not(None), orders.c.quote.is_not(None), orders.c.billed == Money.YES)
    .where(orders.c.sandbox == bindparam("on"))
    .order_by(orders.c.n.desc())
    .limit(LATEST)
)


def learned(connection: Connection, prices: tuple[str, ...], *, sandbox: bool) -> Mapping[str, Learned]:
    """What is known of each of these price rows, by their digests."""
    if not prices:
        return {}
    shares: dict[str, list[Decimal]] = defaultdict(list)
    for row in connection.execute(CHARGED, {"prices": list(prices), "on": sandbox}):
        if quoted := Decimal(row.quote):
            shares[row.priced].append(Decimal(row.charge_usd) / quoted)
    return {price: Learned(len(found), median(found), max(found)) for price, found in shares.items()}
