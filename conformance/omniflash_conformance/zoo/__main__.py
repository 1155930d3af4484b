"""`python -m omniflash_conformance.zoo`: is every specimen caught by its own clause, and no sound subject by any?"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache

from omniflash.spec import CLAUSES

from ..grounds.stand import Stand
from .keeping import Caught, blamed, caught, zoo_stand
from .specimen import specimens

LEAST = 2  # specimens of a clause
SOUND = ("spec", "fal", "pixeldojo", "acme")
_exit = ExitStack()


@cache
def _stand() -> Stand:
    """One sandbox for each process."""
    return _exit.enter_context(zoo_stand())


def _catch(habit: str) -> Caught:
    return caught(specimens()[habit], _stand())


def _alarms(provider: str) -> list[str]:
    return [
        f"{provider}: {result.case} {result.mode or ''}: {result.verdict}: {result.said}"
        for result in blamed(provider, _stand())
    ]


def main(words: Sequence[str]) -> int:
    """Print the table, clause by clause; 1 says that one was missed, or a sound subject blamed."""
    parser = argparse.ArgumentParser(prog="zoo", description=__doc__)
    parser.add_argument("only", nargs="*", help="clauses; unset, all of them")
    asked = parser.parse_args(words)
    habits = [each.habit for each in specimens().values() if not asked.only or each.clause in asked.only]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        alarms = pool.map(_alarms, () if asked.only else SOUND)
        catches = list(map(_told, pool.map(_catch, habits)))
        false = [said for found in alarms for said in found]
    thin = () if asked.only else tuple(_thin(each.clause for each in catches))
    for problem in (*thin, *false):
        _say(problem)
    missed = sum(not each.by for each in catches)
    _say(f"{len(catches)} specimens, {missed} missed; {len(false)} false alarms on {len(SOUND)} sound ones")
    return 1 if missed or thin or false else 0


def _told(each: Caught) -> Caught:
    _say(_line(each))
    return each


def _line(each: Caught) -> str:
    by = ", ".join(each.by) or "MISSED"
    return f"{each.clause:<14} {each.habit:<60} {by}"


def _thin(clauses: Iterable[str]) -> Iterator[str]:
    """The clauses that too few specimens break."""
    counted = Counter(clauses)
    for clause in CLAUSES:
        if counted[clause] < LEAST:
            yield f"{clause:<14} has {counted[clause]} specimens, and needs {LEAST}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
