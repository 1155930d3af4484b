"""Who is at an order: one flow in one process, told apart from all others, and whether that process still lives."""

import os
import platform
from functools import cache

import psutil

# A process id comes again; with the second in which the process began it does not. Two containers may have the same
# ids, but they have names of their own.
APART = "/"


def holder(name: str = "") -> str:
    """What stands in the ledger for a flow of this name in this process."""
    return APART.join((platform.node(), str(os.getpid()), str(_born(os.getpid())), name))


@cache
def _born(process: int) -> int:
    return int(psutil.Process(process).create_time())


def is_gone(text: str) -> bool:
    """Whether this holder's process has ended; of another machine's nobody knows, so that one may live."""
    machine, process, born, _ = text.split(APART, 3)
    if machine != platform.node():
        return False
    try:
        found = psutil.Process(int(process))
        return abs(found.create_time() - int(born)) > 2 or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def in_words(text: str) -> str:
    """A holder, for people."""
    machine, process, *_ = text.split(APART, 3)
    return f"process {process}" if machine == platform.node() else f"process {process} on {machine}"
