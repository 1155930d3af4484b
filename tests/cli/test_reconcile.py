"""`omniflash jobs reconcile` and `resume --all`: what a vendor's list settles, and what is left to a person."""

import sqlite3
from pathlib import Path

import pytest

from omniflash import Job, Ledger
from omniflash.media.probe import differences, probe
from omniflash.money.entries import Left, Watching
from omniflash_sandbox import Sandbox
from omniflash_sandbox.history import LATE_S
from tests.cli.conftest import Done, omniflash


def asked(provider: str, target: Path, *more: str | Path) -> Done:
    return omniflash("generate", "A cat", "--duration", "3", "--provider", provider, "-o", target, *more)


def lost(provider: str, sandbox: Sandbox, tmp_path: Path, *, accepted: bool = True, prompt: str = "A cat") -> str:
    """Our id of an order whose answer was lost, and which its vendor's list shows by now."""
    sandbox.arm("lose-response", provider=provider, call="submit", accepted=accepted)
    done = omniflash("generate", prompt, "--duration", "3", "--provider", provider, "-o", tmp_path / "lost.mp4")
    assert done.code == 5, done.err
    sandbox.advance(LATE_S)
    return str(omniflash("jobs", "--state", "uncertain", "--json").json[0]["id"])


def test_a_lost_job_is_found_and_gone_on_with(fast: Sandbox, tmp_path: Path) -> None:
    order = lost("fal", fast, tmp_path)
    done = omniflash("jobs", "reconcile")
    assert (done.code, done.err) == (0, "")
    assert f" {order} accepted fal text_to_video" in done.out
    target = tmp_path / "clip.mp4"
    assert omniflash("resume", order, "-o", target).code == 0
    assert differences(probe(target), duration=3) == ()
    assert len(fast.charges()) == 1


def test_what_a_list_does_not_show_stays_uncertain_and_says_what_to_do(fast: Sandbox, tmp_path: Path) -> None:
    order = lost("fal", fast, tmp_path, accepted=False)
    done = omniflash("jobs", "reconcile")
    assert (done.code, done.out) == (5, "")
    assert f"order {order}: nobody knows if it was accepted" in done.err
    assert f"`omniflash jobs resolve {order} --accepted ID`, or --never-accepted" in done.err
    assert [one["id"] for one in omniflash("jobs", "--state", "uncertain", "--json").json] == [order]


def test_json_tells_both_apart(fast: Sandbox, tmp_path: Path) -> None:
    never = lost("fal", fast, tmp_path, accepted=False, prompt="A dog")
    found = lost("fal", fast, tmp_path)
    report = omniflash("jobs", "reconcile", "--json")
    assert report.code == 5
    assert {name: [one["id"] for one in orders] for name, orders in report.json.items()} == {
        "settled": [found],
        "open": [never],
    }


def test_a_list_that_stands_in_no_document_is_looked_at_only_by_name(fast: Sandbox, tmp_path: Path) -> None:
    order = lost("pixeldojo", fast, tmp_path)
    for command in (("jobs", "reconcile"), ("resume", "--all")):
        omniflash(*command)
        assert "list" not in [exchange["call"] for exchange in fast.journal()]
    done = omniflash("jobs", "reconcile", order)
    assert done.code == 0, done.err
    assert f" {order} accepted pixeldojo" in done.out
    assert "what pixeldojo's list looks like stands in no document: this is omniflash's guess" in done.err


