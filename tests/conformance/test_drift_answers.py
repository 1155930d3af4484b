"""What was recorded against our contracts: as it is, and with one answer changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclopts import App

from omniflash import ConfigurationError
from omniflash.cli.exits import exit_code
from omniflash_conformance.drift.answers import recorded
from omniflash_conformance.drift.command import drift
from omniflash_conformance.recordings.wire import ROWS

CASSETTES = Path(__file__).parents[1] / "cassettes"
STATUS, JOB = CASSETTES / "fal" / "status.yaml", CASSETTES / "pixeldojo" / "status.yaml"
LIVE = "fal, on a day of this test"
Change = Callable[[Any], object]

app = App()
app.command(drift)


def run(provider: str, cassettes: Path, *more: str) -> int:
    words = ["drift", provider, "--schema", "none", "--cassettes", str(cassettes), *more]
    code = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    assert isinstance(code, int)
    return code


def found(capsys: pytest.CaptureFixture[str], provider: str, cassettes: Path) -> tuple[int, list[tuple[str, ...]]]:
    """The exit code, and what was found."""
    code = run(provider, cassettes, "--json")
    rows = json.loads(capsys.readouterr().out)["findings"]
    assert all(row["known"] is None for row in rows)
    return code, [tuple(row[name] for name in ("contract", "place", "kind", "after", "clause")) for row in rows]


def recording(path: Path, change: Change) -> Path:
    """A folder with a recording as it would be of the vendor itself, with its bodies changed."""
    content = yaml.safe_load(path.read_text("utf-8"))
    content["made"]["server"] = LIVE
    change({exchange["call"]: exchange["response"]["json"] for exchange in content["exchanges"]})
    folder = Path("recordings")
    folder.mkdir()
    (folder / path.name).write_text(yaml.safe_dump(content), "utf-8")
    return folder


# --- as they are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_what_the_sandbox_was_recorded_to_answer_breaks_no_contract(
    provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = found(capsys, provider, CASSETTES)
    assert code == 0
    assert {kind for _, _, kind, _, _ in rows} <= {"added"}


def test_every_recorded_answer_is_compared() -> None:
    names = {one.contract for one in recorded("fal", CASSETTES)}
    assert names == {name for row in ROWS if row.provider == "fal" for name in row.answered.values() if name}


def test_who_was_recorded_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fal", CASSETTES) == 0
    assert "not the vendor" in capsys.readouterr().err
    assert run("fal", recording(STATUS, lambda _: None)) == 0
    out, err = capsys.readouterr()
    assert out == "fal: as its contracts say\n"
    assert err == f"compared with recordings of {LIVE}\n"


# --- one change -----------------------------------------------------------------------------------------------------

# The last look is at a job that has ended.
CHANGES: list[tuple[Path, Change, int, list[tuple[str, ...]]]] = [
    (STATUS, lambda a: a["result"]["video"].update(duration=3.0), 0,
     [("fal-result", "video.duration", "added", "optional number", "RES-VIDEO")]),
    (STATUS, lambda a: a["result"].pop("video"), 1, [("fal-result", "video", "removed", "absent", "RES-VIDEO")]),
    (STATUS, lambda a: a["result"].update(video=None), 1, [("fal-result", "video", "widened", "null", "RES-VIDEO")]),
    (STATUS, lambda a: a["result"].update(video=["a"]), 1, [("fal-result", "video", "retyped", "array", "RES-VIDEO")]),
    (STATUS, lambda a: a["result"]["video"].update(file_size="1 MB"), 1,
     [("fal-result", "video.file_size", "retyped", "string", "RES-VIDEO")]),
    (STATUS, lambda a: a["result"]["video"].update(url="s3://bucket/a?signature=secret"), 1,
     [("fal-result", "video.url", "widened", "s3://bucket/a?…", "RES-VIDEO")]),
    (STATUS, lambda a: a["status"].update(status="DONE"), 1,
     [("fal-status", "status", "widened", "DONE", "JOB-STATES")]),
    (STATUS, lambda a: a["status"].pop("logs"), 1,
     [("fal-status", "logs", "widened", "missing in 1 of 3", "JOB-STATES")]),
    (STATUS, lambda a: a["status"].update(logs=[{"message": "a", "timestamp": "b", "labels": {}}]), 0,
     [("fal-status", "logs[].labels", "added", "optional object", "JOB-STATES")]),
    (STATUS, lambda a: a["submit"].update(request_id=17), 1,
     [("fal-submitted", "request_id", "retyped", "integer", "JOB-RESUME")]),
    (JOB, lambda a: a["status"].update(creditCost="16"), 1,
     [("pixeldojo-job", "creditCost", "retyped", "string", "COST-ACTUAL")]),
    (JOB, lambda a: a["submit"].update(status="queued"), 1,
     [("pixeldojo-submitted", "status", "widened", "queued", "JOB-STATES")]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "change", "code", "expected"), CHANGES)
def test_a_changed_answer_is_told_with_its_clause(
    path: Path, change: Change, code: int, expected: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recording(path, change)
    assert found(capsys, path.parent.name, folder) == (code, expected)


def test_one_example_stands_for_all_that_are_wrong_alike(capsys: pytest.CaptureFixture[str]) -> None:
    content = yaml.safe_load((CASSETTES / "pixeldojo" / "list.yaml").read_text("utf-8"))
    content["exchanges"] = [exchange for exchange in content["exchanges"] if exchange["call"] == "list"][-1:]
    listed = content["exchanges"][0]["response"]["json"]
    job = listed["jobs"][0]
    job.pop("output", None)
    job.pop("outputs", None)
    others = [{**job, "jobId": f"j{number}", "status": f"new-{number % 2}"} for number in range(9)]
    lost = {name: value for name, value in job.items() if name != "createdAt"}
    listed["jobs"] = [job, lost, *others]
    Path("list.yaml").write_text(yaml.safe_dump(content), "utf-8")
    code, rows = found(capsys, "pixeldojo", Path())
    assert code == 1
    assert rows == [
        ("pixeldojo-jobs", "jobs[].createdAt", "widened", "missing in 1 of 11", "JOB-ONCE"),
        ("pixeldojo-jobs", "jobs[].jobId", "widened", "j8", "JOB-ONCE"),
        ("pixeldojo-jobs", "jobs[].status", "widened", "new-0", "JOB-ONCE"),
        ("pixeldojo-jobs", "jobs[].status", "widened", "new-1", "JOB-ONCE"),
    ]


# --- bad input ------------------------------------------------------------------------------------------------------

MADE = "made: {server: nobody}\n"
ASKED = "request: {method: GET, path: /pixeldojo/api/v1/jobs/1}"
ELSEWHERE = "request: {method: GET, path: /pixeldojo/api/v1/elsewhere}"
BAD = {
    "no YAML": "exchanges: [",
    "not whole": MADE,
    "no mapping": "a text",
    "exchanges that are none": f"{MADE}exchanges: [1]",
    "no status": f"{MADE}exchanges: [{{{ASKED}, response: {{}}}}]",
    "a status in words": f"{MADE}exchanges: [{{{ASKED}, response: {{status: fine}}}}]",
    "an unknown call": f"{MADE}exchanges: [{{{ELSEWHERE}, response: {{status: 200}}}}]",
    "code": "!!python/object/apply:os.getcwd []",
}


@pytest.mark.parametrize("text", BAD.values(), ids=list(BAD))
def test_what_is_no_recording_is_told_in_one_line(text: str) -> None:
    Path("bad.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"^bad\.yaml ") as caught:
        run("pixeldojo", Path())
    assert exit_code(caught.value) == 2
    assert "\n" not in str(caught.value)


def test_an_answer_that_no_contract_is_of_is_passed_over() -> None:
    Path("busy.yaml").write_text(f"{MADE}exchanges: [{{{ASKED}, response: {{status: 503}}}}]", "utf-8")
    with pytest.raises(ConfigurationError, match="holds no recorded answer of pixeldojo"):
        run("pixeldojo", Path())
