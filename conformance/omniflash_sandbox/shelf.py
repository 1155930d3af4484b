"""A folder of bounded size: the file that was longest unasked for makes room first."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


class Shelf:
    """Files by name, at most `limit` bytes of them together. Servers on one state share it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit

    def take(self, name: str) -> bytes | None:
        """A file's bytes; None where it is not there, or no more."""
        path = self._folder / name
        with suppress(FileNotFoundError):
            os.utime(path)
            return path.read_bytes()
        return None

    def draft(self, name: str) -> Path:
        """Where to make a file before it is put in its place: another server sees a whole file, or none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{name}.{uuid4().hex}.part"

    def put(self, name: str, draft: Path) -> None:
        draft.replace(self._folder / name)
        self._make_room()

    def drop(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def _make_room(self) -> None:
        left = self._limit
        for _, size, path in sorted(_files(self._folder), reverse=True):
            left -= size
            if left < 0:
                path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """When each file was last asked for, how big it is, and where."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another server made room at the same moment
            status = path.stat()
            yield status.st_mtime_ns, status.st_size, path
