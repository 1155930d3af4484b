"""The command line as a process, against a sandbox that is so fast that nobody waits."""

import atexit
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import frozen

from omniflash_sandbox import Sandbox

ROOT = Path(__file__).parents[2]


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
    """Run a command to its end, in a process of its own that is forked from one which has loaded everything."""
    with TemporaryDirectory() as place:
        printed = {name: Path(place) / name for name in ("stdout", "stderr")}
        told = {name: str(path) for name, path in printed.items()}
        told |= {
            "arguments": list(map(str, arguments)),
            "environment": dict(environment(**more)),
            "folder": str(Path.cwd()),
        }
        code = zygote(told)
        out, err = (path.read_text(more.get("PYTHONIOENCODING", "utf-8")) for path in printed.values())
    return Done(code, out, err)


@cache
def _zygote() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.cli.zygote"]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    atexit.register(started.communicate)
    return started


def zygote(told: Mapping[str, object]) -> int:
    process = _zygote()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@pytest.fixture(scope="session")
def fast_server() -> Iterator[Sandbox]:
    with Sandbox(speed=250.0) as sandbox:
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
    """A sandbox in which a minute takes a quarter of a second, for every command of the test, with an empty ledger."""
    fast_server.reset()
    emptied(Path(fast_server.site["state"]) / "ledger.sqlite3")
    monkeypatch.setenv("OMNIFLASH_SANDBOX", fast_server.url)
    return fast_server
