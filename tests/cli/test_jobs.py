"""`omniflash jobs` and `resume`: a crash forgets no job, a key buys one, and its user settles an uncertain order."""

import signal
import time
from pathlib import Path

import pytest

from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from tests.cli.conftest import omniflash
from tests.cli.test_generate import started, told


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an embedded sandbox, which keeps jobs and ledger from one command to the next."""
    monkeypatch.setenv("OMNIFLASH_SANDBOX_STATE", str(tmp_path / "state"))
    return tmp_path


def asked(place: Path, prompt: str = "A cat", *more: str) -> tuple[str | Path, ...]:
    return ("generate", prompt, "--sandbox", "--duration", "3", "--provider", "fal", "-o", place / "clip.mp4", *more)


UNREAD = "the ledger could not be read, so how providers are doing, what is spent and what was charged is not known"


def charges(place: Path) -> int:
    with Sandbox(state=place / "state") as sandbox:
        return len(sandbox.charges())


def test_the_same_key_gives_the_same_job_and_another_request_is_refused(place: Path) -> None:
    first, second = (omniflash(*asked(place, "A cat", "--key", "order-123", "--json")).json for _ in range(2))
    assert first["job"] == second["job"]
    done = omniflash(*asked(place, "A dog", "--key", "order-123"))
    assert (done.code, charges(place)) == (2, 1)
    assert "stands for another request" in done.err


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
def test_a_key_that_is_none_is_refused(key: str, place: Path) -> None:
    done = omniflash(*asked(place, "A cat", "--key", key))
    assert (done.code, charges(place)) == (2, 0)
    assert "a key is text of 1 to 200 characters" in done.err
    assert "; give a name of your own for the job, or leave key out" in done.err


def test_two_processes_with_one_key_at_once_make_one_job(place: Path) -> None:
    both = [started(*asked(place, "A cat", "--key", "order-123")) for _ in range(2)]
    assert [process.communicate(timeout=120) and process.returncode for process in both] == [0, 0]
    assert charges(place) == 1


def test_a_process_that_is_killed_loses_no_job(place: Path) -> None:
    process = started(*asked(place))
    told(process, "job omni1.")
    process.kill()
    process.communicate(timeout=30)
    (line,) = omniflash("jobs", "--sandbox").out.splitlines()
    assert " accepted fal text_to_video" in line
    done = omniflash("resume", "--all", "--sandbox", "-o", place / "again.mp4")
    assert done.code == 0, done.err
    assert differences(probe(place / "again.mp4"), duration=3) == ()
    assert charges(place) == 1
    assert " succeeded fal text_to_video" in omniflash("jobs", "--sandbox").out
    assert "nothing to go on with" in omniflash("resume", "--all", "--sandbox").err


def test_a_process_that_is_killed_between_sending_and_answer_leaves_an_uncertain_job_that_is_settled(
    place: Path, fast: Sandbox
) -> None:
    fast.arm("stall", call="submit", seconds=60)
    process = started(*asked(place))
    while not fast.charges():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    shown = omniflash("jobs", "--sandbox")
    assert " uncertain fal text_to_video" in shown.out
    order = shown.out.split()[2]
    assert f"omniflash jobs resolve {order} --accepted ID" in shown.err
    (charge,) = fast.charges()
    assert omniflash("jobs", "resolve", order, "--sandbox", "--accepted", charge["job"]).code == 0
    done = omniflash("resume", order, "--sandbox", "-o", place / "clip.mp4")
    assert done.code == 0, done.err
    assert differences(probe(place / "clip.mp4"), duration=3) == ()
    assert len(fast.charges()) == 1


def test_an_uncertain_job_can_be_told_never_to_have_been_accepted(place: Path, fast: Sandbox) -> None:
    fast.arm("lose-response", accepted=False)
    assert omniflash(*asked(place, "A cat", "--key", "order-123")).code == 5
    again = omniflash(*asked(place, "A cat", "--key", "order-123"))
    assert again.code == 5
    assert "nobody knows what came of it" in again.err
    assert omniflash("jobs", "resolve", "order-123", "--sandbox", "--never-accepted").code == 0
    assert omniflash(*asked(place, "A cat", "--key", "order-123")).code == 0
    assert len(fast.charges()) == 1


def test_what_has_no_charge_is_listed_with_its_quote(place: Path, fast: Sandbox) -> None:
    fast.arm("lose-response")
    assert omniflash("generate", "A cat", "--sandbox", "--duration", "4", "--provider", "fal").code == 5
    assert " uncertain fal text_to_video ≈$0.50 " in omniflash("jobs", "--sandbox").out


def test_one_job_is_shown_with_all_that_happened(place: Path, fast: Sandbox) -> None:
    job = omniflash(*asked(place, "A cat", "--json")).json["job"]
    shown = omniflash("jobs", job, "--sandbox", "--json").json
    assert [step["entry"] for step in shown["trail"]] == ["intended", "attempted", "accepted", "finished", "delivered"]
    assert shown["file"] == str(place / "clip.mp4")
    assert omniflash("jobs", "--sandbox", "--state", "uncertain", "--json").json == []
    assert "delivered" in omniflash("jobs", job, "--sandbox").out


def test_what_was_spent_is_told_beside_what_was_quoted(place: Path, fast: Sandbox) -> None:
    assert omniflash(*asked(place)).code == 0
    lines = omniflash("spend", "--sandbox", "--by", "provider").out.splitlines()
    assert lines == ["fal: 1 of 1 made, quoted ≈$0.375, charged 0.375 units for 1"]
    assert omniflash("spend", "--sandbox", "--json").json[0]["jobs"] == 1
    assert "did you mean 'mode'" in omniflash("spend", "--sandbox", "--by", "modes").err


@pytest.mark.parametrize(
    ("arguments", "told_"),
    [
        (["jobs", "nobody"], "knows no job 'nobody'"),
        (["resume", "nobody"], "knows no job 'nobody'"),
        (["cancel", "nobody"], "knows no job 'nobody'"),
        (["resume"], "resume takes a job, or --all"),
        (["resume", "x", "--all"], "resume takes a job, or --all"),
        (["jobs", "resolve", "x"], "one of --accepted and --never-accepted"),
        (["jobs", "resolve", "x", "--accepted", "y", "--never-accepted"], "one of --accepted and --never-accepted"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], told_: str, place: Path) -> None:
    done = omniflash(*arguments, "--sandbox")
    assert done.code == 2
    assert told_ in done.err


def test_a_ledger_that_cannot_be_used_costs_nothing(place: Path, fast: Sandbox) -> None:
    ledger = Path(fast.site["state"]) / "ledger.sqlite3"
    ledger.unlink(missing_ok=True)
    ledger.write_bytes(b"no database" * 1_000)
    done = omniflash(*asked(place))
    plan = omniflash("plan", "A cat")
    ledger.unlink()
    assert plan.code == 0
    assert plan.lines == [f"{UNREAD}: {plan.lines[0].partition(': ')[2]}"]
    assert (done.code, fast.journal()) == (2, [])
    assert "cannot be used: file is not a database" in done.err
