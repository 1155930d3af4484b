"""Some seeds of the simulator, and that it wakes up: every broken client is caught, named, and told in few words.

`nox -s simulate` tries as many seeds as fit in two minutes.
"""

from collections.abc import Iterator

import pytest

from tests.fuzz.breaking import broken
from tests.simulate.broken import BROKEN, Broken, catch
from tests.simulate.history import Chance, Decision, History, shortest, written
from tests.simulate.run import Book, opened, run

BLOCK, BLOCKS, AGAIN, SEARCHED = 250, 8, 6, 1_000
FATES = {"delivered", "failed unbilled", "never begun", "refused", "running", "uncertain"}
REPEATS = BROKEN[0]


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    with opened() as made:
        yield made


@pytest.mark.parametrize("block", range(BLOCKS))
def test_whatever_happens_nothing_is_lost_and_nothing_billed_twice(block: int, book: Book) -> None:
    runs = {seed: run(seed, book) for seed in range(block * BLOCK, (block + 1) * BLOCK)}
    assert [(seed, one.verdict.breaches) for seed, one in runs.items() if one.breach] == []
    assert {fate for one in runs.values() for fate in one.verdict.fates} == FATES


def test_a_seed_and_its_history_tell_the_same(book: Book) -> None:
    for seed in range(AGAIN):
        first = run(seed, book)
        assert run(seed, book) == first
        assert run(first.history, book) == first


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: one.name)
def test_a_broken_client_is_caught_and_named(one: Broken, book: Book) -> None:
    history = written(*one.known)
    with broken(one.module, one.right, one.wrong):
        found = run(history, book)
    assert found.breach in one.caught_as
    assert tuple(map(str, found.history)) == one.known
    assert run(history, book).breach is None  # the mistake is theirs


def test_a_failing_seed_is_told_again_exactly_and_by_its_shortest_history(book: Book) -> None:
    with broken(REPEATS.module, REPEATS.right, REPEATS.wrong):
        found = next(one for one in (run(seed, book) for seed in range(SEARCHED)) if one.breach)
        assert run(found.history, book) == found
    caught = next(catch(REPEATS, range(SEARCHED), book))
    assert len(found.history) > 1
    assert [decision.kind for decision in caught.run.history] == ["message"]


def test_the_shortest_history_has_no_decision_that_can_be_spared() -> None:
    points = [f"a, thing #{number}" for number in range(1, 40)]
    needed = {points[3], points[20], points[38]}

    def again(history: History) -> History | None:
        return history if needed <= {decision.point for decision in history} else None

    whole = tuple(Decision(point, "lost") for point in points)
    assert {decision.point for decision in shortest(whole, again)} == needed


def test_what_happened_in_a_second_life_is_told_of_the_first_where_that_does_as_well() -> None:
    def again(history: History) -> History | None:
        points = {decision.point for decision in history}
        life = ", life 2" if "a, Now #1" in points else ""
        return history if f"a{life}, submit #1" in points else None

    whole = (Decision("a, Now #1", "killed"), Decision("a, life 2, submit #1", "lost"), Decision("b, Now #1", "killed"))
    assert shortest(whole, again) == (Decision("a, submit #1", "lost"),)


def test_what_a_history_does_not_tell_is_as_usual() -> None:
    chance = Chance.of(())
    assert chance.choose("message", "a", "submit", ("fine", "lost")) == "fine"
    assert chance.taken == []
