"""Every write to a socket or to the ledger, counted, without a change to what writes; and the end at one of them.

The interpreter tells a profiler of each call into C, before and after it: a socket's `send` is one, and so is each
statement and commit of SQLite's.
"""

import os
import signal
import socket
import sqlite3
from collections.abc import Mapping
from types import FrameType
from typing import Any

from attrs import define

SENDS = frozenset({"send", "sendall", "sendmsg", "sendto"})
STATEMENTS = frozenset({"execute", "executemany", "executescript", "commit"})
KINDS: Mapping[type, frozenset[str]] = {
    socket.socket: SENDS,
    sqlite3.Connection: STATEMENTS,
    sqlite3.Cursor: STATEMENTS,
}


def is_write(function: Any) -> bool:
    """Whether a function of C's is such a write; what an event loop tells itself goes nowhere."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    written = any(isinstance(owner, kind) and name in names for kind, names in KINDS.items())
    return written and getattr(owner, "family", socket.AF_INET) == socket.AF_INET


@define
class Writes:
    """A profiler that kills its own process at the moment with this number: 1 is before the first write, 2 after it."""

    kill_at: int
    count: int = 0

    def __call__(self, frame: FrameType, event: str, function: Any) -> None:
        if event in ("c_call", "c_return") and is_write(function):
            self.count += 1
            if self.count == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
