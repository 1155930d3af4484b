"""`python -m tests.market`: the market's scenarios with our router beside LiteLLM's, the pictures, the page.

Ends with an error if ours misses a mark, or if a broken router is not caught. `--ours` leaves LiteLLM and the page out.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from tests.market.broken import ALL
from tests.market.judge import Figures, figures
from tests.market.people import FULL_CROWD
from tests.market.results import Result, page, tables
from tests.market.running import run
from tests.market.scenarios import SCENARIOS, Scenario

PAGE = Path(__file__).parents[2] / "docs" / "routing-proof.md"
FEW = 2_000  # what LiteLLM gets through, of each scenario, in five minutes in all
FEW_BROKEN = 200


def ours(scenario: Scenario, seed: int, many: int) -> Figures:
    """What our client comes to."""
    return figures(run(scenario, seed, many))


def theirs(scenario: Scenario, seed: int, many: int) -> Figures:
    """What LiteLLM's Router comes to."""
    from tests.market.litellm_side import run as run_theirs

    return figures(run_theirs(scenario, seed, many))


def results(seed: int, many: int, few: int, processes: int) -> Iterator[Result]:
    """Each scenario, on as many cores as there are; `few` 0 leaves LiteLLM out."""
    with ProcessPoolExecutor(processes) as pool:
        each = partial(pool.map, chunksize=1)
        whole = list(each(partial(ours, seed=seed, many=many), SCENARIOS))
        if not few:
            yield from (Result(scenario, one) for scenario, one in zip(SCENARIOS, whole, strict=True))
            return
        began = time.monotonic()
        other = each(partial(theirs, seed=seed, many=few), SCENARIOS)
        same = each(partial(ours, seed=seed, many=few), SCENARIOS)
        yield from map(Result, SCENARIOS, whole, same, other)
        print(f"LiteLLM: {few:,} requests of each scenario in {time.monotonic() - began:.0f} s")


def uncaught(seed: int) -> list[str]:
    """The broken routers that no mark of theirs finds."""
    return [
        one.told
        for one in ALL
        if not any(
            one.caught in told for told in figures(run(one.scenario, seed, FEW_BROKEN, one.make)).missed(one.scenario)
        )
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.market", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=FULL_CROWD, help="of each scenario")
    parser.add_argument("--theirs", type=int, default=FEW, help="requests of each scenario for LiteLLM")
    parser.add_argument("--ours", action="store_true", help="without LiteLLM, pictures and page")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    told = parser.parse_args(arguments)
    began = time.monotonic()
    found = list(results(told.seed, told.requests, 0 if told.ours else told.theirs, told.processes))
    missed = uncaught(told.seed)
    print("\n\n".join(list(tables(found).values())[: 1 if told.ours else 2]))
    if not told.ours:
        write(found, told.seed, [one.told for one in ALL if one.told not in missed])
    for one in found:
        for name, figures_ in one.sides.items():
            if figures_.said:
                print(f"{one.scenario.name}, {name}, ended without a clip: {dict(figures_.said)}")
    wrong = [mark for one in found for mark in one.missed]
    wrong += [f"a router that {told} was not caught" for told in missed]
    print("\n".join(f"WRONG: {each}" for each in wrong) or f"all marks are met, seed {told.seed}")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


def write(found: Sequence[Result], seed: int, caught: Sequence[str]) -> None:
    """Draw the pictures and write the page."""
    from tests.market.pictures import draw

    versions = f"omniflash {version('omniflash')}, LiteLLM {version('litellm')}"
    text = page(found, seed=seed, today=datetime.now(UTC).date(), versions=versions, caught=caught)
    PAGE.write_text(text, "utf-8")
    for path in (PAGE, *draw(found)):
        print(f"{path} is written")


if __name__ == "__main__":
    sys.exit(main())
