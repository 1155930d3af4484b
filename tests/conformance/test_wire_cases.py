"""What goes over the wire: sound adapters hold every case, and each broken one is caught by its own clause."""

from decimal import Decimal
from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash_conformance.case import Case, cases
from omniflash_conformance.grounds.stand import Stand
from omniflash_conformance.means.declaration import malformed
from omniflash_conformance.means.reckoning import reckoned
from omniflash_conformance.runner import tasks
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.zoo.keeping import results, run_of, sound
from omniflash_conformance.zoo.making import declaring, field_changed, offering
from omniflash_conformance.zoo.specimen import Specimen
from tests.conformance.conftest import first_of_each, some

CLAUSES = (
    "CAP-DECLARE",
    "CAP-DISPOSE",
    "CAP-TRUTH",
    "MAP-CONTRACT",
    "MAP-LOSSLESS",
    "MAP-MINIMAL",
    "MAP-ORDER",
    "COST-QUOTE",
    "COST-VERSION",
)
CASES = [case for case in cases().values() if case.clause.id in CLAUSES]
EXAMPLES = 4  # fewer than usual: `nox -s zoo` looks at as many as a run does
# What the made-up vendor's adapter leaves unsaid, and nobody is hurt by.
LAX = {("acme", "CAP-DECLARE-3"), ("acme", "COST-VERSION-2")}


@pytest.mark.parametrize(
    ("provider", "case"),
    [*product(["fal", "pixeldojo"], CASES), *product(["acme"], first_of_each(CASES))],
    ids=lambda each: getattr(each, "id", each),
)
def test_a_sound_adapter_holds_it(provider: str, case: Case, stand: Stand) -> None:
    run = evolve(run_of(provider, stand), examples=EXAMPLES)
    fine = {Verdict.HELD, Verdict.NOT_DECLARED, *({Verdict.LAX} if (provider, case.id) in LAX else ())}
    found = [run.result(task) for task in tasks([case])]
    assert [result.said for result in found if result.verdict not in fine] == []


@pytest.mark.parametrize("clause", ["CAP-DECLARE", "CAP-DISPOSE", "MAP-CONTRACT", "MAP-LOSSLESS", "MAP-MINIMAL"])
def test_where_a_vendors_default_is_another_the_specs_is_sent_and_nobody_is_blamed(clause: str, stand: Stand) -> None:
    adapter = offering(sound("fal"), field_changed("duration", vendor_default=5))
    run = evolve(run_of("fal", stand), adapter=adapter, examples=EXAMPLES)
    found = [run.result(task) for task in tasks(case for case in CASES if case.clause.id == clause)]
    assert [result.said for result in found if result.verdict not in (Verdict.HELD, Verdict.NOT_DECLARED)] == []


SENTENCES = {
    "has offers that are None": "offers is None, not a tuple of Offers",
    "offers one mode twice": "text_to_video of 1.0 is offered 2 times",
    "takes a duration where a video is edited": "edit takes duration, which the mode has not",
    "drops the seed": "seed is said to be sent as seed, and is not in the body",
    "declares a cancel that its vendor has not": "cancel is declared, and answers 'unsupported' to a job that has just"
    " begun",
    'sends the duration as text, "8s"': "duration is '3s', and the contract says type: 'integer'",
    "clamps 10 s to 8, the longest that it believes in": "the vendor reads 8 as duration, not 9",
    "sends the default duration on edit": "the body has duration: 8, which nobody asked for",
    "leaves a default to a vendor whose own is another": "the default that is sent as duration is None, not 8",
    "counts the tags of references from 1": "what is tagged in the prompt that is sent is ['<IMAGE_REF_1>'],"
    " not ['<IMAGE_REF_0>']",
    "quotes in cents": "the quote is $37.500, and $0.3750 were billed: 100 times as much was told",
    "writes a price in credits as dollars": "it bills 16 credits, and the price is in dollars: nobody's own price of"
    " credits counts",
}


@pytest.mark.parametrize("specimen", some(CLAUSES, SENTENCES), ids=lambda specimen: specimen.habit)
def test_a_broken_adapter_is_caught_by_its_clause(specimen: Specimen, stand: Stand) -> None:
    found = results(specimen, stand)
    caught = next((result for result in found if result.verdict is Verdict.BROKEN), None)
    assert caught is not None
    assert SENTENCES.get(specimen.habit, caught.said) == caught.said


class Hostile:
    """Nothing that is asked of it comes to a good end."""

    def __getattr__(self, name: str) -> object:
        raise SystemExit(f"no {name} for you")

    def __repr__(self) -> str:
        raise RuntimeError

    def __len__(self) -> int:
        raise ValueError


NONSENSE = st.sampled_from([None, 7, "fal", (), (None,), {"a": 1}, {1: "a"}, [], object(), Hostile(), Hostile])
PARTS = ("name", "hosts", "credentials", "offers", "absent", "pace", "features", "options", "authorize", "wire")


@given(st.dictionaries(st.sampled_from(PARTS), NONSENSE, min_size=1))
def test_no_nonsense_in_a_declaration_breaks_the_look_at_it(said: dict[str, object]) -> None:
    problems = malformed(declaring(sound("fal"), **said))
    assert all(isinstance(problem, str) for problem in problems)
    assert all(any(problem.startswith(part) for part in said) for problem in problems)


def test_an_adapter_that_is_none_at_all() -> None:
    for nothing in (None, 7, object(), Hostile()):
        assert len(malformed(nothing)) > 10  # type: ignore[arg-type]  # a stranger's entry point may hold anything


@pytest.mark.parametrize("provider", ["fal", "pixeldojo", "acme"])
def test_a_sound_declaration_is_one(provider: str) -> None:
    assert malformed(sound(provider)) == ()


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        ("8 s × $0.125", "1"),
        ("16 credits a clip × $0.0625 a credit", "1"),
        ("(4 credits a clip + 8 s × 2 credits) × $0.05 a credit", "1"),
        ("4 + 8 × 2 × 0.05", "4.8"),
        ("$1E+2 a clip", "100"),
        ("a credit of veo3, 2 of them", "2"),
        ("", None),
        ("8 ×", None),
        ("(8", None),
        ("8 8", None),
    ],
)
def test_arithmetic_in_words_is_reckoned(words: str, comes_to: str | None) -> None:
    assert reckoned(words) == (comes_to and Decimal(comes_to))
