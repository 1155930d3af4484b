"""Ctrl-C and SIGTERM: heard at once, but for the moment in which a job is being paid for."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ..client import Client
from . import show


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


class BrokenOff(KeyboardInterrupt):
    """The second signal during a paid call: nobody waits for its answer any more."""


KINDS: dict[int, type[KeyboardInterrupt]] = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}
ALARM: int | None = getattr(signal, "SIGALRM", None)  # not on every system: there a refusal's rest is waited out
LOOK_S = 0.1
WAITING = "waiting for the vendor's answer to the paid call; once more breaks off and leaves its fate unknown"
TWICE = "broken off by hand before there was an answer"
if hasattr(signal, "SIGHUP"):
    KINDS[signal.SIGHUP] = Terminated


@contextmanager
def told_to_stop() -> Iterator[None]:
    """Let SIGTERM end a command in order."""

    def hear(number: int, frame: FrameType | None) -> None:
        raise KINDS[number]

    before = {number: signal.signal(number, hear) for number in KINDS if number != signal.SIGINT}
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)


class Held:
    """Signals are held back while a paid call is on its way, until its job is in safe hands; a second one breaks in.

    While nothing may have been paid, the first one ends the command.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.number: int | None = None
        self.before = {number: signal.signal(number, self.hear) for number in KINDS}
        if ALARM is not None:
            self.before[ALARM] = signal.signal(ALARM, self.look)

    def hear(self, number: int, frame: FrameType | None) -> None:
        if not self.client.paying:
            raise KINDS[number]
        if self.number is not None:
            raise BrokenOff(TWICE)
        self.number = number
        show.interjection(WAITING)
        self._look_again()

    def look(self, number: int, frame: FrameType | None) -> None:
        """Hear what was held back as soon as the answer is there and was no: nothing may have been paid any more."""
        if self.number is not None and not self.client.paying:
            raise KINDS[self.number]
        self._look_again()

    def _look_again(self) -> None:
        if ALARM is not None:
            signal.setitimer(signal.ITIMER_REAL, LOOK_S)

    def restore(self) -> None:
        """Hold nothing back any more."""
        if ALARM is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        _restore(self.before)
        self.before = {}

    def release(self) -> None:
        """The job is in safe hands: hear now what was held back."""
        self.restore()
        if self.number is not None:
            raise KINDS[self.number]


@contextmanager
def held(client: Client) -> Iterator[Held]:
    """Hold signals back while this client pays."""
    heard = Held(client)
    try:
        yield heard
    finally:
        heard.restore()
