"""The conformance suite: how long a provider takes on the sandbox, what collecting costs, and what it costs others.

Each is a command as somebody types it, in a process of its own.
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


# All that pytest does with a plugin that is not used. Beside pytest's own start, of which each run is another, it
# cannot be seen from without.
LOADED = """
import time
import _pytest.config
parser = _pytest.config.get_config().pluginmanager.get_plugin("pytestconfig")._parser
begin = time.perf_counter()
import omniflash_conformance.pytest_plugin as plugin
plugin.pytest_addoption(parser)
print(time.perf_counter() - begin)
"""


def installed(folder: Path) -> None:
    """What the plugin adds to a pytest that does not use it: being loaded, and adding its options."""
    command = [sys.executable, "-c", LOADED]
    each = [
        float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)
        for _ in range(TURNS)
    ]
    added = statistics.median(each) * 1000
    print(f"conformance: it costs a pytest that does not use it {added:.1f} ms, in the median (mark: under 10 ms)")


def main() -> None:
    with TemporaryDirectory() as folder:
        for part in (running, collecting, installed):
            part(Path(folder))


if __name__ == "__main__":
    main()
