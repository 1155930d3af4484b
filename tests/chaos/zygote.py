"""Processes to be killed: forked from one that has loaded everything, so that a kill does not cost a second.

A line of JSON on its input names a function and what it is given. It is run in a child, and two lines tell of it: the
child's process id at once, and its exit code when it has ended.
"""

import json
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from attrs import frozen

from omniflash.drive.network import ssl_context

ROOT = Path(__file__).parents[2]
LOADED = (
    "anyio._backends._asyncio",
    "encodings.idna",
    "httpcore",
    "omniflash.cli.app",
    "omniflash.cli.generate",
    "omniflash.cli.jobs",
    "omniflash.cli.resume",
    "omniflash.drive.aio",
    "omniflash.drive.sandbox",
    "omniflash.drive.sync",
    "omniflash.money.ledger",
    "omniflash_fal",
    "omniflash_pixeldojo",
    "av",
    "sqlalchemy.dialects.sqlite",
    "tests.chaos.worker",
    "tests.chaos.settling",
)


@frozen
class Zygote:
    """The process that forks, one child at a time."""

    process: "Popen[str]"

    def start(self, function: str, given: Mapping[str, object]) -> int:
        """Run `module:function` in a child; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"function": function, "given": given}) + "\n")
        self.process.stdin.flush()
        return self._told()

    def ended(self) -> int:
        """Wait for the child, and give its exit code; that of one that was killed is the signal's number, negative."""
        return self._told()

    def run(self, function: str, given: Mapping[str, object]) -> int:
        """Both, one after the other."""
        self.start(function, given)
        return self.ended()

    def _told(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@contextmanager
def zygote(*more: str) -> Iterator[Zygote]:
    """A zygote that has loaded what is usual, and these modules."""
    command = [sys.executable, "-m", "tests.chaos.zygote", *more]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "NO_COLOR": "1"}
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT, env=environment) as process:
        yield Zygote(process)
        assert process.stdin is not None
        process.stdin.close()


def serve(more: list[str]) -> None:
    """Load, then fork for each line."""
    for name in (*LOADED, *more):
        import_module(name)
    ssl_context()  # certificates are read once, by the one that forks
    logging.disable()
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # Ctrl-C came before the first step
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _be(json.loads(line))
        _tell(child)
        _tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _be(told: Mapping[str, Any]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a child prints is no answer to whoever had it forked
    code = 1
    try:
        module, _, function = told["function"].partition(":")
        code = int(getattr(import_module(module), function)(**told["given"]) or 0)
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - it must not go on as a second zygote
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1:])
