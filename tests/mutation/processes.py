"""Work in forked processes: each begins with what is loaded here, and leaves nothing behind."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 300  # for the tests of one mutant, which take seconds; what takes longer runs for ever


def passing(work: Iterable[tuple[T, Callable[[], int]]], processes: int) -> Iterator[tuple[T, bool]]:
    """Each thing, and whether the work with it ended with 0; so many are worked at together."""
    running: dict[int, T] = {}
    for thing, task in work:
        if len(running) == processes:
            yield _next(running)
        running[_forked(task)] = thing
    while running:
        yield _next(running)


def _next(running: dict[int, T]) -> tuple[T, bool]:
    child, status = os.wait()
    return running.pop(child), status == 0


def _forked(task: Callable[[], int]) -> int:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        _silently(task)
    return child


def _silently(task: Callable[[], int]) -> None:
    signal.alarm(PATIENCE_S)
    gc.disable()  # it would touch, and so copy, all that is loaded
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        os._exit(task())
    finally:
        os._exit(1)
