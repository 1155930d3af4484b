"""Two terminals over one ledger: no job is looked at or fetched by both, and none is forgotten."""

from pathlib import Path

import pytest

from omniflash_sandbox import Sandbox
from tests.cli.conftest import omniflash
from tests.cli.test_generate import started

JOBS = 3


@pytest.fixture
def jobs(fast: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of some commands that ran out of time."""
    monkeypatch.chdir(tmp_path)
    for number in range(JOBS):
        late = omniflash("generate", f"A cat {number}", "--provider", "fal", "--duration", "3", "--timeout", "0.001")
        assert late.code == 7
    return tmp_path


def test_two_terminals_resume_each_job_once(jobs: Path, fast: Sandbox) -> None:
    both = [started("resume", "--all") for _ in range(2)]
    told = [terminal.communicate(timeout=60) for terminal in both]
    assert [terminal.returncode for terminal in both] == [0, 0], told
    assert len(list(jobs.glob("*.mp4"))) == JOBS
    fetched = [exchange["path"] for exchange in fast.journal() if exchange["call"] == "asset"]
    assert len(fetched) == len(set(fetched)) == JOBS
    assert omniflash("resume", "--all").err == "there is nothing to go on with\n"


def test_all_is_one_list_as_json(jobs: Path, fast: Sandbox) -> None:
    fast.arm("job-failed", provider="fal")
    assert omniflash("generate", "A dog", "--provider", "fal", "--timeout", "0.001").code == 7
    done = omniflash("resume", "--all", "--json")
    assert done.code == 4
    failed, *saved = sorted(done.json, key=lambda one: "file" in one)
    assert failed["error"]["kind"] == "GenerationFailed"
    assert failed["job"].startswith("omni1.")
    assert {one["file"] for one in saved} == {clip.name for clip in jobs.glob("*.mp4")}
    assert [set(one) >= {"job", "clip", "quote"} for one in saved] == [True] * JOBS
    assert omniflash("resume", "--all", "--json").json == []


def test_one_file_is_not_written_over_by_several_jobs(jobs: Path, fast: Sandbox) -> None:
    refused = omniflash("resume", "--all", "-o", "clip.mp4")
    assert refused.code == 2
    assert f"clip.mp4 is one file, and there are {JOBS} jobs" in refused.err
