"""The matrix of a report: clauses down, providers and their modes across, in each cell the cases that are there."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from attrs import frozen

from omniflash.spec import CLAUSES, Clause, Mode

from ..report import Column, Report, Result
from ..verdicts import Verdict
from .words import LOOKS

BY_WEIGHT = tuple(LOOKS)
FAMILIES: Mapping[str, str] = {
    "REQ": "A request is right or wrong before anything is sent",
    "CAP": "A provider says what it can do, and means it",
    "MAP": "What goes over the wire",
    "JOB": "The life of a paid job",
    "RES": "The clip",
    "ERR": "What a caller can act on",
    "COST": "What it costs",
    "HOOK": "Webhooks",
}


@frozen(kw_only=True)
class Cell:
    """The cases of one clause, provider and mode; `mode` None is any. `across` and `down` are how much it spans."""

    clause: str
    provider: str
    mode: Mode | None = None
    results: tuple[Result, ...] = ()
    across: int = 1
    down: int = 1

    @property
    def id(self) -> str:
        """What a link to it ends with."""
        return quote(f"{self.clause}.{self.provider}.{self.mode or 'any'}", safe="", errors="surrogatepass")

    @property
    def verdict(self) -> Verdict:
        """The worst of its cases."""
        return self.worst_first[0].verdict

    @property
    def worst_first(self) -> tuple[Result, ...]:
        """Its cases, as they are to be read."""
        return tuple(sorted(self.results, key=lambda result: BY_WEIGHT.index(result.verdict)))

    def count(self, verdict: Verdict) -> int:
        """How many of its cases ended so."""
        return sum(result.verdict is verdict for result in self.results)


@frozen(kw_only=True)
class Head:
    """One provider's columns: a mode each, or one for all where none of its cases is run for a mode."""

    column: Column
    modes: tuple[Mode, ...]

    @property
    def width(self) -> int:
        return max(1, len(self.modes))


@frozen(kw_only=True)
class Row:
    """A clause: one line, or two where a provider has cases of it for any mode and for single ones."""

    clause: str
    lines: tuple[tuple[Cell, ...], ...]

    @property
    def known(self) -> Clause | None:
        """The clause itself, where this release has it."""
        return CLAUSES.get(self.clause)

    @property
    def empty(self) -> bool:
        """Whether there is no case of it at all."""
        return not any(cell.results for line in self.lines for cell in line)


@frozen(kw_only=True)
class Family:
    """The clauses whose ids begin with the same word."""

    name: str
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return FAMILIES.get(self.name, "Other clauses")


@frozen(kw_only=True)
class Matrix:
    heads: tuple[Head, ...]
    families: tuple[Family, ...]

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that has a case."""
        lines = (line for family in self.families for row in family.rows for line in row.lines)
        return (cell for line in lines for cell in line if cell.results)


def matrix(report: Report) -> Matrix:
    """The matrix of a report. Every clause has a row, also one that nobody was held to."""
    heads = tuple(Head(column=column, modes=_modes(column.results)) for column in report.columns)
    used = (result.clause for column in report.columns for result in column.results)
    rows = [_row(clause, heads) for clause in dict.fromkeys([*CLAUSES, *used])]
    names = dict.fromkeys([*FAMILIES, *map(_family, rows)])
    families = (Family(name=name, rows=tuple(row for row in rows if _family(row) == name)) for name in names)
    return Matrix(heads=heads, families=tuple(family for family in families if family.rows))


def _family(row: Row) -> str:
    return row.clause.partition("-")[0]


def _modes(results: Iterable[Result]) -> tuple[Mode, ...]:
    used = {result.mode for result in results}
    return tuple(mode for mode in Mode if mode in used)


def _row(clause: str, heads: Iterable[Head]) -> Row:
    pairs = [(head, tuple(r for r in head.column.results if r.clause == clause)) for head in heads]
    two = any({result.mode is None for result in results} == {True, False} for _, results in pairs)
    blocks = [_block(clause, head, results, down=2 if two else 1) for head, results in pairs]
    lines = (tuple(cell for block in blocks for cell in block[n]) for n in range(2 if two else 1))
    return Row(clause=clause, lines=tuple(lines))


def _block(clause: str, head: Head, results: tuple[Result, ...], *, down: int) -> tuple[tuple[Cell, ...], ...]:
    """The cells of one provider in one row, in as many lines as the row has."""
    spanning = tuple(result for result in results if result.mode is None)
    moded = len(spanning) < len(results)
    name, own = head.column.name, 1 if moded and spanning else down
    whole = Cell(clause=clause, provider=name, results=spanning, across=head.width, down=own)
    single = tuple(
        Cell(clause=clause, provider=name, mode=mode, down=own, results=tuple(r for r in results if r.mode is mode))
        for mode in head.modes
    )
    if moded and spanning:
        return (whole,), single
    return (single if moded else (whole,), ())
