"""A report as JUnit XML, for whatever shows tests: one suite for each provider, one test for each case and mode."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from xml.etree import ElementTree as Xml

from ..report import Column, Report, Result, rule_of
from ..verdicts import Verdict
from .legible import legible, mode_words, pretty, told, where


def junit(report: Report) -> str:
    """The XML of a report."""
    root = Xml.Element("testsuites", name="omniflash conformance")
    for column in report.columns:
        root.append(_suite(report, column))
    totals = {name: sum(int(suite.get(name, "0")) for suite in root) for name in COUNTED}
    _set(root, **totals, time=_seconds(r for c in report.columns for r in c.results))
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, "unicode")}\n'


COUNTED = ("tests", "failures", "errors", "skipped")


def _suite(report: Report, column: Column) -> Xml.Element:
    suite = Xml.Element("testsuite", name=legible(column.name))
    _properties(suite, report, column)
    suite.extend(_test(column, result) for result in column.results)
    if column.failure:
        test = Xml.SubElement(suite, "testcase", classname=legible(column.name), name="it can be looked at", time="0")
        _add(test, "error", "the provider could not be looked at", told(column.failure))
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    found = {name: len(suite.findall(f"testcase/{kind}")) for name, kind in counts.items()}
    moment = report.made_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    _set(suite, tests=len(suite.findall("testcase")), **found, time=_seconds(column.results), timestamp=moment)
    return suite


def _properties(suite: Xml.Element, report: Report, column: Column) -> None:
    facts: Mapping[str, object] = {
        "ground": report.ground,
        "server": report.server,
        "omniflash": report.omniflash,
        "package": column.package,
        "version": column.version,
        "seed": report.seed,
        "examples": report.examples,
        **{f"profile {profile}": standing for profile, standing in column.profiles.items()},
    }
    kept = Xml.SubElement(suite, "properties")
    for name, value in facts.items():
        Xml.SubElement(kept, "property", name=name, value=legible(str(value)))


def _test(column: Column, result: Result) -> Xml.Element:
    suffix = f" ({mode_words(result.mode)})" if result.mode else ""
    test = Xml.Element(
        "testcase",
        classname=f"{legible(column.name)}.{result.clause}",
        name=legible(f"{result.case}{suffix}: {result.title}"),
        time=_seconds([result]),
    )
    SHOWN[result.verdict](test, result)
    return test


def _held(test: Xml.Element, result: Result) -> None:
    return None


def _lax(test: Xml.Element, result: Result) -> None:
    Xml.SubElement(test, "system-out").text = f"{result.verdict}: {told(result.said)}"


def _skipped(test: Xml.Element, result: Result) -> None:
    Xml.SubElement(test, "skipped", message=f"{result.verdict}: {told(result.said)}")


def _failure(test: Xml.Element, result: Result) -> None:
    _add(test, "failure", told(result.said), _story(result))


def _error(test: Xml.Element, result: Result) -> None:
    _add(test, "error", f"a mistake of the suite's own: {told(result.said)}", _story(result))


SHOWN: Mapping[Verdict, Callable[[Xml.Element, Result], None]] = {
    Verdict.HELD: _held,
    Verdict.LAX: _lax,
    Verdict.BROKEN: _failure,
    Verdict.EXEMPT: _skipped,
    Verdict.NOT_DECLARED: _skipped,
    Verdict.NOT_RUN: _skipped,
    Verdict.ENGINE: _error,
}


def _story(result: Result) -> str:
    """All that a reader of a failure wants to have at hand."""
    lines = {
        "": f"{where(result)}: {told(result.said)}",
        "the rule: ": rule_of(result),
        "again: ": result.again,
        "the call: ": result.curl,
        "the request:\n": "" if result.request is None else pretty(result.request),
    }
    return legible("\n".join(f"{label}{text}" for label, text in lines.items() if text))


def _add(test: Xml.Element, kind: str, message: str, text: str) -> None:
    Xml.SubElement(test, kind, message=legible(message), type=kind).text = text


def _set(element: Xml.Element, **attributes: object) -> None:
    for name, value in attributes.items():
        element.set(name, str(value))


def _seconds(results: Iterable[Result]) -> str:
    return f"{sum(result.seconds for result in results):.3f}"
