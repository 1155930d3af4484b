"""`omniflash generate`, `resume`, `cancel`, `probe`: from words to a file, as a process."""

import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omniflash import Job
from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from tests.cli.conftest import environment, omniflash
from tests.drive.servers import http, raw


def test_one_line_makes_a_playable_clip(tmp_path: Path) -> None:
    """The README's own line: the embedded sandbox, no key, no settings."""
    target = tmp_path / "clip.mp4"
    done = omniflash(
        "generate",
        "A lighthouse at dusk",
        "--sandbox",
        "-o",
        target,
        "--duration",
        "3",
        OMNIFLASH_SANDBOX_STATE=str(tmp_path / "state"),
    )
    assert (done.code, done.out) == (0, f"{target}\n")
    assert "nothing is billed" in done.err
    assert differences(probe(target), duration=3, aspect_ratio="16:9", output_format="mp4") == ()
    assert omniflash("probe", target, "--duration", "3", "--aspect", "16:9").code == 0


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--provider", "fal"], {"duration": 8, "aspect_ratio": "16:9"}),
        (["--provider", "pixeldojo"], {"duration": 8, "aspect_ratio": "16:9"}),
        (["--aspect", "9:16", "--duration", "3"], {"duration": 3, "aspect_ratio": "9:16"}),
        (["--duration", "10"], {"duration": 10, "aspect_ratio": "16:9"}),
        (["--output-format", "webm", "--duration", "3"], {"duration": 3, "output_format": "webm"}),
        (["--output-format", "mov", "--duration", "3"], {"duration": 3, "output_format": "mov"}),
        (["--image", "{picture}", "--duration", "3"], {"duration": 3}),
        (["--ref", "{picture}"] * 7 + ["--duration", "3"], {"duration": 3}),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_asked_for_is_what_comes(
    options: list[str], asked: dict[str, object], fast: Sandbox, picture: Path, tmp_path: Path
) -> None:
    target = tmp_path / "clip"
    done = omniflash("generate", "A cat", "-o", target, *(option.format(picture=picture) for option in options))
    assert done.code == 0, done.err
    assert differences(probe(target), **asked) == ()  # type: ignore[arg-type]
    assert len(fast.charges()) == 1


def test_an_edit_keeps_its_sources_length_and_shape(fast: Sandbox, tmp_path: Path) -> None:
    source, target = tmp_path / "source.mp4", tmp_path / "edited.mp4"
    omniflash("generate", "A cat", "--duration", "4", "--aspect", "9:16", "-o", source)
    done = omniflash("generate", "At night", "--edit", source, "--provider", "fal", "-o", target)
    assert done.code == 0, done.err
    assert differences(probe(target), duration=4, aspect_ratio="9:16") == ()


def test_a_job_just_made_is_refined_by_its_token(fast: Sandbox, tmp_path: Path) -> None:
    first = omniflash(
        "generate", "A cat", "--duration", "4", "--provider", "pixeldojo", "--json", "-o", tmp_path / "1.mp4"
    ).json
    target = tmp_path / "2.mp4"
    done = omniflash(
        "generate", "At night", "--refine", first["job"], "--provider", "pixeldojo", "-o", target, "--country", "DE"
    )
    assert done.code == 0, done.err
    assert differences(probe(target), duration=4) == ()
    assert omniflash("generate", "x", "--refine", first["clip"]["handle"], "-o", target).code == 0


