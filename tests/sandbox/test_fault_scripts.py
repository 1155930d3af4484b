"""Faults by script: what goes wrong when, in a file or over HTTP; a mistake is one line that names its row."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.fault_script import read_script
from tests.sandbox.clients import CALLS, Fal, PixelDojo

SCRIPT = """\
faults = [
    {fault = "unavailable", provider = "fal", call = "result", status = 504, times = 2},
    {fault = "rate-limit", skip = 1, seconds = 9},  # the second submit, whoever it is for
    {fault = "unknown-status", provider = "pixeldojo", times = "always"},
]
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "faults.toml"
    path.write_text(SCRIPT)
    return path


def struck_as_scripted(sandbox: Sandbox) -> bool:
    fal, pixeldojo = Fal(sandbox), PixelDojo(sandbox)
    with fal.http, pixeldojo.http:
        request_id = fal.finished()
        assert [fal.result(request_id).status_code for _ in range(3)] == [504, 504, 200]
        assert pixeldojo.submit().headers["retry-after"] == "9"
        job_id = pixeldojo.request()
        return [pixeldojo.status(job_id).json()["status"] for _ in range(3)] == ["UNDER_REVIEW"] * 3


def test_a_script_says_what_goes_wrong(script: Path) -> None:
    with Sandbox(speed=0, faults=script) as sandbox:
        assert struck_as_scripted(sandbox)


def test_a_script_comes_over_http_too(sandbox: Sandbox) -> None:
    rows = [
        {"fault": "unavailable", "provider": "fal", "call": "result", "status": 504, "times": 2},
        {"fault": "rate-limit", "skip": 1, "seconds": 9},
        {"fault": "unknown-status", "provider": "pixeldojo", "times": None},
    ]
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json={"script": rows})
    assert [armed["name"] for armed in answer.json()["armed"]] == ["unavailable", "rate-limit", "unknown-status"]
    assert struck_as_scripted(sandbox)


def test_a_script_takes_the_place_of_what_an_earlier_one_left(tmp_path: Path, script: Path) -> None:
    for _ in range(2):
        with Sandbox(state=tmp_path / "state", speed=0, faults=script) as sandbox:
            shown = httpx.get(f"{sandbox.url}/_sandbox/faults").json()["armed"]
    assert [armed["name"] for armed in shown] == ["unavailable", "rate-limit", "unknown-status"]


def test_a_reset_forgets_a_script(script: Path) -> None:
    with Sandbox(speed=0, faults=script) as sandbox:
        assert sandbox.armed
        sandbox.reset()
        assert not sandbox.armed


def test_each_row_counts_the_calls_it_skips_whatever_strikes_them(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable", times=2, skip=1)
    sandbox.arm("rate-limit", skip=3)
    assert [fal.submit().status_code for _ in range(5)] == [200, 503, 503, 429, 200]


def test_what_is_skipped_is_a_call_that_matches(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    sandbox.arm("unavailable", provider="fal", skip=1)
    answers = [pixeldojo.submit(), fal.submit(), pixeldojo.submit(), fal.submit(), fal.submit()]
    assert [answer.status_code for answer in answers] == [202, 200, 202, 503, 200]


def test_an_ending_can_skip_jobs(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("no-video", skip=1)
    assert ["video" in fal.result(fal.finished()).json() for _ in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{fault = 'explode'}", "there is no fault 'explode', only lose-response, "),
        ("{}", "there is no fault None, only lose-response, "),
        ("5", "a fault and what else is to be said of it, not 5"),
        ("{fault = 'stall', hours = 1}", "stall has no option hours, only accepted, seconds, head"),
        ("{fault = 'stall', seconds = -1}", "seconds must be a whole number of 0 or more, not -1"),
        ("{fault = 'stall', seconds = 2026-01-01}", "seconds must be a whole number of 0 or more, not datetime.date("),
        ("{fault = 'stall', seconds = nan}", "seconds must be a whole number of 0 or more, not nan"),
        ("{fault = 'stall', skip = -1}", "skip must be a whole number of 0 or more, not -1"),
        ("{fault = 'stall', skip = true}", "skip must be a whole number of 0 or more, not True"),
        ("{fault = 'stall', times = 'often'}", "times must be a whole number of 1 or more, or \"always\", not 'often'"),
        ("{fault = 'stall', provider = ['fal']}", "there is no provider ['fal'], only fal, pixeldojo"),
        ("{fault = 'stall', call = ['submit']}", "stall can strike submit, status, "),
        ("{fault = 'unavailable', status = 418}", "status must be one of 503, 500, 502, 504, not '418'"),
        ("{fault = 'slow-drip', bytes_per_second = 0}", "bytes_per_second must be a whole number of 1 or more, not 0"),
        ("{fault = 'clock-skew', seconds = 99999999999}", "seconds must be a whole number from -31536000000 to 315360"),
        ("{fault = 'wrong-file-size', provider = 'pixeldojo'}", "wrong-file-size can strike only result, and pixel"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_script_is_one_line_that_names_file_and_row(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(f"faults = [{{fault = 'reset'}}, {row}]")
    with pytest.raises(ValueError) as refusal:
        Sandbox(faults=path)
    assert str(refusal.value).startswith(f"{path}: row 2: {reason}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "needs faults = […] and nothing else, not nothing"),
        (b"fault = []", "needs faults = […] and nothing else, not fault"),
        (b"faults = []\nspeed = 5", "needs faults = […] and nothing else, not faults, speed"),
        (b"faults = {}", "a script is a list of faults, not {}"),
        (b'[{"fault": "reset"}]', "is no TOML: "),
        (b"\xff", "is no TOML: "),
        (b"faults = " + b"[" * 100_000, "nested too deeply"),
        (b"faults = " + b"9" * 10_000, "is no TOML: "),
    ],
)
def test_what_is_no_script_is_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError) as refusal:
        read_script(path, CALLS)
    assert str(refusal.value).startswith(f"{path}: {reason}")
    assert "\n" not in str(refusal.value)


def test_a_script_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.toml: cannot be read: No such file or directory"):
        Sandbox(faults=tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"script": [{"fault": "reset"}, {"fault": "explode"}]}, "row 2: there is no fault 'explode'"),
        ({"script": {"fault": "reset"}}, "a script is a list of faults, not {'fault': 'reset'}"),
        ({"script": None}, "a script is a list of faults, not None"),
        ({"script": [], "fault": "reset"}, "reset has no option script"),
    ],
)
def test_a_script_with_a_mistake_arms_nothing(sandbox: Sandbox, given: dict[str, Any], reason: str) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)
    assert not sandbox.armed
