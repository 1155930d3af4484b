"""Past jobs as the vendors' lists have them: whose they are, what was asked for, and from when on they are shown."""

import math
from collections.abc import Mapping

from omniflash_sandbox.clock import Clock
from omniflash_sandbox.jobs import Job, job_from
from omniflash_sandbox.messages import JSON, encoded, parsed
from omniflash_sandbox.store import Store
from omniflash_sandbox.switches import Switches

# Assumption, for either vendor: no page says when a job is first listed. fal's recording of requests lagged by hours in
# incidents that its status page tells of.
LATE_S = 30.0
DELAYS_S: Mapping[str, float] = {"late": LATE_S, "at-once": 0.0, "never": math.inf}
"""How old a job is, in seconds of its own, when it is first listed: by the switch `lists.delay`."""

LARGEST_INPUT = 1_000_000  # bytes; assumption, after fal's page on webhooks, where results of more than 1 MB go early


class History:
    """All jobs of a state with what was asked for, as lists of past requests show them."""

    def __init__(self, store: Store, clock: Clock, switches: Switches) -> None:
        self._store, self._clock, self._switches = store, clock, switches

    def remember(self, job: Job, asked: JSON) -> None:
        """What was asked for, unless it is nothing, or too large to be kept."""
        text = encoded(asked)
        if asked is not None and len(text) <= LARGEST_INPUT:
            self._store.run("INSERT INTO inputs VALUES (?, ?)", job.id, text.decode())

    def asked(self, job: Job) -> JSON:
        """What was asked for, where that is kept, or None."""
        rows = self._store.rows("SELECT input FROM inputs WHERE job = ?", job.id)
        return parsed(str(rows[0][0]).encode()) if rows else None

    def of(self, provider: str, account: str) -> list[Job]:
        """What a list shows to an account by now, the newest first."""
        rows = self._store.rows(
            "SELECT job FROM jobs WHERE provider = ? AND account = ? ORDER BY n DESC", provider, account
        )
        delay = DELAYS_S[self._switches["lists.delay"]]
        return [job for job in (job_from(text) for (text,) in rows) if self._clock.since(job.start) >= delay]
