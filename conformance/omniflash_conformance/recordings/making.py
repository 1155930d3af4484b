"""Making recordings: the fixed cases of a provider are run, and what went over the wire is written down."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from attrs import frozen

from omniflash import Client
from omniflash.adapter import Adapter

from ..case import Case, Needs
from ..grounds.stand import Stand
from ..replacing import replace_text
from ..report import Result, Wire
from ..runner import Run, tasks
from ..verdicts import Verdict
from .playing import recorded
from .readable import Bases, bases_of

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox


@frozen
class RecordingStand:
    """Another stand, of which every case that has a recording is recorded into a folder.

    `bases` are the vendor's own base URLs, of which recordings name none.
    """

    on: Stand
    folder: Path
    bases: Bases

    @property
    def ground(self) -> str:
        return self.on.ground

    @property
    def server(self) -> str:
        return self.on.server

    @property
    def gives(self) -> frozenset[Needs]:
        return self.on.gives

    @property
    def sandbox(self) -> "Sandbox":
        return self.on.sandbox

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        return self.on.client(adapter, settings)

    def advance(self, seconds: float) -> None:
        self.on.advance(seconds)

    @contextmanager
    def playing(self, recording: str | None) -> Iterator[None]:
        with self.on.playing(recording), recorded(self.folder / f"{recording}.yaml", self.server, self.bases):
            yield

    def wire(self) -> tuple[Wire, ...]:
        return self.on.wire()


def made(run: Run, cases: Iterable[Case], cassettes: Path) -> Iterator[Result]:
    """Record the fixed cases anew: a recording of a case that does not hold is not kept."""
    with TemporaryDirectory(prefix="omniflash-recording-") as folder:
        hosts = run.adapter.hosts if run.adapter else {}
        stand = RecordingStand(run.stand, Path(folder), bases_of(run.provider, hosts))
        for case, mode in tasks(case for case in cases if case.recording):
            result = run.on(stand).result((case, mode))
            if result.verdict in (Verdict.HELD, Verdict.LAX):
                _keep(Path(folder) / f"{case.cassette(mode)}.yaml", cassettes / run.provider)
            yield result


def _keep(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / path.name, path.read_text("utf-8"))
