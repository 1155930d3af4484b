"""Two reports side by side: what broke, what healed, what is new or gone, and what changed though it still holds."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import takewhile

from attrs import field, frozen

from omniflash.codec import to_json, versioned
from omniflash.spec import Mode
from omniflash.types import JSON

from .report import Column, Report, Result
from .verdicts import Verdict

STANDING = (Verdict.HELD, Verdict.LAX, Verdict.EXEMPT)


class Kind(StrEnum):
    """What became of a case."""

    BROKE = "broke"
    HEALED = "healed"
    CHANGED = "changed"
    REGRADED = "graded otherwise"
    NEW = "new"
    GONE = "gone"


MEANINGS: Mapping[Kind, str] = {
    Kind.BROKE: "it is broken, and was anything else",
    Kind.HEALED: "it was broken, and is held, held but not strict, or exempt",
    Kind.CHANGED: "it ended as before, and what was seen beside is not the same",
    Kind.REGRADED: "any other change of its grade, such as from held to not run",
    Kind.NEW: "only the later report has it",
    Kind.GONE: "only the earlier report has it",
}


class Step(StrEnum):
    """What became of a fact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen(kw_only=True)
class Fact:
    """One thing that was seen beside, and is not as it was.

    `name` is its path, such as "headers.retry-after" or "answers[1].body[3:]": of a list only what differs is told.
    """

    name: str
    step: Step
    before: JSON = field(default=None, hash=False)
    after: JSON = field(default=None, hash=False)


@frozen(kw_only=True)
class Change:
    """What became of one case. `said` and `again` are of the report in which it is worse, or still there."""

    kind: Kind
    case: str
    clause: str
    title: str
    mode: Mode | None = None
    before: Verdict | None = None
    after: Verdict | None = None
    said: str = ""
    again: str = ""
    facts: tuple[Fact, ...] = ()


@frozen(kw_only=True)
class Circumstance:
    """Something about the runs themselves that is not the same, and may be why anything else is not."""

    what: str
    before: str
    after: str


@frozen(kw_only=True)
class Differences:
    """What became of one provider. `failure` says why it cannot be looked at any more."""

    provider: str
    failure: str = ""
    changes: tuple[Change, ...] = ()

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of a kind."""
        return tuple(change for change in self.changes if change.kind is kind)


@versioned("omniflash.conformance.comparison/1")
@frozen(kw_only=True)
class Comparison:
    """Everything in which two reports differ. Nobody is named in whom nothing does."""

    circumstances: tuple[Circumstance, ...] = ()
    providers: tuple[Differences, ...] = ()

    @property
    def broke(self) -> bool:
        """Whether anything is broken that was not, in a case that both reports have."""
        return any(found.failure or found.of(Kind.BROKE) for found in self.providers)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 when nothing broke, else 1; `strict` bears nothing but what healed, and new cases that are not broken."""
        changes = [change for found in self.providers for change in found.changes]
        return int(self.broke or (strict and not all(map(_welcome, changes))))

    def to_json(self) -> dict[str, JSON]:
        """All of it, versioned, as JSON."""
        return to_json(self)


def _welcome(change: Change) -> bool:
    return change.kind is Kind.HEALED or (change.kind is Kind.NEW and change.after is not Verdict.BROKEN)


def compare(before: Report, after: Report) -> Comparison:
    """What became of `before` by the time of `after`."""
    was, now = _named(before), _named(after)
    pairs = [(name, was.get(name), now.get(name)) for name in dict.fromkeys([*was, *now])]
    found = [_differences(name, *pair) for name, *pair in pairs]
    told = [*_circumstances(before, after), *(c for name, *pair in pairs for c in _makers(name, *pair))]
    return Comparison(circumstances=tuple(told), providers=tuple(one for one in found if one.failure or one.changes))


def _named(report: Report) -> Mapping[str, Column]:
    return {column.name: column for column in report.columns}


