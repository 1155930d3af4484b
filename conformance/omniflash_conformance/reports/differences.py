"""A comparison for people, line by line: first how the runs themselves differ, then each provider, the worst first."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from omniflash.redact import one_line

from ..comparing import Change, Circumstance, Comparison, Differences, Fact, Kind, Step
from ..report import rule_of
from ..verdicts import Verdict
from .legible import inline, told, where

GROUND = "what differs may be the ground's doing"
MOST_NAMED = 20  # cases in one line
IN_FULL = (Kind.BROKE, Kind.HEALED, Kind.CHANGED, Kind.REGRADED)


def lines(comparison: Comparison) -> Iterator[str]:
    """Everything that a comparison found, in words."""
    yield from map(_circumstance, comparison.circumstances)
    for found in comparison.providers:
        yield ""
        yield one_line(f"{found.provider}: {_counts(found)}")
        yield from _provider(found)
    if not comparison.providers:
        yield "nothing broke, healed, changed, came or went"


def _circumstance(other: Circumstance) -> str:
    why = f" ({GROUND})" if other.what == "ground" else ""
    return one_line(f"not the same {other.what}: {other.before}, then {other.after}{why}")


def _counts(found: Differences) -> str:
    counts = [f"{len(found.of(kind))} {kind}" for kind in Kind if found.of(kind)]
    return ", ".join(["could not be looked at"] * bool(found.failure) + counts)


def _provider(found: Differences) -> Iterator[str]:
    if found.failure:
        yield one_line(f"  {told(found.failure)}")
    for kind in IN_FULL:
        for change in found.of(kind):
            yield from _change(change)
    new = found.of(Kind.NEW)
    yield from _listed("new and broken", [change for change in new if change.after is Verdict.BROKEN])
    yield from _listed("new", [change for change in new if change.after is not Verdict.BROKEN])
    yield from _listed("gone", found.of(Kind.GONE))


def _change(change: Change) -> Iterator[str]:
    grades = f"{change.before}, now {change.after}" if change.before is not change.after else f"still {change.after}"
    yield one_line(f"  {change.kind}: {where(change)}, {change.title}: {grades}")
    details = {"": told(change.said), "the rule: ": rule_of(change), "again: ": change.again}
    yield from (one_line(f"      {label}{text}") for label, text in details.items() if text)
    yield from (one_line(f"      seen: {_fact(fact)}") for fact in change.facts)


def _fact(fact: Fact) -> str:
    return f"{fact.name} {STEPS[fact.step](fact)}"


STEPS: Mapping[Step, Callable[[Fact], str]] = {
    Step.ADDED: lambda fact: f"was not there, now {inline(fact.after)}",
    Step.REMOVED: lambda fact: f"was {inline(fact.before)}, now not there",
    Step.CHANGED: lambda fact: f"was {inline(fact.before)}, now {inline(fact.after)}",
}


def _listed(label: str, changes: Sequence[Change]) -> Iterator[str]:
    """Cases by name, or only their clauses where there are too many to be read."""
    named = [where(change) for change in changes]
    if len(named) > MOST_NAMED:
        counts = Counter(change.clause for change in changes)
        named = [f"{clause} ({count})" for clause, count in counts.items()]
    if named:
        yield one_line(f"  {label}: {'; '.join(named)}")
