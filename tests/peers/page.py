"""The page of the matrix, from what a run found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import frozen

from docs.derived import table
from omniflash.spec import CLAUSES
from omniflash_conformance.report import Column, Result
from omniflash_conformance.verdicts import Verdict
from tests.peers.running import SPEED, Shown

TEMPLATE = Path(__file__).with_suffix(".md")
WORDS: Mapping[Verdict, str] = {
    Verdict.BROKEN: "**broken**",
    Verdict.ENGINE: "engine error",
    Verdict.LAX: "held, not strict",
    Verdict.HELD: "held",
    Verdict.NOT_RUN: "not run",
    Verdict.NOT_DECLARED: "not offered",
}
"""A clause's cell is the first of these that one of its cases came to."""


@frozen
class Matrix:
    """What a run found, and what the scripts showed."""

    columns: Sequence[Column]
    shown: Sequence[Shown]

    def cells(self) -> Iterator[tuple[str, list[str]]]:
        """The rows: a clause, and what each client comes to."""
        found = {result.clause for column in self.columns for result in column.results}
        for clause in [clause for clause in CLAUSES if clause in found]:
            yield clause, [_cell([r for r in column.results if r.clause == clause]) for column in self.columns]

    def unshown(self) -> list[str]:
        """What is broken by a peer's doing, and no script shows it; and what is broken by ours, or the suite's."""
        engine = [f"{c.name}: {r.case}: {r.said}" for c in self.columns for r in _of(c, Verdict.ENGINE)]
        return engine + [
            f"{column.name}: {result.case}: {result.said}"
            for column in self.columns
            for result in column.broken
            if not self._seen(column, result)
        ]

    def _seen(self, column: Column, result: Result) -> list[tuple[str, str]]:
        """The scripts that show it, each with a line of what it printed."""
        own = [each for each in self.shown if each.client == column.name]
        return [(each.script, line) for each in own for line in each.of(result.case)]

    def page(self, today: date) -> str:
        """All of it, as Markdown."""
        return TEMPLATE.read_text("utf-8").format(
            versions=_versions(self.columns),
            today=today,
            speed=SPEED,
            matrix=table(["", *[c.name for c in self.columns]], ([_rule(c), *row] for c, row in self.cells())),
            broken=table(["", "case", "what was found", "by hand"], self._broken()),
            lax=table(["", "case", "what was found"], self._lax()),
            unrun=table(["case", "why"], self._unrun()),
            seconds=_plain(self._about("litellm_seconds.py")),
        )

    def _broken(self) -> Iterator[list[str]]:
        for column in self.columns:
            for result in column.broken:
                shown = "; ".join(f"`{script}`: {_plain(line)}" for script, line in self._seen(column, result))
                yield [column.name, f"{result.case}: {result.title}", _plain(result.said), shown or "not yet"]

    def _lax(self) -> Iterator[list[str]]:
        for column in self.columns:
            for result in _of(column, Verdict.LAX):
                yield [column.name, f"{result.case}: {result.title}", _plain(result.said)]

    def _unrun(self) -> Iterator[list[str]]:
        found = {r.case: r for column in self.columns for r in _of(column, Verdict.NOT_RUN)}
        for result in found.values():
            yield [f"{result.case}: {result.title}", _plain(result.said)]

    def _about(self, script: str) -> str:
        return " ".join(line for each in self.shown if each.script == script for line in each.lines)


def _of(column: Column, verdict: Verdict) -> list[Result]:
    return [result for result in column.results if result.verdict is verdict]


def _cell(results: Sequence[Result]) -> str:
    """The worst that a clause's cases came to, and how many of those that were run did."""
    verdicts = [result.verdict for result in results]
    worst = next(verdict for verdict in WORDS if verdict in verdicts)
    ran = sum(verdict not in (Verdict.NOT_DECLARED, Verdict.NOT_RUN) for verdict in verdicts)
    count = f" {verdicts.count(worst)} of {ran}" if worst in (Verdict.BROKEN, Verdict.LAX) else ""
    return WORDS[worst] + count


def _rule(clause: str) -> str:
    return f"**{clause}**: {_plain(CLAUSES[clause].sentence())}"


def _versions(columns: Iterable[Column]) -> str:
    return ", ".join(f"{column.name} {column.version}" for column in columns)


def _plain(text: str) -> str:
    """A text as it can stand in a table's cell."""
    return text.replace("<", "&lt;").replace("\n", " ")
