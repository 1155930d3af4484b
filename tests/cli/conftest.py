"""The command line as a process, against a sandbox that is so fast that nobody waits."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from omniflash_sandbox import Sandbox


@frozen
class Done:
    """What a command did: its exit code, and what it printed where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of its errors."""
        return [line.removeprefix("omniflash: ") for line in self.err.splitlines() if line.startswith("omniflash: ")]


def environment(**more: str) -> Mapping[str, str]:
    return {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **more}


def omniflash(*arguments: str | Path, **more: str) -> Done:
    """Run a command to its end."""
    command = [sys.executable, "-m", "omniflash", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(**more), timeout=120, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def fast_server() -> Iterator[Sandbox]:
    with Sandbox(speed=1000.0) as sandbox:
        yield sandbox


def emptied(ledger: Path) -> None:
    """Leave a ledger without orders, if there is one."""
    if ledger.exists():
        with sqlite3.connect(ledger) as database:
            database.execute("DELETE FROM omniflash_trail")
            database.execute("DELETE FROM omniflash_orders")
        database.close()


@pytest.fixture
def fast(fast_server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox in which a minute takes 60 ms, used by every command of the test, with an empty ledger."""
    fast_server.reset()
    emptied(Path(fast_server.site["state"]) / "ledger.sqlite3")
    monkeypatch.setenv("OMNIFLASH_SANDBOX", fast_server.url)
    return fast_server
