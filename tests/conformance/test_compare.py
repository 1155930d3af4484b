"""Two reports side by side: every change that was made is found under its clause, and nothing else is."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from cyclopts import App
from hypothesis import given
from hypothesis import strategies as st

from omniflash import ConfigurationError
from omniflash.codec import from_json
from omniflash.types import JSON
from omniflash_conformance.comparing import Change, Circumstance, Comparison, Fact, Kind, Step, compare
from omniflash_conformance.report import Column, Report, Result
from omniflash_conformance.reports.command import compare as compare_command
from omniflash_conformance.reports.differences import lines
from omniflash_conformance.verdicts import Verdict
from tests.conformance.drawn_reports import HOSTILE, columns, few, report, reports, results, texts

HELD, LAX, BROKEN, EXEMPT, NOT_DECLARED, NOT_RUN, ENGINE = Verdict
CALM = report("no order")


def with_results(*found: Result) -> Report:
    return evolve(CALM, columns=(Column(name="fal", results=found),))


def one_change(before: Result, after: Result) -> Change | None:
    """What becomes of one case."""
    found = compare(with_results(before), with_results(after))
    assert not found.circumstances
    changes = [change for provider in found.providers for change in provider.changes]
    assert len(changes) <= 1
    return changes[0] if changes else None


RESULT = evolve(CALM.columns[1].results[0], facts={})


@few
@given(reports)
def test_a_report_does_not_differ_from_itself(drawn: Report) -> None:
    found = compare(drawn, drawn)
    assert found == Comparison()
    assert (found.broke, found.exit_code(), found.exit_code(strict=True)) == (False, 0, 0)
    assert list(lines(found)) == ["nothing broke, healed, changed, came or went"]


@pytest.mark.parametrize(("before", "after"), list(product(Verdict, Verdict)))
def test_every_change_of_grade_has_one_name(before: Verdict, after: Verdict) -> None:
    expected = Kind.REGRADED
    if after is BROKEN:
        expected = Kind.BROKE
    elif before is BROKEN and after in (HELD, LAX, EXEMPT):
        expected = Kind.HEALED
    change = one_change(evolve(RESULT, verdict=before), evolve(RESULT, verdict=after))
    if before is after:
        assert change is None
    else:
        assert change is not None
        assert (change.kind, change.before, change.after, change.clause) == (expected, before, after, "MAP-ORDER")


@few
@given(reports, columns.filter(lambda column: column.results), st.data())
def test_one_change_among_many_results_is_found_and_only_that(
    drawn: Report, column: Column, data: st.DataObject
) -> None:
    others = tuple(other for other in drawn.columns if other.name != column.name)
    place = data.draw(st.integers(0, len(column.results) - 1))
    old = column.results[place]
    before = evolve(drawn, columns=(*others, evolve(column, failure="")))
    name = data.draw(texts)
    changed = evolve(old, facts={**old.facts, name: {"was": old.facts.get(name)}})
    regraded = evolve(old, verdict=data.draw(st.sampled_from([v for v in Verdict if v is not old.verdict])))
    after = data.draw(st.sampled_from([None, changed, regraded]))
    rest = list(column.results)
    rest[place : place + 1] = [after] if after else []
    now = evolve(drawn, columns=(*others, evolve(column, failure="", results=tuple(rest))))
    (found,) = compare(before, now).providers
    (change,) = found.changes
    assert (found.provider, change.case, change.mode, change.clause) == (column.name, old.case, old.mode, old.clause)
    if after is None:
        assert change.kind is Kind.GONE
        assert compare(now, before).providers[0].changes[0].kind is Kind.NEW
    elif after is changed:
        assert change.kind is Kind.CHANGED
        assert change.facts[0].name.startswith(name)


FACTS: dict[str, tuple[dict[str, JSON], dict[str, JSON], list[Fact]]] = {
    "the same": ({"a": {"b": [1]}}, {"a": {"b": [1]}}, []),
    "another order of names": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    "a new status word": (
        {"words": ["IN_QUEUE"]},
        {"words": ["QUEUED"]},
        [Fact(name="words", step=Step.CHANGED, before=["IN_QUEUE"], after=["QUEUED"])],
    ),
    "a dropped header": (
        {"headers": {"x-id": "a", "date": "b"}},
        {"headers": {"date": "b"}},
        [Fact(name="headers.x-id", step=Step.REMOVED, before="a")],
    ),
    "a new field": ({}, {"field": None}, [Fact(name="field", step=Step.ADDED)]),
    "a number for truth": ({"a": 1}, {"a": True}, [Fact(name="a", step=Step.CHANGED, before=1, after=True)]),
    "a map for nothing": ({"a": None}, {"a": {}}, [Fact(name="a", step=Step.CHANGED, before=None, after={})]),
    "a longer list": ({"a": [1]}, {"a": [1, 2]}, [Fact(name="a[1:]", step=Step.CHANGED, before=[], after=[2])]),
    "a renamed field among many": (
        {"answers": [{"status": 200}, {"status": 200, "body": ["a: text", "id: text", "z: text"]}]},
        {"answers": [{"status": 200}, {"status": 202, "body": ["a: text", "job: text", "z: text"]}]},
        [
            Fact(name="answers[1].status", step=Step.CHANGED, before=200, after=202),
            Fact(name="answers[1].body[1:]", step=Step.CHANGED, before=["id: text"], after=["job: text"]),
        ],
    ),
}


@pytest.mark.parametrize(("before", "after", "facts"), FACTS.values(), ids=FACTS)
def test_each_fact_is_named_with_what_it_was(
    before: dict[str, JSON], after: dict[str, JSON], facts: list[Fact]
) -> None:
    change = one_change(evolve(RESULT, facts=before), evolve(RESULT, facts=after))
    assert list(change.facts if change else ()) == facts
    assert change is None or change.kind is Kind.CHANGED


@few
@given(results, st.sampled_from([v for v in Verdict if v is not BROKEN]))
def test_only_what_broke_counts_unless_strict(result: Result, verdict: Verdict) -> None:
    sound, broken = evolve(result, verdict=verdict, facts={}), evolve(result, verdict=BROKEN, facts={})
    changed = evolve(sound, facts={"a": 1})
    codes: list[tuple[Report, Report, int, int]] = [
        (with_results(sound), with_results(broken), 1, 1),
        (with_results(broken), with_results(evolve(broken, verdict=HELD)), 0, 0),
        (with_results(sound), with_results(changed), 0, 1),
        (with_results(), with_results(sound), 0, 0),
        (with_results(), with_results(broken), 0, 1),
        (with_results(sound), with_results(), 0, 1),
    ]
    for before, after, code, strict in codes:
        found = compare(before, after)
        assert (found.exit_code(), found.exit_code(strict=True)) == (code, strict)
        assert found.broke == bool(code)


def test_what_is_other_about_the_runs_is_told_first() -> None:
    live = evolve(CALM, ground="live", server="fal itself", omniflash="0.2.0", seed=8, examples=50)
    newer = evolve(live, columns=(live.columns[0], evolve(live.columns[1], version="0.2.0"), live.columns[2]))
    found = compare(CALM, newer)
    assert found.circumstances == (
        Circumstance(what="ground", before="sandbox", after="live"),
        Circumstance(what="server", before="the sandbox", after="fal itself"),
        Circumstance(what="omniflash", before="0.1.0", after="0.2.0"),
        Circumstance(what="seed", before="7", after="8"),
        Circumstance(what="examples", before="25", after="50"),
        Circumstance(what="fal", before="omniflash 0.1.0", after="omniflash 0.2.0"),
    )
    assert not found.broke
    assert next(lines(found)) == "not the same ground: sandbox, then live (what differs may be the ground's doing)"


def test_a_provider_that_can_no_more_be_looked_at_broke() -> None:
    gone = evolve(CALM, columns=(CALM.columns[0], Column(name="fal", failure="it raised at import"), CALM.columns[2]))
    found = compare(CALM, gone)
    assert (found.broke, found.providers[0].failure, found.providers[0].changes) == (True, "it raised at import", ())
    assert "fal: could not be looked at" in list(lines(found))
    assert not compare(gone, gone).broke
    assert not compare(gone, CALM).broke


def test_a_provider_that_came_or_went_is_named() -> None:
    less = evolve(CALM, columns=CALM.columns[1:])
    (told,) = compare(CALM, less).circumstances
    assert told == Circumstance(what="spec", before="of no package", after="not in this report")
    assert "  gone: REQ-SEED-1" in list(lines(compare(CALM, less)))
    assert "  new: REQ-SEED-1" in list(lines(compare(less, CALM)))


def test_a_comparison_in_words() -> None:
    first, second, third, *_ = CALM.columns[1].results
    before = with_results(
        evolve(first, verdict=HELD, facts={}), evolve(second, verdict=BROKEN), evolve(third, facts={"words": ["A"]})
    )
    after = with_results(evolve(first, facts={}), second, evolve(third, facts={"words": ["B"], "price": "0.10"}))
    rule = "      the rule: references keep their order: tags bind by position"
    again = "      again: omniflash conformance run fal --case MAP-ORDER-{} --seed 7 --against sandbox"
    assert list(lines(compare(before, after))) == [
        "",
        "fal: 1 broke, 1 healed, 1 changed",
        "  broke: MAP-ORDER-1 (reference to video), what MAP-ORDER-1 says holds: held, now broken",
        "      it is said: no order",
        rule,
        again.format(1),
        "  healed: MAP-ORDER-2 (reference to video), what MAP-ORDER-2 says holds: broken, now held",
        rule,
        again.format(2),
        "  changed: MAP-ORDER-1 (edit), what MAP-ORDER-1 says holds: still held",
        rule,
        again.format(1),
        '      seen: words was ["A"], now ["B"]',
        '      seen: price was not there, now "0.10"',
    ]


def test_new_ones_that_are_broken_stand_apart_and_many_are_counted() -> None:
    many = [evolve(RESULT, case=f"MAP-ORDER-{n}", verdict=HELD) for n in range(2, 30)]
    broken = evolve(RESULT, mode=None)
    told = list(lines(compare(with_results(), with_results(broken, *many))))
    assert told[-2:] == ["  new and broken: MAP-ORDER-1", "  new: MAP-ORDER (28)"]


app = App()
app.command(compare_command, name="compare")


def test_the_command_says_it_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, made in (("old", with_results(evolve(RESULT, verdict=HELD))), ("new", with_results(RESULT))):
        (tmp_path / name).write_text(json.dumps(made.to_json()))
    old, new = str(tmp_path / "old"), str(tmp_path / "new")
    assert app(["compare", old, new], result_action="return_value") == 1
    assert "fal: 1 broke" in capsys.readouterr().out
    assert app(["compare", new, old, "--json"], result_action="return_value") == 0
    healed: Any = json.loads(capsys.readouterr().out)
    assert [change["kind"] for change in healed["providers"][0]["changes"]] == ["healed"]
    (tmp_path / "new").write_text("{")
    with pytest.raises(ConfigurationError, match="no JSON, or was cut short"):
        app(["compare", old, new], result_action="return_value")


def test_nothing_that_was_said_moves_the_cursor() -> None:
    told = "".join(lines(compare(CALM, report(HOSTILE))))
    assert not {"\x1b", "\x00", "\u202e", "\ud800"} & set(told)


@few
@given(reports, reports)
def test_a_comparison_comes_back_from_json_whole(before: Report, after: Report) -> None:
    found = compare(before, after)
    text: Any = json.loads(json.dumps(found.to_json()))
    assert from_json(text, Comparison) == found
