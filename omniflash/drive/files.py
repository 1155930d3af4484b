"""What drivers do with local files: looking, reading, and making a clip's file whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from attrs import evolve

from ..effects import Drop, FileTrouble, Keep, Look, Read, Reserve, Send, Transfer
from ..spec.media import HEAD_BYTES, File, FileFacts, sniff

PIECE_BYTES = 256 * 1024


def reason(problem: OSError | ValueError) -> str:
    """Why the system refused, in its own words and no path; a path that cannot be one is a ValueError."""
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def look(effect: Look) -> FileFacts:
    """Size and type of a file, or what is wrong with it."""
    path = effect.file.path.expanduser()
    try:
        if path.is_dir():
            return FileFacts(problem="this is a folder")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return FileFacts(problem="there is no such file")
    except (OSError, ValueError) as problem:
        return FileFacts(problem=f"it cannot be read: {reason(problem)}")
    return FileFacts(size, sniff(head), None if head else "the file is empty")


def read(effect: Read) -> bytes:
    """All bytes of a file."""
    with _told():
        return effect.file.path.expanduser().read_bytes()


def reserve(effect: Reserve) -> None:
    """See that a file can be made at a path, by making one beside it."""
    path = effect.path
    if path.is_dir():
        raise FileTrouble("this is a folder")
    if not path.parent.is_dir():
        raise FileTrouble(f"there is no folder {path.parent}")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}."):
            pass
    except OSError as problem:
        raise FileTrouble(f"the folder {path.parent} cannot be written: {reason(problem)}") from problem


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
        with _told():
            piece = self._file.read(PIECE_BYTES)
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
    except (OSError, ValueError) as problem:
        raise FileTrouble(reason(problem)) from problem
