"""A thread that does one thing after another: no signal breaks in on it, and it lies still while its process forks.

Made of what is written in C: Ctrl-C that comes in the midst of a Future or a Condition can leave it locked for ever.
"""

import os
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias, TypeVar
from weakref import WeakSet

T = TypeVar("T")
Done: TypeAlias = "SimpleQueue[tuple[object, BaseException | None]]"
Work: TypeAlias = "SimpleQueue[tuple[Callable[[], object], Done] | None]"


class Worker:
    """The thread; after it was ended, the next thing to do starts it again.

    Before its process forks it does `tidy`, closing what must not be inherited; the forked process has a thread anew.
    """

    def __init__(self) -> None:
        self.tidy: Callable[[], None] = _nothing
        self._start()
        _WORKERS.add(self)

    def _start(self) -> None:
        self._work: Work = SimpleQueue()
        self._thread: Thread | None = Thread(target=_run, args=(self._work,), name="omniflash-ledger", daemon=True)
        self._thread.start()

    def do(self, what: Callable[[], T]) -> T:
        """What comes of this, done in the thread: once begun, it is done to its end, whoever stops waiting for it."""
        if self._thread is None:
            self._start()
        done: Done = SimpleQueue()
        self._work.put((what, done))
        result, problem = done.get()
        if problem is not None:
            raise problem
        return result  # type: ignore[return-value]  # what was put in comes out

    def end(self) -> None:
        """End the thread, once everything is done."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread = None

    def __del__(self) -> None:
        self._work.put(None)  # nobody waits for a thread that was forgotten, and it waits for nobody

    def lie_still(self) -> None:
        """Tidy, and do nothing more until the fork is over."""
        self._over: SimpleQueue[None] = SimpleQueue()
        if self._thread is not None:
            self.do(self.tidy)
            still: SimpleQueue[None] = SimpleQueue()
            self._work.put((partial(self._still, still), SimpleQueue()))
            still.get()

    def _still(self, still: "SimpleQueue[None]") -> None:
        still.put(None)
        self._over.get()

    def go_on(self) -> None:
        """After the fork, in the process that forked."""
        self._over.put(None)

    def begin_anew(self) -> None:
        """After the fork, in the new process, which has no such thread."""
        self._thread = None


def _nothing() -> None:
    """There is nothing to tidy yet."""


def _run(work: Work) -> None:
    while given := work.get():
        what, done = given
        try:
            done.put((what(), None))
        except BaseException as problem:  # noqa: BLE001 - it is theirs who wait for it
            done.put((None, problem))
        del given, what, done


_WORKERS: "WeakSet[Worker]" = WeakSet()


def _all(what: Callable[[Worker], None]) -> Callable[[], None]:
    def told() -> None:
        for worker in tuple(_WORKERS):
            what(worker)

    return told


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_all(Worker.lie_still),
        after_in_parent=_all(Worker.go_on),
        after_in_child=_all(Worker.begin_anew),
    )
