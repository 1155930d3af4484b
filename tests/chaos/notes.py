"""What an app that stands on fal_client keeps of each job, as nothing else does."""

import os
from pathlib import Path

from attrs import frozen

ENDED = "ended"
PASSES = 6  # of asking after a known job; then its app takes it for failed


@frozen
class Notes:
    """What the app keeps of a job, in files: its id, how often it was asked after, and its end."""

    folder: Path
    key: str

    @property
    def id(self) -> str | None:
        path = self._path("id")
        return path.read_text() if path.exists() else None

    def name(self, request_id: str) -> None:
        """Write the id down, at once and for good."""
        with self._path("id.part").open("w") as file:
            file.write(request_id)
            file.flush()
            os.fsync(file.fileno())
        self._path("id.part").replace(self._path("id"))

    @property
    def end(self) -> str | None:
        path = self._path("end")
        return path.read_text() if path.exists() else None

    def close(self, end: str) -> None:
        self._path("end.part").write_text(end)
        self._path("end.part").replace(self._path("end"))

    def failed(self) -> None:
        """One pass more without a result."""
        with self._path("passes").open("a") as file:
            file.write(".")
        if self.id is not None and self._path("passes").stat().st_size >= PASSES:
            self.close(ENDED)

    def _path(self, kind: str) -> Path:
        return self.folder / f"{self.key}.{kind}"
