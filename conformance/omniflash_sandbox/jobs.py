"""A job of any vendor: when it is queued, running or over, how it ends, and where it is kept."""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from attrs import asdict, evolve, field, frozen

from omniflash_sandbox.clips import Footage, Recipe
from omniflash_sandbox.clock import Start
from omniflash_sandbox.messages import JSON, encoded
from omniflash_sandbox.store import Store


class Phase(Enum):
    """How far a job is, which is a matter of time alone."""

    QUEUED = "queued"
    RUNNING = "running"
    OVER = "over"


class Ending(StrEnum):
    """How a job ends; known from its acceptance, and told when it is over."""

    VIDEO = "video"
    NO_VIDEO = "no-video"
    INVALID = "invalid"
    REGION = "region"
    CONTENT_REJECTED = "content-rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Bill(StrEnum):
    """Whether the account pays for a job."""

    BILLED = "billed"
    REFUNDED = "refunded"


RENDER_S_PER_S = 5.0  # measured by a user of Google's own API: an 8 s clip at 720p takes about 40 s
FAILURE_S = 3.0  # assumption; Google, Gemini Omni Flash: what is blocked "completes quickly"
SHORTEST_QUEUE_S = 2.0  # assumption


def _start(given: Start | Mapping[str, Any]) -> Start:
    return Start(**given) if isinstance(given, Mapping) else given


def _recipe(given: Recipe | Mapping[str, Any]) -> Recipe:
    return Recipe(**{**given, "footage": Footage(**given["footage"])}) if isinstance(given, Mapping) else given


@frozen
class Job:
    """A job as it stands in the state; times are seconds of the job's own.

    `complaints` say what is wrong with an invalid request; `options` are those of the fault that decided its ending.
    `webhook` is the URL to which its end is told. `urls_gone` is how many of its clip's URLs have expired, and
    `gone_status` what they answer since. `same_id` is the client's own id for it.
    """

    n: int
    id: str
    provider: str
    account: str
    mode: str
    digest: str
    start: Start = field(converter=_start)
    queue_s: float
    run_s: float
    recipe: Recipe = field(converter=_recipe)
    ending: Ending = field(converter=Ending)
    complaints: list[JSON]
    options: dict[str, JSON]
    amount: Decimal = field(converter=Decimal)
    unit: str
    usd: Decimal = field(converter=Decimal)
    paid: bool
    state: Bill = field(converter=Bill)
    fault: str | None
    cancelled_s: float | None = None
    webhook: str | None = None
    urls_gone: int = 0
    gone_status: int = 0
    same_id: str | None = None

    @property
    def over_s(self) -> float:
        """How old the job is when it is over."""
        return self.queue_s + self.run_s if self.cancelled_s is None else self.cancelled_s

    @property
    def shape(self) -> str:
        """How a missing video is missing."""
        return str(self.options.get("shape", ""))

    def phase(self, age: float) -> Phase:
        if age >= self.over_s:
            return Phase.OVER
        return Phase.QUEUED if age < self.queue_s else Phase.RUNNING

    def cancelled(self, age: float) -> "Job":
        """The same job, over at this age. Only one that was not yet running costs nothing."""
        return evolve(self, ending=Ending.CANCELLED, cancelled_s=age, paid=self.phase(age) is Phase.RUNNING)


def queue_seconds(digest: str) -> float:
    """A wait of 2.0 to 4.9 s, the same for the same request."""
    return SHORTEST_QUEUE_S + int(digest[:8], 16) % 30 / 10


def run_seconds(digest: str, footage: Footage, ending: Ending) -> float:
    """About 40 s for a clip of 8 s, 10 % more or less, the same for the same request; a failure is quicker."""
    if ending is not Ending.VIDEO:
        return FAILURE_S
    return round(footage.seconds * RENDER_S_PER_S * (0.9 + int(digest[8:16], 16) % 201 / 1_000), 1)


class Jobs:
    """All jobs of a state, whichever server accepted them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_number(self) -> int:
        ((number,),) = self._store.rows("SELECT coalesce(max(n), 0) + 1 FROM jobs")
        return int(number)

    def find(self, job_id: str) -> Job | None:
        rows = self._store.rows("SELECT job FROM jobs WHERE id = ?", job_id)
        return job_from(rows[0][0]) if rows else None

    def sent_as(self, provider: str, account: str, same_id: str) -> Job | None:
        """The job that an account sent under an id of its own."""
        rows = self._store.rows(
            "SELECT job FROM jobs WHERE provider = ? AND account = ? AND same_id = ?",
            provider, account, same_id,
        )  # fmt: skip
        return job_from(rows[0][0]) if rows else None

    def keep(self, job: Job) -> None:
        """Writes a job down, in place of what was known of it."""
        text = encoded(asdict(job, value_serializer=_plain)).decode()
        self._store.run("INSERT OR REPLACE INTO jobs (n, job) VALUES (?, ?)", job.n, text)

    def expire(self, job_id: str, status: int) -> Job | None:
        """The URL of a job's clip answers with this status from now on, and the job has another."""
        with self._store.writing():
            job = self.find(job_id)
            later = job and evolve(job, urls_gone=job.urls_gone + 1, gone_status=status)
            if later:
                self.keep(later)
        return later


def job_from(text: str | int) -> Job:
    return Job(**json.loads(str(text)))


def _plain(_: object, __: object, value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
