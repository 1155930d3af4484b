"""Where a whole client works on the sandbox."""

import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

from attrs import field, frozen

from .grounds.stand import Stand


class Stopped(BaseException):
    """Ends a client that would go on waiting after its case is over."""


@frozen
class SandboxPlace:
    """A Place on the sandbox of a stand.

    `own_key` is given in place of the sandbox's own. At an `unreachable` one nobody listens. Who waits under the
    virtual clock after it was `left` is stopped.
    """

    provider: str
    stand: Stand
    folder: Path
    own_key: str | None = field(default=None, repr=False)
    answer_s: float | None = None
    drops: bool = False
    unreachable: bool = False
    left: Event = field(factory=Event, eq=False, repr=False)

    @property
    def site(self) -> Mapping[str, Any]:
        site: Mapping[str, Any] = self.stand.sandbox.site
        hosts = {host: self._reached(url) for host, url in site["hosts"][self.provider].items()}
        return {
            **site,
            "hosts": {**site["hosts"], self.provider: hosts},
            "keys": {**site["keys"], self.provider: self.key},
            "sleep": self._sleep if site["virtual"] else None,
        }

    @property
    def hosts(self) -> Mapping[str, str]:
        hosts: Mapping[str, str] = self.site["hosts"][self.provider]
        return hosts

    @property
    def key(self) -> str:
        return self.own_key or str(self.stand.sandbox.site["keys"][self.provider])

    def _reached(self, url: str) -> str:
        return url.replace(self.stand.sandbox.url, nobodys_url()) if self.unreachable else url

    def _sleep(self, seconds: float) -> None:
        if self.left.is_set():
            raise Stopped
        self.stand.sandbox.advance(seconds)


def nobodys_url() -> str:
    """The origin of a port on which nobody listens."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
