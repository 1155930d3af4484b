"""`omniflash conformance` by its real command: bad input in one line with a documented exit code, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omniflash_conformance.command import write
from omniflash_conformance.report import Report
from tests.cli.conftest import environment, omniflash
from tests.conformance.drawn_reports import report
from tests.conformance.strangers import here, install, looking

LIVE = ["run", "fal", "--case", "JOB-STATES-1", "--against", "live"]
KEY = {"FAL_KEY": "id:secret"}
BAD: Mapping[str, tuple[list[str], int, str]] = {
    "an unknown provider": (["run", "fall"], 2, "there is no provider 'fall'; did you mean 'fal'?"),
    "the spec as a provider": (["run", "spec"], 2, "there is no provider 'spec'"),
    "an unknown profile": (["run", "fal", "--profile", "gold"], 2, "gold"),
    "an unknown ground": (["run", "fal", "--against", "moon"], 2, "moon"),
    "an unknown case": (["run", "fal", "--case", "MAP-ORDR"], 2, "did you mean 'MAP-ORDER'"),
    "a case of none of the profiles": (["run", "fal", "--case", "REQ", "--profile", "webhooks"], 2, "leave --case or"),
    "no examples": (["run", "fal", "--examples", "0"], 2, "examples"),
    "no patience": (["run", "fal", "--patience", "nan"], 2, "the patience is a number of seconds above 0"),
    "exemptions that are not there": (["run", "fal", "--exempt", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
    "exemptions with a typo": (["run", "fal", "--exempt", "{typo}"], 2, "there is no field 'resaon'"),
    "a contract that is not there": (["run", "fal", "--contract", "nowhere.toml"], 2, "the contract is not right"),
    "a contract that is none": (["run", "fal", "--contract", "{typo}"], 2, "the contract is not right"),
    "a folder that is a file": (["run", "fal", "--output", "{typo}"], 2, "name another folder with --output"),
    "a folder in a file": (["run", "fal", "--output", "{typo}/report"], 2, "name another folder with --output"),
    "no cap": (LIVE, 2, "allow it: --max-cost"),
    "no key": ([*LIVE, "--max-cost", "100"], 3, "set FAL_KEY"),
    "a cap that is no amount": ([*LIVE, "--max-cost", "NaN"], 2, "not NaN"),
    "a cap below nothing": ([*LIVE, "--max-cost", "-1"], 2, "not -1"),
    "a recording of recordings": (["record", "fal", "--against", "recorded"], 2, "cannot be recorded"),
    "a report that is not there": (["compare", "nowhere.json", "{typo}"], 2, "nowhere.json"),
    "a report that is none": (["compare", "{typo}", "{typo}"], 2, "it is no JSON, or was cut short"),
    "a report that is cut short": (["compare", "{cut}", "{cut}"], 2, "it is no JSON, or was cut short"),
    "a report of another version": (["compare", "{other}", "{other}"], 2, "omniflash.conformance/2"),
}


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, str]:
    """Files that are not as they should be, by name."""
    text = json.dumps(report().to_json())
    wrong = {
        "typo": '[[exempt]]\nresaon = "a typo"',
        "cut": text[: len(text) // 2],
        "other": text.replace("omniflash.conformance/1", "omniflash.conformance/2"),
    }
    for name, content in wrong.items():
        (tmp_path / name).write_text(content)
    return {name: str(tmp_path / name) for name in wrong}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_nothing_is_run(name: str, files: Mapping[str, str]) -> None:
    arguments, code, told = BAD[name]
    done = omniflash("conformance", *(word.format(**files) for word in arguments))
    assert (done.code, done.out) == (code, "")
    assert any(told in line for line in done.lines), done.err
    assert "Traceback" not in done.err
    assert not Path("conformance-report").exists() or list(Path("conformance-report").iterdir()) == []


def test_with_a_key_a_cap_below_the_estimate_is_refused_and_nobody_there_to_ask_spends_nothing() -> None:
    below = omniflash("conformance", *LIVE, "--max-cost", "0.01", **KEY)
    assert (below.code, below.out) == (2, "")
    assert "is below what it costs at most" in below.lines[-1]
    unasked = omniflash("conformance", *LIVE, "--max-cost", "100", **KEY)
    assert (unasked.code, unasked.out) == (2, "")
    assert "add --yes" in unasked.lines[-1]


def test_stamps_that_cannot_be_read_are_told_before_anything_is_run() -> None:
    place = Path(os.environ["XDG_DATA_HOME"]) / "omniflash" / "conformance-live.json"
    place.parent.mkdir(parents=True)
    place.write_text("{")
    done = omniflash("conformance", "run", "fal", "--case", "CAP-DECLARE-2")
    assert done.code == 2
    assert "remove it: only when something last held live is lost" in done.lines[-1]


def test_an_error_is_json_where_that_is_asked_for() -> None:
    done = omniflash("conformance", "run", "fall", "--json")
    assert done.code == 2
    assert done.json["error"]["kind"] == "ConfigurationError"


def test_a_report_is_printed_as_json_and_written_and_says_that_nothing_ever_held_live(tmp_path: Path) -> None:
    done = omniflash("conformance", "run", "fal", "--case", "CAP-DECLARE-2", "--json", "--output", tmp_path / "new")
    assert done.code == 0
    assert Report.from_json(done.json) == Report.from_json(json.loads((tmp_path / "new" / "report.json").read_text()))
    assert [column["name"] for column in done.json["columns"]] == ["fal"]
    assert [result.get("last_live") for result in done.json["columns"][0]["results"]] == [None]
    assert "never" in (tmp_path / "new" / "report.html").read_text()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["junit.xml", "report.html", "report.json"]


def test_two_reports_into_one_folder_at_once_leave_each_file_whole(tmp_path: Path) -> None:
    one, other = report("one"), report("other")
    with ThreadPoolExecutor(4) as pool:
        for written in pool.map(lambda number: write((one, other)[number % 2], tmp_path), range(12)):
            assert Report.from_json(json.loads(written[0].read_text("utf-8"))) in (one, other)
    assert len(list(tmp_path.iterdir())) == 3


def test_ctrl_c_ends_every_worker(tmp_path: Path) -> None:
    began = tmp_path / "began"
    os.mkfifo(began)
    body = f"with open({str(began)!r}, 'w') as told:\n    told.write(str(os.getpid()))\ntime.sleep(600)"
    install(tmp_path, {"hangs": looking(body)})
    words = ["conformance", "run", "hangs", "--case", "JOB-STATES-1", "--output", str(tmp_path / "report")]
    with here(tmp_path):
        command = [sys.executable, "-m", "omniflash", *words]
        with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=environment()) as running:
            worker = int(began.read_text())
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert not list((tmp_path / "report").iterdir())
