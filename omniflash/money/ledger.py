"""The ledger of paid calls: each is written down before it is made, and settled after (JOB-ONCE, JOB-KEY)."""

import json
import os
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, or_, select

from ..errors import ConfigurationError
from ..jobs import Job, State
from ..spec.requests import JOB_MARK
from .database import default_path, opened, reading, writing
from .entries import Accepted, Answer, Consulting, Entry, Finished, Refused, Uncertain
from .holders import is_gone
from .records import OrderState, Record, Step, errand_of
from .rows import job_for, record_of, utc
from .servers import Away, time_of
from .tables import orders, trail
from .worker import Worker
from .writers import WRITERS, Page, claimed, is_held, lost, same_job, swept

OUTCOMES = (Accepted, Finished, Refused, Uncertain)  # what nobody could tell the ledger later
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)  # for a server that is started again


class Ledger:
    """A ledger in a file or a database; may be shared by threads, and by processes, forked ones too.

    Everything is done in a thread of its own: Ctrl-C, which can break in anywhere in the main one, cannot tear a write.
    `where` is a path, or the URL of a database of PostgreSQL's or SQLite's; unset, a file under the platform's folder
    for data. `now` and `gone`, which tells if a holder's process has ended, are for tests. Raises ConfigurationError
    when it cannot be used, as every method does.
    """

    def __init__(
        self,
        where: str | os.PathLike[str] | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        gone: Callable[[str], bool] = is_gone,
    ) -> None:
        self._now, self._gone = now, gone
        self._worker = Worker()
        try:
            self._engine = self._worker.do(partial(opened, default_path() if where is None else where))
        except ConfigurationError:
            self._worker.end()
            raise
        self._worker.tidy = self._engine.dispose

    def record(self, entry: Entry) -> Answer:
        """Write an entry down."""
        return self._worker.do(partial(self._record, entry))

    def _record(self, entry: Entry) -> Answer:
        for pause in PAUSES_S if isinstance(entry, OUTCOMES) else ():
            try:
                return self._written(entry)
            except Away:
                time.sleep(pause)
        return self._written(entry)

    def _written(self, entry: Entry) -> Answer:
        begun = reading if isinstance(entry, Consulting) else writing
        with begun(self._engine) as connection:
            return WRITERS[type(entry)](self._page(connection), entry)

    def records(self, *states: OrderState, provider: str | None = None, limit: int = 1_000) -> tuple[Record, ...]:
        """The orders, uncertain ones first, then the newest; only those in one of `states`, or of a `provider`."""
        self._sweep()
        wanted = select(orders) if provider is None else select(orders).where(orders.c.provider == provider)
        if states:
            wanted = wanted.where(orders.c.state.in_(states))
        newest = wanted.order_by(orders.c.n.desc()).limit(limit)
        first = self._read(newest.where(orders.c.state == OrderState.UNCERTAIN))  # in one statement, all were sorted
        rows = {row.n: row for row in (*first, *self._read(newest))}
        return tuple(record_of(row) for row in islice(rows.values(), limit))

    def unfinished(self) -> tuple[Record, ...]:
        """What nobody is at and somebody may want: the uncertain orders, and the jobs whose clip was not saved."""
        self._sweep()
        unsaved = orders.c.delivered_at.is_(None)
        wanted = or_(
            orders.c.state == OrderState.UNCERTAIN,
            and_(orders.c.state == OrderState.ACCEPTED, unsaved),
            and_(orders.c.outcome == State.SUCCEEDED, unsaved),
        )
        rows = self._read(select(orders).where(wanted).order_by(orders.c.n))
        now = self._moment()
        return tuple(record_of(row) for row in rows if not is_held(row, now, self._gone))

    def find(self, name: str) -> Record:
        """The order of our id, of the caller's key, of the vendor's id, or of a job's token."""
        self._sweep()
        handle = Job.parse(name).handle if name.startswith(JOB_MARK) else name
        known = or_(orders.c.id == name, orders.c.key == name, orders.c.handle == handle)
        rows = self._read(select(orders).where(known).order_by(orders.c.n.desc()).limit(1))
        if not rows:
            raise ConfigurationError(f"the ledger knows no job {name[:40]!r}", remedy="`omniflash jobs` lists them")
        return record_of(rows[0])

    def errand(self, order_id: str) -> tuple[Record, ...]:
        """Every order that was made for the same request, each in place of the one before it."""
        first = errand_of(order_id)
        later = _begins(f"{first}-", self._engine)
        rows = self._read(select(orders).where(or_(orders.c.id == first, later)).order_by(orders.c.n))
        return tuple(map(record_of, rows))

    def trail(self, record: Record) -> tuple[Step, ...]:
        """Everything that happened to an order, in its order."""
        steps = select(trail).join(orders, orders.c.n == trail.c.order_n).where(orders.c.id == record.id)
        rows = self._read(steps.order_by(trail.c.n))
        return tuple(Step(utc(row.at), row.entry, json.loads(row.told)) for row in rows)

    def settle(self, record: Record, handle: str | None) -> Record:
        """Settle an uncertain order as its user found it: accepted under the vendor's id `handle`, or never accepted.

        Refuses an order that is settled, and an id that another order has.
        """
        self._worker.do(partial(self._settle, record, handle))
        return self.find(record.id)

    def _settle(self, record: Record, handle: str | None) -> None:
        with writing(self._engine) as connection:
            page = self._page(connection)
            row = page.row(id=record.id)
            if row is None or row.state != OrderState.UNCERTAIN:
                raise ConfigurationError(f"order {record.id} is not uncertain", remedy="there is nothing to settle")
            if handle is None:
                page.change(row.n, state=OrderState.REFUSED, settled_at=page.now, key=None, told="never accepted")
                page.step(row.n, "settled", told="never accepted, says its user")
            else:
                _free(page, row, handle)
                claimed(page, row, job_for(row, handle))

    def close(self) -> None:
        """Close the connections, and end the thread; whoever uses it again opens it again."""
        self._worker.do(self._engine.dispose)
        self._worker.end()

    def _sweep(self) -> None:
        """Before anybody looks: an order whose process is gone is not under way any more."""
        rows = self._read(select(orders).where(orders.c.state == OrderState.INTENDED))
        if rows and any(lost(rows, self._moment(), self._gone)):
            self._worker.do(self._swept)

    def _page(self, connection: Connection) -> Page:
        return Page(connection, self._time(connection), self._gone)

    def _time(self, connection: Connection) -> datetime:
        return self._now() if self._now else time_of(connection)

    def _moment(self) -> datetime:
        return self._worker.do(self._read_time)

    def _read_time(self) -> datetime:
        with reading(self._engine) as connection:
            return self._time(connection)

    def _swept(self) -> None:
        with writing(self._engine) as connection:
            swept(self._page(connection))

    def _read(self, wanted: Select[Any]) -> list[Row[Any]]:
        return self._worker.do(partial(self._rows, wanted))

    def _rows(self, wanted: Select[Any]) -> list[Row[Any]]:
        with reading(self._engine) as connection:
            return list(connection.execute(wanted))


def _begins(text: str, engine: Engine) -> ColumnElement[bool]:
    """That an id begins so. Text is put in order by its letters' numbers in a file, and by a language on a server."""
    if engine.dialect.name != "sqlite":
        return orders.c.id.startswith(text, autoescape=True)
    return and_(orders.c.id > text, orders.c.id < text[:-1] + chr(ord(text[-1]) + 1))


def _free(page: Page, row: Row[Any], handle: str) -> None:
    if page.rows(same_job(row, handle)):
        raise ConfigurationError(f"another order has {row.provider}'s job {handle!r}", remedy="look for its own job")
