"""What the sync and the async driver share: accounts, clock, pace, ledger, log lines, and the plain effects."""

import logging
import math
import ssl
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import Any, TypeAlias

from ..accounts import Account
from ..adapter import Outcome
from ..effects import Call, Draft, Drop, Hold, Keep, Look, Moment, Now, Pause, Read, Record, Reserve, Response, Turn
from ..errors import ConfigurationError
from ..jobs import Status
from ..money.entries import Answer, Asking, Attempted, Entry, Intended, New, Sending
from ..reading import is_json, outcome_of
from . import files
from .clock import Clock, length
from .memory import Memory
from .network import hush, ssl_context
from .pace import paces
from .settings import Network

log = logging.getLogger("omniflash")
log.addHandler(logging.NullHandler())  # quiet, unless somebody wants to hear it
Recorder: TypeAlias = Callable[[Entry], Answer]

FILES: Mapping[type, Callable[[Any], Any]] = {
    Look: files.look,
    Read: files.read,
    Reserve: files.reserve,
    Draft: files.draft,
    Keep: files.keep,
    Drop: files.drop,
}


BEFORE_PAYING = (Asking, Intended, Sending)
DOUBT = (Outcome.FINE, Outcome.UNCLEAR)  # a job may be there
LONG_S = 3.0  # of wall time: whoever waits longer wants to know for what
LEAST_PATIENCE_S = 1.0  # a wait that is nearly over still looks


class World:
    """The state that a driver keeps between effects, and the effects that are the same for every driver.

    Without a `recorder`, which is a ledger's, a memory of its own answers what is recorded.

    `paying` is set while a paid call is on its way, and after it for as long as its job is in nobody's hands.
    """

    def __init__(
        self, accounts: Mapping[str, Account], network: Network, clock: Clock, recorder: Recorder | None = None
    ) -> None:
        self.accounts = accounts
        self.network = network
        self.clock = clock
        self.memory = Memory(lambda: clock.now().at)
        self.recorder = recorder or self.memory.record
        self._paces = paces(accounts, clock)
        self._strange: set[tuple[str, str]] = set()
        self._answers: dict[tuple[str, str], tuple[float, Response]] = {}
        self.paying = False
        self.opening = Lock()
        hush()

    @cached_property
    def context(self) -> ssl.SSLContext:
        return ssl_context()

    def now(self, _: Now) -> Moment:
        return self.clock.now()

    def turn(self, effect: Turn) -> float | None:
        """Ticks to wait for this call's turn, or None when there is none in time, or it has been tried too often."""
        pacing = self._paces.get(effect.account)
        return pacing.turn(effect, self.clock.now().ticks) if pacing else 0.0

    def hold(self, effect: Hold) -> None:
        """Keep everybody from a call that the vendor has had too often."""
        if effect.account in self._paces:
            self._paces[effect.account].hold(effect, self.clock.now().ticks)

    def ticks_of(self, pause: Pause) -> float:
        """How long a pause is to be; a long one is told."""
        ticks = length(pause)
        if pause.why and (seconds := self.clock.real_seconds(ticks)) >= LONG_S:
            log.warning("%s; waiting %.0f s", pause.why, seconds)
        return ticks

    def late(self, call: Call) -> bool:
        """Whether nobody waits for the answer to this call any more."""
        return self.clock.now().ticks > call.until

    def record(self, effect: Record) -> Answer:
        """The ledger's answer. Only what is written before paying may fail: after it, the job counts for more."""
        log.debug("%s", type(effect.entry).__name__.lower())
        if isinstance(effect.entry, Attempted) and effect.entry.outcome not in DOUBT:
            self.paying = False
        if isinstance(effect.entry, Intended) and effect.entry.before:
            quoted = f", {effect.entry.quote}" if effect.entry.quote else ""
            log.warning("%s; going on with %s%s", effect.entry.before[-1], effect.entry.order.account, quoted)
        try:
            return self.recorder(effect.entry)
        except ConfigurationError as problem:
            if isinstance(effect.entry, BEFORE_PAYING):
                raise
            log.warning("%s could not be written down: %s", type(effect.entry).__name__.lower(), problem)
            return New()

    def patience(self, call: Call) -> float:
        """How many real seconds an answer may take: the network's, or what is left to the call where that is less."""
        left = self.clock.allowance(call.until - self.clock.now().ticks)
        return min(self.network.timeout, max(left, LEAST_PATIENCE_S))

    def remembered(self, call: Call) -> Response | None:
        """An answer to this call that is young enough for it."""
        asked, response = self._answers.get((call.account, call.url), (-math.inf, None))
        return response if self.clock.now().ticks - asked <= call.cache_s else None

    def remember(self, call: Call, response: Response) -> Response:
        """The same response, kept for the next who asks where the call allows it; a good one earns new tries."""
        outcome = outcome_of(response.status)
        if outcome is Outcome.FINE and call.account in self._paces:
            self._paces[call.account].tries.earn()
        if call.cache_s and outcome is Outcome.FINE and is_json(response):
            self._answers[call.account, call.url] = (self.clock.now().ticks, response)
        return response

    def notice(self, status: Status) -> None:
        """Log a vendor's unknown word, once (JOB-STATES)."""
        word = (status.job.provider, status.word)
        if not status.known and word not in self._strange:
            self._strange.add(word)
            log.warning("%s says %r, which is in no document of it: taken for %s", *word, status.state)
