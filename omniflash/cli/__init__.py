"""The command line: a thin caller of the client. Nothing else is imported until a command runs."""

import sys
from collections.abc import Sequence

INSTALL = "pip install 'omniflash[cli]'"
INTERRUPTED = 130


def main(tokens: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; `tokens` default to the process's arguments."""
    try:
        return _run(sys.argv[1:] if tokens is None else tokens)
    except KeyboardInterrupt:  # before there is a command, or after it: nothing is under way
        return INTERRUPTED


def _run(tokens: Sequence[str]) -> int:
    try:
        from .app import run
    except ModuleNotFoundError as missing:
        if missing.name not in ("cyclopts", "rich"):
            raise
        print(f"omniflash: the command line needs {missing.name}; {INSTALL}", file=sys.stderr)  # noqa: T201
        return 2
    return run(tokens)
