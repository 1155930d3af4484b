"""The ground of recordings: what was answered once is answered again, with the network shut off."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from attrs import frozen

from omniflash import Client
from omniflash.adapter import Adapter

from ..case import Needs
from ..recordings.playing import played, shut_off
from ..recordings.readable import NOBODY
from ..recordings.wire import prefixes
from ..report import Wire
from .stand import at_site, no_sandbox

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox

NO_KEY = "recorded:no-key-at-all"  # as long as one, and nobody's


@frozen
class RecordedStand:
    """The stand on the recordings in a folder of one provider."""

    provider: str
    folder: Path
    server: str
    ground: str = "recorded"
    gives: frozenset[Needs] = frozenset({Needs.NOTHING, Needs.FIXED})

    @property
    def sandbox(self) -> "Sandbox":
        raise no_sandbox(self.ground)

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        """Our client, at hosts that are nobody's, under a clock that moves by itself."""
        return at_site(adapter, site(adapter), settings)

    def advance(self, seconds: float) -> None:
        """Time has passed already."""

    @contextmanager
    def playing(self, recording: str | None) -> Iterator[None]:
        with played(self.folder / f"{recording}.yaml") if recording else shut_off():
            yield

    def wire(self) -> tuple[Wire, ...]:
        return ()


def site(adapter: Adapter) -> Mapping[str, Any]:
    """A sandbox that is nobody's: the hosts that recordings are written with."""
    return {
        "url": NOBODY,
        "hosts": {
            adapter.name: {host: NOBODY + prefix for host, prefix in prefixes(adapter.name, adapter.hosts).items()}
        },
        "keys": {adapter.name: NO_KEY},
        "speed": 0.0,
        "sleep": lambda seconds: None,
        "uploads": {adapter.name: [NOBODY]},
    }


def recorded_stand(provider: str, cassettes: Path) -> RecordedStand:
    """The stand on what was recorded of a provider; where there is nothing, what needs a recording is not run."""
    folder = cassettes / provider
    made = dict.fromkeys(filter(None, map(_made, sorted(folder.glob("*.yaml")))))
    return RecordedStand(provider, folder, "; ".join(made) or f"nobody: no recording of {provider} is in {cassettes}")


def _made(path: Path) -> str | None:
    """Whom a recording was made against; None for one that cannot be read, which is told where it is needed."""
    try:
        made = yaml.safe_load(path.read_text("utf-8"))["made"]
        return f"recordings of {made['server']}, made on {made['at']}"
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
