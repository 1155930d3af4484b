"""Clients that are broken, each in one small way that a client can be, to see that the judge wakes up for every one."""

from collections.abc import Mapping
from typing import Any

from omniflash import AsyncClient, Job, SubmissionUncertain
from omniflash.effects import Repeat
from omniflash.flows import attempt
from omniflash.money.entries import Answer, Entry, Intended, New, Sending
from omniflash.money.records import OrderState


class RepeatsPaidCalls(AsyncClient):
    """Makes a paid call again when its answer does not come, as it does with the free ones."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        free = attempt.VERDICTS[Repeat.FREELY]
        attempt.VERDICTS = dict.fromkeys(Repeat, free)  # this process does nothing else


class RecordsAfterSending(AsyncClient):
    """Writes an order down only when something has come of it."""

    def _write_down(self, entry: Entry) -> Answer:
        held = self.__dict__.setdefault("held", {})
        if isinstance(entry, Intended):
            held[entry.order.id] = entry
            return New()
        if isinstance(entry, Sending):
            return New()
        about = getattr(entry, "order", None) or getattr(entry, "job", None)
        order = getattr(about, "order_id", None) or getattr(about, "id", None)
        if order in held:
            super()._write_down(held.pop(order))
        return super()._write_down(entry)


class SettlesByAbsence(AsyncClient):
    """Takes an order for never accepted when it finds no job, and asks again. A vendor's list can lag by hours."""

    async def submit(self, *arguments: Any, **settings: Any) -> Job:
        try:
            return await super().submit(*arguments, **settings)
        except SubmissionUncertain as uncertain:
            if not forgotten(self, uncertain.order.id):
                raise
            return await super().submit(*arguments, **settings)


class LosesOnInterruption(AsyncClient):
    """Takes Ctrl-C for proof that nothing was sent."""

    async def submit(self, *arguments: Any, key: str | None = None, **settings: Any) -> Job:
        try:
            return await super().submit(*arguments, key=key, **settings)
        except Exception:
            raise
        except BaseException:
            forgotten(self, str(key))
            raise


def forgotten(client: AsyncClient, name: str) -> bool:
    """Settle an order as never accepted, without having looked; whether it could be."""
    assert client.ledger is not None
    known = [record for record in client.ledger.records(OrderState.UNCERTAIN) if name in (record.id, record.key)]
    for record in known:
        client.ledger.settle(record, None)
    return bool(known)


REPEATS_PAID_CALLS = "repeats a paid call after a read timeout"
RECORDS_AFTER_SENDING = "records after sending"
SETTLES_BY_ABSENCE = "settles by absence"
LOSES_ON_INTERRUPTION = "loses the id on Ctrl-C"
BROKEN: Mapping[str, type[AsyncClient]] = {
    REPEATS_PAID_CALLS: RepeatsPaidCalls,
    RECORDS_AFTER_SENDING: RecordsAfterSending,
    SETTLES_BY_ABSENCE: SettlesByAbsence,
    LOSES_ON_INTERRUPTION: LosesOnInterruption,
}
