"""The forms of a report: its JSON and the schema of that, its file, JUnit XML, and the words for a terminal."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from attrs import NOTHING, Factory, evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError  # type: ignore[import-untyped]  # it ships no types

from omniflash import ConfigurationError
from omniflash.codec import plain
from omniflash_conformance.case import Profile
from omniflash_conformance.report import Column, Report, Result, Standing, Wire, standings
from omniflash_conformance.reports.html import page
from omniflash_conformance.reports.junit import junit
from omniflash_conformance.reports.reading import read
from omniflash_conformance.reports.terminal import lines, summary
from omniflash_conformance.verdicts import Verdict
from tests.conformance.drawn_reports import HOSTILE, few, report, reports

SCHEMA: Any = json.loads((files("omniflash_conformance") / "reports" / "schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
CLASSES = {"column": Column, "result": Result, "wire": Wire}


# JSON and its schema


@few
@given(reports)
def test_a_report_is_what_its_schema_says_and_comes_back_whole(drawn: Report) -> None:
    text = json.dumps(drawn.to_json(), allow_nan=False)
    VALIDATOR.validate(json.loads(text))
    assert Report.from_json(json.loads(text)) == drawn


def test_a_number_that_is_none_is_written_as_a_word() -> None:
    odd = evolve(report().columns[0].results[0], request={"duration": [float("nan"), float("-inf")]})
    made = evolve(report(), columns=(Column(name="fal", results=(odd,)),))
    read_back = Report.from_json(json.loads(json.dumps(made.to_json(), allow_nan=False)))
    assert read_back.columns[0].results[0].request == {"duration": ["nan", "-inf"]}


def test_the_schema_names_every_field_with_its_default() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for shape, kind in [(SCHEMA, Report), *((SCHEMA["$defs"][name], kind) for name, kind in CLASSES.items())]:
        attributes = {attribute.name: attribute for attribute in fields(kind)}
        assert set(shape["properties"]) - {"format"} == set(attributes)
        assert {name for name in shape["required"] if name != "format"} == {
            name for name, attribute in attributes.items() if attribute.default is NOTHING
        }
        for name, attribute in attributes.items():
            if attribute.default is not NOTHING:
                default = attribute.default
                value = default.factory() if isinstance(default, Factory) else default  # type: ignore[arg-type]
                assert shape["properties"][name]["default"] == json.loads(json.dumps(plain(value)))


WRONG: dict[str, list[tuple[Any, Any]]] = {
    "another version": [("format", "omniflash.conformance/2")],
    "no time zone, or no time": [("made_at", "yesterday")],
    "a number for a text": [("server", 7)],
    "a text for a number": [("seed", "7")],
    "truth for a number": [("examples", True)],
    "no list": [("columns", "fal")],
    "an unknown verdict": [("columns", 1), ("results", 0), ("verdict", "fine")],
    "an unknown mode": [("columns", 1), ("results", 0), ("mode", "text")],
    "an unknown profile": [("columns", 1), ("profiles", {"gold": "held"})],
    "an unknown standing": [("columns", 1), ("profiles", {"core": "good"})],
    "a header that is no text": [("columns", 1), ("results", 0), ("wire", 0), ("headers", {"a": 1})],
    "a status that is no number": [("columns", 1), ("results", 0), ("wire", 0), ("status", "200")],
}


@pytest.mark.parametrize("steps", WRONG.values(), ids=WRONG)
def test_what_the_schema_refuses_is_refused_when_read(steps: list[tuple[Any, Any]], tmp_path: Path) -> None:
    data: Any = json.loads(json.dumps(report().to_json()))
    place = data
    *ways, (name, value) = steps
    for key, index in ways:
        place = place[key][index]
    place[name] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(data)
    assert_refused(tmp_path, json.dumps(data).encode())


def test_a_report_lacks_nothing_that_it_must_have(tmp_path: Path) -> None:
    for name in SCHEMA["required"]:
        data = {key: value for key, value in report().to_json().items() if key != name}
        with pytest.raises(ValidationError, match=name):
            VALIDATOR.validate(data)
        assert_refused(tmp_path, json.dumps(data).encode())


# The file


def assert_refused(folder: Path, content: bytes, said: str | None = None) -> None:
    path = folder / "report.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.remedy


@few
@given(reports)
def test_a_file_is_read_as_it_was_written(tmp_path: Path, drawn: Report) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(drawn.to_json()))
    assert read(path) == drawn


UNREADABLE = {
    "nothing": (b"", "no JSON, or was cut short"),
    "no JSON": (b"<html>", "no JSON"),
    "a list": (b"[]", "no Report of a known format"),
    "something else": (b'{"format": "omniflash.job/1"}', "no Report of a known format"),
    "another version": (b'{"format": "omniflash.conformance/2"}', "a newer one may have written it"),
    "no text": (b"\xff\xfe\x00", "no JSON"),
    "no number": (b'{"format": NaN}', "NaN is no number"),
    "a bottomless pit": (b"[" * 100_000, "nested too deeply|no JSON"),
}


@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_bad_file_is_told_in_one_line(content: bytes, said: str, tmp_path: Path) -> None:
    assert_refused(tmp_path, content, said)


@few
@given(st.data())
def test_a_report_cut_short_is_no_report(tmp_path: Path, data: st.DataObject) -> None:
    content = json.dumps(report().to_json()).encode()
    assert_refused(tmp_path, content[: data.draw(st.integers(0, len(content) - 1))], "cut short")


def test_what_is_no_file_is_told_in_one_line(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.json", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigurationError, match=said):
            read(path)


# JUnit


def test_each_verdict_is_what_junit_calls_it() -> None:
    suite = Xml.fromstring(junit(report()))[1]
    marks = {"failure", "error", "skipped", "system-out"}
    found = {
        (test.get("name") or "").partition(":")[0]: next((part.tag for part in test if part.tag in marks), "passed")
        for test in suite.iter("testcase")
    }
    assert found == {
        "MAP-ORDER-1 (reference to video)": "failure",
        "MAP-ORDER-2 (reference to video)": "passed",
        "MAP-ORDER-1 (edit)": "passed",
        "MAP-ORDER-3": "system-out",
        "JOB-ONCE-1": "error",
        "JOB-DEDUP-1": "skipped",
        "HOOK-VERIFY-1": "skipped",
        "CAP-TRUTH-1 (text to video)": "passed",
        "CAP-TRUTH-1 (image to video)": "passed",
        "CAP-TRUTH-1 (refine)": "skipped",
    }
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "references keep their order" in (failure.text or "")
    assert "omniflash conformance run fal --case MAP-ORDER-1 --seed 7" in (failure.text or "")
    assert suite.get("timestamp") == "2026-11-21T12:30:00"
    assert suite[0].tag == "properties"


def test_a_provider_that_could_not_be_looked_at_is_an_error_in_junit() -> None:
    suite = Xml.fromstring(junit(report()))[2]
    assert (suite.get("name"), suite.get("tests"), suite.get("errors")) == ("acme", "1", "1")
    assert "raised at import" in (suite.findtext("testcase/error") or "")


@few
@given(reports)
def test_junit_is_whole_and_counts_right_whatever_is_said(drawn: Report) -> None:
    root = Xml.fromstring(junit(drawn).encode())
    assert [suite.tag for suite in root] == ["testsuite"] * len(drawn.columns)
    for suite, column in zip(root, drawn.columns, strict=True):
        assert int(suite.get("tests", "")) == len(column.results) + bool(column.failure)
        assert int(suite.get("failures", "")) == column.count(Verdict.BROKEN)
        assert int(suite.get("errors", "")) == column.count(Verdict.ENGINE) + bool(column.failure)
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)


# The terminal


def test_the_summary_names_what_is_broken_and_how_to_make_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    summary(report("no order"), [Path("report.json"), Path("report.html")])
    said = capsys.readouterr().out
    assert said.splitlines()[said.splitlines().index("fal, broken:") :] == [
        "fal, broken:",
        "  MAP-ORDER-1 (reference to video): it is said: no order",
        "      the rule: references keep their order: tags bind by position",
        "      again: omniflash conformance run fal --case MAP-ORDER-1 --seed 7 --against sandbox",
        "",
        "fal, engine error:",
        "  JOB-ONCE-1: it is said: no order",
        "      the rule: one submit leads to at most one job that can be billed: a create call is repeated only when it"
        " was certainly not accepted, and otherwise ends as SubmissionUncertain",
        "      again: omniflash conformance run fal --case JOB-ONCE-1 --seed 7 --against sandbox",
        "wrote report.json",
        "wrote report.html",
    ]
    assert "fal: core BROKEN, editing held" in said
    assert "acme: could not be looked at: it raised at import: no order" in said


def test_nothing_that_was_said_moves_the_cursor() -> None:
    assert not {"\x1b", "\x00", "\u202e", "\ud800"} & set("".join(lines(report(HOSTILE))))


def test_a_name_is_no_markup_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    odd = evolve(report().columns[0], name="[red]odd[/red]")
    summary(evolve(report(), columns=(odd,)))
    assert "[red]odd[/red]" in capsys.readouterr().out


# The page, without a browser


class Outline(HTMLParser):
    """The tags of a page, in order, and the names of their attributes: all that is not text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))


