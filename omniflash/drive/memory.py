"""What a client without a ledger remembers of its orders: how its accounts have been doing, and nothing else."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, TypeAlias

from ..money.entries import (
    Accepted,
    Answer,
    Consulting,
    Entry,
    Finished,
    Intended,
    Known,
    New,
    Refused,
    Resting,
    Uncertain,
)
from ..money.sights import doubt, ending, refusal, whose
from ..routing.health import UNKNOWN, Health, Sight, Sign

Whose: TypeAlias = tuple[str, bool]
MOST_JOBS = 10_000  # under way at once; of the oldest beyond that the time is not learned


class Memory:
    """Answers entries as a ledger does that has just been opened, for as long as its client lives.

    `now` is the client's clock. May be shared by threads.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._health: dict[Whose, Health] = {}
        self._begun: OrderedDict[str, datetime] = OrderedDict()
        self._handlers: Mapping[type, Callable[[Any], Answer]] = {
            Consulting: self._consulting,
            Intended: self._intended,
            Accepted: self._accepted,
            Refused: self._refused,
            Uncertain: self._uncertain,
            Finished: self._finished,
        }

    def record(self, entry: Entry) -> Answer:
        """Take an entry into account."""
        handler = self._handlers.get(type(entry))
        if handler is None:
            return New()
        with self._lock:
            return handler(entry)

    def health(self, account: str, *, sandbox: bool = False) -> Health:
        """How an account has been doing."""
        return self._health.get((account, sandbox), UNKNOWN)

    def _see(self, account: Whose, sight: Sight | None) -> Answer:
        if sight is not None:
            self._health[account] = self._health.get(account, UNKNOWN).after(sight)
        return New()

    def _consulting(self, entry: Consulting) -> Answer:
        return Known({account: self.health(account, sandbox=entry.sandbox) for account in entry.accounts})

    def _intended(self, entry: Intended) -> Answer:
        account, now = whose(entry.order), self._now()
        health = self._health.get(account, UNKNOWN)
        until = health.resting_until(now) if entry.heed else None
        if until is not None:
            return Resting(until, health.why(now))
        return self._see(account, Sight(sign=Sign.BEGUN, at=now))

    def _accepted(self, entry: Accepted) -> Answer:
        now = self._now()
        self._begun[entry.job.order_id] = now
        if len(self._begun) > MOST_JOBS:
            self._begun.popitem(last=False)
        return self._see(whose(entry.job), Sight(sign=Sign.ANSWERED, at=now))

    def _refused(self, entry: Refused) -> Answer:
        return self._see(whose(entry.order), refusal(entry.error, self._now()))

    def _uncertain(self, entry: Uncertain) -> Answer:
        return self._see(whose(entry.order), doubt(entry.why, self._now()))

    def _finished(self, entry: Finished) -> Answer:
        begun = self._begun.pop(entry.status.job.order_id, None)
        if begun is None:  # looked at before, or not of this client: its time is not known
            return New()
        return self._see(whose(entry.status.job), ending(entry.status, self._now(), begun, entry.since_s))
