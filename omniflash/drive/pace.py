"""Keeping to what a provider bears, for all jobs of one key in this process together: rate, rests, and second tries."""

import math
from collections import deque
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock
from typing import TypeAlias
from weakref import WeakValueDictionary

from attrs import Factory, define, evolve, field

from ..accounts import Account
from ..adapter import Pace
from ..effects import Hold, Turn
from .clock import Clock

SLACK = 1.02  # of a window's length: what takes longer on its way than what follows it must not come too close
KEPT = 64  # of the latest accounts: who makes one client after another goes on at one pace
MOST_TRIES, TRY_COSTS, ANSWER_EARNS = 500.0, 5.0, 1.0


@define
class Window:
    """At most `pace.requests` in any `pace.seconds`: a place is taken when it is asked for, so nobody is overtaken."""

    pace: Pace
    taken: deque[float] = Factory(deque)

    def take(self, now: float, until: float) -> float | None:
        """When the place is that was taken, in ticks, or None when there is none before `until`."""
        full = len(self.taken) >= self.pace.requests
        start = max(now, self.taken[-self.pace.requests] + self.pace.seconds) if full else now
        if start > until:
            return None
        self.taken.append(start)
        while len(self.taken) > self.pace.requests:
            self.taken.popleft()
        return start


@define
class Tries:
    """The retry budget: what is sent again costs, every good answer earns.

    A vendor that is down is not asked six times as often by everybody who waits for it. The figures are those of the
    standard retry mode of the AWS SDKs.
    """

    left: float = MOST_TRIES

    def spend(self) -> bool:
        """Whether something may be sent again."""
        if self.left < TRY_COSTS:
            return False
        self.left -= TRY_COSTS
        return True

    def earn(self) -> None:
        self.left = min(MOST_TRIES, self.left + ANSWER_EARNS)


@define(eq=False)
class Pacing:
    """What is kept of one account: its window, if it has a pace, its second tries, and until when calls rest."""

    window: Window | None
    tries: Tries = Factory(Tries)
    rests: dict[str, float] = Factory(dict)
    lock: Lock = field(factory=Lock, repr=False)

    def turn(self, effect: Turn, now: float) -> float | None:
        """Ticks to wait for a call's turn, or None when there is none in time, or it was sent again too often."""
        with self.lock:
            if effect.again and not self.tries.spend():
                return None
            begin = max(now, self.rests.get(effect.call, -math.inf))
            start = self.window.take(begin, effect.until) if self.window else begin
            return None if start is None or start > effect.until else start - now

    def hold(self, effect: Hold, now: float) -> None:
        """Let a call rest; a shorter rest does not end a longer one."""
        with self.lock:
            self.rests[effect.call] = max(self.rests.get(effect.call, -math.inf), now + effect.seconds)


_Known: TypeAlias = "WeakValueDictionary[tuple[object, ...], Pacing]"
_KNOWN: _Known = WeakValueDictionary()  # clients that share a key share its pace
_LATEST: deque[Pacing] = deque(maxlen=KEPT)
_MAKING = Lock()


def paces(accounts: Mapping[str, Account], clock: Clock) -> Mapping[str, Pacing]:
    """The pacing of each account."""
    return {name: _pacing(account, clock) for name, account in accounts.items()}


def _pacing(account: Account, clock: Clock) -> Pacing:
    hosts = tuple(sorted(account.hosts.items()))
    key = sha256((account.key or "").encode()).digest()
    whose = (account.adapter.name, hosts, key, account.pace, clock.shared)
    with _MAKING:
        known = _KNOWN.get(whose)
        if known is None:
            window = Window(evolve(account.pace, seconds=account.pace.seconds * SLACK)) if account.pace else None
            known = _KNOWN[whose] = Pacing(window)
        _LATEST.append(known)
        return known
