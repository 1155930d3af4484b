"""Running cases: who is blamed for an error, what is shown of a broken case, and how profiles stand by the results."""

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

import pytest
from attrs import evolve
from hypothesis import strategies as st

from omniflash.cli import main
from omniflash.discovery import adapter
from omniflash.spec import Mode
from omniflash_conformance.bench import AdapterBench, Bench
from omniflash_conformance.case import Case, Needs, Profile
from omniflash_conformance.choosing import Options
from omniflash_conformance.grounds.paper import PaperStand
from omniflash_conformance.grounds.sandbox import sandbox_stand
from omniflash_conformance.report import Result, Standing, standings
from omniflash_conformance.runner import Run
from omniflash_conformance.verdicts import Broken, Lax, NotDeclared, NotRun, Verdict, expect, shown
from omniflash_conformance.worker import Job, Spoken, told_lines
from tests.conformance.strangers import SOUND, here, install

HELD, LAX, BROKEN, EXEMPT, NOT_DECLARED, NOT_RUN, ENGINE = Verdict


def judged(play: Callable[[AdapterBench], object], run: Run | None = None, **about: object) -> Result:
    """What is found by a case that is made for the occasion."""
    made = Case("MAP-ORDER-99", "something", play, **about)  # type: ignore[arg-type]
    return (run or Run("fal", stand=PaperStand(), adapter=adapter("fal"))).result((made, None))


