"""The clocks that drivers go by: the real one, one that runs faster, and one that is moved by waiting."""

import math
import random
import time
from datetime import UTC, datetime
from typing import Protocol

from attrs import define, field, frozen

from ..accounts import Site, Sleep
from ..effects import Moment, Pause


class Clock(Protocol):
    """The time, in ticks that never go back, and how waiting is done. Clocks of one `shared` value tick together."""

    @property
    def shared(self) -> object: ...

    def now(self) -> Moment: ...

    def real_seconds(self, ticks: float) -> float:
        """How long one really has to wait for so many ticks to pass."""
        ...

    def allowance(self, ticks: float) -> float:
        """How many real seconds may be spent on something that has so many ticks."""
        ...

    def passed(self, ticks: float) -> None:
        """Told after each wait."""
        ...


@frozen
class RealClock:
    """The machine's clock; at `speed` 20, a minute of pauses takes three seconds."""

    speed: float = 1.0

    @property
    def shared(self) -> object:
        return self.speed

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), time.monotonic() * self.speed)

    def real_seconds(self, ticks: float) -> float:
        return ticks / self.speed

    def allowance(self, ticks: float) -> float:
        return self.real_seconds(ticks)

    def passed(self, ticks: float) -> None:
        """The machine's clock needs no telling."""


@define
class VirtualClock:
    """A clock that moves only by waiting: each wait is told to `sleep`, and takes no time at all."""

    sleep: Sleep
    ticks: float = field(default=0.0)
    shared: object = field(factory=object, init=False, eq=False, repr=False)  # an id() would come again

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), self.ticks)

    def real_seconds(self, ticks: float) -> float:
        return 0.0

    def allowance(self, ticks: float) -> float:
        return math.inf

    def passed(self, ticks: float) -> None:
        self.sleep(ticks)
        self.ticks += ticks


def clock_of(site: Site | None) -> Clock:
    """The clock to go by, given the sandbox that is used, if one is."""
    if site is None:
        return RealClock()
    return VirtualClock(site.sleep) if site.sleep else RealClock(site.speed or 1.0)


def length(pause: Pause) -> float:
    """How long this pause is to be, its random share included."""
    return pause.seconds * (1.0 + random.uniform(0.0, pause.spread))  # noqa: S311 - politeness, not secrecy