def test_json_is_one_value_with_the_facts(fast: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    report = omniflash("generate", "A cat", "--duration", "3", "--provider", "pixeldojo", "-o", target, "--json").json
    assert Job.parse(report["job"]).provider == "pixeldojo"
    facts = {name: report[name] for name in ("file", "provider", "sandbox", "quote", "charged", "differences")}
    assert facts == {
        "file": str(target),
        "provider": "pixeldojo",
        "sandbox": True,
        "quote": "1.0000",
        "charged": "16 credits",
        "differences": [],
    }


def test_a_clip_without_a_name_gets_one(fast: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = omniflash("generate", "A cat", "--duration", "3", "--output-format", "webm")
    assert re.fullmatch(r"omniflash-[0-9a-f]{8}\.webm\n", done.out)
    assert probe(tmp_path / done.out.strip()).container == "webm"


def test_a_difference_is_told_and_the_clip_is_kept(
    fast: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "clip.mp4"
    made = omniflash("generate", "A cat", "--duration", "3", "-o", target)
    assert "RES-PROBE" not in made.err
    done = omniflash("probe", target, "--duration", "9", "--aspect", "9:16", "--output-format", "webm")
    assert done.code == 4
    assert [line.split(":")[0] for line in done.lines] == [
        "RES-PROBE container",
        "RES-PROBE duration",
        "RES-PROBE aspect_ratio",
    ]
    facts = omniflash("probe", target, "--json").json
    assert (facts["width"], facts["height"], facts["synthetic"], facts["differences"]) == (1280, 720, True, [])


def test_a_terminal_shows_progress_and_a_pipe_shows_lines(fast: Sandbox, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "omniflash",
        "generate",
        "A cat",
        "--duration",
        "3",
        "-o",
        str(tmp_path / "clip.mp4"),
    ]
    leader, follower = pty.openpty()
    environs = {**environment(), "TERM": "xterm-256color"}
    environs.pop("NO_COLOR")
    process = subprocess.Popen(command, stderr=follower, stdout=subprocess.PIPE, env=environs)
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        shown += part
    os.close(leader)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert out.decode().strip() == str(tmp_path / "clip.mp4")
    assert b"\x1b[" in shown
    assert "━".encode() in shown
    piped = omniflash("generate", "A cat", "--duration", "3", "-o", tmp_path / "clip.mp4")
    assert "\x1b[" not in piped.err
    assert ": succeeded" in piped.err


def started(*arguments: str | Path, **more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "omniflash", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more))


def told(process: "subprocess.Popen[str]", word: str) -> str:
    """What a process prints until a line with this word."""
    assert process.stderr is not None
    shown = ""
    for line in process.stderr:
        shown += line
        if word in line:
            return shown
    raise AssertionError(shown)


def test_ctrl_c_prints_the_line_that_resumes_and_that_line_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIFLASH_SANDBOX_STATE", str(tmp_path / "state"))
    target = tmp_path / "clip.mp4"
    process = started("generate", "A cat", "--sandbox", "--duration", "10", "--provider", "fal", "-o", target)
    told(process, "job omni1.")  # more than two seconds before it is over
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 130, rest
    (line,) = [line for line in rest.splitlines() if line.startswith("omniflash resume ")]
    assert "Traceback" not in rest
    assert not target.exists()
    done = omniflash(*shlex.split(line)[1:])
    assert (done.code, done.out) == (0, f"{target}\n")
    assert differences(probe(target), duration=10) == ()
    with Sandbox(state=tmp_path / "state") as sandbox:
        assert [charge["state"] for charge in sandbox.charges()] == ["billed"]


def slow(connection: socket.socket) -> None:
    time.sleep(1.0)
    connection.sendall(http("200 OK", b'{"request_id": "r1"}'))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("times", "told_"), [(1, "omniflash resume omni1."), (2, "may or may not have accepted order")]
)
def test_a_signal_during_the_paid_call_waits_for_its_answer_and_a_second_one_does_not(
    times: int, told_: str, number: signal.Signals, tmp_path: Path
) -> None:
    with raw(slow, http("202 Accepted", b'{"status": "IN_PROGRESS"}')) as server:
        config = tmp_path / "omniflash.toml"
        config.write_text(f'[provider.fal]\nkey = "a:b"\nhosts = {{ queue = "{server.url}" }}\n')
        process = started("generate", "A cat", "--provider", "fal", "--config", config, "-o", tmp_path / "clip.mp4")
        while not server.seen:
            time.sleep(0.01)
        process.send_signal(number)
        shown = told(process, "waiting for the vendor's answer")
        if times == 2:
            process.send_signal(number)
        shown += process.communicate(timeout=30)[1]
    assert process.returncode == (5 if times == 2 else {signal.SIGINT: 130, signal.SIGTERM: 143}[number])
    assert told_ in shown
    assert ("omniflash resume omni1." in shown) is (times == 1)
    assert "Traceback" not in shown
    if times == 2:
        assert " uncertain fal text_to_video ≈$1.00 broken off by hand" in omniflash("jobs").out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_refused_call_rests_ends_it_unpaid(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(speed=1.0) as sandbox:
        monkeypatch.setenv("OMNIFLASH_SANDBOX", sandbox.url)
        sandbox.arm("rate-limit", provider="fal", call="submit", times=None, seconds=100)
        process = started("generate", "A cat", "--provider", "fal", "--sandbox", "-o", tmp_path / "clip.mp4")
        while not sandbox.journal():
            time.sleep(0.01)
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == (130 if number is signal.SIGINT else 143)
        assert sandbox.charges() == []


@pytest.mark.parametrize("limit", ["0.38", "$0.38"])
def test_what_would_cost_too_much_is_not_sent(limit: str, fast: Sandbox, tmp_path: Path) -> None:
    asked = ("generate", "A cat", "--duration", "3", "--provider", "fal", "-o", tmp_path / "clip.mp4")
    done = omniflash(*asked, "--max-cost", limit)
    assert (done.code, fast.journal()) == (6, [])
    assert (
        "it may cost up to $0.39: $0.01 more than the $0.38 allowed for a job; allow more, or ask for less" in done.err
    )
    assert omniflash(*asked, "--max-cost", limit, "--json").json["error"]["kind"] == "BudgetExceeded"
    assert omniflash(*asked, "--max-cost", "0.39").code == 0


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "much"])
def test_a_limit_that_is_none_is_refused(limit: str, fast: Sandbox) -> None:
    done = omniflash("generate", "A cat", f"--max-cost={limit}")
    assert (done.code, fast.journal()) == (2, [])
    assert f"a budget cannot be '{limit}'; give US dollars, more than 0" in done.err


