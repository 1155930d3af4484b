"""Whom the scenarios meet: the sandbox while recording, and nobody at all while replaying."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import yaml
from attrs import evolve, frozen

from omniflash_conformance.recordings.readable import NOBODY, dumped
from omniflash_conformance.recordings.wire import HOSTS
from omniflash_sandbox import Sandbox
from omniflash_sandbox.fal_vendor import VENDOR


@frozen
class Webhook:
    """A webhook as it came in. fal writes its body with the names in order, which makes its bytes those of its JSON."""

    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def read(cls, path: Path) -> "Webhook":
        kept = yaml.safe_load(path.read_text("utf-8"))
        return cls(kept["headers"], json.dumps(kept["json"], sort_keys=True).encode())

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = {"contract": ["fal-webhook"], "headers": dict(self.headers), "json": json.loads(self.body)}
        path.write_text(dumped(found), "utf-8")


class Vendors(Protocol):
    """What a scenario may do beside using its client: it has no effect where everything has been said before."""

    @property
    def site(self) -> Mapping[str, Any]: ...
    def advance(self, seconds: float) -> None: ...
    def arm(self, fault: str) -> None: ...
    def price(self, provider: str, endpoint: str, amount: float, unit: str) -> None: ...
    def webhook(self, job_id: str) -> Webhook: ...


@frozen
class Recording:
    """The sandbox, and where a webhook is kept."""

    sandbox: Sandbox
    path: Path

    @property
    def site(self) -> Mapping[str, Any]:
        return self.sandbox.site

    def advance(self, seconds: float) -> None:
        self.sandbox.advance(seconds)

    def arm(self, fault: str) -> None:
        self.sandbox.arm(fault)

    def price(self, provider: str, endpoint: str, amount: float, unit: str) -> None:
        self.sandbox.set_price(provider, endpoint, amount, unit)

    def webhook(self, job_id: str) -> Webhook:
        """What fal says of a job, signed by the sandbox's key as if its clips were nobody's: they are, on replay."""
        world = evolve(self.sandbox._running, url=NOBODY, asset_url=NOBODY)
        job = world.jobs.find(job_id)
        assert job is not None
        with ThreadPoolExecutor(1) as elsewhere:  # there may be a loop here
            notice = elsewhere.submit(asyncio.run, VENDOR.notice(world, job)).result()
        Webhook(notice.headers, notice.body).write(self.path)
        return Webhook.read(self.path)


@frozen
class Replaying:
    """Nobody: who asks for anything is given what was recorded."""

    path: Path

    @property
    def site(self) -> Mapping[str, Any]:
        return {
            "url": NOBODY,
            "hosts": {name: {host: NOBODY + at for host, at in hosts.items()} for name, hosts in HOSTS.items()},
            "keys": {"fal": "sandbox:omniflash", "pixeldojo": "pd_sandbox_omniflash"},
            "speed": 0.0,
            "sleep": lambda seconds: None,
            "uploads": {"fal": [NOBODY]},
        }

    def advance(self, seconds: float) -> None:
        """Time has passed already."""

    def arm(self, fault: str) -> None:
        """It has gone wrong already."""

    def price(self, provider: str, endpoint: str, amount: float, unit: str) -> None:
        """It is posted already."""

    def webhook(self, job_id: str) -> Webhook:
        return Webhook.read(self.path)
