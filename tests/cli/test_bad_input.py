"""What bad input gets: one clear line for each problem, a documented exit code, nothing sent, nothing spent."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from omniflash import Job, Mode
from omniflash.cli.exits import MEANINGS
from omniflash_sandbox import Sandbox
from tests.cli.conftest import environment, omniflash
from tests.conftest import PNG

FILM = "https://example.com/v.mp4"
WRONG = [
    ([" "], "REQ-PROMPT", "say in words"),
    (["x" * 20_001], "REQ-PROMPT", "cut 1 characters"),
    (["a", "--duration", "2"], "REQ-DURATION", "ask for 3"),
    (["a", "--duration", "11"], "REQ-DURATION", "ask for 10"),
    (["a", "--duration", "8.5"], "REQ-DURATION", "plain whole number"),
    (["a", "--duration", "true"], "REQ-DURATION", "plain whole number"),
    (["a", "--aspect", "4:3"], "REQ-ASPECT", "use one of 16:9, 9:16"),
    (["a", *["--ref", "{picture}"] * 8], "REQ-REFS", "leave out 1"),
    (["a", "--edit", FILM, *["--ref", "{picture}"] * 6], "REQ-REFS-EDIT", "leave out 1"),
    (["<IMAGE_REF_2>", *["--ref", "{picture}"] * 2], "REQ-TAG", "<IMAGE_REF_1>"),
    (["a", "--edit", FILM, "--country", "DE"], "REQ-REGION", "refine"),
    (["a", "--edit", FILM, "--country", "CH"], "REQ-REGION", "refine"),
    (["a", "--edit", FILM, "--country", "GB"], "REQ-REGION", "refine"),
    (["a", "--edit", FILM, "--country", "IS"], "REQ-REGION", "refine"),
    (["a", "--country", "UK"], "REQ-COUNTRY", "write GB"),
    (["a", "--country", "XX"], "REQ-COUNTRY", "leave it out"),
    (["a", "--image", "nowhere.png"], "REQ-MEDIA", "no such file"),
    (["a", "--image", "{empty}"], "REQ-MEDIA", "is empty"),
    (["a", "--image", "{folder}"], "REQ-MEDIA", "is a folder"),
    (["a", "--image", "{text}"], "REQ-MEDIA", "an image is asked for"),
    (["a", "--image", "s3://bucket/a.png"], "REQ-MEDIA", "http or https"),
    (["a", "--seed", "-1"], "REQ-SEED", "ask for 0"),
    (["a", "--output-format", "avi"], "REQ-FORMAT", "mp4, webm, mov"),
    (["a", "--model-version", "7.7"], "REQ-VERSION", "1.0"),
    (["a", "--edit", FILM, "--duration", "8"], "REQ-SHAPE", "keeps its source's length"),
]


def put(arguments: list[str], folder: Path) -> list[str]:
    places = {name: folder / f"{name}.png" for name in ("picture", "empty", "text")}
    places["picture"].write_bytes(PNG)
    places["empty"].touch()
    places["text"].write_text("no picture")
    return [argument.format(**places, folder=folder) for argument in arguments]


@pytest.mark.parametrize(("arguments", "clause", "remedy"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_a_wrong_request_is_one_line_with_its_clause(
    arguments: list[str], clause: str, remedy: str, tmp_path: Path, fast: Sandbox
) -> None:
    done = omniflash("generate", *put(arguments, tmp_path), "-o", tmp_path / "clip.mp4")
    assert done.code == 2
    (line,) = done.lines
    assert line.startswith(f"{clause} ")
    assert remedy in line
    assert done.out == ""
    assert fast.journal() == []


def test_many_at_once_are_as_many_lines(fast: Sandbox) -> None:
    done = omniflash("generate", " ", "--duration", "11", "--country", "UK", "--seed", "-1", "--image", "nowhere.png")
    assert done.code == 2
    assert sorted(line.split()[0] for line in done.lines) == [
        "REQ-COUNTRY",
        "REQ-DURATION",
        "REQ-MEDIA",
        "REQ-PROMPT",
        "REQ-SEED",
    ]
    errors = omniflash("generate", " ", "--duration", "11", "--json").json["error"]
    assert (errors["kind"], len(errors["violations"])) == ("InvalidRequest", 2)
    assert fast.journal() == []


SANDBOXED = Job("fal", "1.0", Mode.TEXT_TO_VIDEO, "r1", "o1", sandbox=True).token
REAL = Job("fal", "1.0", Mode.TEXT_TO_VIDEO, "r1", "o1").token
STRANGE = Job("acme", "1.0", Mode.TEXT_TO_VIDEO, "r1", "o1").token


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["generate", "a", "--provider", "fall"], 2, "did you mean 'fal'"),
        (["generate", "a", "--policy", "cheepest"], 2, "did you mean 'cheapest'"),
        (["generate", "a", "--provider", "fal"], 3, "set FAL_KEY"),
        (["generate", "a", "--config", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
        (["generate", "a", "-o", "nowhere/clip.mp4", "--sandbox"], 2, "there is no folder nowhere"),
        (["generate", "a", "-o", "/proc/clip.mp4", "--sandbox"], 2, "cannot be written"),
        (["generate", "a", "-o", ".", "--sandbox"], 2, "this is a folder"),
        (["generate", "a", "--refine", "vid_1", "--provider", "fal", "--sandbox"], 8, "fal offers no refine"),
        (["resume", SANDBOXED[:-5]], 2, "not whole"),
        (["resume", "nonsense"], 2, "knows no job"),
        (["resume", STRANGE], 2, "there is no provider 'acme'"),
        (["resume", SANDBOXED], 2, "made on a sandbox"),
        (["resume", REAL, "--sandbox"], 2, "made at the real vendor"),
        (["cancel", SANDBOXED], 2, "made on a sandbox"),
        (["probe", "nowhere.mp4"], 2, "no such file"),
        (["probe", ".", "--aspect", "4:3"], 2, "--aspect cannot be '4:3'"),
        (["generate"], 2, "--help"),
        (["generate", "a", "b"], 2, "--help"),
        (["generate", "a", "--durations", "3"], 2, "--durations"),
        (["frobnicate"], 2, "frobnicate"),
        (["generate", "a", "--timeout", "long"], 2, "long"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], code: int, told: str, tmp_path: Path) -> None:
    done = omniflash(*arguments, OMNIFLASH_SANDBOX_STATE=str(tmp_path / "state"))
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert "Traceback" not in done.err


def test_wrong_usage_is_json_too() -> None:
    error = omniflash("generate", "a", "--durations", "3", "--json").json["error"]
    assert error["kind"] == "Usage"
    assert "--durations" in error["message"]


def test_a_wrong_key_is_told_without_showing_it(fast: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "omniflash.toml"
    queue = fast.site["hosts"]["fal"]["queue"]
    config.write_text(f'[provider.fal]\nkey = "wrong-id:wrong-secret-half"\nhosts = {{ queue = "{queue}" }}\n')
    done = omniflash("generate", "a", "--provider", "fal", "--config", config, OMNIFLASH_SANDBOX="0")
    assert done.code == 3
    assert "HTTP 401" in done.err
    assert "wrong-secret-half" not in done.err
    assert fast.charges() == []


def test_a_settings_file_with_a_typo_is_told(tmp_path: Path) -> None:
    Path("omniflash.toml").write_text("polciy = 'cheapest'")
    for command in (["plan", "a"], ["generate", "a", "--sandbox"]):
        done = omniflash(*command, OMNIFLASH_SANDBOX_STATE=str(tmp_path / "state"))
        assert done.code == 2
        assert "did you mean 'policy'" in done.err


def test_a_bad_place_is_found_before_anything_is_paid(fast: Sandbox) -> None:
    assert omniflash("generate", "a", "-o", "nowhere/clip.mp4").code == 2
    assert fast.journal() == []


def test_no_sandbox_at_its_address_is_told() -> None:
    done = omniflash("generate", "a", OMNIFLASH_SANDBOX="http://127.0.0.1:9")
    assert done.code == 2
    assert "no sandbox answers at http://127.0.0.1:9" in done.err


def test_exit_codes_are_documented() -> None:
    assert sorted(MEANINGS) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143]


def test_a_mistake_of_our_own_is_one_line_too(tmp_path: Path) -> None:
    code = (
        "import sys; import omniflash.cli.providers as p; p.adapter = lambda name: 1 / 0;"
        "from omniflash.cli import main; sys.exit(main(['providers']))"
    )
    as_json = code.replace("['providers']", "['providers', '--json']")
    done = subprocess.run(
        [sys.executable, "-c", as_json], capture_output=True, text=True, env=environment(), check=False
    )
    assert json.loads(done.stdout)["error"]["kind"] == "Bug"
    for more, traces in (({}, 0), ({"OMNIFLASH_DEBUG": "1"}, 1)):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment(**more), check=False
        )
        assert done.returncode == 1
        assert done.stderr.startswith("omniflash: this is a mistake in omniflash or an adapter: ZeroDivisionError")
        assert done.stderr.count("Traceback") == traces


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m omniflash providers | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_negative_wait_is_refused_before_anything_is_paid(fast: Sandbox, tmp_path: Path) -> None:
    done = omniflash("generate", "a", "--timeout", "-5", "-o", tmp_path / "clip.mp4")
    assert (done.code, fast.charges()) == (2, [])


def test_a_terminal_that_knows_only_ascii_is_no_mistake_of_ours(fast: Sandbox, tmp_path: Path) -> None:
    done = omniflash("generate", "☃", "--duration", "3", "--json", "-o", tmp_path / "☃.mp4", PYTHONIOENCODING="ascii")
    assert (done.code, done.json["file"]) == (0, str(tmp_path / "☃.mp4"))
    assert omniflash("generate", "☃", "--aspect", "☃", "--json", PYTHONIOENCODING="ascii").json["error"]
    assert omniflash("generate", "☃", "--aspect", "☃", PYTHONIOENCODING="ascii").code == 2


def test_nobody_reading_the_notes_loses_no_job(fast: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    command = (
        f"{shlex.join([sys.executable, '-m', 'omniflash', 'generate', 'a', '--duration', '3', '-o', str(target)])} 2>&1"
    )
    subprocess.run(f"{command} | head -c 1", shell=True, env=environment(), check=True, capture_output=True)
    assert target.exists()


def test_nobody_reading_the_error_is_no_traceback(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-m", "omniflash", "generate", "a", "--duration", "2", "--json"])
    done = subprocess.run(
        f"{command} | true", shell=True, env=environment(), check=False, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
