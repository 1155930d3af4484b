"""The simulated world: one schedule that all time comes from, processes that take turns in it, and one disk."""

from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from attrs import Factory, define, field, frozen

from omniflash.effects import Draft, Drop, FileTrouble, Keep, Moment, Reserve
from tests.simulate.history import Chance
from tests.stage import DAY

T = TypeVar("T")
Resume: TypeAlias = Callable[[object], None]
# What a process does while others go on: it hands out how it is to be woken, and is sent what it waited for.
Doing: TypeAlias = Generator[Callable[[Resume], None], Any, T]
MOST_EVENTS = 20_000


class Endless(Exception):
    """A run that does not come to its end."""


@define
class Schedule:
    """What happens when: `now` in seconds that only grow, while the clock on the wall `jumps`."""

    chance: Chance
    now: float = 0.0
    jumped: float = 0.0
    latest: float = 0.0
    _events: list[tuple[float, int, Callable[[], object]]] = Factory(list)
    _numbers: Any = Factory(count)

    def wall(self) -> datetime:
        """The time on the wall."""
        self.latest = max(self.latest, self.now + self.jumped)
        return DAY + timedelta(seconds=self.now + self.jumped)

    def after(self, seconds: float, what: Callable[[], object]) -> None:
        """Have something happen in so many seconds."""
        heappush(self._events, (self.now + seconds, next(self._numbers), what))

    def sleep(self, seconds: float) -> Doing[None]:
        """Let others go on for so many seconds."""
        yield lambda resume: self.after(seconds, partial(resume, None))

    def run(self) -> None:
        """Let everything happen, until nothing is left. Raises Endless."""
        for _ in range(MOST_EVENTS):
            if not self._events:
                return
            self.now, what = self._next()
            what()
        raise Endless(f"{MOST_EVENTS:,} events, and it goes on")

    def _next(self) -> tuple[float, Callable[[], object]]:
        event = heappop(self._events)
        if not self._events or self._events[0][0] > event[0]:
            return event[0], event[2]
        due = [event]  # what is due at the same moment may come in any order
        while self._events and self._events[0][0] == event[0]:
            due.append(heappop(self._events))
        chosen = self.chance.choose("order", "schedule", "first", range(len(due)))
        for other in due[:chosen] + due[chosen + 1 :]:
            heappush(self._events, other)
        return due[chosen][0], due[chosen][2]


@frozen
class Ticks:
    """The clock of one process: its ticks begin anywhere, as a machine's do, so they mean nothing to any other."""

    schedule: Schedule
    origin: float
    shared: object = field(factory=object, init=False, eq=False)

    def now(self) -> Moment:
        return Moment(self.schedule.wall(), self.schedule.now + self.origin)

    def real_seconds(self, ticks: float) -> float:
        return ticks

    def allowance(self, ticks: float) -> float:
        return ticks

    def passed(self, ticks: float) -> None:
        """The schedule needs no telling."""


@define
class Process:
    """One process: what it is `doing`, and what is done when that has `ended`, with what was raised."""

    doing: Doing[None]
    ended: Callable[[BaseException | None], None]
    _turn: int = 0

    def go(self, value: object = None) -> None:
        """Go on until it waits again."""
        try:
            wait = self.doing.send(value)
        except StopIteration:
            self.ended(None)
        except BaseException as problem:  # noqa: BLE001 - whoever started it judges
            self.ended(problem)
        else:
            wait(partial(self._woken, self._turn))

    def _woken(self, turn: int, value: object) -> None:
        if turn == self._turn:  # it waits for whatever comes first; what comes later is too late
            self._turn += 1
            self.go(value)


DISK = ("fine", "full")


@define
class Disk:
    """The files of all processes. What was renamed stays, whoever crashes."""

    chance: Chance
    files: dict[Path, bytes] = Factory(dict)
    _numbers: Any = Factory(lambda: count(1))

    def reserve(self, who: str, effect: Reserve) -> None:
        self._room(who, effect)

    def draft(self, who: str, effect: Draft) -> Path:
        self._room(who, effect)
        part = effect.target.with_name(f".omniflash-{next(self._numbers)}.part")
        self.files[part] = b""
        return part

    def write(self, who: str, path: Path, offset: int, content: bytes) -> int:
        """Write from an offset on, half of it where the disk is full; the size of the file."""
        room = self.chance.choose("disk", who, "write", DISK) == "fine"
        self.files[path] = self.files.get(path, b"")[:offset] + content[: None if room else len(content) // 2]
        if not room:
            raise FileTrouble("no space left on device")
        return len(self.files[path])

    def keep(self, who: str, effect: Keep) -> None:
        self._room(who, effect)
        self.files[effect.target] = self.files.pop(effect.part)

    def drop(self, who: str, effect: Drop) -> None:
        self.files.pop(effect.path, None)

    def _room(self, who: str, effect: object) -> None:
        if self.chance.choose("disk", who, type(effect).__name__.lower(), DISK) != "fine":
            raise FileTrouble("no space left on device")

    @property
    def carries(self) -> Mapping[type, Callable[[str, Any], object]]:
        """The effects that are carried out here."""
        return {Reserve: self.reserve, Draft: self.draft, Keep: self.keep, Drop: self.drop}
