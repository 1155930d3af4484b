"""What each entry does to the ledger's tables: one function for each kind, within one transaction."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, insert, select, update

from ..adapter import Order
from ..errors import Money
from ..jobs import Job, State, Status
from ..redact import safe_text
from .budgets import WAYS_OUT, Budget, beyond
from .entries import (
    Accepted,
    Answer,
    Asking,
    Attempted,
    Busy,
    Conflict,
    Delivered,
    Finished,
    Found,
    Had,
    Intended,
    Left,
    New,
    Over,
    Refused,
    Sending,
    Settled,
    Taken,
    Uncertain,
    Unsettled,
    Watching,
)
from .holders import holder, in_words
from .records import OrderState, Record
from .rows import digest_of, job_for, job_row, record_of, request_row, utc, written
from .tables import orders, trail

# Made once: SQLAlchemy takes longer to make a statement, and to know it again, than the database to run it.
ORDER, CHANGE, STEP = insert(orders), update(orders).where(orders.c.n == bindparam("of")), insert(trail)


@cache
def _newest(*names: str) -> Select[Any]:
    known = (orders.c[name] == bindparam(name) for name in names)
    return select(orders).where(*known).order_by(orders.c.n.desc()).limit(1)


@frozen
class Page:
    """One transaction, the time it is made at, and who tells if a holder's process is gone."""

    connection: Connection
    now: datetime
    gone: Callable[[str], bool]

    def row(self, **known: object) -> Row[Any] | None:
        """The newest order whose columns have these values."""
        return self.connection.execute(_newest(*known), known).first()

    def row_of(self, job: Job) -> Row[Any] | None:
        """The order that has become this job."""
        return self.row(provider=job.provider, handle=job.handle, sandbox=job.sandbox)

    def rows(self, condition: ColumnElement[bool]) -> list[Row[Any]]:
        """All orders that this holds for."""
        return list(self.connection.execute(select(orders).where(condition)))

    def change(self, n: int, **values: object) -> None:
        """Change an order's row."""
        self.connection.execute(CHANGE, {"of": n, **values})

    def step(self, n: int, entry: str, **told: object) -> Answer:
        """Add to an order's trail."""
        self.connection.execute(STEP, {"order_n": n, "at": self.now, "entry": entry, "told": written(told)})
        return New()


def asking(page: Page, entry: Asking) -> Answer:
    return _under(page, entry.key, digest_of(entry.request)) or New()


def _under(page: Page, key: str, digest: str) -> Answer | None:
    """What is said to somebody whose key has been used; None where it has not."""
    swept(page)
    row = page.row(key=key)
    return None if row is None else taken(record_of(row), digest)


def intended(page: Page, entry: Intended) -> Answer:
    """A new order, unless its key is taken: by this request's job, by one that is not settled, by another request."""
    order, digest = entry.order, digest_of(entry.order.request)
    if entry.key is not None and (answer := _under(page, entry.key, digest)):
        return answer
    if entry.budget and (over := _over(page, entry, entry.budget)):
        return over
    values = {
        "id": order.id,
        "key": entry.key,
        "state": OrderState.INTENDED,
        "digest": digest,
        "request": request_row(order.request),
        "account": order.account,
        "provider": order.offer.provider,
        "version": order.offer.version,
        "mode": order.offer.mode,
        "endpoint": order.offer.endpoint,
        "sandbox": order.sandbox,
        "quote": str(entry.quote.amount) if entry.quote else None,
        "bound": str(entry.quote.bound) if entry.quote else None,
        "run": entry.run,
        "sent": written(entry.sent),
        "holder": holder(entry.run),
        "intended_at": page.now,
    }
    made = page.connection.execute(ORDER, values).inserted_primary_key
    return page.step(made[0], "intended", key=entry.key)  # type: ignore[index]  # one row has one


def _over(page: Page, entry: Intended, budget: Budget) -> Over | None:
    bound = entry.quote.bound if entry.quote else Decimal(0)
    day = page.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = {"run": orders.c.run == entry.run, "day": orders.c.intended_at >= day}
    for name, limit in budget.spans.items():
        spent = _spent(page, and_(orders.c.sandbox == entry.order.sandbox, spans[name]))
        if told := beyond(name, limit, bound, spent):
            return Over(told, WAYS_OUT[name])
    return None


def _spent(page: Page, span: ColumnElement[bool]) -> Decimal:
    """What these orders may have cost: by their quotes' upper bounds, until their charge is known."""
    rows = page.rows(and_(orders.c.state != OrderState.REFUSED, span))
    return sum((record_of(row).at_most for row in rows), Decimal(0))


def taken(before: Record, digest: str) -> Answer:
    """What is said to somebody whose key has been used."""
    if before.digest != digest:
        return Conflict("use a key of its own for each request")
    return Taken(before.job) if before.job else Unsettled(before.id, under_way=before.state is OrderState.INTENDED)


def sending(page: Page, entry: Sending) -> Answer:
    row = page.row(id=entry.order.id)
    return New() if row is None or row.state == OrderState.INTENDED else Settled()


def attempted(page: Page, entry: Attempted) -> Answer:
    return _noted(page, entry.order, "attempted", number=entry.number, outcome=entry.outcome.name.lower())


def accepted(page: Page, entry: Accepted) -> Answer:
    row = page.row(id=entry.job.order_id)
    return claimed(page, row, entry.job) if row else New()