OUTLINE = Outline(page(report("x"))).tags


@settings(max_examples=10)
@given(st.text(min_size=1) | st.sampled_from([HOSTILE, "<!--", "]]>", "&lt;b&gt;", "${title}", "$$", "' onclick='a"]))
def test_nothing_that_was_said_becomes_a_tag_or_an_attribute(said: str) -> None:
    text = page(report(said))
    assert Outline(text).tags == OUTLINE
    text.encode()


def test_a_secret_that_slipped_through_is_blotted_out() -> None:
    leaky = report("Bearer abcdefghijklmnop and https://host/path?X-Signature=s3cret")
    for text in (page(leaky), junit(leaky), "\n".join(lines(leaky))):
        assert "abcdefghijklmnop" not in text
        assert "s3cret" not in text


def test_the_page_says_who_stands_how() -> None:
    text = page(report("x"))
    for said in ("Broken: 1 in fal; acme could not be looked at.", "core <b>broken</b>", "2026-10-03", "seed 7"):
        assert said in text
    nothing_live = evolve(report(), columns=report().columns[:1])
    assert "never: nothing here has been held against a real vendor" in page(nothing_live)
    assert "Nothing is broken." in page(nothing_live)
    partial = evolve(nothing_live.columns[0], profiles={next(iter(report().columns[1].profiles)): Standing.PARTIAL})
    assert "Nothing is broken; partial: spec." in page(evolve(nothing_live, columns=(partial,)))


