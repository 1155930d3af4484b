"""Runs the clients' cases with each client, and the scripts that show by hand what one breaks."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from attrs import frozen

from omniflash.discovery import adapter
from omniflash.spec import Mode, Subject
from omniflash_conformance.case import cases
from omniflash_conformance.grounds.sandbox import sandbox_stand
from omniflash_conformance.ours import our_client
from omniflash_conformance.report import Column
from omniflash_conformance.runner import Run, Task, tasks
from omniflash_conformance.subject import ClientKind
from omniflash_conformance.zoo.keeping import contract_of
from omniflash_sandbox import Sandbox

PROVIDER = "fal"  # the one that all of them know
SPEED = 10.0  # of the sandbox: no peer can be told another time than the wall's
BY_HAND = Path(__file__).parent / "by_hand"
LONGEST_S = 300


def _ours() -> ClientKind:
    return our_client(PROVIDER)


def _fal_client() -> ClientKind:
    from tests.peers.fal_client_bridge import KIND

    return KIND


def _litellm() -> ClientKind:
    from tests.peers.litellm_bridge import KIND

    return KIND


def _router() -> ClientKind:
    from tests.peers.litellm_bridge import ROUTER

    return ROUTER


CLIENTS: Mapping[str, Callable[[], ClientKind]] = {
    "omniflash": _ours,
    "fal_client": _fal_client,
    "LiteLLM": _litellm,
    "LiteLLM Router": _router,
}


def wanted() -> tuple[Task, ...]:
    """Every case of a client, once."""
    found = tasks(case for case in cases().values() if case.subject is Subject.CLIENT)
    return tuple((case, mode) for case, mode in found if mode in (None, Mode.TEXT_TO_VIDEO))


def column(name: str) -> Column:
    """What one client comes to."""
    kind = CLIENTS[name]()
    with sandbox_stand(speed=SPEED) as stand:
        run = Run(PROVIDER, stand=stand, adapter=adapter(PROVIDER), client=kind, contract=contract_of(PROVIDER))
        return Column(name=kind.name, version=kind.version, results=tuple(run.result(task) for task in wanted()))


def columns() -> Iterator[Column]:
    """All of them, each in a process of its own: they change what their libraries hold, and take Ctrl-C."""
    with ProcessPoolExecutor(len(CLIENTS), mp_context=get_context("spawn"), initializer=_quiet) as pool:
        yield from pool.map(column, CLIENTS)


def _quiet() -> None:
    """What a library prints beside is not the matrix."""
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


@frozen
class Shown:
    """What a script printed, line by line, and what it is about."""

    script: str
    client: str
    lines: tuple[str, ...]

    def of(self, case: str) -> tuple[str, ...]:
        """What it shows of a case."""
        return tuple(line.partition(": ")[2] for line in self.lines if line.startswith(f"{case}: "))


def by_hand() -> Iterator[Shown]:
    """Each script, with a sandbox of its own."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(_shown, sorted(BY_HAND.glob("*.py")))


def _shown(script: Path) -> Shown:
    client = script.read_text("utf-8").removeprefix('"""').partition(",")[0]
    with Sandbox(speed=SPEED) as sandbox:
        made = subprocess.run(
            [sys.executable, script, sandbox.url], capture_output=True, text=True, timeout=LONGEST_S, check=True
        )
    return Shown(script.name, client, tuple(line for line in made.stdout.splitlines() if line))
