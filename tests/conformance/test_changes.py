"""A vendor that changes: `compare` finds each change of the sandbox under its own clauses, and names no other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from omniflash.spec import CLAUSES, Mode
from omniflash_conformance.case import cases
from omniflash_conformance.comparing import Comparison, Kind, compare
from omniflash_conformance.grounds.sandbox import SandboxStand
from omniflash_conformance.report import Column, Report
from omniflash_conformance.runner import tasks
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.zoo.keeping import run_of
from omniflash_sandbox import Sandbox
from tests.conformance.vendor_changes import CHANGES, Row, renaming_the_id, rows

# What a look at a vendor learns the most by, clause by clause, for little.
WATCHED = (
    "CAP-TRUTH-1", "CAP-TRUTH-2", "JOB-STATES-1", "JOB-CANCEL-1", "JOB-CANCEL-2", "JOB-CANCEL-3",
    "RES-VIDEO-1", "RES-VIDEO-2", "RES-PROBE-1", "ERR-WORDS-1", "ERR-WORDS-2", "ERR-WORDS-5", "COST-QUOTE-5",
    "COST-QUOTE-6", "COST-VERSION-3", "COST-ACTUAL-1", "HOOK-VERIFY-1",
)  # fmt: skip
MODES = (None, Mode.TEXT_TO_VIDEO)
TASKS = [(case, mode) for case, mode in tasks(cases()[name] for name in WATCHED) if mode in MODES]

Watch = Callable[[str], Report]
Changed = Callable[[Row], Report]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """What there is to be seen of a provider today, at a sandbox of its own; the clips are made only once."""
    state = tmp_path_factory.mktemp("state")

    def watched(provider: str) -> Report:
        with Sandbox(state=state, speed=0) as sandbox:
            stand = SandboxStand(sandbox)
            results = tuple(map(run_of(provider, stand).result, TASKS))
            column = Column(name=provider, package="omniflash", version=version("omniflash"), results=results)
            return Report(
                made_at=datetime.now(UTC),
                omniflash=version("omniflash"),
                ground=stand.ground,
                server=stand.server,
                seed=0,
                examples=25,
                columns=(column,),
            )

    return watched


@pytest.fixture(scope="module")
def changed(watch: Watch) -> Changed:
    """What there is to be seen of a provider once it has changed, each change once."""
    seen: dict[Row, Report] = {}

    def look(row: Row) -> Report:
        if row not in seen:
            with pytest.MonkeyPatch.context() as patch:
                CHANGES[row.provider, row.name](patch)
                seen[row] = watch(row.provider)
        return seen[row]

    return look


@pytest.fixture(scope="module")
def yesterday(watch: Watch) -> dict[str, Report]:
    """Both providers as they are."""
    return {provider: watch(provider) for provider in ("fal", "pixeldojo")}


def clauses(found: Comparison, *kinds: Kind) -> set[str]:
    """The clauses of what became of cases in these ways."""
    return {change.clause for provider in found.providers for kind in kinds for change in provider.of(kind)}


def test_each_row_has_its_change() -> None:
    assert {(row.provider, row.name) for row in rows()} == set(CHANGES)


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_a_vendor_that_is_as_it_was_does_not_differ(provider: str, watch: Watch, yesterday: dict[str, Report]) -> None:
    assert yesterday[provider].ok
    assert compare(yesterday[provider], watch(provider)) == Comparison()


@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_change_is_found_by_its_clauses(row: Row, changed: Changed, yesterday: dict[str, Report]) -> None:
    found = compare(yesterday[row.provider], changed(row))
    assert row.breaks | row.differs
    assert clauses(found, Kind.BROKE) == row.breaks
    assert clauses(found, Kind.CHANGED) - row.breaks == row.differs
    assert clauses(found, *set(Kind) - {Kind.BROKE, Kind.CHANGED}) == set()
    assert found.exit_code() == bool(row.breaks)
    assert found.exit_code(strict=True) == 1


def test_a_job_that_is_lost_is_the_first_clauses_doing(
    watch: Watch, yesterday: dict[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    renaming_the_id(monkeypatch)
    found = compare(yesterday["pixeldojo"], watch("pixeldojo"))
    (first, *_) = found.providers[0].of(Kind.BROKE)
    assert first.case == "CAP-TRUTH-1"
    assert "pixeldojo answered 'submit' without a usable 'jobId'" in first.said
    gone = {change.after for change in found.providers[0].changes}
    assert gone == {Verdict.BROKEN}  # nothing else can be found out, and none of it is a mistake of the suite


def test_the_command_names_the_clause(tmp_path: Path, changed: Changed, yesterday: dict[str, Report]) -> None:
    today = {row.name: changed(row) for row in rows() if str(row) in ("pixeldojo-price", "pixeldojo-error-code")}
    for name, report in {"before": yesterday["pixeldojo"], **today}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(report.to_json()), "utf-8")
    code, out = compared(tmp_path, "price")
    assert code == 1
    assert "  broke: COST-QUOTE-5 (text to video), what is billed is within the quote: held, now broken\n" in out
    assert "      $1.250000 were billed, and the quote was 1.0000, at most 1.0000\n" in out
    assert '      seen: charge was "16 credits", now "20 credits"\n' in out
    code, out = compared(tmp_path, "error-code")
    assert code == 0
    assert out.splitlines() == [
        "",
        "pixeldojo: 1 changed",
        "  changed: ERR-WORDS-1, a refusal keeps the vendor's own words: still held",
        f"      the rule: {CLAUSES['ERR-WORDS'].sentence()}",
        "      again: omniflash conformance run pixeldojo --case ERR-WORDS-1",
        '      seen: code was "unauthorized", now "invalid_api_key"',
        '      seen: words was ["unauthorized"], now ["invalid_api_key"]',
    ]


def compared(folder: Path, after: str) -> tuple[int, str]:
    """The exit code of comparing a report with the one before, and what is printed."""
    command = [sys.executable, "-m", "omniflash", "conformance", "compare", "before.json", f"{after}.json"]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    return done.returncode, done.stdout
