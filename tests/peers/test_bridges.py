"""A foreign client through its bridge: what it does is found, and what it has not got is not held against it."""

import gc
import warnings
from collections.abc import Iterator
from datetime import date

import pytest
from attrs import evolve

from omniflash.discovery import adapter
from omniflash_conformance.case import cases
from omniflash_conformance.grounds.sandbox import SandboxStand, sandbox_stand
from omniflash_conformance.report import Column, Result
from omniflash_conformance.runner import Run
from omniflash_conformance.verdicts import Verdict
from tests.peers.fal_client_bridge import KIND
from tests.peers.page import Matrix
from tests.peers.running import BY_HAND, PROVIDER, SPEED, Shown

FOUND = {
    "JOB-ONCE-1": (Verdict.BROKEN, "2 jobs were bought by one submit"),
    "MAP-ORIGIN-1": (Verdict.BROKEN, "the key is sent with GET (stranger), a stranger's host"),
    "MAP-KEY-5": (Verdict.HELD, ""),
    "JOB-RESUME-3": (Verdict.HELD, ""),
    "RES-SAVE-1": (Verdict.NOT_DECLARED, "fal_client does not offer save"),
    "JOB-DEADLINE-4": (Verdict.NOT_RUN, "may take hours by the wall's clock"),
}


@pytest.fixture(scope="module")
def stand() -> Iterator[SandboxStand]:
    with sandbox_stand(speed=SPEED) as stand:
        yield stand


@pytest.fixture(scope="module")
def column(stand: SandboxStand) -> Column:
    run = Run(PROVIDER, stand=stand, adapter=adapter(PROVIDER), client=KIND)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # fal_client closes no client that it uploads with
        results = tuple(run.result((cases()[name], None)) for name in FOUND)
        gc.collect()
    return Column(name=KIND.name, version=KIND.version, results=results)


@pytest.mark.parametrize("case", FOUND)
def test_what_fal_client_does_is_found(case: str, column: Column) -> None:
    result = found(column, case)
    assert (result.verdict, result.said) == FOUND[case]


def found(column: Column, case: str) -> Result:
    (result,) = [result for result in column.results if result.case == case]
    return result


def test_a_cell_is_the_worst_of_its_cases(column: Column) -> None:
    assert dict(Matrix((column,), ()).cells()) == {
        "MAP-ORIGIN": ["**broken** 1 of 1"],
        "MAP-KEY": ["held"],
        "JOB-ONCE": ["**broken** 1 of 1"],
        "JOB-RESUME": ["held"],
        "JOB-DEADLINE": ["not run"],
        "RES-SAVE": ["not offered"],
    }


def test_what_is_broken_has_to_be_shown_by_hand(column: Column) -> None:
    shown = Shown("once.py", "fal_client", ("JOB-ONCE-1: two", "MAP-ORIGIN-11: another case"))
    of_another = evolve(shown, client="LiteLLM", lines=("MAP-ORIGIN-1: it is",))
    matrix = Matrix((column,), (shown, of_another))
    assert matrix.unshown() == ["fal_client: MAP-ORIGIN-1: the key is sent with GET (stranger), a stranger's host"]
    assert "| `once.py`: two |" in matrix.page(date(2026, 11, 21))


def test_every_script_says_whose_it_is() -> None:
    clients = {path.read_text("utf-8").partition(",")[0] for path in BY_HAND.glob("*.py")}
    assert clients == {'"""fal_client', '"""LiteLLM', '"""LiteLLM Router'}
