"""No ground at all: what clauses of the spec are looked at on, since nothing is ever sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from omniflash import Client, Provider
from omniflash.adapter import Adapter

from ..case import Needs
from ..report import Wire
from .stand import no_sandbox

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox


@frozen
class PaperStand:
    """The stand where nobody answers."""

    ground: str = "paper"
    server: str = "nobody"
    gives: frozenset[Needs] = frozenset({Needs.NOTHING})

    @property
    def sandbox(self) -> "Sandbox":
        raise no_sandbox(self.ground)

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        """Our client, that has no key."""
        return Client(Provider(adapter), **settings)

    def advance(self, seconds: float) -> None:
        """There is nothing to wait for."""

    @contextmanager
    def playing(self, recording: str | None) -> Iterator[None]:
        yield

    def wire(self) -> tuple[Wire, ...]:
        return ()
