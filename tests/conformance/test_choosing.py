"""Which cases there are, for ever, and which of them a run's options name."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash import ConfigurationError
from omniflash.spec import CLAUSES, Mode, Subject
from omniflash_conformance.case import CASES, RETIRED, Profile, case, cases
from omniflash_conformance.choosing import HELD_TO, Options, again, check, chosen
from omniflash_conformance.runner import tasks

EVER = Path(__file__).with_name("case-ids.txt").read_text("utf-8").split()  # a line for each that there ever was
FAMILIES = dict.fromkeys(clause.partition("-")[0] for clause in CLAUSES)


def ids(options: Options) -> set[str]:
    return {case.id for case in chosen(options, *Subject)}


# Ids


def test_an_id_is_never_lost_and_none_is_used_again() -> None:
    gone = set(EVER) - set(cases())
    assert gone == set(RETIRED), f"name in case.RETIRED what there is no more: {sorted(gone - RETIRED)}"


def test_every_id_stands_in_the_list() -> None:
    new = [id_ for id_ in cases() if id_ not in EVER]
    assert new == [], "add these lines to tests/conformance/case-ids.txt"
    assert len(set(EVER)) == len(EVER)


def test_an_id_is_its_clause_and_a_number_from_1() -> None:
    assert all(re.fullmatch(r"[A-Z]+(-[A-Z]+)+-[1-9][0-9]*", id_) for id_ in EVER)
    assert [id_ for id_, found in cases().items() if id_ != found.id or not id_.startswith(f"{found.clause.id}-")] == []


@pytest.mark.parametrize("wrong", ["MAP-ORDER-1", "MAP-ORDER", "MAP-ORDER-x", "MAP-ORDERS-1", "MAP-ORDER-", ""])
def test_an_id_that_is_taken_or_none_is_refused(wrong: str) -> None:
    cases()
    with pytest.raises(ValueError, match="a case's id is a clause's"):
        case(wrong, "nothing")(lambda bench: None)
    assert list(CASES).count(wrong) == (wrong == "MAP-ORDER-1")


def test_a_retired_id_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniflash_conformance.case.RETIRED", frozenset({"MAP-ORDER-99"}))
    with pytest.raises(ValueError, match="MAP-ORDER-99"):
        case("MAP-ORDER-99", "nothing")(lambda bench: None)


def test_every_clause_has_cases_in_the_order_of_the_clauses() -> None:
    assert list(dict.fromkeys(case.clause.id for case in cases().values())) == list(CLAUSES)


def test_a_recording_is_of_one_case_in_one_mode_or_shared_by_what_asks_the_same() -> None:
    for found, mode in tasks(cases().values()):
        name = found.cassette(mode)
        assert name is None or re.fullmatch(r"[a-z-]+", name), f"{found.id} {mode}: {name!r}"


# What a run's options name


def test_without_options_everything_is_chosen() -> None:
    assert ids(Options()) == set(cases())
    assert {case.id for held_to in HELD_TO.values() for case in chosen(Options(), *held_to)} == set(cases())


@given(st.lists(st.sampled_from([*cases(), *CLAUSES, *FAMILIES]), min_size=1, max_size=4))
def test_a_name_chooses_a_case_a_clause_or_a_family_and_nothing_else(names: list[str]) -> None:
    wanted = {id_ for id_ in cases() for name in names if id_ == name or id_.startswith(f"{name}-")}
    assert ids(Options(only=tuple(names))) == wanted
    check(Options(only=tuple(names)))


@pytest.mark.parametrize("profile", Profile)
def test_a_profile_chooses_every_case_that_has_a_part_in_it(profile: Profile) -> None:
    wanted = {case.id for case, mode in tasks(cases().values()) if case.profile_in(mode) is profile}
    assert ids(Options(profiles=(profile,))) == wanted


def test_editing_and_refining_are_profiles_of_their_own() -> None:
    found = cases()["MAP-ORDER-1"]
    assert found.profile_in(Mode.EDIT) is Profile.EDITING
    assert found.profile_in(Mode.REFINE) is Profile.REFINE
    assert found.profile_in(Mode.REFERENCE_TO_VIDEO) is Profile.CORE


@pytest.mark.parametrize("wrong", ["MAP-ORDER-99", "MAP-ORDR", "map", "", "MAP-"])
def test_a_name_of_nothing_is_told(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no case, clause or family"):
        check(Options(only=("CAP", wrong)))


def test_names_and_profiles_that_share_nothing_are_told() -> None:
    with pytest.raises(ConfigurationError, match="leave --case or --profile out"):
        check(Options(only=("REQ",), profiles=(Profile.WEBHOOKS,)))


@pytest.mark.parametrize(
    "wrong",
    [{"examples": 0}, {"patience_s": 0}, {"patience_s": float("nan")}, {"patience_s": float("inf")}],
    ids=str,
)
def test_options_that_are_none_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"examples|patience"):
        Options(**wrong)  # type: ignore[arg-type]


def test_the_command_that_runs_a_case_again_says_what_is_not_as_usual() -> None:
    usual, other = Options(seed=7), Options(examples=3, contract=Path("a contract.toml"))
    command = "omniflash conformance run"
    assert again("fal", "CAP-TRUTH-1", usual.words) == f"{command} fal --case CAP-TRUTH-1 --seed 7 --against sandbox"
    assert again("spec", "REQ-SEED-1", other.words) == (
        f"{command} --case REQ-SEED-1 --seed 0 --against sandbox --examples 3 --contract 'a contract.toml'"
    )