def test_resume_all_looks_for_what_is_lost_first(
    fast: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lost("fal", fast, tmp_path)
    done = omniflash("resume", "--all")
    assert done.code == 0, done.err
    (target,) = done.out.split()
    assert differences(probe(Path(target)), duration=3) == ()
    assert len(fast.charges()) == 1


def test_resume_all_goes_on_with_the_others_when_a_list_cannot_be_had(
    fast: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    order = lost("fal", fast, tmp_path)
    fast.arm("malformed-json", provider="fal", call="list", times=None)
    done = omniflash("resume", "--all")
    assert done.code == 0
    assert f"order {order} was not looked for: " in done.err
    assert "1 uncertain: `omniflash jobs` tells what to look at" in done.err
    assert "there is nothing to go on with" in done.err
    assert omniflash("jobs", "reconcile", order).code == 4, "named, its trouble is the command's own"


@pytest.mark.parametrize(
    ("name", "told_"),
    [("nobody", "knows no job 'nobody'"), ("order-123", "is finished; only an uncertain one is looked for")],
)
def test_what_makes_no_sense_is_told(name: str, told_: str, fast: Sandbox, tmp_path: Path) -> None:
    assert asked("fal", tmp_path / "clip.mp4", "--key", "order-123").code == 0
    done = omniflash("jobs", "reconcile", name)
    assert done.code == 2
    assert told_ in done.err


def test_nothing_to_look_for_is_nothing_to_say(fast: Sandbox) -> None:
    done = omniflash("jobs", "reconcile")
    assert (done.code, done.out, done.err, fast.journal()) == (0, "", "", [])


class TestFromBefore:
    """`generate` tells what an earlier command left behind."""

    def told(self, tmp_path: Path) -> list[str]:
        done = asked("fal", tmp_path / "clip.mp4")
        assert done.code == 0, done.err
        return [
            line.removeprefix("from before: ") for line in done.err.splitlines() if line.startswith("from before: ")
        ]

    def test_nothing_where_all_is_saved(self, fast: Sandbox, tmp_path: Path) -> None:
        assert self.told(tmp_path) == []
        assert self.told(tmp_path) == []

    def test_what_is_not_saved_and_what_nobody_knows_of(self, fast: Sandbox, tmp_path: Path) -> None:
        assert asked("fal", tmp_path / "clip.mp4", "--timeout", "0.001").code == 7
        unfinished = "1 unfinished: `omniflash resume --all`"
        assert self.told(tmp_path) == [unfinished]
        lost("fal", fast, tmp_path)
        assert self.told(tmp_path) == [f"{unfinished}; 1 uncertain: `omniflash jobs`"]

    def test_not_what_failed_or_was_refused(self, fast: Sandbox, tmp_path: Path) -> None:
        fast.arm("content-rejected", provider="fal")
        assert asked("fal", tmp_path / "clip.mp4").code == 4
        assert asked("fal", tmp_path / "clip.mp4", "--max-cost", "0.01").code == 6
        assert self.told(tmp_path) == []

    def test_not_what_another_terminal_is_at(self, fast: Sandbox, tmp_path: Path) -> None:
        ledger = Ledger(Path(fast.site["state"]) / "ledger.sqlite3")
        asked("fal", tmp_path / "clip.mp4", "--timeout", "0.001")
        job: Job = ledger.records()[0].job  # type: ignore[assignment]
        ledger.record(Watching(job, "another terminal", 300.0))
        assert self.told(tmp_path) == []
        ledger.record(Left(job, "another terminal"))
        assert self.told(tmp_path) == ["1 unfinished: `omniflash resume --all`"]
        ledger.close()

    def test_nothing_is_told_where_nothing_is_paid(self, fast: Sandbox, tmp_path: Path) -> None:
        asked("fal", tmp_path / "clip.mp4", "--timeout", "0.001")
        assert "from before" not in omniflash("generate", "A cat", "--dry-run").err


def test_an_order_of_an_account_that_is_not_set_up_here_is_left_alone(fast: Sandbox, tmp_path: Path) -> None:
    order = lost("fal", fast, tmp_path)
    with sqlite3.connect(Path(fast.site["state"]) / "ledger.sqlite3") as database:
        database.execute("UPDATE omniflash_orders SET account = 'of-another-folder'")
    database.close()
    assert omniflash("jobs", "reconcile").code == 5
    done = omniflash("jobs", "reconcile", order)
    assert (done.code, [exchange["call"] for exchange in fast.journal()]) == (2, ["submit"])
    assert "there is no account 'of-another-folder' here" in done.err
