"""The suite by pytest, in somebody else's folder: what passes, what is skipped in which words, and what it loads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.strangers import SOUND, here, install, looking

PLUGIN = "omniflash_conformance.pytest_plugin"
CASSETTES = Path(__file__).parent.parent / "cassettes"


def suite(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """pytest in a process of its own, with no other plugin."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        PLUGIN,
        "-p",
        "no:cacheprovider",
        "-rs",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
    ]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "400"}
    return subprocess.run(
        [*command, "--pyargs", "omniflash_conformance", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def cases(*ids: str) -> list[str]:
    return [word for id_ in ids for word in ("--omniflash-case", id_)]


@pytest.fixture(scope="module")
def _strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("strangers")
    sources = {
        "raises": "raise RuntimeError('no licence')",
        "own": looking("raise KeyError('video')"),
        "shy": SOUND + "class Odd(Sound):\n    offers = property(lambda self: 1 / 0)\n    def __init__(self): pass\n"
        "ADAPTER = Odd()",
    }
    install(folder, sources)
    with here(folder):
        yield


def test_in_an_empty_folder_what_has_no_recording_is_skipped_and_the_rest_passes() -> None:
    chosen = cases("CAP-DECLARE-2", "JOB-STATES-1", "JOB-ONCE-1", "JOB-CANCEL-7")
    done = suite("--omniflash-provider", "fal", "--omniflash-against", "recorded", *chosen)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 3 skipped" in done.stdout
    assert "not run: there is no recording fal/status" in done.stdout
    assert "not run: needs a server that goes wrong on demand, and the ground is 'recorded'" in done.stdout
    assert "not declared: fal declares that it cancels" in done.stdout
    assert list(Path.cwd().glob("*.yaml")) == []


def test_the_recordings_can_be_named() -> None:
    words = ["--omniflash-provider", "fal", "--omniflash-against", "recorded", "--omniflash-cassettes", str(CASSETTES)]
    done = suite(*words, *cases("JOB-STATES-1", "REQ-SEED-2"))
    assert "2 passed" in done.stdout


@pytest.mark.usefixtures("_strangers")
def test_a_broken_adapter_fails_by_a_sentence_and_no_traceback() -> None:
    named = [word for name in ("raises", "own", "shy") for word in ("--omniflash-provider", name)]
    done = suite(*named, *cases("CAP-DECLARE-1", "JOB-STATES-1"))
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert "4 failed, 1 passed, 1 skipped" in done.stdout
    assert done.stdout.count("raises cannot be looked at: the provider 'raises' cannot be loaded: no licence") >= 2
    assert "a job is queued, then running, then over\nbroken: raised KeyError: 'video' (at odd_own.py:5)" in done.stdout
    assert "again: omniflash conformance run own --case JOB-STATES-1 --seed 0 --against sandbox" in done.stdout
    assert "broken: name raises AttributeError (" in done.stdout
    assert "its declaration is none: see CAP-DECLARE-1" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--omniflash-case", "MAP-ORDR"], "did you mean 'MAP-ORDER'"),
        (["--omniflash-provider", "fall"], "there is no provider 'fall'"),
        (["--omniflash-max-cost", "lots"], "an option is no number"),
    ],
)
def test_what_there_is_not_is_told_as_a_mistake_of_usage(words: list[str], told: str) -> None:
    done = suite(*words)
    assert done.returncode != 0
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stdout


LOADED = f"""
import sys, pytest
class Watch:
    def pytest_sessionfinish(self):
        print("LOADED", sorted(name for name in sys.modules if name.partition(".")[0].startswith("omniflash")))
        print("HYPOTHESIS", "hypothesis" in sys.modules)
sys.exit(pytest.main(["-q", "-p", {PLUGIN!r}, "-p", "no:cacheprovider"], plugins=[Watch()]))
"""


def test_where_it_is_only_installed_it_loads_nothing_but_pytest() -> None:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, env=environment, check=False)
    assert f"LOADED ['omniflash_conformance', '{PLUGIN}']" in done.stdout
    assert "HYPOTHESIS False" in done.stdout