def test_a_day_has_its_budget_from_the_settings_whatever_a_job_may_cost(fast: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "omniflash.toml"
    config.write_text('[budget]\njob = 0.01\nday = "0.50"\n')
    asked = ("generate", "A cat", "--duration", "3", "--provider", "fal", "--config", config, "-o", tmp_path / "1.mp4")
    assert omniflash(*asked).code == 6
    assert omniflash(*asked, "--max-cost", "1").code == 0
    done = omniflash(*asked, "--max-cost", "1")
    assert (done.code, len(fast.charges())) == (6, 1)
    assert "are spent or under way today (UTC): $0.28 more than the $0.50 allowed for a day" in done.err


def test_without_its_part_the_clip_is_kept_and_not_looked_into(fast: Sandbox, tmp_path: Path) -> None:
    code = "import sys; sys.modules['av'] = None; from omniflash.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "generate", "A cat", "--duration", "3", "-o", str(tmp_path / "clip.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stderr
    assert "the clip was not looked into: looking into clips needs PyAV" in done.stderr
    assert probe(tmp_path / "clip.mp4").seconds == 3.0


def test_a_resumed_job_has_no_quote_to_compare_with(fast: Sandbox, tmp_path: Path) -> None:
    job = omniflash("generate", "A cat", "--duration", "3", "--json", "-o", tmp_path / "1.mp4").json["job"]
    done = omniflash("resume", job, "-o", tmp_path / "2.mp4")
    assert "says it charged" in done.err
    assert "quoted" not in done.err


def test_time_that_runs_out_says_how_to_go_on(fast: Sandbox, tmp_path: Path) -> None:
    target, config = tmp_path / "her clip; rm.mp4", tmp_path / "my settings.toml"
    config.touch()
    done = omniflash("generate", "A cat", "--timeout", "0.001", "--config", config, "-o", target)
    assert done.code == 7
    (line,) = [line for line in done.err.splitlines() if " omniflash resume omni1." in line]
    variable, *words = shlex.split(line)
    assert variable == f"OMNIFLASH_SANDBOX={fast.url}"
    assert words[3:] == ["-o", str(target), "--sandbox", "--config", str(config)]
    assert omniflash(*words[1:]).code == 0
    assert target.exists()
    assert omniflash("generate", "A cat", "--timeout", "0.001", "--json").json["error"]["kind"] == "DeadlineExceeded"


def test_cancel_tells_the_truth(fast: Sandbox, tmp_path: Path) -> None:
    job = omniflash("generate", "A cat", "--provider", "fal", "--json", "-o", tmp_path / "clip.mp4").json["job"]
    done = omniflash("cancel", job)
    assert (done.code, done.out) == (4, "too late; it may still be billed\n")
    assert omniflash("cancel", job, "--json").json == {"result": "too late", "may_bill": True}
    other = omniflash("generate", "A cat", "--provider", "pixeldojo", "--json", "-o", tmp_path / "clip.mp4").json["job"]
    assert omniflash("cancel", other).out == "unsupported; it may still be billed\n"


@pytest.mark.parametrize(
    ("fault", "options", "code", "told_"),
    [
        ("lose-response", {}, 5, "may or may not have accepted"),
        ("content-rejected", {}, 4, "HTTP 422"),
        ("no-video", {}, 4, "without a video"),
        ("rate-limit", {"call": "submit", "times": None, "seconds": 3600}, 4, "HTTP 429"),
    ],
)
def test_faults_have_exit_codes(
    fault: str, options: dict[str, object], code: int, told_: str, fast: Sandbox, tmp_path: Path
) -> None:
    fast.arm(fault, provider="fal", **options)  # type: ignore[arg-type]
    done = omniflash("generate", "A cat", "--provider", "fal", "-o", tmp_path / "clip.mp4")
    assert done.code == code
    assert told_ in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "clip.mp4").exists()


def test_what_the_library_warns_of_is_told_beside_the_result(fast: Sandbox) -> None:
    fast.arm("unknown-status", provider="fal", call="status")
    done = omniflash("generate", "A cat", "--duration", "3", "--provider", "fal", "--sandbox", "-o", "cat.mp4")
    assert done.code == 0
    assert [line for line in done.lines if line.startswith("fal says")] == [
        "fal says 'UNDER_REVIEW', which is in no document of it: taken for running"
    ]