def claimed(page: Page, row: Row[Any], job: Job) -> Answer:
    """The order has become this job; told twice, it has become so once."""
    if row.handle == job.handle:
        return New()
    page.change(
        row.n,
        state=OrderState.ACCEPTED,
        handle=job.handle,
        job=job_row(job),
        settled_at=page.now,
        told=None,
        holder=None,
    )
    return page.step(row.n, "accepted", handle=job.handle)


def refused(page: Page, entry: Refused) -> Answer:
    """Nothing was created, so the caller's key is free again; an order that is accepted all the same stays so."""
    said = safe_text(str(entry.error)) if entry.error else "interrupted before it was sent"
    return _settled(page, entry.order, OrderState.REFUSED, said, key=None, settled_at=page.now)


def uncertain(page: Page, entry: Uncertain) -> Answer:
    return _settled(page, entry.order, OrderState.UNCERTAIN, safe_text(entry.why))


def found(page: Page, entry: Found) -> Answer:
    """Exactly one that no other order has settles it as accepted; anything else settles nothing."""
    row = page.row(id=entry.order)
    if row is None or row.state != OrderState.UNCERTAIN:
        return taken(record_of(row), row.digest) if row is not None else New()
    free = [handle for handle in dict.fromkeys(entry.handles) if not page.rows(same_job(row, handle))]
    if len(free) != 1:
        return Unsettled(row.id, under_way=False)
    job = job_for(row, free[0])
    page.step(row.n, "found", handle=free[0])
    claimed(page, row, job)
    return Taken(job)


def same_job(row: Row[Any], handle: str) -> ColumnElement[bool]:
    """The condition that another order has this job of the vendor's."""
    return and_(orders.c.provider == row.provider, orders.c.handle == handle, orders.c.n != row.n)


def watching(page: Page, entry: Watching) -> Answer:
    """The job is this holder's for a while, unless it is somebody else's who still lives."""
    row = page.row_of(entry.job)
    if row is None:
        return New()
    if entry.once and row.file is not None:
        return Had(Path(row.file))
    mine = holder(entry.holder)
    if row.holder != mine and is_held(row, page.now, page.gone):
        return Busy(in_words(row.holder))
    page.change(row.n, holder=mine, held_until=page.now + timedelta(seconds=entry.seconds))
    return New()


def is_held(row: Row[Any], now: datetime, gone: Callable[[str], bool]) -> bool:
    """Whether somebody who lives is at an order's job."""
    return row.held_until is not None and utc(row.held_until) > now and not gone(row.holder)


def left(page: Page, entry: Left) -> Answer:
    row = page.row_of(entry.job)
    if row is not None and row.holder == holder(entry.holder):
        page.change(row.n, holder=None, held_until=None)
    return New()


def finished(page: Page, entry: Finished) -> Answer:
    """The end of a job is written once: whoever looks at it again sees the same."""
    seen = entry.status
    row = page.row_of(seen.job)
    if row is None or row.state == OrderState.FINISHED:
        return New()
    charge = {"charge": str(seen.charge.amount), "charge_unit": seen.charge.unit} if seen.charge else {}
    said = safe_text(str(seen.error)) if seen.error else None
    ended = {"outcome": seen.state, "finished_at": page.now, "billed": _billed(seen)}
    page.change(row.n, state=OrderState.FINISHED, told=said, **ended, **charge)
    return page.step(row.n, "finished", outcome=seen.state, word=seen.word)


def _billed(seen: Status) -> Money:
    if seen.state is State.SUCCEEDED:
        return Money.YES
    return seen.error.money if seen.error else Money.MAYBE


def delivered(page: Page, entry: Delivered) -> Answer:
    row = page.row_of(Job.parse(entry.job)) if entry.job else None
    if row is None:
        return New()
    place = str(entry.path.absolute())
    page.change(row.n, file=place, delivered_at=page.now)
    return page.step(row.n, "delivered", file=place)


def _settled(page: Page, order: Order, state: OrderState, said: str, **values: object) -> Answer:
    row = page.row(id=order.id)
    if row is None or row.handle is not None:
        return New()
    page.change(row.n, state=state, told=said, **values)
    return page.step(row.n, state, told=said)


def _noted(page: Page, order: Order, entry: str, **told: object) -> Answer:
    row = page.row(id=order.id)
    return page.step(row.n, entry, **told) if row else New()


ABANDONED = timedelta(minutes=5)  # a paid call has two minutes: what is intended for longer has lost its process
GONE = "its process ended between sending it and reading the answer"


def lost(rows: list[Row[Any]], now: datetime, gone: Callable[[str], bool]) -> Iterator[Row[Any]]:
    """Those intended orders whose process cannot settle them any more."""
    for row in rows:
        if utc(row.intended_at) < now - ABANDONED or gone(row.holder):
            yield row


def swept(page: Page) -> None:
    """Call uncertain what lost its process between sending and answer."""
    for row in lost(page.rows(orders.c.state == OrderState.INTENDED), page.now, page.gone):
        page.change(row.n, state=OrderState.UNCERTAIN, told=GONE)
        page.step(row.n, "uncertain", told=GONE)


WRITERS: Mapping[type, Callable[[Page, Any], Answer]] = {
    Asking: asking,
    Intended: intended,
    Sending: sending,
    Attempted: attempted,
    Accepted: accepted,
    Refused: refused,
    Uncertain: uncertain,
    Found: found,
    Watching: watching,
    Left: left,
    Finished: finished,
    Delivered: delivered,
}
