"""What `omniflash conformance run` prints of a report: how everybody stands, what is broken, where the files are."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.table import Table
from rich.text import Text

from omniflash.cli import show
from omniflash.redact import one_line

from ..report import Column, Report, Result, Standing, rule_of
from ..verdicts import Verdict
from .legible import told, where

STYLES = {Verdict.BROKEN: "bold red", Verdict.ENGINE: "magenta", Verdict.LAX: "yellow"}
WRONG = (Verdict.BROKEN, Verdict.ENGINE)


def summary(report: Report, files: Iterable[Path] = ()) -> None:
    """Print a report's summary."""
    show.table(_counts(report))
    for line in lines(report, files):
        show.result(line)


def _counts(report: Report) -> Table:
    seen = [verdict for verdict in Verdict if any(column.count(verdict) for column in report.columns)]
    table = Table()
    table.add_column("", no_wrap=True)
    for verdict in seen:
        table.add_column(verdict.value, justify="right", overflow="fold")
    for column in report.columns:
        table.add_row(Text(one_line(column.name), "bold"), *(_count(column, verdict) for verdict in seen))
    return table


def _count(column: Column, verdict: Verdict) -> Text:
    count = column.count(verdict)
    return Text(str(count), STYLES.get(verdict, "") if count else "dim")


def lines(report: Report, files: Iterable[Path] = ()) -> Iterator[str]:
    """Everything below the table of counts, line by line."""
    yield one_line(f"against {report.server} ({report.ground}), omniflash {report.omniflash}, seed {report.seed}")
    for column in report.columns:
        yield from _standing(column)
    for column in report.columns:
        for verdict in WRONG:
            yield from _told(column, verdict)
    for path in files:
        yield f"wrote {path}"


def _standing(column: Column) -> Iterator[str]:
    if column.failure:
        yield one_line(f"{column.name}: could not be looked at: {told(column.failure)}")
    claimed = {name: standing for name, standing in column.profiles.items() if standing is not Standing.NOT_CLAIMED}
    if claimed:
        stands = ", ".join(f"{profile} {_word(standing)}" for profile, standing in claimed.items())
        yield one_line(f"{column.name}: {stands}")


def _word(standing: Standing) -> str:
    return standing.upper() if standing is Standing.BROKEN else standing.value


def _told(column: Column, verdict: Verdict) -> Iterator[str]:
    found = [result for result in column.results if result.verdict is verdict]
    if found:
        yield ""
        yield one_line(f"{column.name}, {verdict}:")
    for result in found:
        yield from _case(result)


def _case(result: Result) -> Iterator[str]:
    yield one_line(f"  {where(result)}: {told(result.said)}")
    yield one_line(f"      the rule: {rule_of(result)}")
    yield one_line(f"      again: {result.again}")
