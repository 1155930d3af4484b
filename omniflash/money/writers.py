"""What each entry does to the ledger's tables: one function for each kind, within one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from ..adapter import Order
from ..jobs import Job
from ..redact import safe_text
from .entries import (
    Accepted,
    Answer,
    Attempted,
    Conflict,
    Delivered,
    Finished,
    Intended,
    New,
    Refused,
    Taken,
    Uncertain,
    Unsettled,
)
from .records import OrderState, Record
from .rows import digest_of, job_row, record_of, request_row, written
from .tables import orders, trail


@frozen
class Page:
    """One transaction, and the time it is made at."""

    connection: Connection
    now: datetime

    def row(self, condition: ColumnElement[bool]) -> Row[Any] | None:
        """The newest order that this holds for."""
        return self.connection.execute(select(orders).where(condition).order_by(orders.c.n.desc())).first()

    def change(self, n: int, **values: object) -> None:
        """Change an order's row."""
        self.connection.execute(update(orders).where(orders.c.n == n).values(**values))

    def step(self, n: int, entry: str, **told: object) -> Answer:
        """Add to an order's trail."""
        self.connection.execute(insert(trail).values(order_n=n, at=self.now, entry=entry, told=written(told)))
        return New()


def intended(page: Page, entry: Intended) -> Answer:
    """A new order, unless its key is taken: by this request's job, by one that is not settled, by another request."""
    order, digest = entry.order, digest_of(entry.order.request)
    row = page.row(orders.c.key == entry.key) if entry.key is not None else None
    if row is not None:
        return taken(record_of(row, page.now), digest)
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
        "intended_at": page.now,
    }
    page.connection.execute(insert(orders).values(**values))
    return _noted(page, order, "intended", key=entry.key)


def taken(before: Record, digest: str) -> Answer:
    """What is said to somebody whose key has been used."""
    if before.digest != digest:
        return Conflict("use a key of its own for each request")
    return Taken(before.job) if before.job else Unsettled(before.id, under_way=before.state is OrderState.INTENDED)


def attempted(page: Page, entry: Attempted) -> Answer:
    return _noted(page, entry.order, "attempted", number=entry.number, outcome=entry.outcome.name.lower())


def accepted(page: Page, entry: Accepted) -> Answer:
    row = page.row(orders.c.id == entry.job.order_id)
    return claimed(page, row, entry.job) if row else New()


def claimed(page: Page, row: Row[Any], job: Job) -> Answer:
    """The order has become this job."""
    page.change(row.n, state=OrderState.ACCEPTED, handle=job.handle, job=job_row(job), settled_at=page.now, told=None)
    return page.step(row.n, "accepted", handle=job.handle)


def refused(page: Page, entry: Refused) -> Answer:
    """Nothing was created, so the caller's key is free again."""
    said = safe_text(str(entry.error)) if entry.error else "interrupted before it was sent"
    return _settled(page, entry.order, OrderState.REFUSED, said, key=None, settled_at=page.now)


def uncertain(page: Page, entry: Uncertain) -> Answer:
    return _settled(page, entry.order, OrderState.UNCERTAIN, safe_text(entry.why))


def finished(page: Page, entry: Finished) -> Answer:
    """The end of a job is written once: whoever looks at it again sees the same."""
    seen = entry.status
    row = page.row(_of(seen.job))
    if row is None or row.state == OrderState.FINISHED:
        return New()
    charge = {"charge": str(seen.charge.amount), "charge_unit": seen.charge.unit} if seen.charge else {}
    said = safe_text(str(seen.error)) if seen.error else None
    page.change(row.n, state=OrderState.FINISHED, outcome=seen.state, finished_at=page.now, told=said, **charge)
    return page.step(row.n, "finished", outcome=seen.state, word=seen.word)


def delivered(page: Page, entry: Delivered) -> Answer:
    row = page.row(_of(Job.parse(entry.job))) if entry.job else None
    if row is None:
        return New()
    place = str(entry.path.absolute())
    page.change(row.n, file=place, delivered_at=page.now)
    return page.step(row.n, "delivered", file=place)


def _of(job: Job) -> ColumnElement[bool]:
    return and_(orders.c.provider == job.provider, orders.c.handle == job.handle, orders.c.sandbox == job.sandbox)


def _settled(page: Page, order: Order, state: OrderState, said: str, **values: object) -> Answer:
    row = page.row(orders.c.id == order.id)
    if row is None:
        return New()
    page.change(row.n, state=state, told=said, **values)
    return page.step(row.n, state, told=said)


def _noted(page: Page, order: Order, entry: str, **told: object) -> Answer:
    row = page.row(orders.c.id == order.id)
    return page.step(row.n, entry, **told) if row else New()


WRITERS: Mapping[type, Callable[[Page, Any], Answer]] = {
    Intended: intended,
    Attempted: attempted,
    Accepted: accepted,
    Refused: refused,
    Uncertain: uncertain,
    Finished: finished,
    Delivered: delivered,
}
