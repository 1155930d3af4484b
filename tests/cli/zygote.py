"""A process that has loaded everything and forks for each command: one of its own for each, without its start-up."""

import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from omniflash_conformance.case import cases

LONGEST_S = 120
LOADED = (
    "av",
    "httpcore",
    "omniflash.cli.app",
    "omniflash.cli.generate",
    "omniflash.cli.jobs",
    "omniflash.cli.providers",
    "omniflash.cli.resume",
    "omniflash.drive.sync",
    "omniflash.money.ledger",
    "omniflash_conformance.command",
    "omniflash_sandbox.rendering",
    "omniflash_sandbox.server",
    "sqlalchemy.dialects.sqlite",
)


def command(told: Mapping[str, Any]) -> int:
    """Run one command in a child of this process; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        code = _as_told(told)
    except BaseException:  # noqa: BLE001 - it must not go on as a second zygote
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _as_told(told: Mapping[str, Any]) -> int:
    from omniflash.cli import main

    signal.alarm(LONGEST_S)
    os.environ.clear()
    os.environ.update(told["environment"])
    os.chdir(told["folder"])
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    for number, name in enumerate(("stdout", "stderr"), 1):
        descriptor = os.open(told[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, number)
        stream = open(number, "w", encoding=encoding, errors="strict", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
    return main(told["arguments"])


def serve() -> None:
    """Load what commands load, then answer one line of JSON with the exit code of one command."""
    for name in LOADED:
        import_module(name)
    cases()  # each of which is loaded when a run begins
    for line in sys.stdin:
        print(command(json.loads(line)), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
