"""One transaction on the ledger's tables: what is read in it, and what is written."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, select, update

from ..codec import from_plain, plain
from ..errors import Money
from ..jobs import Job
from ..routing.health import UNKNOWN, Health, Sight
from .budgets import EVERYWHERE
from .charges import UnitPrices, in_dollars
from .entries import Answer, New
from .records import OrderState, at_most
from .rows import written
from .tables import health, orders, trail

# Made once: SQLAlchemy takes longer to make a statement, and to know it again, than the database to run it.
ORDER, CHANGE, STEP = insert(orders), update(orders).where(orders.c.n == bindparam("of")), insert(trail)
_STEP_OF = select(orders.c.n, *(bindparam(name, type_=trail.c[name].type) for name in ("at", "entry", "told")))
NOTE = insert(trail).from_select(["order_n", "at", "entry", "told"], _STEP_OF.where(orders.c.id == bindparam("of")))
UNDER_WAY = select(orders).where(orders.c.state == OrderState.INTENDED)
WHOSE = and_(health.c.account == bindparam("of"), health.c.sandbox == bindparam("on"))
HEALTH, CHANGED = select(health.c.health).where(WHOSE), update(health).where(WHOSE).values(health=bindparam("told"))
FIRST = insert(health).values(account=bindparam("of"), sandbox=bindparam("on"), health=bindparam("told"))
# Of thousands of orders, nearly all cost the same as many others do: the database counts them, and we add up exactly.
_COST = [
    orders.c[name]
    for name in ("account", "provider", "billed", "charge", "charge_unit", "charge_usd", "bound", "quote")
]
_COUNTED = and_(orders.c.state != OrderState.REFUSED, orders.c.sandbox == bindparam("on"))
_COSTS = select(func.count(), *_COST).where(_COUNTED).group_by(*_COST)
SPENT = {
    "run": _COSTS.where(orders.c.run == bindparam("run")),
    "day": _COSTS.where(orders.c.intended_at >= bindparam("day")),
}


@cache
def _newest(*names: str) -> Select[Any]:
    known = (orders.c[name] == bindparam(name) for name in names)
    return select(orders).where(*known).order_by(orders.c.n.desc()).limit(1)


@lru_cache(maxsize=256)
def _health(account: str, told: str) -> Health:
    """The value of a row: most of them are read again and again before they change."""
    return from_plain(json.loads(told), Health, f"the health of {account}")


@frozen
class Page:
    """One transaction, the time it is made at, and who tells if a holder's process is gone.

    `seen` is the health that it has read.
    """

    connection: Connection
    now: datetime
    gone: Callable[[str], bool]
    seen: dict[tuple[str, bool], Health] = field(factory=dict)

    def row(self, **known: object) -> Row[Any] | None:
        """The newest order whose columns have these values."""
        return self.connection.execute(_newest(*known), known).first()

    def row_of(self, job: Job) -> Row[Any] | None:
        """The order that has become this job."""
        return self.row(provider=job.provider, handle=job.handle, sandbox=job.sandbox)

    def rows(self, wanted: Select[Any], **known: object) -> list[Row[Any]]:
        """All rows that are wanted."""
        return list(self.connection.execute(wanted, known))

    def spent(
        self, spans: frozenset[str], run: str, units: UnitPrices, *, sandbox: bool
    ) -> Mapping[str, Mapping[str, Decimal]]:
        """What the orders of each span may have cost, by account and everywhere: their quotes' upper bounds until their
        charge is known.
        """
        day = self.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return {span: _sums(self.rows(SPENT[span], on=sandbox, run=run, day=day), units) for span in spans}

    def health(self, account: str, *, sandbox: bool) -> Health:
        """How an account has been doing."""
        if (account, sandbox) not in self.seen:
            row = self.connection.execute(HEALTH, {"of": account, "on": sandbox}).first()
            self.seen[account, sandbox] = _health(account, row.health) if row else UNKNOWN
        return self.seen[account, sandbox]

    def see(self, account: str, sandbox: bool, sight: Sight | None) -> None:
        """Take a sight of an account into account; most change nothing."""
        before = self.health(account, sandbox=sandbox)
        if sight is None or (after := before.after(sight)) == before:
            return
        self.seen[account, sandbox] = after
        values = {"of": account, "on": sandbox, "told": json.dumps(plain(after))}
        if not self.connection.execute(CHANGED, values).rowcount:
            self.connection.execute(FIRST, values)

    def add(self, values: Mapping[str, object]) -> int:
        """Add an order; the number of its row."""
        made = self.connection.execute(ORDER, values).inserted_primary_key
        return int(made[0])  # type: ignore[index]  # one row has one

    def change(self, n: int, **values: object) -> None:
        """Change an order's row."""
        self.connection.execute(CHANGE, {"of": n, **values})

    def step(self, n: int, entry: str, **told: object) -> Answer:
        """Add to an order's trail."""
        self.connection.execute(STEP, {"order_n": n, "at": self.now, "entry": entry, "told": written(told)})
        return New()

    def note(self, order: str, entry: str, **told: object) -> Answer:
        """Add to the trail of the order of this id, if there is one."""
        self.connection.execute(NOTE, {"of": order, "at": self.now, "entry": entry, "told": written(told)})
        return New()


def _sums(rows: list[Row[Any]], units: UnitPrices) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for count, account, provider, billed, charge, unit, *amounts in map(list, rows):
        then, bound, quote = (None if amount is None else Decimal(amount) for amount in amounts)
        charged = then if charge is None else in_dollars(Decimal(charge), unit, account, units, then)
        each = at_most(billed == Money.NO, charged, bound, quote)
        for name in {EVERYWHERE, account, provider}:
            found[name] += count * each
    return found
