"""`python -m tests.peers`: the clients' cases with other people's clients beside ours, and the page of it.

Ends with an error if ours breaks anything, if the suite itself went wrong, or if no script shows by hand what a peer
breaks.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.page import Matrix
from tests.peers.running import by_hand, columns

PAGE = Path(__file__).parents[2] / "docs" / "peers.md"


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        shown = beside.submit(lambda: tuple(by_hand()))
        found = tuple(columns())
    matrix = Matrix(found, shown.result())
    names = [column.name for column in found]
    print(f"{'':<14}", *[f"{name:<26}" for name in names])
    for clause, cells in matrix.cells():
        print(f"{clause:<14}", *[f"{cell.replace('*', ''):<26}" for cell in cells])
    for column in found:
        for result in column.broken:
            print(f"{column.name}: {result.case}: {result.said}")
    PAGE.write_text(matrix.page(datetime.now(UTC).date()), "utf-8")
    print(f"{PAGE} is written; {time.monotonic() - began:.0f} s")
    for problem in matrix.unshown():
        print(f"no script shows it: {problem}")
    return 1 if matrix.unshown() else 0


if __name__ == "__main__":
    sys.exit(main())
