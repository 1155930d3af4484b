"""What drivers do with local files: looking, reading, and making a clip's file whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from types import TracebackType
from typing import BinaryIO

from attrs import evolve

from ..effects import Draft, Drop, FileTrouble, Keep, Look, Read, Reserve, Send, Transfer
from ..spec.media import HEAD_BYTES, File, FileFacts, sniff

PIECE_BYTES = 256 * 1024
MOST_BYTES = 1024**3  # of a clip on the disk: a server may send without end


# A path that cannot be one is a ValueError, and one in the home of nobody a RuntimeError.
UNUSABLE = (OSError, ValueError, RuntimeError)


def reason(problem: Exception) -> str:
    """Why the system refused, in its own words and no path."""
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def look(effect: Look) -> FileFacts:
    """Size and type of a file, or what is wrong with it."""
    try:
        path = effect.file.path.expanduser()
        found = path.stat()
        if not S_ISREG(found.st_mode):  # opening a pipe would wait for whoever writes it
            return FileFacts(problem=_IRREGULAR[S_ISDIR(found.st_mode)])
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        return FileFacts(problem="there is no such file")
    except UNUSABLE as problem:
        return FileFacts(problem=f"it cannot be read: {reason(problem)}")
    return FileFacts(found.st_size, sniff(head), None if head else "the file is empty")


_IRREGULAR = {True: "this is a folder", False: "this is no regular file"}


def read(effect: Read) -> bytes:
    """All bytes of a file."""
    with _told():
        return effect.file.path.expanduser().read_bytes()


def reserve(effect: Reserve) -> None:
    """See that a file can be made at a path, by making one beside it."""
    path = effect.path
    with _told(), suppress(FileNotFoundError):
        path.lstat()
    with _told():
        there = path.parent.is_dir()
        usual = not path.exists() or path.is_file()
        folder = path.is_dir()
    if not there:
        raise FileTrouble(f"there is no folder {path.parent}")
    if not usual:
        raise FileTrouble(_IRREGULAR[folder])
    try:
        draft(Draft(path)).unlink()
    except FileTrouble as problem:
        raise FileTrouble(f"the folder {path.parent} cannot be written: {problem.reason}") from problem


def draft(effect: Draft) -> Path:
    """Make an empty file beside a target, under a name that nobody else has and that is short enough for any folder."""
    path = effect.target.with_name(f".omniflash-{secrets.token_hex(8)}.part")
    with _told():
        path.open("xb").close()
    return path


def keep(effect: Keep) -> None:
    """Rename a finished file, its content first being safe on the disk."""
    with _told():
        with effect.part.open("rb+") as file:
            os.fsync(file.fileno())
        effect.part.replace(effect.target)


def drop(effect: Drop) -> None:
    """Remove a file; one that cannot be removed is not worth an error of its own."""
    with suppress(OSError):
        effect.path.unlink()


class Outgoing:
    """A local input, open for sending; used as a context manager."""

    def __init__(self, what: Send) -> None:
        source = what.source
        with _told():
            self._file: BinaryIO = (
                source.path.expanduser().open("rb") if isinstance(source, File) else BytesIO(source.content())
            )
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(0)
        self.state = Transfer(what.field, 0, size)

    def read(self) -> bytes:
        """The next piece, none at the end; `state` tells how far it has come with it."""
        left = self.state.size - self.state.sent
        with _told():
            piece = self._file.read(min(PIECE_BYTES, left))
        if left and not piece:
            raise FileTrouble("it became shorter while it was sent")
        self.state = evolve(self.state, sent=self.state.sent + len(piece))
        return piece

    def __enter__(self) -> "Outgoing":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class Part:
    """A file in the making, open for writing from `offset` on; used as a context manager."""

    def __init__(self, path: Path, offset: int) -> None:
        with _told():
            self._file: BinaryIO = path.open("rb+" if offset else "wb")
            self._file.seek(offset)
            self._file.truncate()

    def write(self, content: bytes) -> None:
        with _told():
            self._file.write(content)
        if self.size > MOST_BYTES:
            raise FileTrouble(f"it has more than {MOST_BYTES:,} bytes, as no clip has")

    @property
    def size(self) -> int:
        return self._file.tell()

    def __enter__(self) -> "Part":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with _told():
            self._file.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except UNUSABLE as problem:
        raise FileTrouble(reason(problem)) from problem
