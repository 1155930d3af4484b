"""Providers by strangers that do what no provider should: each is told against it, and the run goes on."""

from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest

from omniflash_conformance.choosing import Options
from omniflash_conformance.report import Column, Report, Result, Standing
from omniflash_conformance.supervising import supervised
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.worker import Job, Line, Spoken, told_lines
from tests.conformance.strangers import SOUND, here, install, looking

LATER = "JOB-CANCEL-7"  # of the cases after the look at a job the lightest
ONLY = ("CAP-DECLARE-1", "JOB-STATES-1", LATER)
PATIENCE_S = 12.0  # all of which the ones that hang take, and nobody else comes near on a busy machine
# What ends or hangs is looked at from outside, in processes of its own.
GRAVE = {
    "absent": "import os\nos._exit(0)",
    "stuck": "import time\ntime.sleep(600)",
    "hangs": looking("time.sleep(600)"),
    "ends": looking("os._exit(3)"),
    "lingers": SOUND
    + "import threading, time\nthreading.Thread(target=time.sleep, args=[600]).start()\nADAPTER = Sound()",
}
MILD = {
    "raises": "raise RuntimeError('no licence')",
    "leaves": "import sys\nsys.exit('no licence')",
    "nameless": "",
    "own": looking("raise KeyError('video')"),
    "exits": looking("sys.exit(1)"),
    "prints": looking("print('looking')\nreturn (yield from super().status(job))"),
    "nothing": "ADAPTER = None",
    "number": "ADAPTER = 7",
    "offerless": SOUND + "ADAPTER = Sound(offers=None)",
    "shy": SOUND
    + "class Odd(Sound):\n    offers = property(lambda self: 1 / 0)\n    def __init__(self): pass\nADAPTER = Odd()",
    "contracted": SOUND + "ADAPTER = Sound()",
    "uncontracted": SOUND + "ADAPTER = Sound()",
}


@pytest.fixture(scope="module", autouse=True)
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("strangers")
    install(folder, {**GRAVE, **MILD}, {"contracted": "this is no contract", "uncontracted": ""})
    (folder / "odd_contracts" / "uncontracted.toml").unlink()
    with here(folder):
        yield


@pytest.fixture(scope="module")
def grave(_installed: None) -> Report:
    return supervised(list(GRAVE), Options(only=ONLY, patience_s=PATIENCE_S))


def column(report: Report, name: str) -> Column:
    (found,) = (column for column in report.columns if column.name == name)
    return found


def results(column: Column) -> dict[str, Result]:
    return {result.case: result for result in column.results}


def mild(name: str) -> list[Line]:
    """What a worker tells of a provider that neither hangs nor ends."""
    spoken = Spoken()
    with redirect_stdout(spoken):
        return list(told_lines(Job(name, Options(only=ONLY)), spoken))


def of(name: str, case: str = "JOB-STATES-1") -> Result:
    (found,) = (line.result for line in mild(name) if line.result and line.result.case == case)
    return found


def failure(name: str) -> str:
    (found,) = (line.failed.why for line in mild(name) if line.failed)
    return found


def test_everybody_has_a_column_and_the_spec_has_none_as_nothing_of_it_is_asked(grave: Report) -> None:
    assert [column.name for column in grave.columns] == list(GRAVE)
    assert not grave.ok


def test_one_that_ends_the_process_at_import(grave: Report) -> None:
    told = "the process of absent ended the process that it ran in before its first case"
    assert column(grave, "absent").failure == told
    assert column(grave, "absent").results == ()


def test_one_that_hangs_at_import(grave: Report) -> None:
    assert column(grave, "stuck").failure == "the process of stuck did not come back within 12 s before its first case"


@pytest.mark.parametrize(
    ("name", "said"),
    [("hangs", "it did not come back within 12 s"), ("ends", "it ended the process that it ran in")],
)
def test_one_that_hangs_or_ends_in_a_look_goes_on_in_the_next_case(name: str, said: str, grave: Report) -> None:
    found = results(column(grave, name))
    assert (found["JOB-STATES-1"].verdict, found["JOB-STATES-1"].said) == (Verdict.BROKEN, said)
    assert found["JOB-STATES-1"].again.startswith(f"omniflash conformance run {name} --case JOB-STATES-1")
    assert found[LATER].verdict is Verdict.HELD
    assert [result.case for result in column(grave, name).results] == list(ONLY)
    assert column(grave, name).profiles["core"] is Standing.BROKEN


def test_one_whose_threads_go_on_for_ever_is_ended(grave: Report) -> None:
    assert column(grave, "lingers").failure == ""
    assert {result.verdict for result in column(grave, "lingers").results} == {Verdict.HELD}


@pytest.mark.parametrize("name", ["raises", "leaves"])
def test_one_that_raises_at_import(name: str) -> None:
    assert failure(name) == f"the provider '{name}' cannot be loaded: no licence; reinstall or remove odd"


def test_one_whose_entry_point_names_nothing() -> None:
    told = "the provider 'nameless' cannot be loaded: module 'odd_nameless' has no attribute 'ADAPTER'"
    assert failure("nameless") == f"{told}; reinstall or remove odd"


def test_one_whose_package_brings_a_contract_that_is_none() -> None:
    assert failure("contracted").startswith("the contract is not right: ")
    assert failure("uncontracted").startswith("the contract of 'uncontracted' cannot be found: ")


@pytest.mark.parametrize(("name", "kind"), [("own", "KeyError: 'video'"), ("exits", "SystemExit: 1")])
def test_one_that_raises_what_is_its_own(name: str, kind: str) -> None:
    found = of(name)
    assert (found.verdict, found.said) == (Verdict.BROKEN, f"raised {kind} (at odd_{name}.py:5)")
    assert of(name, LATER).verdict is Verdict.HELD


def test_one_that_prints() -> None:
    found = of("prints")
    assert found.verdict is Verdict.LAX
    assert found.said.startswith("it prints: 'looking")
    assert of("prints", LATER).verdict is Verdict.HELD


@pytest.mark.parametrize("name", ["nothing", "number", "offerless", "shy"])
def test_one_that_declares_nonsense(name: str) -> None:
    verdicts = {line.result.case: line.result.verdict for line in mild(name) if line.result}
    assert verdicts == {"CAP-DECLARE-1": Verdict.BROKEN, "JOB-STATES-1": Verdict.NOT_RUN, LATER: Verdict.NOT_RUN}
    (claimed,) = (line.claimed for line in mild(name) if line.claimed)
    assert (claimed.package, claimed.version) == ("odd", "1.0")
