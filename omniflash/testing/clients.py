"""Clients on a sandbox: the sandbox starts and stops with them, or is one that is given to them."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Protocol, TypedDict, Unpack

from ..client import AsyncClient, Client
from ..discovery import PROVIDERS, installed
from ..drive.sandbox import STEERED, offered
from ..house import House, PathText, Providers
from ..routing.policies import Policy


class Sandbox(Protocol):
    """What a sandbox lets a test do; its own documentation tells it all."""

    @property
    def site(self) -> Mapping[str, object]:
        """Where it is, and with which keys."""
        ...

    def advance(self, seconds: float) -> None:
        """Lets time pass."""

    def arm(
        self,
        fault: str,
        *,
        provider: str | None = None,
        call: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        **options: bool | float | str | None,
    ) -> None:
        """Makes the next exchange go wrong, or the next `times`."""

    def switch(self, name: str, value: str) -> None:
        """Chooses another of a vendor's possible answers."""

    def charges(self) -> Sequence[Mapping[str, object]]:
        """Who paid how often: one line for each accepted job."""
        ...

    def journal(self) -> Sequence[Mapping[str, object]]:
        """Every exchange."""
        ...

    def webhooks(self) -> Sequence[Mapping[str, object]]:
        """Every attempt to tell a job's end."""
        ...

    def deliver(self, job_id: str) -> None:
        """Sends the webhook of a job that is over again."""

    def reset(self) -> None:
        """Starts over."""


class Settings(TypedDict, total=False):
    """What a client on a sandbox can be made with, as any other."""

    policy: str | Policy
    country: str
    strict_region: bool
    on_unsupported: str
    host_files: bool
    timeout: float


class _OnSandbox(House):
    """A client's house on a sandbox: a given one, which is left as it is, or one of its own under the virtual clock.

    `sandbox` is that sandbox. `providers` are those that it speaks for, unless some are named. The settings are a
    client's own; omniflash.toml counts only as a `config_file`, so that nobody's machine decides how a test ends.
    Raises ConfigurationError where no sandbox is installed, with the line that installs it.
    """

    sandbox: Sandbox

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        *,
        providers: Providers = None,
        config_file: PathText | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        with ExitStack() as stack:
            self.sandbox = stack.enter_context(_started()) if sandbox is None else sandbox
            site = self.sandbox.site
            chosen = _spoken(site) if providers is None and config_file is None else providers
            super().__init__(chosen, sandbox=site, config_file=config_file or os.devnull, **settings)
            self._own = stack.pop_all()


def _started() -> AbstractContextManager[Sandbox]:
    steered: AbstractContextManager[Sandbox] = offered(STEERED)(speed=0)
    return steered


def _spoken(site: Mapping[str, object]) -> tuple[str, ...]:
    hosts = site["hosts"]
    return tuple(name for name in installed(PROVIDERS) if isinstance(hosts, Mapping) and name in hosts)


class SandboxClient(_OnSandbox, Client):
    """A Client for tests: the real one, with a sandbox behind it, which is its `sandbox`.

    Close it, or use it as a context manager: then its sandbox stops too.
    """

    def close(self) -> None:
        """Close the connections, and stop the sandbox if it is the client's own."""
        with self._own:
            super().close()


class AsyncSandboxClient(_OnSandbox, AsyncClient):
    """As SandboxClient, awaited, on asyncio or trio."""

    async def close(self) -> None:
        """As SandboxClient.close."""
        with self._own:  # not awaited, so that it stops in a cancelled test as well
            await super().close()
