"""What a cell opens to: the rule, and each of its cases with everything that is known of it."""

from collections.abc import Iterable

from omniflash.spec import CLAUSES
from omniflash.types import JSON

from ..report import Result, Wire, rule_of
from ..verdicts import Verdict
from .legible import mode_words, pretty, told
from .markup import Content, Markup, tag
from .matrix import Cell
from .words import badge

OPENED = (Verdict.BROKEN, Verdict.ENGINE)


def dialog(cell: Cell) -> Markup:
    """The dialog of a cell."""
    wrong = any(result.verdict in OPENED for result in cell.results)
    return tag(
        "dialog",
        tag("header", _head(cell), tag("form", tag("button", "Close", class_="close"), method="dialog")),
        tag("div", _rule(cell), [_case(result) for result in cell.worst_first], class_="cases"),
        id=cell.id,
        class_="wrong" if wrong else None,
        aria_labelledby=f"{cell.id}.title",
        closedby="any",
    )


def _head(cell: Cell) -> Content:
    where = f"{cell.provider} · {mode_words(cell.mode)}"
    title = tag("h2", tag("code", cell.clause), " ", tag("span", where), id=f"{cell.id}.title", class_="find")
    return tag("div", title, badge(cell.verdict))


def _rule(cell: Cell) -> Content:
    clause = CLAUSES.get(cell.clause)
    source = f"{clause.level}, held: {clause.subject}. Source: {clause.source}." if clause else None
    note = f" ({clause.note})" if clause and clause.note else ""
    return tag("div", tag("p", rule_of(cell), note, class_="rule find"), tag("p", source, class_="quiet"))


def _case(result: Result) -> Markup:
    wrong = result.verdict in OPENED
    title = tag("h3", tag("code", result.case), " ", result.title, class_="find")
    live = result.last_live.isoformat() if result.last_live else "never"
    facts = f"profile {result.profile} · {result.seconds:g} s · last held against the real vendor: "
    return tag(
        "article",
        tag("div", title, badge(result.verdict), class_="title"),
        tag("p", told(result.said), class_="said find") if result.said else None,
        tag("p", facts, tag("strong", live, class_="" if result.last_live else "never"), class_="quiet"),
        _line("Run it again", result.again),
        _line("Send the paid call again ($KEY is your key)", result.curl),
        _json("The smallest request that breaks it" if wrong else "The request", result.request, opened=wrong),
        _wires(result.wire, opened=wrong),
        _json("Seen beside", dict(result.facts) or None),
        class_="wrong" if wrong else None,
    )


def _line(label: str, line: str) -> Content:
    """A line for a shell, with a button that copies it."""
    copy = tag("button", "Copy", type="button", class_="copy", aria_label=f"Copy: {label}")
    return (
        tag("div", tag("h4", label), tag("pre", tag("code", line), tabindex=0), copy, class_="line") if line else None
    )


def _json(label: str, value: JSON, *, opened: bool = False) -> Content:
    return None if value is None else _details(tag("h4", label), _block(value), opened=opened)


def _block(value: JSON) -> Markup:
    return tag("pre", tag("code", pretty(value)), tabindex=0)


def _details(label: Content, *content: Content, opened: bool = False) -> Markup:
    return tag("details", tag("summary", label), *content, open=opened)


def _wires(wires: Iterable[Wire], *, opened: bool) -> Content:
    shown = [_details(_exchange(wire), _sent(wire), _answered(wire)) for wire in wires]
    label = "1 exchange" if len(shown) == 1 else f"{len(shown)} exchanges"
    return _details(tag("h4", f"{label} over the wire"), *shown, opened=opened) if shown else None


def _exchange(wire: Wire) -> Content:
    answer = str(wire.status) if wire.status is not None else "no answer"
    fault = tag("span", f"fault: {wire.fault}", class_="fault") if wire.fault else None
    return [tag("b", wire.call), " ", tag("code", f"{wire.method} {pretty(wire.url)}"), f" → {answer} ", fault]


def _sent(wire: Wire) -> Content:
    headers = "\n".join(f"{name}: {value}" for name, value in wire.headers.items())
    return _part("Headers sent", headers or None), _part("Body sent", wire.body)


def _answered(wire: Wire) -> Content:
    return _part("Answer", wire.answer if wire.status is not None else "none came")


def _part(label: str, value: JSON) -> Content:
    return None if value is None else (tag("h5", label), _block(value))
