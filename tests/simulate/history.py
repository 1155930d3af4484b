"""A history: every decision that made a run what it was, so that it can be told again, and told shorter.

A decision stands at a point that has a name (who, at what, for the how manieth time), not at a place in a list: so the
others keep their meaning when one is left out. The first option is always the usual way, and is no decision.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TypeAlias, TypeVar

from attrs import Factory, define, evolve, frozen

T = TypeVar("T")

# How often something unusual is chosen, by its kind, in usual weather.
ODDS: Mapping[str, float] = {
    "scene": 0.5,
    "vendor": 0.4,
    "user": 0.4,
    "order": 0.5,
    "message": 0.12,
    "break": 0.008,
    "break at a bad moment": 0.03,
    "stall": 0.01,
    "disk": 0.06,
    "ledger": 0.03,
    "clock": 0.04,
}
CONSTANT = ("scene", "vendor", "user")  # no faults: they are as they are in any weather, and while all is calm
WEATHER = (0.0, 0.4, 1.0, 1.0, 4.0)  # faults of one kind may be absent from a run, so that others come to the fore


@frozen
class Decision:
    """At this `point` it was this `choice`, which is no usual one; in words, its `kind` and what was `said`.

    One that was written down by hand has no choice: what it said is looked for.
    """

    point: str
    said: str
    choice: int | None = None
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.point}: {self.said}"

    def of(self, options: Sequence[object]) -> int:
        """The number of the option that it stands for; the usual one if it stands for none."""
        if self.choice is not None:
            return min(self.choice, len(options) - 1)
        return next((number for number, option in enumerate(options) if str(option) == self.said), 0)


History: TypeAlias = tuple[Decision, ...]
Again: TypeAlias = Callable[[History], History | None]
EARLIEST = 3  # so many earlier tries are tried in place of a later one
LIVES = {", life 2": ""} | {f", life {number}": f", life {number - 1}" for number in range(3, 10)}
LIFE, HANDLE = re.compile(r", life \d+"), re.compile(r"-\d+,")


def written(*lines: str) -> History:
    """A history as people write it, and as it is printed: `a, submit #1: its answer lost`."""
    parts = (line.partition(": ") for line in lines)
    return tuple(Decision(point, said) for point, _, said in parts)


@define
class Chance:
    """What decides: a seed, or the history `told` again, in which nothing but its decisions is unusual."""

    random: Random | None
    told: Mapping[str, Decision] = {}
    odds: dict[str, float] = Factory(dict)
    taken: list[Decision] = Factory(list)
    counts: Counter[tuple[str, str]] = Factory(Counter)

    @classmethod
    def of(cls, source: int | History) -> "Chance":
        """The chance of a seed, with weather of its own, or of a history."""
        if not isinstance(source, int):
            return cls(None, {decision.point: decision for decision in source})
        random = Random(source)
        odds = {kind: usual * (1.0 if kind in CONSTANT else random.choice(WEATHER)) for kind, usual in ODDS.items()}
        return cls(random, odds=odds)

    def choose(self, kind: str, who: str, what: str, options: Sequence[T]) -> T:
        """One of the options, the first one unless something unusual happens."""
        self.counts[who, what] += 1
        choice = self._told(who, what, options) if self.random is None else self._drawn(kind, len(options), self.random)
        if choice:
            self.taken.append(Decision(self._point(who, what), str(options[choice]), choice, kind))
        return options[choice]

    def _drawn(self, kind: str, options: int, random: Random) -> int:
        return random.randrange(1, options) if random.random() < self.odds[kind] else 0

    def _told(self, who: str, what: str, options: Sequence[object]) -> int:
        decision = self.told.get(self._point(who, what))
        return decision.of(options) if decision else 0

    def calm(self) -> None:
        """Let no fault happen any more."""
        self.odds |= dict.fromkeys(ODDS.keys() - set(CONSTANT), 0.0)

    def _point(self, who: str, what: str) -> str:
        return f"{who}, {what} #{self.counts[who, what]}"


def shortest(history: History, again: Again) -> History:
    """The history without every decision that can be spared; `again` tells it again: as it went, or None if it is fine.

    Leaves out ever smaller parts, then makes what is left plainer, until nothing of both helps.
    """
    while True:
        spared = _fewer_lives(_spared(history, again), again)
        plainer = _plainer(spared, again)
        if len(plainer) == len(history) and plainer == spared:
            return plainer
        history = plainer


def _spared(history: History, again: Again) -> History:
    size = max(1, len(history) // 2)
    while True:
        before = len(history)
        history = _without_parts(history, size, again)
        if size == 1 and len(history) == before:
            return history
        size = max(1, min(size // 2, len(history) // 2))


def _without_parts(history: History, size: int, again: Again) -> History:
    start = 0
    while start < len(history):
        shorter = again(history[:start] + history[start + size :])
        if shorter is None or len(shorter) >= len(history):
            start += size
        else:
            history = shorter
    return history


def _fewer_lives(history: History, again: Again) -> History:
    """The same without what ended a life, where the next one's fate in that one does as well."""
    for ended in history if any(LIFE.search(one.point) for one in history) else ():
        shorter = again(tuple(_a_life_earlier(one) for one in history if one != ended))
        if shorter is not None and len(shorter) < len(history):
            return shorter
    return history


def _a_life_earlier(decision: Decision) -> Decision:
    return evolve(decision, point=LIFE.sub(lambda life: LIVES.get(life[0], life[0]), decision.point))


def _plainer(history: History, again: Again) -> History:
    """The same with the first person, in their first life, at their first try, wherever that does as well."""
    for decision in history:
        for plainer in _plainer_than(decision):
            told = again(tuple(plainer if one == decision else one for one in history))
            if told is not None and len(told) <= len(history):
                return told
    return history


def _plainer_than(decision: Decision) -> Iterator[Decision]:
    yield from (evolve(decision, point=point) for point in _plainer_points(decision.point))
    yield from (evolve(decision, choice=choice) for choice in range(1, decision.choice or 0))


def _plainer_points(point: str) -> Iterator[str]:
    who, _, number = point.rpartition(" #")
    yield from (f"{who} #{earlier}" for earlier in range(1, min(int(number), EARLIEST)))
    if LIFE.search(point):
        yield LIFE.sub("", point)
    if HANDLE.search(point):
        yield HANDLE.sub("-1,", point)
    if point[:2] in ("b,", "c,"):
        yield "a" + point[1:]
