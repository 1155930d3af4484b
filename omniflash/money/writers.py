"""What each entry does to the ledger's tables: one function for each kind, within one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, select

from ..adapter import Order
from ..errors import Money
from ..jobs import Charge, Job, State, Status
from ..redact import one_line, safe_text
from ..routing.health import Sight, Sign
from .budgets import SPANS, WAYS_OUT, Budget
from .entries import (
    Accepted,
    Answer,
    Asking,
    Attempted,
    Busy,
    Conflict,
    Consulting,
    Delivered,
    Finished,
    Found,
    Had,
    Intended,
    Known,
    Left,
    New,
    Over,
    Refused,
    Resting,
    Sending,
    Settled,
    Taken,
    Uncertain,
    Unsettled,
    Watching,
)
from .holders import holder, in_words
from .learning import learned
from .page import UNDER_WAY, Page
from .quotes import USD
from .records import OrderState, errand_of, number_of
from .rows import digest_of, job_for, job_row, record_of, request_row, utc, written
from .sights import doubt, ending, refusal, whose
from .tables import orders


def consulting(page: Page, entry: Consulting) -> Answer:
    doing = {account: page.health(account, sandbox=entry.sandbox) for account in entry.accounts}
    spent = page.spent(frozenset(entry.spans), entry.run, entry.units, sandbox=entry.sandbox)
    return Known(doing, spent, learned(page.connection, entry.prices, entry.units, sandbox=entry.sandbox))


def asking(page: Page, entry: Asking) -> Answer:
    row = page.row(key=entry.key)
    return New() if row is None or _makes_room(row, entry.order) else taken(page, row, digest_of(entry.request))


def _makes_room(row: Row[Any], order_id: str) -> bool:
    """Whether an order's job failed unbilled, and this one comes in its place."""
    later = errand_of(row.id) == errand_of(order_id) and number_of(row.id) < number_of(order_id)
    return bool(later and row.billed == Money.NO)


def intended(page: Page, entry: Intended) -> Answer:
    """A new order, unless its key is taken: by this request's job, by one that is not settled, by another request.

    One that comes in place of a job that failed unbilled has its key from that.
    """
    order, digest = entry.order, digest_of(entry.order.request)
    before = page.row(key=entry.key) if entry.key is not None else None
    if before is not None and not _makes_room(before, order.id):
        return taken(page, before, digest)
    if entry.budget and (over := _over(page, entry, entry.budget)):
        return over
    if resting := _resting(page, entry):
        return resting
    if before is not None:
        page.change(before.n, key=None)
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
        "priced": entry.priced,
        "quote_unit": order.offer.price.unit,
        "quote_unit_usd": str(_unit_usd(entry)),
    }
    n = page.add(values)
    page.see(order.account, order.sandbox, Sight(sign=Sign.BEGUN, at=page.now))
    told = {"key": entry.key, "chosen": entry.chosen or None, "before": list(entry.before) or None}
    return page.step(n, "intended", **told)


def _unit_usd(entry: Intended) -> Decimal:
    price = entry.order.offer.price
    return entry.units.get(entry.order.account, {}).get(price.unit, price.usd_per_unit)


def _resting(page: Page, entry: Intended) -> Resting | None:
    doing = page.health(entry.order.account, sandbox=entry.order.sandbox)
    until = doing.resting_until(page.now) if entry.heed else None
    return Resting(until, doing.why(page.now)) if until else None


def _over(page: Page, entry: Intended, budget: Budget) -> Over | None:
    bound = entry.quote.bound if entry.quote else Decimal(0)
    limits = [limit for limit in budget.limits(entry.order.account, entry.order.offer.provider) if limit.span in SPANS]
    spans = frozenset(limit.span for limit in limits)
    spent = page.spent(spans, entry.run, entry.units, sandbox=entry.order.sandbox)
    for limit in limits:
        if told := limit.passed(bound, spent[limit.span].get(limit.account, Decimal(0))):
            return Over(told, WAYS_OUT[limit.span])
    return None


def taken(page: Page, row: Row[Any], digest: str) -> Answer:
    """What is said to somebody whose key has been used."""
    before = record_of(row)
    if before.digest != digest:
        return Conflict("use a key of its own for each request")
    if before.job is not None:
        return Taken(before.job)
    return Unsettled(before.id, under_way=before.state is OrderState.INTENDED and not is_lost(row, page.now, page.gone))


def sending(page: Page, entry: Sending) -> Answer:
    row = page.row(id=entry.order.id)
    return New() if row is None or row.state == OrderState.INTENDED else Settled()


def attempted(page: Page, entry: Attempted) -> Answer:
    return page.note(entry.order.id, "attempted", number=entry.number, outcome=entry.outcome.name.lower())


def accepted(page: Page, entry: Accepted) -> Answer:
    row = page.row(id=entry.job.order_id)
    return claimed(page, row, entry.job) if row else New()


