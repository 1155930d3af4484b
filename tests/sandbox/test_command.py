"""`omniflash sandbox` as a process: what it prints, how it ends, and what it says to bad arguments."""

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from platformdirs import user_cache_path

from omniflash_sandbox import Sandbox
from omniflash_sandbox.command import sandbox as command
from omniflash_sandbox.server import default_state
from tests.sandbox.declaring import TINY

COMMAND = [sys.executable, "-m", "omniflash_sandbox"]


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said_until(process: "subprocess.Popen[str]", last: str) -> str:
    """What a process says, up to the line that begins so."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if line.startswith(last):
            return said
    raise AssertionError(said)


def ended(*arguments: str) -> tuple[int, str]:
    """Exit code and error of a command that does not even start."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_it_prints_where_it_is_how_to_use_it_and_what_it_is_not(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path)) as process:
        said = said_until(process, "Ctrl-C")
        (url,) = re.findall(r"^The omniflash sandbox: (\S+)$", said, re.MULTILINE)
        assert f"export OMNIFLASH_SANDBOX={url}" in said
        assert "stands in for fal and PixelDojo, and is neither" in said
        assert str(tmp_path) in said
        assert httpx.get(f"{url}/_sandbox").json()["speed"] == 1.0


def test_it_says_when_time_stands_still(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path), "--speed", "0") as process:
        said = said_until(process, "Ctrl-C")
    assert re.search(r'Time stands still, until POST http://\S+/_sandbox/clock/advance {"seconds": 60} moves it', said)


def test_it_says_when_faults_are_to_come_by_script_or_by_seed(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('faults = [{fault = "rate-limit", times = "always"}]')
    with running("--port", "0", "--state", str(tmp_path), "--faults", str(script), "--chaos", "7:0.2") as process:
        said = said_until(process, "Ctrl-C")
        (url,) = re.findall(r"^Faults are to come: (\S+) shows which", said, re.MULTILINE)
        shown = httpx.get(url).json()
    assert [armed["name"] for armed in shown["armed"]] == ["rate-limit"]
    assert (shown["chaos"]["seed"], shown["chaos"]["rate"]) == (7, 0.2)


def test_it_says_nothing_of_faults_when_there_are_none(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path)) as process:
        assert "Faults" not in said_until(process, "Ctrl-C")


def test_it_prints_one_line_of_json_when_asked(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path), "--speed", "0", "--json") as process:
        site = json.loads(said_until(process, "{"))
        assert site == httpx.get(f"{site['url']}/_sandbox").json()
        assert site["virtual"] is True


def test_it_serves_the_vendors_that_files_declare(tmp_path: Path) -> None:
    contract = tmp_path / "tiny.toml"
    contract.write_text(TINY)
    with running("--port", "0", "--state", str(tmp_path), "--json", "--contract", str(contract)) as process:
        site = json.loads(said_until(process, "{"))
        answer = httpx.get(f"{site['hosts']['tiny']['api']}/videos/1", headers={"Authorization": "Bearer a-key"})
    assert answer.json() == {"error": {"code": "unknown", "message": "no such video"}}


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C cannot be sent to one process elsewhere")
def test_ctrl_c_ends_it_with_130_and_without_a_word(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path)) as process:
        said_until(process, "Ctrl-C")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 130


def test_its_jobs_outlive_it(tmp_path: Path) -> None:
    with running("--port", "0", "--state", str(tmp_path), "--json") as process:
        site = json.loads(said_until(process, "{"))
        headers = {"Authorization": f"Key {site['keys']['fal']}"}
        queue = f"{site['hosts']['fal']['queue']}/google/gemini-omni-flash"
        request_id = httpx.post(queue, json={"prompt": "A cat"}, headers=headers).json()["request_id"]
    with Sandbox(state=tmp_path) as later:
        assert [line["job"] for line in later.charges()] == [request_id]


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, error = ended("--port", port, "--state", str(tmp_path))
    assert code == 2
    assert re.fullmatch(
        rf"omniflash sandbox: port {port} of 127.0.0.1 cannot be used \(.+\); name another with --port\n", error
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"speed": -1.0}, "speed must be 0"),
        ({"speed": math.nan}, "speed must be 0"),
        ({"speed": math.inf}, "speed must be 0"),
        ({"port": -1}, "port -1 of 127.0.0.1 cannot be used"),
        ({"port": 99_999}, "port 99999 of 127.0.0.1 cannot be used"),
        ({"faults": Path("none.toml")}, "none.toml: cannot be read: No such file or directory"),
        ({"chaos": "often"}, "chaos must be SEED or SEED:RATE, such as 7:0.2, not 'often'"),
    ],
)
def test_a_bad_argument_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: dict[str, Any], reason: str
) -> None:
    assert command(**{"state": tmp_path, "port": 0, **given}) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"omniflash sandbox: {reason}")
    assert error.count("\n") == 1


def test_a_bad_speed_ends_the_process_with_2(tmp_path: Path) -> None:
    code, error = ended("--speed=-1", "--port=0", f"--state={tmp_path}")
    assert code == 2
    assert error == "omniflash sandbox: speed must be 0 (the virtual clock) or from 0.001 to 1,000,000, not -1.0\n"


def test_a_state_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    code, error = ended("--port", "0", "--state", str(file))
    assert code == 2
    assert error.startswith(f"omniflash sandbox: {file} cannot hold the sandbox's state: ")
    assert error.count("\n") == 1


def test_its_help_names_its_options() -> None:
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    for option in ("--port", "--speed", "--state", "--faults", "--chaos", "--contract", "--json"):
        assert option in done.stdout


def test_its_state_is_the_users_cache_unless_a_variable_names_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OMNIFLASH_SANDBOX_STATE", raising=False)
    assert default_state() == user_cache_path("omniflash") / "sandbox"
    monkeypatch.setenv("OMNIFLASH_SANDBOX_STATE", str(tmp_path))
    assert default_state() == tmp_path