def strange(source: str) -> ModuleType:
    """A stranger's module."""
    module = ModuleType("acme_video.adapter")
    exec(compile(source, "acme_video/adapter.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("finding", [Broken, Lax, NotDeclared, NotRun])
def test_a_case_is_graded_as_it_says(finding: type[Broken]) -> None:
    def play(bench: Bench) -> None:
        raise finding("because")

    assert (judged(play).verdict, judged(play).said) == (finding.verdict, "because")
    assert judged(lambda bench: None).verdict is HELD


def test_what_the_subject_raises_is_its_own() -> None:
    made = strange(f"{SOUND}class Odd(Sound):\n    def authorize(self, key):\n        return {{}}['key']\n").Odd()
    found = judged(lambda bench: bench.adapter.authorize("k"), Run("odd", stand=PaperStand(), adapter=made))
    assert (found.verdict, found.said) == (BROKEN, "raised KeyError: 'key' (at adapter.py:4)")


@pytest.mark.parametrize("problem", [KeyError("x"), AssertionError(), SystemExit(3), RecursionError(), MemoryError()])
def test_what_the_suite_raises_counts_against_nobody(problem: BaseException) -> None:
    def play(bench: Bench) -> None:
        raise problem

    found = judged(play)
    assert found.verdict is ENGINE
    assert found.said.startswith(f"{type(problem).__name__}: ")
    assert "test_runner.py" in found.said


def test_what_our_own_core_raises_of_itself_counts_against_nobody() -> None:
    found = judged(lambda bench: Mode("none"))
    assert found.verdict is ENGINE


def test_ctrl_c_is_nobodys_finding() -> None:
    def play(bench: Bench) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(play)


def test_what_needs_more_than_the_ground_gives_is_not_run_and_not_even_begun() -> None:
    begun: list[Bench] = []
    for needs in (Needs.FIXED, Needs.SERVER, Needs.FAULTS):
        found = judged(begun.append, needs=needs)
        assert (found.verdict, found.said) == (NOT_RUN, f"needs {needs}, and the ground is 'paper'")
    assert begun == []


def test_a_mode_that_is_not_offered_is_not_declared() -> None:
    made = evolve(adapter("fal"), offers=adapter("fal").offers[:1])
    case = Case("MAP-ORDER-99", "something", lambda bench: None, modes=(Mode.EDIT,))
    found = Run("fal", stand=PaperStand(), adapter=made).result((case, Mode.EDIT))
    assert (found.verdict, found.profile) == (NOT_DECLARED, Profile.EDITING)


def test_a_drawn_case_ends_with_its_smallest_example_and_shows_it() -> None:
    def play(bench: AdapterBench) -> None:
        def look(number: int) -> None:
            bench.shown = {"number": number}
            expect(number < 1000, f"{number} is too much")

        bench.drawn(st.integers(0, 10**6), look)

    found = judged(play)
    assert (found.verdict, found.said, found.request) == (BROKEN, "1000 is too much", {"number": 1000})
    assert found == evolve(judged(play), seconds=found.seconds)


def test_a_seed_decides_what_is_drawn_and_the_number_of_examples_how_many() -> None:
    def drawn(seed: int, examples: int) -> list[int]:
        seen: list[int] = []
        run = Run("fal", stand=PaperStand(), adapter=adapter("fal")).by(Options(seed=seed, examples=examples))
        assert judged(lambda bench: bench.drawn(st.integers(), seen.append), run).verdict is HELD
        return seen

    assert drawn(1, 8) == drawn(1, 8)
    assert drawn(1, 8) != drawn(2, 8)
    assert len(drawn(1, 8)) == 8


def test_no_secret_is_in_a_result() -> None:
    def play(bench: AdapterBench) -> None:
        bench.secrets.add("hush-hush-hush")
        bench.shown = {"prompt": ["hush-hush-hush"]}
        bench.note(seen="hush-hush-hush")
        raise Broken("it tells hush-hush-hush")

    assert "hush" not in repr(judged(play))


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_whatever_is_shown_in_a_sentence_is_short_and_never_raises() -> None:
    assert shown(Unshowable()) == "a Unshowable without a repr"
    assert len(shown("x" * 1000)) < 310


# The command that runs it again


DROPS_THE_SEED = """
from attrs import evolve
from omniflash_conformance.zoo.making import Rewired
from omniflash_pixeldojo import ADAPTER as SOUND

ADAPTER = Rewired(
    evolve(SOUND, offers=SOUND.offers[:1]), lambda order, body: {name: body[name] for name in body if name != "seed"}
)
"""


@pytest.fixture
def _a_stranger(tmp_path: Path) -> Iterator[None]:
    install(tmp_path, {"drops": DROPS_THE_SEED})
    with here(tmp_path):
        yield


@pytest.mark.usefixtures("_a_stranger")
def test_the_command_that_is_told_makes_the_same_counter_example_again(tmp_path: Path) -> None:
    options, spoken = Options(only=("CAP-DISPOSE-1", "CAP-DISPOSE-2"), seed=7, examples=8), Spoken()
    with redirect_stdout(spoken):
        told = [line.result for line in told_lines(Job("drops", options), spoken) if line.result]
    broken = next(result for result in told if result.verdict is BROKEN)
    assert "seed" in broken.said
    _, *words = shlex.split(broken.again)
    assert main([*words, "--output", str(tmp_path / "report")]) == 1
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    (again,) = (found for found in report["columns"][0]["results"] if found["mode"] == broken.mode)
    assert (again["said"], again["request"]) == (broken.said, broken.request)


# Standings


def result(verdict: Verdict, profile: Profile = Profile.CORE) -> Result:
    return Result(case="MAP-ORDER-1", verdict=verdict, title="t", profile=profile)


@pytest.mark.parametrize(
    ("verdicts", "standing"),
    [
        ([HELD], Standing.HELD),
        ([HELD, LAX, EXEMPT], Standing.HELD),
        ([HELD, NOT_DECLARED], Standing.HELD),
        ([NOT_DECLARED], Standing.PARTIAL),
        ([], Standing.PARTIAL),
        ([HELD, NOT_RUN], Standing.PARTIAL),
        ([HELD, ENGINE], Standing.PARTIAL),
        ([HELD, NOT_RUN, BROKEN], Standing.BROKEN),
    ],
)
def test_a_profile_stands_as_its_worst_case(verdicts: list[Verdict], standing: Standing) -> None:
    found = standings(map(result, verdicts), [Profile.CORE])
    assert found[Profile.CORE] is standing
    assert {found[name] for name in Profile if name is not Profile.CORE} == {Standing.NOT_CLAIMED}


def test_what_is_broken_in_a_profile_that_nobody_claims_is_broken_all_the_same() -> None:
    assert standings([result(BROKEN, Profile.REFINE)], [Profile.CORE])[Profile.REFINE] is Standing.BROKEN


def test_a_profile_of_which_a_case_was_left_out_is_partial() -> None:
    assert standings([result(HELD)], [Profile.CORE], [Profile.CORE])[Profile.CORE] is Standing.PARTIAL
    assert standings([result(BROKEN)], [Profile.CORE], [Profile.CORE])[Profile.CORE] is Standing.BROKEN


def test_each_case_begins_with_an_empty_sandbox() -> None:
    with sandbox_stand() as stand:
        run = Run("fal", stand=stand, adapter=adapter("fal"))
        for _ in range(2):
            found = judged(lambda bench: bench.submitted(bench.client()), run, needs=Needs.SERVER)
            assert [wire.call for wire in found.wire] == ["submit"]
