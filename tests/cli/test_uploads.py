"""`omniflash generate` with files: they are uploaded, with progress, and Ctrl-C meanwhile costs nothing."""

import signal
from pathlib import Path

import pytest

from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from tests.cli.conftest import omniflash
from tests.cli.test_generate import started, told


def calls(sandbox: Sandbox) -> list[str]:
    return [exchange["call"] for exchange in sandbox.journal()]


@pytest.mark.parametrize("option", ["--image", "--ref"])
def test_a_picture_is_uploaded(option: str, fast: Sandbox, picture: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    done = omniflash("generate", "A cat", option, picture, "--provider", "fal", "--duration", "3", "-o", target)
    assert done.code == 0, done.err
    assert (
        f"uploading {'image' if option == '--image' else 'references[0]'}, {picture.stat().st_size:,} bytes" in done.err
    )
    assert calls(fast)[:3] == ["initiate", "upload", "submit"]
    assert differences(probe(target), duration=3) == ()


def test_an_edit_of_a_file_has_its_length_and_shape(fast: Sandbox, tmp_path: Path) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    omniflash("generate", "A cat", "--duration", "4", "--aspect", "9:16", "--provider", "fal", "-o", first)
    done = omniflash("generate", "At night", "--edit", first, "--country", "US", "--provider", "fal", "-o", second)
    assert done.code == 0, done.err
    assert differences(probe(second), duration=4, aspect_ratio="9:16") == ()


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(fast: Sandbox, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(200_000_000)
    done = omniflash("generate", "A cat", "--image", large, "--provider", "fal", "-o", tmp_path / "clip.mp4")
    assert done.code == 8
    assert "takes up to 94,371,840 bytes, and this has 200,000,000; put it where the public can fetch it" in done.err
    assert calls(fast) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_the_paid_call_ends_it_there(
    number: signal.Signals, code: int, fast: Sandbox, picture: Path, tmp_path: Path
) -> None:
    fast.arm("stall", call="upload", seconds=60)
    process = started(
        "generate", "A cat", "--image", picture, "--provider", "fal", "--sandbox", "-o", tmp_path / "clip.mp4"
    )
    told(process, "uploading image")
    process.send_signal(number)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == code
    assert "paid call" not in rest
    assert (calls(fast).count("submit"), fast.charges()) == (0, [])


def test_with_consent_a_file_goes_through_fals_storage_to_pixeldojo(
    fast: Sandbox, picture: Path, tmp_path: Path
) -> None:
    asked = ("A cat", "--image", picture, "--duration", "8")
    planned = omniflash("plan", *asked)
    assert "or allow host_files (--host-files): fal would store it" in planned.out
    assert "1. fal" in planned.out
    assert "1. pixeldojo" in omniflash("plan", *asked, "--host-files").out
    shown = omniflash("generate", *asked, "--host-files", "--dry-run")
    assert '"image":"<the URL that fal gives for portrait.png>"' in shown.out
    assert calls(fast) == []
    alone = ("--seed", "7")  # which fal does not take
    assert omniflash("generate", *asked, *alone).code == 8
    done = omniflash("generate", *asked, *alone, "--host-files", "-o", tmp_path / "clip.mp4")
    assert done.code == 0, done.err
    assert "portrait.png goes through fal's storage first: whoever has its URL can fetch it" in done.err
    assert calls(fast)[:3] == ["initiate", "upload", "submit"]
    assert [line["provider"] for line in fast.charges()] == ["pixeldojo"]
