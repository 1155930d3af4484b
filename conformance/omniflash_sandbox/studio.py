"""Where clips are made: in worker threads, one recipe at a time only once, kept on disk for whoever asks next."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from uuid import uuid4

from omniflash_sandbox.clips import Footage, Recipe

WORKERS = 2
SHELF_BYTES = 200_000_000


class Studio:
    """Renders recipes into a folder of at most `shelf` bytes, where the clip longest unasked for makes room first."""

    def __init__(self, folder: Path, shelf: int = SHELF_BYTES) -> None:
        self._folder, self._shelf = folder, shelf
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="omniflash-sandbox-studio")
        self._lock = Lock()
        self._underway: dict[str, Future[bytes]] = {}

    def begin(self, recipe: Recipe) -> "Future[bytes]":
        """The clip's bytes to come; whoever asks for a clip that is being made gets the same future."""
        digest = recipe.digest
        with self._lock:
            if digest in self._underway:
                return self._underway[digest]
            clip = self._underway[digest] = self._workers.submit(self._fetch, recipe)
        clip.add_done_callback(lambda _: self._underway.pop(digest))
        return clip

    async def clip(self, recipe: Recipe) -> bytes:
        """The clip's bytes, waited for without holding up anybody else."""
        return await asyncio.shield(asyncio.wrap_future(self.begin(recipe)))

    async def measure(self, video: bytes) -> Footage | None:
        """The footage that an edit of somebody's video gives; None for bytes that are no video."""
        return await asyncio.wrap_future(self._workers.submit(_measure, video))

    def close(self) -> None:
        self._workers.shutdown(cancel_futures=True)

    def _fetch(self, recipe: Recipe) -> bytes:
        path = self._folder / f"{recipe.digest}.{recipe.container}"
        with suppress(FileNotFoundError):
            os.utime(path)
            return path.read_bytes()
        return self._make(recipe, path)

    def _make(self, recipe: Recipe, path: Path) -> bytes:
        """Made beside its place and then moved there: another server on this state sees a whole clip, or none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{uuid4().hex}.part")
        _render(recipe, draft)
        content = draft.read_bytes()
        draft.replace(path)
        self._make_room()
        return content

    def _make_room(self) -> None:
        left = self._shelf
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


def _render(recipe: Recipe, path: Path) -> None:
    from omniflash_sandbox.rendering import render  # here, in a worker: PyAV is loaded by the first clip, not at start

    render(recipe, path)


def _measure(video: bytes) -> Footage | None:
    from omniflash_sandbox.rendering import measure

    return measure(video)
