"""What the tests of the suite share: one sandbox, and a few of the zoo; `nox -s zoo` looks at all of it."""

from collections.abc import Iterable, Iterator

import pytest

from omniflash_conformance.case import Case
from omniflash_conformance.grounds.sandbox import SandboxStand
from omniflash_conformance.zoo.keeping import zoo_stand
from omniflash_conformance.zoo.specimen import Specimen, specimens

OF_A_CLAUSE = 2


@pytest.fixture(scope="session")
def stand() -> Iterator[SandboxStand]:
    """One sandbox for all of them, that speaks for the made-up vendor too: each case begins with an empty one."""
    with zoo_stand() as opened:
        yield opened


def some(clauses: Iterable[str], told: Iterable[str]) -> list[Specimen]:
    """Of each of these clauses two specimens, and all whose habits are told of."""
    wanted, kept = set(told), list[Specimen]()
    for clause in dict.fromkeys(clauses):
        mine = [each for each in specimens().values() if each.clause == clause]
        every = sorted(mine, key=lambda each: each.habit not in wanted)
        kept += [each for number, each in enumerate(every) if number < OF_A_CLAUSE or each.habit in wanted]
    return kept


def first_of_each(cases: Iterable[Case]) -> list[Case]:
    """The first case of each clause."""
    return list({case.clause.id: case for case in reversed(list(cases))}.values())
