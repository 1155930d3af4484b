"""What every ground gives to the cases that are run on it."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from omniflash import Client, Provider
from omniflash.adapter import Adapter

from ..case import Needs
from ..report import Wire
from ..verdicts import NotRun

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox


class Stand(Protocol):
    """A ground, ready for one provider.

    `ground` is its name, `server` says in words who answers there, and `gives` what a case may need.
    """

    @property
    def ground(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def gives(self) -> frozenset[Needs]: ...
    @property
    def sandbox(self) -> "Sandbox":
        """The sandbox to steer. Raises NotRun where there is none."""
        ...

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        """Our own client with this adapter, made with these settings; `key` among them replaces the ground's own."""
        ...

    def advance(self, seconds: float) -> None:
        """Lets time pass: at once where it is virtual or long gone, else by waiting."""
        ...

    def playing(self, recording: str | None) -> AbstractContextManager[None]:
        """The time of one case. Raises NotRun where its recording is missing."""
        ...

    def wire(self) -> tuple[Wire, ...]:
        """The exchanges of the case that is run, the earliest first."""
        ...


def at_site(adapter: Adapter, site: Mapping[str, Any], settings: Mapping[str, Any]) -> Client:
    """Our client at a sandbox; omniflash.toml counts for nothing, so that nobody's machine decides what is found."""
    others = {name: value for name, value in settings.items() if name != KEY}
    keys = {**site["keys"], **({adapter.name: settings[KEY]} if KEY in settings else {})}
    return Client(Provider(adapter), sandbox={**site, "keys": keys}, config_file=os.devnull, **others)


KEY = "key"


def no_sandbox(ground: str) -> NotRun:
    """Why a case that steers a sandbox is not run on another ground."""
    return NotRun(f"needs {Needs.FAULTS}, and there is none on the ground {ground!r}")
