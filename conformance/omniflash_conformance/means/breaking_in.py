"""Breaking in on what a client does: with Ctrl-C while a call is under way, or when it waits for ever."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from ..verdicts import NotRun

EVERY_S = 0.01
LONGEST_CALL_S = 10.0  # of wall time, until the call that is to be broken in on is under way


@contextmanager
def ctrl_c(when: Callable[[], bool]) -> Iterator[None]:
    """Interrupt the block, as Ctrl-C does, as soon as `when` says so; what comes of it is raised in the block."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_kill"):
        raise NotRun("Ctrl-C comes only to a program's main thread, and this is none")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    over, speaking = Event(), Lock()
    watcher = Thread(target=_interrupt, args=(when, over, speaking), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with speaking:
            over.set()
        watcher.join()
        signal.signal(signal.SIGINT, before)


def _interrupt(when: Callable[[], bool], over: Event, speaking: Lock) -> None:
    begun = time.monotonic()
    while not over.wait(EVERY_S) and time.monotonic() - begun < LONGEST_CALL_S:
        if when():
            with speaking:
                if not over.is_set():
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return


class Work(Thread):
    """A call in a thread of its own, which can be given up; `result` raises what it raised."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._came: object = None
        self._problem: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._came = self._call()
        except BaseException as problem:  # noqa: BLE001 - it is raised where it is asked for
            self._problem = problem

    def result(self) -> object:
        """What came of it, once it is over."""
        if self._problem is not None:
            raise self._problem
        return self._came
