"""Where a whole client works on the sandbox."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from .grounds.stand import Stand


@frozen
class SandboxPlace:
    """A Place on the sandbox of a stand."""

    provider: str
    stand: Stand
    folder: Path

    @property
    def site(self) -> Mapping[str, Any]:
        return self.stand.sandbox.site

    @property
    def hosts(self) -> Mapping[str, str]:
        hosts: Mapping[str, str] = self.site["hosts"][self.provider]
        return hosts

    @property
    def key(self) -> str:
        return str(self.site["keys"][self.provider])