RUNS: Mapping[str, Callable[[Report], object]] = {
    "ground": lambda report: report.ground,
    "server": lambda report: report.server,
    "omniflash": lambda report: report.omniflash,
    "seed": lambda report: report.seed,
    "examples": lambda report: report.examples,
}


def _circumstances(before: Report, after: Report) -> Iterator[Circumstance]:
    for what, read in RUNS.items():
        if read(before) != read(after):
            yield Circumstance(what=what, before=str(read(before)), after=str(read(after)))


def _makers(name: str, before: Column | None, after: Column | None) -> Iterator[Circumstance]:
    was, now = _maker(before), _maker(after)
    if was != now:
        yield Circumstance(what=name, before=was, after=now)


def _maker(column: Column | None) -> str:
    return f"{column.package} {column.version}".strip() or "of no package" if column else "not in this report"


def _differences(name: str, before: Column | None, after: Column | None) -> Differences:
    was, now = _results(before), _results(after)
    failure = after.failure if after and not (before and before.failure) else ""
    keys = now if failure else dict.fromkeys([*was, *now])  # what could not be looked at is not gone
    changes = (_change(was.get(key), now.get(key)) for key in keys)
    return Differences(provider=name, failure=failure, changes=tuple(change for change in changes if change))


def _results(column: Column | None) -> Mapping[tuple[str, str], Result]:
    return {result.key: result for result in column.results} if column else {}


def _change(before: Result | None, after: Result | None) -> Change | None:
    there = after or before
    facts = tuple(_facts(before.facts, after.facts)) if before and after else ()
    was, now = before.verdict if before else None, after.verdict if after else None
    kind = _kind(was, now, facts)
    if there is None or kind is None:
        return None
    told = before if before and kind is Kind.HEALED else there
    return Change(
        kind=kind,
        case=there.case,
        clause=there.clause,
        title=there.title,
        mode=there.mode,
        before=was,
        after=now,
        said=told.said,
        again=there.again,
        facts=facts,
    )


def _kind(before: Verdict | None, after: Verdict | None, facts: Iterable[Fact]) -> Kind | None:
    if before is None or after is None:
        return Kind.NEW if before is None else Kind.GONE
    if before is after:
        return Kind.CHANGED if facts else None
    if after is Verdict.BROKEN:
        return Kind.BROKE
    return Kind.HEALED if before is Verdict.BROKEN and after in STANDING else Kind.REGRADED


def _facts(before: Mapping[str, JSON], after: Mapping[str, JSON], path: str = "") -> Iterator[Fact]:
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if name not in after:
            yield Fact(name=path + name, step=Step.REMOVED, before=was)
        elif name not in before:
            yield Fact(name=path + name, step=Step.ADDED, after=now)
        else:
            yield from _changed(path + name, was, now)


def _changed(name: str, was: JSON, now: JSON) -> Iterator[Fact]:
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        yield from _facts(was, now, f"{name}.")
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple):
        yield from _items(name, was, now)
    elif _text(was) != _text(now):
        yield Fact(name=name, step=Step.CHANGED, before=was, after=now)


def _items(name: str, was: Sequence[JSON], now: Sequence[JSON]) -> Iterator[Fact]:
    """Two lists: item by item where they are as long and hold more than words, else what lies between the same ends."""
    if len(was) == len(now) and any(isinstance(item, Mapping) for item in was):
        for place, pair in enumerate(zip(was, now, strict=True)):
            yield from _changed(f"{name}[{place}]", *pair)
        return
    first = _same(was, now)
    last = _same(was[first:][::-1], now[first:][::-1])
    before, after = list(was[first : len(was) - last]), list(now[first : len(now) - last])
    if before or after:
        yield Fact(name=f"{name}[{first}:]" if first else name, step=Step.CHANGED, before=before, after=after)


def _same(one: Sequence[JSON], other: Sequence[JSON]) -> int:
    """With how many of the same items two lists begin."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _text(pair[0]) == _text(pair[1]), pairs))


def _text(value: JSON) -> str:
    """JSON as text, in which 1, 1.0 and true are not the same."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
