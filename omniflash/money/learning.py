"""What charges teach of a price row: how far what was charged was from what had been quoted by it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ..errors import Money
from .charges import UnitPrices, in_dollars
from .quotes import Learned
from .tables import orders

LATEST = 50  # orders by a price row that are looked at: an older one may be of another price

_NEWEST = (
    select(orders)
    .where(orders.c.priced == bindparam("price"), orders.c.sandbox == bindparam("on"))
    .order_by(orders.c.n.desc())
    .limit(LATEST)
    .subquery()
)
_NAMES = ("account", "quote", "quote_unit", "quote_unit_usd", "charge", "charge_unit", "charge_usd")
CHARGED = select(*(_NEWEST.c[name] for name in _NAMES)).where(
    _NEWEST.c.charge.is_not(None), _NEWEST.c.quote.is_not(None), _NEWEST.c.billed == Money.YES
)


def learned(
    connection: Connection, prices: tuple[str, ...], units: UnitPrices, *, sandbox: bool
) -> Mapping[str, Learned]:
    """What is known of each of these price rows, by their digests; `units` is what a charge's unit costs today."""
    found: dict[str, Learned] = {}
    for price in prices:
        rows = connection.execute(CHARGED, {"price": price, "on": sandbox})
        if shares := [share for row in rows for share in _share(row, units)]:
            found[price] = Learned(len(shares), median(shares), max(shares))
    return found


def _share(row: Row[Any], units: UnitPrices) -> Iterator[Decimal]:
    quoted, charge = Decimal(row.quote), Decimal(row.charge)
    then = None if row.charge_usd is None else Decimal(row.charge_usd)
    charged = (
        charge * Decimal(row.quote_unit_usd)  # as the quote has it: whatever a credit costs, so many are so many
        if row.charge_unit == row.quote_unit
        else in_dollars(charge, row.charge_unit, row.account, units, then)
    )
    if quoted and charged is not None:
        yield charged / quoted
