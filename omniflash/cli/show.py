"""What commands print: results on standard output, everything else on standard error; with --json, one JSON value."""

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from io import TextIOWrapper

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from ..codec import error_to_json
from ..effects import Transfer
from ..errors import OmniflashError
from ..jobs import Status
from .exits import BAD

NAME, DEBUG = "omniflash", "OMNIFLASH_DEBUG"


class Aside(Console):
    """Standard error. That nobody reads it any more is no reason to lose a job that was paid for."""

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


aside = Aside(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


class Warnings(logging.Handler):
    """Shows what the library warns of beside the result."""

    def emit(self, record: logging.LogRecord) -> None:
        note(f"{NAME}: {record.getMessage()}")


def prepare() -> None:
    """See that whatever a terminal cannot show is written out, and never an error, and that warnings are shown."""
    log = logging.getLogger(NAME)
    log.handlers = [handler for handler in log.handlers if not isinstance(handler, Warnings)]
    log.addHandler(Warnings(logging.WARNING))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def result(text: str) -> None:
    """A result, as plain text."""
    sys.stdout.write(f"{text}\n")


def result_json(value: object) -> None:
    """A result, as JSON."""
    result(json.dumps(value, ensure_ascii=not _is_unicode(sys.stdout.encoding), indent=2, allow_nan=False))


def _is_unicode(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").startswith("utf")


def table(value: Table) -> None:
    """A result, as a table of plain texts: brackets and colons in them are others' words, and no style."""
    Console(highlight=False, markup=False, emoji=False).print(value)


def note(text: str) -> None:
    """Something to know, beside the result."""
    aside.print(text)


def interjection(text: str) -> None:
    """As `note`, from a signal's handler, which may have come in the midst of one: Python's streams bear no second."""
    with suppress(OSError, ValueError):  # nobody reads it, or it is no file
        os.write(sys.stderr.fileno(), f"{text}\n".encode())


def error(problem: OmniflashError, *, as_json: bool) -> None:
    """An error: one line for each problem; with --json also as JSON in place of the result."""
    if as_json:
        result_json({"error": error_to_json(problem)})
    for line in str(problem).splitlines():
        aside.print(f"{NAME}: {line}" if not line.startswith(" ") else line)


def broken_off(stop: BaseException, *, as_json: bool) -> None:
    """A paid call that was broken off: what is needed to look for its job."""
    notes = getattr(stop, "__notes__", [])
    if as_json:
        result_json({"error": {"kind": "SubmissionUncertain", "message": "; ".join(notes), "money": "maybe"}})
    for told in notes:
        note(f"{NAME}: {told}")


def usage(problem: Exception, *, as_json: bool) -> int:
    """An error of the command's own words."""
    said = " ".join(str(problem).split())
    if as_json:
        result_json({"error": {"kind": "Usage", "message": said}})
    aside.print(f"{NAME}: {said} (omniflash --help)")
    return BAD


def bug(problem: Exception, *, as_json: bool) -> None:
    """A mistake of ours: one line, and the traceback for those who ask for it."""
    said = f"{type(problem).__name__}: {problem}"
    if as_json:
        result_json({"error": {"kind": "Bug", "message": said}})
    aside.print(f"{NAME}: this is a mistake in omniflash or an adapter: {said}; set {DEBUG}=1 to see where")
    if os.environ.get(DEBUG):
        traceback.print_exception(problem)


def nobody_reads() -> None:
    """Standard output was closed by whoever read it: leave nothing to be flushed into it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Watch:
    """Shows how a job stands: a moving bar on a terminal, a quiet line for each new state elsewhere."""

    def __init__(self) -> None:
        self.status: Status | None = None
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            console=aside,
            transient=True,
        )
        self.task = self.bar.add_task("waiting", total=None)

    def __call__(self, status: Status) -> None:
        if self.status is None or status.state is not self.status.state:
            front = f", {status.position} in front" if status.position else ""
            self.says(f"{status.job.provider}: {status.state.value}{front}")
        self.status = status

    def says(self, text: str) -> None:
        """What is going on now."""
        self.bar.update(self.task, description=text)
        if not aside.is_terminal:
            note(text)


class Uploads:
    """Shows how far uploads have come: a bar of bytes on a terminal, a line for each elsewhere."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
        )
        self.bar = Progress(*columns, console=aside, transient=True)
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, transfer: Transfer) -> None:
        if transfer.field not in self.tasks:
            self.tasks[transfer.field] = self.bar.add_task(f"uploading {transfer.field}", total=transfer.size)
            if not aside.is_terminal:
                note(f"uploading {transfer.field}, {transfer.size:,} bytes")
        self.bar.update(self.tasks[transfer.field], completed=transfer.sent)


@contextmanager
def uploading() -> Iterator[Uploads]:
    """An Uploads for the time of submitting."""
    uploads = Uploads()
    with uploads.bar if aside.is_terminal else nullcontext():
        yield uploads


@contextmanager
def watching() -> Iterator[Watch]:
    """A Watch for the time of waiting."""
    watch = Watch()
    with watch.bar if aside.is_terminal else nullcontext():
        yield watch
