"""Files that clients upload: announced, filled at once or in parts, and kept on a shelf for whoever asks."""

import asyncio
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

from attrs import asdict, evolve, frozen

from omniflash_sandbox.messages import LARGEST, encoded
from omniflash_sandbox.shelf import Shelf
from omniflash_sandbox.store import Store

SHELF_BYTES = 2_000_000_000
ANYTHING = "application/octet-stream"
IN_A_HEADER = re.compile("[ -~]+")
IN_NO_PATH = re.compile("[^A-Za-z0-9._-]+")


@frozen
class Upload:
    """A file that was announced. Until its bytes are there, its `etag` is empty."""

    n: int
    id: str
    provider: str
    account: str
    media_type: str
    name: str
    size: int = 0
    etag: str = ""

    @property
    def path(self) -> str:
        """Where it is served, on the origin of the clips."""
        return f"/{self.provider}/files/{self.id}/{self.name}"

    @property
    def signature(self) -> str:
        """What proves that one may fill it, as a presigned URL does. The sandbox has no secrets, so it is no secret."""
        return sha256(f"omniflash_sandbox upload {self.id}".encode()).hexdigest()[:32]


class Uploads:
    """All uploads of a state: the state file knows what they are, the folder has their bytes."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._shelf = store, Shelf(folder, SHELF_BYTES)

    def announce(self, provider: str, account: str, media_type: str, name: str) -> Upload:
        """A new upload, of a type that can stand in a header and a name that can stand in a path."""
        with self._store.writing():
            ((n,),) = self._store.rows("SELECT coalesce(max(n), 0) + 1 FROM uploads")
            upload_id = sha256(f"{provider} upload {n}".encode()).hexdigest()[:32]
            safe_name = IN_NO_PATH.sub("_", name) or "_"
            return self._keep(Upload(int(n), upload_id, provider, account, safe_type(media_type), safe_name))

    def find(self, upload_id: str) -> Upload | None:
        rows = self._store.rows("SELECT upload FROM uploads WHERE id = ?", upload_id)
        return Upload(**json.loads(str(rows[0][0]))) if rows else None

    def at(self, path: str) -> Upload | None:
        """The upload that is served at this path, if its bytes are there."""
        upload = self.find(PurePosixPath(path).parent.name)
        return upload if upload and upload.etag and upload.path == path else None

    async def content(self, upload: Upload) -> bytes | None:
        """Its bytes; None where they are not there, or had to make room for others."""
        return await asyncio.to_thread(self._shelf.take, upload.id)

    async def fill(self, upload: Upload, content: bytes, media_type: str | None = None) -> Upload:
        """The upload with its bytes, in place of what was there, and of the type that is told only with them."""
        await asyncio.to_thread(self._write, upload.id, content)
        kind = upload.media_type if media_type is None else safe_type(media_type)
        return self._keep(evolve(upload, media_type=kind, size=len(content), etag=etag(content)))

    async def add(self, upload: Upload, number: int, content: bytes) -> str:
        """Keeps a part until all are joined; returns its etag."""
        await asyncio.to_thread(self._write, _part(upload, number), content)
        return etag(content)

    async def join(self, upload: Upload, parts: Mapping[int, str]) -> Upload | None:
        """The upload made of its parts, in the order of their numbers; None where one is not there with this etag."""
        return await asyncio.to_thread(self._joined, upload, parts)

    def _joined(self, upload: Upload, parts: Mapping[int, str]) -> Upload | None:
        draft = self._shelf.draft(upload.id)
        if not self._copied(upload, parts, draft) or (size := draft.stat().st_size) > LARGEST:
            draft.unlink()
            return None
        self._shelf.put(upload.id, draft)
        for number in parts:
            self._shelf.drop(_part(upload, number))
        return self._keep(evolve(upload, size=size, etag=etag(encoded(list(parts.values())))))

    def _copied(self, upload: Upload, parts: Mapping[int, str], draft: Path) -> bool:
        """Whether every part was there, with its etag; one after another, so that only one is in memory."""
        with draft.open("wb") as file:
            for number in sorted(parts):
                content = self._shelf.take(_part(upload, number))
                if content is None or etag(content) != parts[number]:
                    return False
                file.write(content)
        return True

    def _write(self, name: str, content: bytes) -> None:
        draft = self._shelf.draft(name)
        draft.write_bytes(content)
        self._shelf.put(name, draft)

    def _keep(self, upload: Upload) -> Upload:
        text = encoded(asdict(upload)).decode()
        self._store.run("INSERT OR REPLACE INTO uploads (n, upload) VALUES (?, ?)", upload.n, text)
        return upload


def safe_type(media_type: str) -> str:
    return media_type if IN_A_HEADER.fullmatch(media_type) else ANYTHING


def etag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'


def _part(upload: Upload, number: int) -> str:
    return f"{upload.id}.{number}"
