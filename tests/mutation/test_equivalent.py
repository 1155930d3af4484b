"""The list of equivalent mutants, without trying any: each row is about a line that is there, and has a reason."""

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.equivalent import LIST, Change, judged, listed

ROWS = tomllib.loads(LIST.read_text("utf-8"))["equivalent"]


def source(place: str) -> str:
    """The module that a place is in."""
    parts = place.split(".")
    while True:
        try:
            found = importlib.util.find_spec(".".join(parts))
        except ModuleNotFoundError:
            found = None
        if found is not None and found.origin is not None:
            return Path(found.origin).read_text("utf-8")
        parts.pop()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["place"])
def test_a_row_is_about_a_line_that_is_there(row: dict[str, Any]) -> None:
    assert row["was"] in " ".join(line.strip() for line in source(row["place"]).splitlines())
    assert row["was"] not in row["becomes"]
    assert row["why"][-1] not in ".;"


def test_no_mutant_is_listed_twice() -> None:
    assert len(listed()) == sum(len(row["becomes"]) for row in ROWS)


def test_a_survivor_has_to_be_listed_and_what_is_listed_to_survive() -> None:
    known = min(listed(), key=str)
    module = known.place.rpartition(".")[0]
    unknown = Change(f"{module}.thing", "a", "b")
    found = judged([module], [module], 10, [known, unknown])
    assert (found.equivalent, found.unexplained, known in found.stale) == ((known,), (unknown,), False)
    assert (found.killed, found.score) == (8, 80.0)
    assert known in judged([module], [module], 10, []).stale
    package = module.partition(".")[0]
    assert known not in judged([package], [package, module], 10, []).stale