def claimed(page: Page, row: Row[Any], job: Job) -> Answer:
    """The order has become this job; told twice, it has become so once."""
    if row.handle == job.handle:
        return New()
    page.see(row.account, row.sandbox, Sight(sign=Sign.ANSWERED, at=page.now))
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
    said = _said(str(entry.error)) if entry.error else "interrupted before it was sent"
    page.see(*whose(entry.order), refusal(entry.error, page.now))
    return _settled(page, entry.order, OrderState.REFUSED, said, key=None, settled_at=page.now)


def uncertain(page: Page, entry: Uncertain) -> Answer:
    page.see(*whose(entry.order), doubt(entry.why, page.now))
    return _settled(page, entry.order, OrderState.UNCERTAIN, _said(entry.why))


def found(page: Page, entry: Found) -> Answer:
    """Exactly one that no other order has settles it as accepted; anything else settles nothing."""
    swept(page)
    row = page.row(id=entry.order)
    if row is None or row.state != OrderState.UNCERTAIN:
        return taken(page, row, row.digest) if row is not None else New()
    free = [handle for handle in dict.fromkeys(entry.handles) if not page.rows(same_job(row, handle))]
    if len(free) != 1:
        return Unsettled(row.id, under_way=False)
    job = job_for(row, free[0])
    page.step(row.n, "found", handle=free[0])
    claimed(page, row, job)
    return Taken(job)


def same_job(row: Row[Any], handle: str) -> Select[Any]:
    """The other orders that have this job of the vendor's."""
    others = select(orders).where(orders.c.provider == row.provider, orders.c.n != row.n)
    return others.where(orders.c.handle == handle)


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
    if row is not None and (free := _freed(row, entry.holder)):
        page.change(row.n, **free)
    return New()


def _freed(row: Row[Any], name: str | None) -> Mapping[str, None]:
    """What changes in an order's row when a holder leaves its job: nothing, where it is somebody else's now."""
    mine = name is not None and row.holder == holder(name)
    return {"holder": None, "held_until": None} if mine else {}


def finished(page: Page, entry: Finished) -> Answer:
    """The end of a job is written once: whoever looks at it again sees the same."""
    seen = entry.status
    row = page.row_of(seen.job)
    if row is None or row.state == OrderState.FINISHED:
        return left(page, Left(seen.job, entry.holder)) if entry.holder is not None else New()
    page.see(row.account, row.sandbox, ending(seen, page.now, utc(row.intended_at), entry.since_s))
    charge = _charged(seen.charge, entry.usd) if seen.charge else {}
    said = _said(str(seen.error)) if seen.error else None
    ended = {"outcome": seen.state, "finished_at": page.now, "billed": _billed(seen)}
    page.change(row.n, state=OrderState.FINISHED, told=said, **ended, **charge, **_freed(row, entry.holder))
    return page.step(row.n, "finished", outcome=seen.state, word=seen.word)


def _said(text: str) -> str:
    """What was said, fit for any database: some take no NUL, and none half a character."""
    return one_line(safe_text(text))


def _charged(charge: Charge, usd: Decimal | None) -> Mapping[str, str]:
    known = charge.amount if charge.unit == USD else usd
    told = {"charge": str(+charge.amount), "charge_unit": charge.unit}  # to 28 digits: a server has room for 60
    return told if known is None else {**told, "charge_usd": str(+known)}


def _billed(seen: Status) -> Money:
    if seen.state is State.SUCCEEDED:
        return Money.YES
    return seen.error.money if seen.error else Money.MAYBE


def delivered(page: Page, entry: Delivered) -> Answer:
    row = page.row_of(Job.parse(entry.job)) if entry.job else None
    if row is None:
        return New()
    place = str(entry.path.absolute())
    page.change(row.n, file=place, delivered_at=page.now, **_freed(row, entry.holder))
    return page.step(row.n, "delivered", file=place)


def _settled(page: Page, order: Order, state: OrderState, said: str, **values: object) -> Answer:
    row = page.row(id=order.id)
    if row is None or row.handle is not None:
        return New()
    page.change(row.n, state=state, told=said, **values)
    return page.step(row.n, state, told=said)


ABANDONED = timedelta(minutes=5)  # a paid call has two minutes: what is intended for longer has lost its process
GONE = "its process ended between sending it and reading the answer"


def is_lost(row: Row[Any], now: datetime, gone: Callable[[str], bool]) -> bool:
    """Whether an intended order's process cannot settle it any more."""
    return utc(row.intended_at) < now - ABANDONED or gone(row.holder)


def swept(page: Page) -> None:
    """Call uncertain what lost its process between sending and answer."""
    for row in page.rows(UNDER_WAY):
        if is_lost(row, page.now, page.gone):
            page.change(row.n, state=OrderState.UNCERTAIN, told=GONE)
            page.step(row.n, "uncertain", told=GONE)


LOOKS = (Asking, Consulting, Sending)  # what is only read for
WRITERS: Mapping[type, Callable[[Page, Any], Answer]] = {
    Asking: asking,
    Consulting: consulting,
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
