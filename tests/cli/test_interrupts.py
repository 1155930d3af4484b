"""Signals that come in the midst of something, here and not by luck."""

import io
import os
import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from omniflash.cli import show
from omniflash.cli.interrupts import WAITING, held
from tests.cli.conftest import environment

if TYPE_CHECKING:
    from omniflash import Client


class Rung(io.RawIOBase):
    """A stream in whose every write Ctrl-C is pressed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, content: object) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return os.write(self._descriptor, cast(bytes, content))


LOADING = """
import os, signal, sys

class Rung:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Rung())
import runpy
sys.argv = ["omniflash", "jobs", "--sandbox"]
runpy.run_module("omniflash", run_name="__main__")
"""


@pytest.mark.parametrize("name", ["omniflash.cli.app", "cyclopts", "omniflash.client", "omniflash.cli.jobs"])
def test_ctrl_c_while_parts_are_loaded_is_no_traceback(name: str) -> None:
    command = [sys.executable, "-c", LOADING.format(name=name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_in_the_midst_of_a_line_is_held_and_leaves_it_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    paying = cast("Client", SimpleNamespace(paying=True))
    there, here = os.pipe()
    with os.fdopen(there) as read, os.fdopen(here, "w"):
        stream = io.TextIOWrapper(io.BufferedWriter(Rung(here)), line_buffering=True)
        monkeypatch.setattr(sys, "stderr", stream)
        with held(paying) as heard:
            show.note("job omni1.AAAA")
        assert heard.number == signal.SIGINT
        assert [read.readline(), read.readline()] == [f"{WAITING}\n", "job omni1.AAAA\n"]
