"""Exemptions and stamps: what counts in spite of a break, for how long, and when a case last held at the vendor."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import ConfigurationError
from omniflash.spec import Mode
from omniflash_conformance import stamps
from omniflash_conformance.exemptions import Exemption, Why, applied, read
from omniflash_conformance.report import Column, Report, Result
from omniflash_conformance.stamps import Stamps
from omniflash_conformance.verdicts import Verdict

ROW = {
    "provider": "fal",
    "case": "MAP-ORDER-1",
    "why": "not yet at the vendor",
    "reason": "it has no references",
    "expects": "in another order",
    "until": date(2027, 1, 1),
}
EXEMPT = Exemption(**{**ROW, "why": Why.NOT_YET})  # type: ignore[arg-type]
BROKEN = Result(case="MAP-ORDER-1", verdict=Verdict.BROKEN, title="t", mode=Mode.EDIT, said="b, in another order, a")
TODAY = date(2026, 11, 21)


def file(folder: Path, *rows: dict[str, object], head: str = "") -> Path:
    written = ["\n".join(["[[exempt]]", *(f"{name} = {toml(value)}" for name, value in row.items())]) for row in rows]
    path = folder / "exempt.toml"
    path.write_text("\n".join([head, *written]))
    return path


def toml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def judged(result: Result, exemption: Exemption = EXEMPT, today: date = TODAY, provider: str = "fal") -> Result:
    return applied(result, provider, [exemption], today)


def test_what_is_read_is_what_is_written(tmp_path: Path) -> None:
    edit = {**ROW, "mode": "edit", "until": "2027-01-01"}
    assert read(file(tmp_path, ROW, edit)) == (EXEMPT, evolve(EXEMPT, mode=Mode.EDIT))
    assert read(file(tmp_path)) == ()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"reson": "a typo"}, "reson"),
        ({"case": "MAP-ORDR-1"}, "no case 'MAP-ORDR-1'"),
        ({"case": "MAP-ORDER"}, "no case 'MAP-ORDER'"),
        ({"why": "because"}, "because"),
        ({"mode": "text"}, "mode"),
        ({"mode": "text_to_video"}, "MAP-ORDER-1 is not run for text_to_video"),
        ({"case": "JOB-STATES-1", "mode": "edit"}, "JOB-STATES-1 is not run for edit"),
        ({"until": "soon"}, "until"),
        ({"until": datetime(2027, 1, 1, tzinfo=UTC)}, "until"),
        ({"reason": " "}, "needs a reason"),
        ({"expects": ""}, "what it expects"),
        ({"provider": 7}, "provider"),
    ],
)
def test_a_row_that_is_not_right_is_told_with_its_number(changed: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(file(tmp_path, ROW, {**ROW, **changed}))
    assert told in str(refused.value)
    assert "exempt.toml, row 2" in str(refused.value)


@pytest.mark.parametrize("lacks", ROW)
def test_nothing_of_a_row_can_be_left_out(lacks: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=lacks):
        read(file(tmp_path, {name: value for name, value in ROW.items() if name != lacks}))


@pytest.mark.parametrize("head", ["this is no TOML", "exempt = 7", "exempt = [7]", "[exempts]", "[exempt]\ncase = 1"])
def test_a_file_that_is_none_is_told(head: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"exempt\.toml"):
        read(file(tmp_path, head=head))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nowhere.toml", tmp_path, tmp_path / "bytes"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            read(path)


def test_what_breaks_as_expected_is_exempt_with_all_three_said() -> None:
    found = judged(BROKEN)
    assert found.verdict is Verdict.EXEMPT
    assert found.said == ("not yet at the vendor: it has no references (until 2027-01-01); b, in another order, a")


@pytest.mark.parametrize("verdict", [Verdict.HELD, Verdict.LAX])
def test_what_holds_though_exempt_is_a_failure(verdict: Verdict) -> None:
    found = judged(evolve(BROKEN, verdict=verdict, said=""))
    assert found.verdict is Verdict.BROKEN
    assert found.said == "it is exempt (it has no references) and holds: take the exemption out"


def test_what_breaks_otherwise_is_a_failure() -> None:
    found = judged(evolve(BROKEN, said="a reference is missing"))
    assert (found.verdict, found.said) == (
        Verdict.BROKEN,
        "a reference is missing; its exemption expects 'in another order'",
    )


def test_an_exemption_counts_until_the_day_before_it_ends() -> None:
    assert judged(BROKEN, today=date(2026, 12, 31)).verdict is Verdict.EXEMPT
    for day in (EXEMPT.until, date(2030, 1, 1)):
        assert judged(BROKEN, today=day).said.endswith("its exemption ended on 2027-01-01")
        assert judged(BROKEN, today=day).verdict is Verdict.BROKEN


@pytest.mark.parametrize("verdict", [Verdict.NOT_RUN, Verdict.NOT_DECLARED, Verdict.ENGINE])
def test_what_was_not_found_out_is_neither_exempt_nor_a_failure(verdict: Verdict) -> None:
    assert judged(evolve(BROKEN, verdict=verdict)) == evolve(BROKEN, verdict=verdict)


def test_it_is_about_one_provider_one_case_and_its_mode_or_every_mode() -> None:
    edits = evolve(EXEMPT, mode=Mode.EDIT)
    assert judged(BROKEN, edits).verdict is Verdict.EXEMPT
    assert judged(evolve(BROKEN, mode=Mode.REFINE), edits).verdict is Verdict.BROKEN
    assert judged(evolve(BROKEN, mode=Mode.REFINE)).verdict is Verdict.EXEMPT
    assert judged(evolve(BROKEN, case="MAP-ORDER-2")) == evolve(BROKEN, case="MAP-ORDER-2")
    assert judged(BROKEN, provider="pixeldojo") == BROKEN


# Stamps

verdicts = st.lists(st.sampled_from(Verdict), min_size=3, max_size=3)


def live(day: int, *found: Verdict, provider: str = "fal") -> Report:
    keys = [("MAP-ORDER-1", Mode.EDIT), ("MAP-ORDER-1", Mode.REFINE), ("JOB-STATES-1", None)]
    results = tuple(
        Result(case=case, verdict=verdict, title="t", mode=mode)
        for (case, mode), verdict in zip(keys, found, strict=False)
    )
    return Report(
        made_at=datetime(2026, 11, day, 23, 59, tzinfo=UTC),
        omniflash="0.1.0",
        ground="live",
        server="the vendor",
        seed=0,
        examples=25,
        columns=(Column(name=provider, results=results),),
    )


def days(known: Stamps, report: Report) -> list[date | None]:
    return [result.last_live for column in report.columns for result in known.on(column).results]


@given(verdicts, verdicts)
def test_the_last_day_on_which_each_held_is_kept(first: list[Verdict], second: list[Verdict]) -> None:
    one, other = live(1, *first), live(2, *second)
    wanted = [
        date(2026, 11, 2) if after is Verdict.HELD else date(2026, 11, 1) if before is Verdict.HELD else None
        for before, after in zip(first, second, strict=True)
    ]
    assert days(Stamps().after(one, {"fal"}).after(other, {"fal"}), other) == wanted


def test_what_held_at_hosts_that_are_not_the_vendors_is_not_kept() -> None:
    report = live(1, Verdict.HELD)
    assert Stamps().after(report, ()) == Stamps()
    assert days(Stamps().after(report, {"fal"}), live(2, Verdict.HELD, provider="pixeldojo")) == [None]


def test_stamps_come_back_whole(tmp_path: Path) -> None:
    known = Stamps().after(live(1, Verdict.HELD, Verdict.HELD), {"fal"})
    stamps.save(known, tmp_path / "new" / "live.json")
    assert stamps.load(tmp_path / "new" / "live.json") == known
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["live.json"]
    assert stamps.load(tmp_path / "none.json") == Stamps()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "omniflash.stamps/2"}', '{"held": 1}', "\x00"])
def test_a_file_of_stamps_that_is_none_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "live.json").write_text(text)
    with pytest.raises(ConfigurationError):
        stamps.load(tmp_path / "live.json")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        stamps.save(Stamps(), tmp_path / "file" / "live.json")
