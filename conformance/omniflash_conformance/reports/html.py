"""A report as one page that needs nothing else: no network, and nothing anybody said can be more than text on it."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.resources import files
from string import Template

from omniflash.spec import Clause

from ..report import Column, Report, Standing, rule_of
from ..verdicts import Verdict
from .cells import dialog
from .legible import mode_words, told
from .markup import Content, Markup, html_of, tag
from .matrix import BY_WEIGHT, Cell, Family, Head, Matrix, Row, matrix
from .words import LOOKS, STANDINGS, place, sign

MOST_THAT_FIT = 11  # columns beside the clauses, on the narrowest screen where the head of the table stays in sight


def page(report: Report) -> str:
    """The page of a report."""
    style, script = _part("page.css"), _part("page.js")
    found = matrix(report)
    return Template(_part("page.html")).substitute(
        title=html_of(_title(report)),
        policy=_policy(style, script),
        style=style,
        script=script,
        head=html_of(_head(report)),
        standings=html_of(map(_standing, report.columns)),
        filters=html_of(_filters(report, found)),
        matrix=html_of(_table(found)),
        fits="fits" if sum(head.width for head in found.heads) <= MOST_THAT_FIT else "",
        legend=html_of(_legend()),
        dialogs=html_of(map(dialog, found.cells)),
    )


def _part(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """What the page may do: run its own script, show its own style, and nothing else, whoever wrote it."""
    return f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'"


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _title(report: Report) -> str:
    return f"Conformance of {_listed(column.name for column in report.columns)}"


def _listed(words: Iterable[str]) -> str:
    *most, last = tuple(words) or ("nobody",)
    return f"{', '.join(most)} and {last}" if most else last


def _head(report: Report) -> Content:
    facts = {
        "Against": f"{report.server} (ground: {report.ground})",
        "Made": f"{report.made_at:%Y-%m-%d %H:%M %Z}",
        "omniflash": report.omniflash,
        "Seed": f"{report.seed}, {report.examples} examples of each drawn case",
        "Real vendor": _live(report),
    }
    terms = [tag("div", tag("dt", name), tag("dd", said)) for name, said in facts.items()]
    return tag("h1", _title(report)), tag("p", _gist(report), class_="gist"), tag("dl", terms, class_="facts")


def _gist(report: Report) -> str:
    broken = [column for column in report.columns if column.broken or column.failure]
    if broken:
        return f"Broken: {'; '.join(map(_broken, broken))}."
    engine = sum(column.count(Verdict.ENGINE) for column in report.columns)
    partial = [column.name for column in report.columns if column.partial]
    rests = (
        f"the suite itself failed {engine} times" if engine else "",
        f"partial: {_listed(partial)}" if partial else "",
    )
    return f"{'; '.join(filter(None, ['Nothing is broken', *rests]))}."


def _broken(column: Column) -> str:
    return f"{column.name} could not be looked at" if column.failure else f"{len(column.broken)} in {column.name}"


def _live(report: Report) -> Content:
    results = [result for column in report.columns for result in column.results]
    dates = [result.last_live for result in results if result.last_live]
    if not dates:
        return tag("strong", "never: nothing here has been held against a real vendor", class_="never")
    return f"{len(dates)} of {len(results)} results have held against a real vendor, the last on {max(dates)}"


def _standing(column: Column) -> Markup:
    failure = tag("p", f"It could not be looked at: {told(column.failure)}", class_="said") if column.failure else None
    package = f"{column.package} {column.version}".strip()
    return tag(
        "article",
        tag("h3", column.name, tag("small", package) if package else None),
        failure,
        _profiles(column),
        tag("ul", _counts(column), class_="counts"),
    )


def _profiles(column: Column) -> Iterator[Markup]:
    claimed = [pair for pair in column.profiles.items() if pair[1] is not Standing.NOT_CLAIMED]
    others = [name for name, standing in column.profiles.items() if standing is Standing.NOT_CLAIMED]
    if claimed:
        yield tag("ul", [_profile(*pair) for pair in claimed], class_="profiles")
    if claimed and others:
        yield tag("p", f"Not claimed: {_listed(others)}", class_="quiet")


def _profile(name: str, standing: Standing) -> Markup:
    look = STANDINGS[standing]
    return tag("li", sign(look), f" {name} ", tag("b", look.word), class_=f"badge {look.name}", title=look.meaning)


def _counts(column: Column) -> Iterator[Markup]:
    for verdict in BY_WEIGHT:
        if count := column.count(verdict):
            yield tag("li", tag("b", count), f" {verdict}", class_=f"count {LOOKS[verdict].name}")


def _filters(report: Report, found: Matrix) -> Content:
    results = [result for column in report.columns for result in column.results]
    seen = [verdict for verdict in BY_WEIGHT if any(result.verdict is verdict for result in results)]
    providers = [column.name for column in report.columns]
    return (
        _choices("verdict", "Verdict", [(LOOKS[v].name, [sign(LOOKS[v]), f" {v}"]) for v in seen]),
        _choices("provider", "Provider", [(name, name) for name in providers]),
        _choices("family", "Family", [(family.name, family.name) for family in found.families]),
    )


def _choices(name: str, label: str, values: Iterable[tuple[str, Content]]) -> Markup:
    boxes = (
        tag("label", tag("input", type="checkbox", name=name, value=value), tag("span", shown))
        for value, shown in values
    )
    return tag("fieldset", tag("legend", label), *boxes)


def _table(found: Matrix) -> Markup:
    caption = tag("caption", "Each cell is the worst verdict of its cases, and opens to them.")
    return tag("table", caption, tag("thead", _heads(found.heads)), [_family(found, f) for f in found.families])


def _heads(heads: Iterable[Head]) -> Content:
    names = [tag("th", "Clause", scope="col", rowspan=2, class_="clause")]
    modes: list[Markup] = []
    for head in heads:
        name = head.column.name
        names.append(tag("th", name, scope="colgroup", colspan=head.width, data_provider=name, class_="provider"))
        modes.extend(_mode(name, mode_words(mode)) for mode in head.modes or (None,))
    return tag("tr", *names), tag("tr", *modes)


def _mode(provider: str, words: str) -> Markup:
    return tag("th", words, scope="col", data_provider=provider, class_="mode")


def _family(found: Matrix, family: Family) -> Markup:
    width = 1 + sum(head.width for head in found.heads)
    title = tag("th", tag("b", family.name), f" {family.title}", scope="rowgroup", colspan=width)
    rows = [_row(row) for row in family.rows]
    return tag("tbody", tag("tr", title, class_="family"), *rows, data_family=family.name)


def _row(row: Row) -> Content:
    head = tag(
        "th",
        tag("code", row.clause),
        tag("span", rule_of(row), _should(row.known), class_="rule"),
        tag("em", " (no case)") if row.empty else None,
        scope="row",
        rowspan=len(row.lines),
        class_="clause",
    )
    lines = [[_cell(cell) for cell in line] for line in row.lines]
    kind = "empty" if row.empty else None
    return [
        tag("tr", head if n == 0 else None, *line, class_=kind, data_clause=row.clause) for n, line in enumerate(lines)
    ]


def _should(clause: Clause | None) -> str | None:
    return f" ({clause.level})" if clause and clause.level != "MUST" else None


def _cell(cell: Cell) -> Markup:
    return tag(
        "td",
        _button(cell) if cell.results else tag("span", "no case", class_="nothing"),
        colspan=cell.across,
        rowspan=cell.down,
        data_provider=cell.provider,
    )


def _button(cell: Cell) -> Markup:
    look, count, total = LOOKS[cell.verdict], cell.count(cell.verdict), len(cell.results)
    cases = "1 case" if total == 1 else f"{total} cases" if count == total else f"{count} of {total} cases"
    kinds = " ".join(dict.fromkeys(LOOKS[result.verdict].name for result in cell.results))
    return tag(
        "button",
        tag("span", f"{cell.provider} · {mode_words(cell.mode)}", class_="where"),
        tag("span", sign(look), f" {look.word}", class_="word"),
        _total(cell, count, total),
        type="button",
        class_=f"cell {look.name}",
        commandfor=cell.id,
        command="show-modal",
        data_verdicts=kinds,
        aria_haspopup="dialog",
        aria_label=f"{place(cell.clause, cell.provider, cell.mode)}: {cell.verdict}, {cases}",
    )


def _total(cell: Cell, count: int, total: int) -> Content:
    """How many of the cell's cases ended so, where that is worth its place."""
    if total == 1 or cell.verdict is Verdict.NOT_DECLARED:
        return None
    return tag("span", total if count == total else f"{count}/{total}", class_="total")


def _legend() -> Iterator[Markup]:
    for verdict in BY_WEIGHT:
        look = LOOKS[verdict]
        word = tag("span", sign(look), f" {look.word}", class_=f"badge {look.name}")
        yield tag("div", tag("dt", word), tag("dd", look.meaning))
