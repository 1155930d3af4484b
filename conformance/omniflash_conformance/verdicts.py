"""What a case says of its subject, and the exceptions by which it says anything but "held"."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, StrEnum
from typing import ClassVar


class Verdict(StrEnum):
    """The grade of one case. Only BROKEN counts against a subject; ENGINE is a mistake of the suite's own."""

    HELD = "held"
    LAX = "held, not strict"
    BROKEN = "broken"
    EXEMPT = "exempt"
    NOT_DECLARED = "not declared"
    NOT_RUN = "not run"
    ENGINE = "engine error"


class Finding(Exception):
    """Why a case does not simply hold, in one sentence about the subject."""

    verdict: ClassVar[Verdict]

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Broken(Finding):
    """The clause does not hold."""

    verdict = Verdict.BROKEN


class Lax(Finding):
    """The clause holds as far as anybody can be hurt, and not to the letter."""

    verdict = Verdict.LAX


class NotDeclared(Finding):
    """The subject does not offer what the case is about."""

    verdict = Verdict.NOT_DECLARED


class NotRun(Finding):
    """Nothing was found out, and this is why."""

    verdict = Verdict.NOT_RUN


def expect(condition: object, said: str) -> None:
    """Break the case with this sentence unless the condition holds."""
    if not condition:
        raise Broken(said)


def expect_equal(found: object, wanted: object, what: str) -> None:
    """Break the case unless `found` is what is `wanted`; `what` names it."""
    if found != wanted:
        raise Broken(f"{what} is {shown(found)}, not {shown(wanted)}")


def expect_none(problems: Iterable[str]) -> None:
    """Break the case with all of these sentences, unless there are none."""
    found = list(problems)
    more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    if found:
        raise Broken("; ".join(found[:MOST_TOLD]) + more)


@contextmanager
def expect_raised(kinds: type[BaseException] | tuple[type[BaseException], ...], when: str) -> Iterator[None]:
    """Break the case unless the block raises one of these kinds."""
    names = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
    try:
        yield
    except kinds:
        return
    except Finding:
        raise
    except Exception as problem:
        raise Broken(f"{when} raises {type(problem).__name__} ({shown(str(problem))}), not {names}") from problem
    raise Broken(f"{when} raises nothing, not {names}")


LONGEST_SHOWN = 300
MOST_TOLD = 3


def _plain(value: object) -> object:
    """What a person would write for it."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def shown(value: object) -> str:
    """A value in a sentence; one that cannot even be shown is told by its type."""
    try:
        text = repr(_plain(value))
    except Exception:  # noqa: BLE001 - a stranger's value may do anything
        return f"a {type(value).__name__} without a repr"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
