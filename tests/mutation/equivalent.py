"""The mutants that no test can tell from the code, each with its reason: tests/mutation/equivalent.toml."""

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path

from attrs import frozen

LIST = Path(__file__).with_name("equivalent.toml")


@frozen
class Change:
    """What a mutant is known by: its place, and the lines that are not as they were."""

    place: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.place}\n    - {self.was}\n    + {self.becomes}"


@frozen
class Verdict:
    """What became of the mutants of some modules, held against the list."""

    made: int
    equivalent: tuple[Change, ...]
    unexplained: tuple[Change, ...]
    stale: tuple[Change, ...]

    @property
    def killed(self) -> int:
        return self.made - len(self.equivalent) - len(self.unexplained)

    @property
    def score(self) -> float:
        """How many of all mutants are killed, in percent; the equivalent ones are not."""
        return 100 * self.killed / self.made if self.made else 100.0

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.made + other.made,
            self.equivalent + other.equivalent,
            self.unexplained + other.unexplained,
            self.stale + other.stale,
        )


def listed() -> frozenset[Change]:
    """Every listed change. A row has a place, the line as it was, what becomes of it in each mutant, and why."""
    rows = tomllib.loads(LIST.read_text("utf-8")).get("equivalent", [])
    unreasoned = [row["place"] for row in rows if not row["why"].strip()]
    if unreasoned:
        raise SystemExit(f"{LIST.name}: no reason is given at {', '.join(unreasoned)}")
    return frozenset(Change(row["place"], row["was"], becomes) for row in rows for becomes in row["becomes"])


def judged(tried: Collection[str], modules: Collection[str], made: int, alive: Sequence[Change]) -> Verdict:
    """The survivors of the modules that were tried, among all; what is listed of them and did not survive is stale."""
    known = listed()
    here = {change for change in known if _home(change, modules) in tried}
    return Verdict(
        made,
        equivalent=tuple(change for change in alive if change in known),
        unexplained=tuple(change for change in alive if change not in known),
        stale=tuple(sorted(here - set(alive), key=str)),
    )


def _home(change: Change, modules: Collection[str]) -> str:
    """The module that a change is in: the longest name that its place begins with."""
    return max((name for name in modules if f"{change.place}.".startswith(f"{name}.")), key=len, default="")
