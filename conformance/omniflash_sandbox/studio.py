"""Where clips are made: in worker threads, one recipe at a time only once, kept on disk for whoever asks next."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from omniflash_sandbox.clips import Footage, Recipe
from omniflash_sandbox.shelf import Shelf

WORKERS = 2
SHELF_BYTES = 200_000_000


class Studio:
    """Renders recipes into a folder, which is a shelf of at most so many bytes."""

    def __init__(self, folder: Path, shelf: int = SHELF_BYTES) -> None:
        self._shelf = Shelf(folder, shelf)
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
        name = f"{recipe.digest}.{recipe.container}"
        kept = self._shelf.take(name)
        return self._make(recipe, name) if kept is None else kept

    def _make(self, recipe: Recipe, name: str) -> bytes:
        draft = self._shelf.draft(name)
        _render(recipe, draft)
        content = draft.read_bytes()
        self._shelf.put(name, draft)
        return content


def _render(recipe: Recipe, path: Path) -> None:
    from omniflash_sandbox.rendering import render  # here, in a worker: PyAV is loaded by the first clip, not at start

    render(recipe, path)


def _measure(video: bytes) -> Footage | None:
    from omniflash_sandbox.rendering import measure

    return measure(video)
