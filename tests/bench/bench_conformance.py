"""The conformance suite: how long a provider takes on the sandbox, what collecting costs, and what it costs others.

Each is a command as somebody types it, in a process of its own. The plugin's cost is that of a pytest which has nothing
to do, with the plugin and without, in turn.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

PROVIDER = "pixeldojo"
TURNS = 15
PLUGIN = "omniflash_conformance"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def took(command: Sequence[str], folder: Path) -> float:
    """The seconds of a command, which has to end well; pytest says 5 where there is nothing to run."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    if done.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - begin


def running(folder: Path) -> None:
    """A whole run of one provider."""
    seconds = took([sys.executable, "-m", "omniflash", "conformance", "run", PROVIDER], folder)
    print(f"conformance: {PROVIDER} on the sandbox in {seconds:.1f} s (mark: 60 s on 2 cores)")


def collecting(folder: Path) -> None:
    """What pytest does until it knows all cases, without its own start."""
    suite = took([*PYTEST, "--collect-only", "--pyargs", PLUGIN, "--omniflash-provider", PROVIDER], folder)
    start = took([*PYTEST, "--collect-only"], folder)
    print(f"conformance: its cases collected in {suite - start:.2f} s, beside pytest's own {start:.2f} s (mark: 1 s)")


def installed(folder: Path) -> None:
    """What the plugin adds to a pytest that does not use it."""
    pairs = [
        (took([*PYTEST, "--collect-only"], folder), took([*PYTEST, "--collect-only", "-p", f"no:{PLUGIN}"], folder))
        for _ in range(TURNS)
    ]
    with_it, without = (statistics.median(side) for side in zip(*pairs, strict=True))
    added = statistics.median(one - other for one, other in pairs)
    print(
        f"conformance: a pytest that does not use it takes {with_it / without:.3f} × what it takes without, "
        f"{added * 1000:+.1f} ms in the median of {TURNS} pairs (mark: under 10 ms)"
    )


def main() -> None:
    with TemporaryDirectory() as folder:
        for part in (running, collecting, installed):
            part(Path(folder))


if __name__ == "__main__":
    main()
