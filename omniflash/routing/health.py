"""How a provider has been doing, learned from what came of its orders: how long it takes, and whether to let it rest.

Two ladders lead to a rest: one for calls at its door, one for the jobs that it took. A success takes a ladder down to
the floor; when enough trouble has piled up on one without any success between, the circuit is open: nothing is begun
there until the rest is over. Then one order goes ahead as a trial: if it fails, the next rest is twice as long.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from attrs import evolve, field, frozen

from ..errors import (
    AuthenticationFailed,
    ContentRejected,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    OmniflashError,
    ProviderUnavailable,
    RateLimited,
    UnsupportedFeature,
)
from ..spec.requests import Mode

TOP = 6  # of a ladder: so much trouble in a row opens the circuit
FORGOTTEN_S = 900.0  # trouble that old does not count any more
FIRST_REST_S, LONGEST_REST_S = 15.0, 300.0
LONGEST_LIMIT_S = 3600.0  # whatever a vendor writes into its Retry-After
LIMITED_S = 5.0  # how long a limit is taken to last where the vendor did not say
TRIAL_S = 180.0  # as long as a trial may leave it open what comes of it
KEPT, ENOUGH = 20, 3  # observed times: how many are kept of each mode, and how many are needed to believe them
NEAR_S = 30.0  # twice the longest pause between two looks: a clip that was ready within it was ready when it was seen


class Sign(StrEnum):
    """What came of an order, as far as it tells of its provider."""

    BEGUN = "begun"
    ANSWERED = "answered"
    MADE = "made"
    LIMITED = "limited"
    SHUT = "shut"
    UNREACHED = "not reached"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class Stage(StrEnum):
    """Where an order was when it gave its sign."""

    DOOR = "door"
    WORK = "work"


# How far each kind of trouble goes up which ladder. A locked account stays locked, and each uncertain order may cost
# money; a job that failed is often the fault of its prompt.
TROUBLE: Mapping[Sign, tuple[Stage, int]] = {
    Sign.SHUT: (Stage.DOOR, 6),
    Sign.UNCERTAIN: (Stage.DOOR, 3),
    Sign.UNREACHED: (Stage.DOOR, 2),
    Sign.FAILED: (Stage.WORK, 2),
}
SUCCESS: Mapping[Sign, Stage] = {Sign.ANSWERED: Stage.DOOR, Sign.MADE: Stage.WORK}
# What a refusal tells of its provider. One that is the request's own fault was answered in order.
SIGNS: Mapping[type[OmniflashError], Sign] = {
    RateLimited: Sign.LIMITED,
    AuthenticationFailed: Sign.SHUT,
    InsufficientCredits: Sign.SHUT,
    NotFound: Sign.SHUT,
    ProviderUnavailable: Sign.UNREACHED,
    InvalidRequest: Sign.ANSWERED,
    UnsupportedFeature: Sign.ANSWERED,
    ContentRejected: Sign.ANSWERED,
}


@frozen(kw_only=True)
class Sight:
    """One sign and its moment.

    With it: in how many `seconds` a clip of which `mode` was made, how long a limit holds (`rest_s`), what was `told`.
    """

    sign: Sign
    at: datetime
    mode: Mode | None = None
    seconds: float | None = None
    rest_s: float | None = None
    told: str = ""


@frozen
class Ladder:
    """Trouble at one stage: how high it has piled up, since when, and the rest that came of it."""

    height: int = 0
    last: datetime | None = None
    rest_s: float = 0.0
    until: datetime | None = None
    trial: datetime | None = None

    def up(self, by: int, at: datetime) -> "Ladder":
        """The same with more trouble. What comes in while it rests was begun before, and does not make it longer."""
        fresh = self.last is not None and at - self.last < timedelta(seconds=FORGOTTEN_S)
        height = (self.height if fresh else 0) + by
        if height < TOP:
            return Ladder(height, at)
        if self.until is not None and at < self.until:
            return evolve(self, height=height, last=at)
        rest = min(self.rest_s * 2, LONGEST_REST_S) if self.until and fresh else FIRST_REST_S
        return Ladder(height, at, rest, at + timedelta(seconds=rest))

    def begun(self, at: datetime) -> "Ladder":
        """The same with an order on its way: a trial, where one is due."""
        return evolve(self, trial=at) if self.until is not None and at >= self.until else self

    def closed_until(self, now: datetime) -> datetime | None:
        """Until when nothing is begun; None where something may be."""
        if self.until is None or self.last is None or now - self.last >= timedelta(seconds=FORGOTTEN_S):
            return None
        if now < self.until:
            return self.until
        trial = self.trial and self.trial + timedelta(seconds=TRIAL_S)
        return trial if trial and now < trial else None


@frozen
class Health:
    """How one account is doing: its ladder of each stage, until when it is rate-limited, and its last trouble in words.

    `seconds` are the latest observed times of each mode.
    """

    ladders: Mapping[Stage, Ladder] = field(factory=dict, hash=False)
    limited_until: datetime | None = None
    seconds: Mapping[Mode, tuple[float, ...]] = field(factory=dict, hash=False)
    told: str = ""

    def after(self, sight: Sight) -> "Health":
        """The same, with one more sight taken into account."""
        if sight.sign is Sign.BEGUN:
            return evolve(self, ladders={stage: ladder.begun(sight.at) for stage, ladder in self.ladders.items()})
        if sight.sign is Sign.LIMITED:
            rest = LIMITED_S if sight.rest_s is None else max(0.0, min(sight.rest_s, LONGEST_LIMIT_S))
            until = sight.at + timedelta(seconds=rest)
            return evolve(self, limited_until=max(until, self.limited_until or until), told=sight.told)
        if sight.sign in SUCCESS:
            down = SUCCESS[sight.sign]
            left = {stage: ladder for stage, ladder in self.ladders.items() if stage is not down}
            return evolve(self._timed(sight), ladders=left)
        stage, by = TROUBLE[sight.sign]
        ladder = self.ladders.get(stage, Ladder()).up(by, sight.at)
        return evolve(self, told=sight.told, ladders={**self.ladders, stage: ladder})

    def _timed(self, sight: Sight) -> "Health":
        if sight.seconds is None or sight.mode is None:
            return self
        before = self.seconds.get(sight.mode, ())
        return evolve(self, seconds={**self.seconds, sight.mode: (*before, sight.seconds)[-KEPT:]})

    def resting_until(self, now: datetime) -> datetime | None:
        """Until when nothing should be begun; None where something may be."""
        if not self.ladders and self.limited_until is None:
            return None
        limit = self.limited_until if self.limited_until and now < self.limited_until else None
        ends = [limit, *(ladder.closed_until(now) for ladder in self.ladders.values())]
        return max((end for end in ends if end), default=None)

    def why(self, now: datetime) -> str:
        """What a rest comes of, in words."""
        limited = self.limited_until is not None and now < self.limited_until
        begin = "rate-limited" if limited else "resting after trouble"
        return f"{begin}: {self.told}" if self.told else begin

    def expected_s(self, mode: Mode, stated_s: float) -> float:
        """How long a clip takes, in seconds: the median of what was observed, or what is stated of it."""
        seen = self.seconds.get(mode, ())
        return median(seen) if len(seen) >= ENOUGH else stated_s


UNKNOWN = Health()  # of whom nothing is known, nothing bad is thought
