"""The ground that is always there: a vendor's protocol on loopback, under a virtual clock, with faults on demand."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from attrs import frozen

from omniflash import Client
from omniflash.adapter import Adapter
from omniflash_sandbox.declared.contract import Contract
from omniflash_sandbox.journal import Exchange

from ..case import Needs
from ..report import Wire
from .stand import at_site

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox

MOST_SHOWN = 40  # exchanges of one case


@frozen
class SandboxStand:
    """The stand on a running sandbox: each case begins with an empty one."""

    sandbox: "Sandbox"
    ground: str = "sandbox"
    gives: frozenset[Needs] = frozenset(Needs)

    @property
    def server(self) -> str:
        return f"the sandbox of omniflash {version('omniflash')}, not the vendor"

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        """Our client, at the sandbox."""
        return at_site(adapter, self.sandbox.site, settings)

    def advance(self, seconds: float) -> None:
        self.sandbox.advance(seconds)

    @contextmanager
    def playing(self, recording: str | None) -> Iterator[None]:
        self.sandbox.reset()
        yield

    def wire(self) -> tuple[Wire, ...]:
        return tuple(map(_exchanged, self.sandbox.journal()[-MOST_SHOWN:]))


def _exchanged(exchange: Exchange) -> Wire:
    query = "&".join(f"{name}={value}" for name, value in exchange["query"].items())
    return Wire(
        call=exchange["call"],
        method=exchange["method"],
        url=exchange["path"] + (f"?{query}" if query else ""),
        headers=exchange["headers"],
        body=exchange["body"],
        status=exchange["status"],
        answer=exchange["answer"],
        fault=exchange["fault"],
    )


@contextmanager
def sandbox_stand(contracts: Iterable[Contract] = (), *, speed: float = 0) -> Iterator[SandboxStand]:
    """A stand on a sandbox of its own, for as long as the block lasts; it speaks these contracts too."""
    from omniflash_sandbox import Sandbox  # here: a server is slow to load, and collecting cases needs none

    with Sandbox(speed=speed, contracts=contracts) as sandbox:
        yield SandboxStand(sandbox)
