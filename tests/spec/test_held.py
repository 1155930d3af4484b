"""Our spec holds every REQ clause, by the fixed cases of the suite: what lies just within, and what just outside."""

import pytest

from omniflash.spec import Subject
from omniflash_conformance.case import Case
from omniflash_conformance.choosing import Options, chosen
from omniflash_conformance.grounds.paper import PaperStand
from omniflash_conformance.runner import Run
from omniflash_conformance.verdicts import Verdict

DRAWN = "-1"  # these are slower, and run with the whole suite
FIXED = [case for case in chosen(Options(), Subject.SPEC) if not case.id.endswith(DRAWN)]


@pytest.mark.parametrize("case", FIXED, ids=lambda case: case.id)
def test_the_spec_holds(case: Case) -> None:
    result = Run("spec", stand=PaperStand()).result((case, None))
    assert (result.verdict, result.said) == (Verdict.HELD, "")
