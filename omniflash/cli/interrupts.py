"""Ctrl-C and SIGTERM: heard at once, but for the moment in which a job is being paid for."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..adapter import Order
from . import show


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


class BrokenOff(KeyboardInterrupt):
    """The second signal during a paid call: nobody waits for its answer any more."""


KINDS: dict[int, type[KeyboardInterrupt]] = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


@contextmanager
def told_to_stop() -> Iterator[None]:
    """Let SIGTERM end a command in order."""

    def hear(number: int, frame: FrameType | None) -> None:
        raise KINDS[number]

    before = signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Held:
    """The signal that came while it was held back, if one did: from the paid call on."""

    number: int | None = None
    paying: bool = False

    def begin(self, order: Order) -> None:
        self.paying = True

    def again(self) -> None:
        """Hear it now."""
        if self.number is not None:
            raise KINDS[self.number]


@contextmanager
def held() -> Iterator[Held]:
    """Let the paid call finish before a signal is heard, so that its job is never lost; a second one breaks in.

    Until it is about to be made nothing has been paid, and the first one ends it.
    """
    heard = Held()

    def hear(number: int, frame: FrameType | None) -> None:
        if not heard.paying:
            raise KINDS[number]
        if heard.number is not None:
            raise BrokenOff
        heard.number = number
        show.note("waiting for the vendor's answer to the paid call; once more breaks off and leaves its fate unknown")

    before = {number: signal.signal(number, hear) for number in KINDS}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
