"""Providers by strangers that do what no provider should: each is told against it, and the run goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from omniflash_conformance.choosing import Options
from omniflash_conformance.report import Column
from omniflash_conformance.supervising import supervised
from omniflash_conformance.verdicts import Verdict

Judged = Callable[[str], Column]
SOUND = "from omniflash_pixeldojo.adapter import PixelDojo as Sound\n"
ONLY = ("CAP-DECLARE-1", "JOB-ONCE-1", "JOB-STATES-1")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judged:
    """What is found of an adapter of this source, installed as the provider `odd`."""
    about = tmp_path / "odd-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[omniflash.providers]\nodd = odd_provider:ADAPTER\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def judge(source: str) -> Column:
        (tmp_path / "odd_provider.py").write_text(source)
        report = supervised(["odd"], Options(only=ONLY, patience_s=4.0))
        (column,) = (column for column in report.columns if column.name == "odd")
        return column

    return judge


def verdicts(column: Column) -> dict[str, Verdict]:
    return {result.case: result.verdict for result in column.results}


def test_one_that_raises_at_import(judged: Judged) -> None:
    column = judged("raise RuntimeError('no licence')")
    assert column.failure == "the provider 'odd' cannot be loaded: no licence; reinstall or remove odd"
    assert column.results == ()


def test_one_that_ends_the_process_at_import(judged: Judged) -> None:
    column = judged("import os\nos._exit(0)")
    assert column.failure == "the process of odd ended the process that it ran in before its first case"


def test_one_that_hangs_in_a_look_and_goes_on_in_the_next_case(judged: Judged) -> None:
    column = judged(
        SOUND + "import time\nclass Odd(Sound):\n    def status(self, job):\n        time.sleep(60)\n        yield\n"
        "ADAPTER = Odd()\n"
    )
    found = {result.case: result for result in column.results}
    assert found["JOB-STATES-1"].verdict is Verdict.BROKEN
    assert found["JOB-STATES-1"].said == "it did not come back within 4 s"
    assert found["JOB-ONCE-1"].verdict is Verdict.HELD


def test_one_that_ends_the_process_in_a_look(judged: Judged) -> None:
    column = judged(
        SOUND + "import os\nclass Odd(Sound):\n    def status(self, job):\n        os._exit(3)\n        yield\n"
        "ADAPTER = Odd()\n"
    )
    (states,) = (result for result in column.results if result.case == "JOB-STATES-1")
    assert (states.verdict, states.said) == (Verdict.BROKEN, "it ended the process that it ran in")


def test_one_that_raises_what_is_its_own(judged: Judged) -> None:
    column = judged(
        SOUND + "class Odd(Sound):\n    def status(self, job):\n        raise KeyError('video')\n        yield\n"
        "ADAPTER = Odd()\n"
    )
    (states,) = (result for result in column.results if result.case == "JOB-STATES-1")
    assert states.verdict is Verdict.BROKEN
    assert states.said == "raised KeyError: 'video' (at odd_provider.py:4)"


def test_one_that_prints(judged: Judged) -> None:
    column = judged(
        SOUND + "class Odd(Sound):\n    def status(self, job):\n        print('looking')\n"
        "        return (yield from super().status(job))\nADAPTER = Odd()\n"
    )
    (states,) = (result for result in column.results if result.case == "JOB-STATES-1")
    assert states.verdict is Verdict.LAX
    assert states.said.startswith("it prints: 'looking")


@pytest.mark.parametrize("nonsense", ["ADAPTER = None", "ADAPTER = 7", SOUND + "ADAPTER = Sound(offers=None)"])
def test_one_that_declares_nonsense(judged: Judged, nonsense: str) -> None:
    column = judged(nonsense)
    assert verdicts(column)["CAP-DECLARE-1"] is Verdict.BROKEN
    assert {verdict for case, verdict in verdicts(column).items() if case != "CAP-DECLARE-1"} == {Verdict.NOT_RUN}