@few
@given(reports)
def test_every_result_is_on_the_page_once_behind_a_cell_that_opens(drawn: Report) -> None:
    text = page(drawn)
    assert text.count("<article") == sum(1 + len(column.results) for column in drawn.columns)
    opened, there = re.findall(r'commandfor="([^"]*)"', text), re.findall(r'<dialog id="([^"]*)"', text)
    assert opened == there
    assert len(set(there)) == len(there)


@pytest.mark.parametrize(
    ("verdict", "of_all", "of_some"),
    [
        (Verdict.HELD, Standing.HELD, Standing.PARTIAL),
        (Verdict.BROKEN, Standing.BROKEN, Standing.BROKEN),
        (Verdict.NOT_RUN, Standing.PARTIAL, Standing.PARTIAL),
    ],
)
def test_no_profile_is_held_by_some_of_its_cases(verdict: Verdict, of_all: Standing, of_some: Standing) -> None:
    found = [Result(case="JOB-ONCE-1", verdict=verdict, title="")]
    assert standings(found, [Profile.CORE])[Profile.CORE] is of_all
    assert standings(found, [Profile.CORE], [Profile.CORE])[Profile.CORE] is of_some
    assert standings(found, [], [Profile.REFINE])[Profile.REFINE] is Standing.NOT_CLAIMED


def test_a_clause_of_a_later_release_has_a_row() -> None:
    later = evolve(report().columns[0].results[0], case="MAP-NEWER-1")
    text = page(evolve(report(), columns=(Column(name="fal", results=(later,)),)))
    assert "a clause that this release does not know" in text


def test_reading_and_comparing_load_no_server() -> None:
    """What only reads reports starts at once: neither the sandbox nor the tools of drawing are loaded."""
    probe = (
        "import sys, omniflash_conformance.comparing, omniflash_conformance.reports.reading;"
        "print([m for m in ('starlette', 'hypothesis', 'av', 'httpx') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
