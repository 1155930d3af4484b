"""Time as the sandbox tells it: the wall's, or a virtual clock that moves only when it is told to."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from attrs import frozen

from omniflash_sandbox.store import Store

VIRTUAL_START = datetime(2026, 1, 1, tzinfo=UTC)
UNIX_START = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS = 1_000_000
SLOWEST, FASTEST = 0.001, 1_000_000
FURTHEST_S = 1_000 * 365 * 86_400  # a thousand years: dates end with the year 9999


@frozen
class Start:
    """When a job was accepted and how fast its time runs: from this any server can tell its progress, whenever asked.

    `wall` is microseconds since 1970, `advanced` the microseconds that the clock had been advanced by, `speed` the
    job's seconds in one second of wall time, 0 under the virtual clock.
    """

    wall: int
    advanced: int
    speed: float

    def date(self, seconds: float = 0.0) -> datetime:
        """The calendar's answer to when the job is, or was, `seconds` old."""
        if self.speed:
            return UNIX_START + (self.wall + self.advanced) * MICROSECOND + timedelta(seconds=seconds / self.speed)
        return VIRTUAL_START + self.advanced * MICROSECOND + timedelta(seconds=seconds)

    def wall_date(self, seconds: float = 0.0) -> datetime:
        """The same by the wall's clock, whatever it is advanced by: what a client can hold against its own."""
        return UNIX_START + self.wall * MICROSECOND + timedelta(seconds=seconds / (self.speed or 1.0))


class Clock:
    """The clock of one server. What it was advanced by stands in the state, so all servers on that state share it."""

    def __init__(self, store: Store, speed: float, wall: Callable[[], int] = time.time_ns) -> None:
        self._store, self._wall, self.speed = store, wall, valid_speed(speed)

    @property
    def virtual(self) -> bool:
        return self.speed == 0

    def start(self) -> Start:
        return Start(self._wall() // 1_000, self._advanced(), self.speed)

    def since(self, start: Start) -> float:
        """A job's age in seconds: wall time at its own speed, and whatever the clock was advanced since."""
        now = self.start()
        return ((now.wall - start.wall) * start.speed + now.advanced - start.advanced) / MICROSECONDS

    def now(self) -> datetime:
        return self.start().date()

    def advance(self, seconds: float) -> None:
        """Moves time forward, by whole microseconds; raises ValueError for a step back, or out of the calendar."""
        if not 0 <= seconds <= FURTHEST_S:  # NaN is not between them
            raise ValueError(f"seconds must be a number from 0 to {FURTHEST_S:,}, not {seconds!r}")
        step, furthest = round(seconds * MICROSECONDS), FURTHEST_S * MICROSECONDS
        if not self._store.run("UPDATE clock SET advanced = advanced + ? WHERE advanced <= ?", step, furthest - step):
            raise ValueError(
                f"the clock cannot be advanced by {seconds!r} seconds more: it ends after a thousand years"
            )

    def _advanced(self) -> int:
        ((advanced,),) = self._store.rows("SELECT advanced FROM clock")
        return int(advanced)


def valid_speed(speed: float) -> float:
    """The same speed; raises ValueError for one that there is not."""
    if speed and not SLOWEST <= speed <= FASTEST:  # NaN is not between them
        raise ValueError(f"speed must be 0 (the virtual clock) or from {SLOWEST} to {FASTEST:,}, not {speed}")
    return float(speed)


def iso(date: datetime) -> str:
    """`2026-01-01T00:00:02.456Z`, as the vendors write dates."""
    return date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
