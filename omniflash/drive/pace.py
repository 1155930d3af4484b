"""Keeping to a provider's request rate, for all jobs of one account together, first come, first served."""

from collections import deque
from collections.abc import Mapping
from threading import Lock

from attrs import Factory, define

from ..accounts import Account
from ..adapter import Pace


@define
class Window:
    """At most `pace.requests` in any `pace.seconds`: a place is taken when it is asked for, so nobody is overtaken."""

    pace: Pace
    taken: deque[float] = Factory(deque)
    lock: Lock = Factory(Lock)

    def take(self, now: float, until: float) -> float | None:
        """Ticks to wait for the place that was taken, or None when there is none before `until`."""
        with self.lock:
            full = len(self.taken) >= self.pace.requests
            start = max(now, self.taken[-self.pace.requests] + self.pace.seconds) if full else now
            if start > until:
                return None
            self.taken.append(start)
            while len(self.taken) > self.pace.requests:
                self.taken.popleft()
            return start - now


def windows(accounts: Mapping[str, Account]) -> dict[str, Window]:
    """A window for each account that has a pace."""
    return {name: Window(account.pace) for name, account in accounts.items() if account.pace}
