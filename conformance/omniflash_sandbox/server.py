"""The `Sandbox`: both vendors' APIs on loopback, started, stopped and steered from Python."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from platformdirs import user_cache_path

from omniflash_sandbox import admin
from omniflash_sandbox.chaos import RATE
from omniflash_sandbox.clock import valid_speed
from omniflash_sandbox.courier import Courier
from omniflash_sandbox.declared import Contract
from omniflash_sandbox.fault_script import read_script
from omniflash_sandbox.journal import Exchange
from omniflash_sandbox.ledger import Line
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.prices import PriceLine
from omniflash_sandbox.serving import HOST, Server, bound, serving
from omniflash_sandbox.store import Store
from omniflash_sandbox.vendor import calls_of
from omniflash_sandbox.vendors import vendors_with
from omniflash_sandbox.webhooks import WebhookDelivery
from omniflash_sandbox.world import World, world

STATE_VARIABLE = "OMNIFLASH_SANDBOX_STATE"
EMBEDDED_SPEED = 20.0
LONGEST_DOWN_S = 3_600


class Sandbox:
    """The vendors on loopback, as long as the `with` block lasts.

    `state` is the folder that keeps jobs, bill, journal and clips; None is a temporary one. `port` is that of the
    vendors' APIs, 0 any free one; the clips have a port of their own. `speed` is a job's seconds in one second of wall
    time; 0 is the virtual clock, which only `advance` moves. `faults` is a script of what is to go wrong, in place of
    whatever is still armed in the state. `contracts` are vendors of somebody's own, served beside the others.

    Raises ValueError for a speed there is not, a script with a mistake, or a contract that cannot be served and, on
    entering, OSError for a port or a folder that cannot be used: one line that says why.
    """

    def __init__(
        self,
        *,
        state: Path | None = None,
        port: int = 0,
        speed: float = 1.0,
        faults: Path | None = None,
        contracts: Iterable[Contract] = (),
    ) -> None:
        self._state, self._port, self._speed = state, port, valid_speed(speed)
        self._vendors = vendors_with(contracts)
        self._script = read_script(faults, calls_of(self._vendors)) if faults else None
        self._world: World | None = None
        self._server: Server | None = None
        self._exit, self._serving = ExitStack(), ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = self._state or Path(stack.enter_context(TemporaryDirectory(prefix="omniflash-sandbox-")))
            store = Store(folder)
            stack.callback(store.close)
            sockets = [stack.enter_context(bound(port)) for port in (self._port, 0)]
            url, asset_url = (f"http://{HOST}:{each.getsockname()[1]}" for each in sockets)
            self._world = world(store, folder, self._vendors, speed=self._speed, url=url, asset_url=asset_url)
            stack.callback(self._world.studio.close)
            courier = Courier(self._world, {vendor.name: vendor.notice for vendor in self._vendors if vendor.notice})
            stack.callback(courier.close)
            self._arm_script(self._world)
            stack.enter_context(self._serving)
            self._server = self._serving.enter_context(serving(self._world, sockets))
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._world = None
        self._exit.close()

    @property
    def _running(self) -> World:
        if self._world is None:
            raise RuntimeError("the sandbox is not running: it does inside `with Sandbox(…) as sandbox:`")
        return self._world

    @property
    def url(self) -> str:
        """The origin of the vendors' APIs, without a slash at its end."""
        return self._running.url

    @property
    def asset_url(self) -> str:
        """The origin of the clips: another one, where no key belongs."""
        return self._running.asset_url

    @property
    def site(self) -> admin.Site:
        """What a client needs to use the sandbox: hosts and keys by provider, the speed, and what to wait with."""
        data = admin.show_site(self._running, {})
        return admin.Site(**data, sleep=self.advance if data["virtual"] else None)

    def advance(self, seconds: float) -> None:
        """Moves time forward, for every server on this state. Takes microseconds; any thread may call it.

        Webhooks that become due are sent after it has returned.
        """
        admin.advance(self._running, {"seconds": seconds})

    def now(self) -> datetime:
        """What time it is here: the virtual clock's, or the wall's and what that was advanced by."""
        return self._running.clock.now()

    def arm(
        self,
        fault: str,
        *,
        provider: str | None = None,
        call: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        **options: JSON,
    ) -> None:
        """Makes the next exchange go wrong, or the next `times`; None is all until `reset`. The first `skip` pass.

        Without `provider` any vendor's, without `call` the fault's usual one. Raises ValueError, in one line that
        says what there is, for a fault, call, provider or option there is not; `GET /_sandbox/faults` lists them all.
        """
        fields = {"fault": fault, "provider": provider, "call": call, "times": times, "skip": skip}
        admin.arm(self._running, {**options, **fields})

    def chaos(self, seed: int, rate: float = RATE, faults: Sequence[str] | None = None) -> None:
        """From now on, until `reset`, this share of the exchanges goes wrong, in a way that the seed alone decides.

        The same seed and the same order of calls give the same faults. `faults` are those to choose from, None all.
        Raises ValueError in one line.
        """
        given: dict[str, JSON] = {"seed": seed, "rate": rate}
        admin.begin_chaos(self._running, given if faults is None else {**given, "faults": [*faults]})

    def restart(self, *, down_s: float = 0.0) -> None:
        """Resets every connection and serves again on the same ports and state, after `down_s` seconds of wall time.

        Jobs go on, and every URL stays good. Raises ValueError for a time there is not.
        """
        world = self._running
        if not 0 <= down_s <= LONGEST_DOWN_S:  # NaN is not between them
            raise ValueError(f"down_s must be a number from 0 to {LONGEST_DOWN_S:,}, not {down_s!r}")
        if self._server:
            self._server.abrupt = True
        self._serving.close()
        sockets = [self._serving.enter_context(bound(port_of(url))) for url in (world.url, world.asset_url)]
        time.sleep(down_s)
        self._server = self._serving.enter_context(serving(world, sockets))

    def _arm_script(self, world: World) -> None:
        if self._script is not None:
            with world.store.writing():
                world.faults.disarm()
                world.faults.arm(*self._script)

    @property
    def armed(self) -> bool:
        """Whether anything is still to go wrong, by what is armed or by a seed."""
        return bool(self._running.faults.armed() or self._running.faults.chaos())

    def switch(self, name: str, value: str) -> None:
        """Chooses another of a vendor's possible answers; raises ValueError for a switch or value there is not."""
        admin.turn(self._running, {"name": name, "value": value})

    def set_price(self, provider: str, endpoint: str, amount: float, unit: str | None = None) -> None:
        """What a vendor posts from now on, and bills for what it accepts from now on, for each of its `unit`.

        Raises ValueError for an endpoint there is not, or what is no price.
        """
        given: dict[str, JSON] = {"provider": provider, "endpoint": endpoint, "amount": amount}
        admin.set_price(self._running, given if unit is None else {**given, "unit": unit})

    def prices(self) -> list[PriceLine]:
        """What every vendor posts and bills by."""
        return self._running.prices.lines()

    def charges(self) -> list[Line]:
        """The bill: one line for each accepted job, in the order of acceptance."""
        return self._running.ledger.lines()

    def journal(self) -> list[Exchange]:
        """Every exchange with a vendor, the earliest first; the last few thousand are kept."""
        return self._running.journal.exchanges()

    def webhooks(self) -> list[WebhookDelivery]:
        """Every attempt to tell a job's end to its webhook, the earliest first."""
        return self._running.webhooks.deliveries()

    def deliver(self, job_id: str) -> None:
        """Sends the webhook of a job that is over again, soon and once; raises ValueError where there is none."""
        self._running.webhooks.repeat(job_id)

    def rotate_keys(self) -> None:
        """Signs webhooks with a new key from now on; the one before stays published until the next time."""
        self._running.signing.rotate()

    def reset(self) -> None:
        """Forgets jobs, bill, journal, uploads, webhooks, faults, chaos, switches and prices; the clock starts anew."""
        admin.reset(self._running, {})


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def default_state() -> Path:
    """Where the embedded sandbox and `omniflash sandbox` keep their state, unless told otherwise."""
    named = os.environ.get(STATE_VARIABLE)
    return Path(named) if named else user_cache_path("omniflash") / "sandbox"


@contextmanager
def embedded() -> Iterator[admin.Site]:
    """The sandbox inside a client's own process, 20 times as fast as the vendors are: yields its `site`.

    Its state is the user's own and outlives it, so that a later process can go on with a job.
    """
    with Sandbox(state=default_state(), speed=EMBEDDED_SPEED) as sandbox:
        yield sandbox.site
