"""`omniflash conformance drift`: whether a vendor is still as its contracts say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from omniflash.adapter import Adapter
from omniflash.cli import show
from omniflash.cli.options import Json
from omniflash.codec import to_json
from omniflash.discovery import adapter
from omniflash.errors import ConfigurationError
from omniflash.redact import one_line

from .answers import recorded
from .published import homes, published, read
from .report import Finding, Report, Seen, report

Schemas: TypeAlias = Annotated[tuple[str, ...], Parameter(negative="")]

SAME, BROKEN = 0, 1
NO_SCHEMA = "none"
HEAD = ("contract, field", "change", "ours", "theirs", "clause", "")


def drift(provider: str, /, *, schema: Schemas = (), cassettes: Path | None = None, json: Json = False) -> int:
    """Compare what a vendor publishes, and what it was recorded to answer, with our contracts.

    Exits with 0 when nothing changed or nothing that breaks, with 1 when something does.

    Parameters
    ----------
    provider
        Whose contracts: fal or pixeldojo.
    schema
        A file or URL of the vendor's schema; may be repeated. Unless one is given, the vendor's own addresses are
        asked; `none` leaves schemas out.
    cassettes
        A folder of recordings, or one with a folder of them for each provider.
    json
        Print the report as one JSON value.
    """
    found = report(provider, _everything(adapter(provider), schema, cassettes))
    if json:
        show.result_json(to_json(found))
    else:
        _tell(found)
    return BROKEN if found.broken else SAME


def _everything(found: Adapter, schema: tuple[str, ...], cassettes: Path | None) -> Iterator[Seen]:
    own = homes(found)
    if {*schema} == {NO_SCHEMA} and cassettes is None:
        raise ConfigurationError("there is nothing to compare", remedy="give --schema, or --cassettes")
    for place in schema or own:
        if place != NO_SCHEMA:
            yield from _published(found, place)
    if cassettes is not None:
        for answers in recorded(found.name, cassettes):
            yield Seen(f"recordings of {answers.server}", answers.contract, answers.changes(), recorded=True)


def _published(found: Adapter, place: str) -> Iterator[Seen]:
    document = read(place)
    for one in published(found, document):
        yield Seen(document.where, one.contract, one.changes())


def _tell(found: Report) -> None:
    for place in found.compared:
        show.note(f"compared with {one_line(place)}")
    news = [finding for finding in found.findings if finding.news]
    if news:
        show.table(_table(news))
    breaking = sum(finding.breaking for finding in news)
    told = f"{_counted(len(news), 'new')}, {breaking} breaking" if news else "as its contracts say"
    show.result(f"{found.provider}: {told}")
    if known := len(found.findings) - len(news):
        show.note(f"not shown: {_counted(known, 'known')}; --json tells each with its reason")


def _counted(number: int, what: str) -> str:
    return f"{number} {what} difference{'s' if number > 1 else ''}"


def _table(findings: list[Finding]) -> Table:
    table = Table()
    for number, name in enumerate(HEAD):
        table.add_column(name, overflow="fold", no_wrap=number == 0)
    for finding in findings:
        style = "bold" if finding.breaking else None
        table.add_row(*map(Text, _row(finding)), style=style, end_section=True)  # a vendor's words are no markup
    return table


def _row(finding: Finding) -> tuple[str, ...]:
    where = f"{finding.contract}\n{one_line(finding.place) or '(the body)'}"
    breaks = "breaking" if finding.breaking else ""
    return where, finding.kind.value, one_line(finding.before), one_line(finding.after), finding.clause, breaks
