"""The server: two ports on loopback and a thread, and the `Sandbox` that starts and stops them."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import uvicorn
from platformdirs import user_cache_path
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from omniflash_sandbox import admin
from omniflash_sandbox.app import application
from omniflash_sandbox.clock import valid_speed
from omniflash_sandbox.courier import Courier
from omniflash_sandbox.journal import Exchange
from omniflash_sandbox.ledger import Line
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.store import Store
from omniflash_sandbox.vendors import VENDORS
from omniflash_sandbox.webhooks import WebhookDelivery
from omniflash_sandbox.world import World, world

HOST = "127.0.0.1"
STATE_VARIABLE = "OMNIFLASH_SANDBOX_STATE"
EMBEDDED_SPEED = 20.0
KEEP_ALIVE_S = 600  # longer than any client: a connection closed by the server could cost a client a paid call's answer
GRACE_S = 2


class Sandbox:
    """Both vendors on loopback, as long as the `with` block lasts.

    `state` is the folder that keeps jobs, bill, journal and clips; None is a temporary one. `port` is that of the
    vendors' APIs, 0 any free one; the clips have a port of their own. `speed` is a job's seconds in one second of wall
    time; 0 is the virtual clock, which only `advance` moves.

    Raises ValueError for a speed there is not and, on entering, OSError for a port or a folder that cannot be used: one
    line that says why.
    """

    def __init__(self, *, state: Path | None = None, port: int = 0, speed: float = 1.0) -> None:
        self._state, self._port, self._speed = state, port, valid_speed(speed)
        self._world: World | None = None
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = self._state or Path(stack.enter_context(TemporaryDirectory(prefix="omniflash-sandbox-")))
            store = Store(folder)
            stack.callback(store.close)
            sockets = [stack.enter_context(listening(port)) for port in (self._port, 0)]
            url, asset_url = (f"http://{HOST}:{each.getsockname()[1]}" for each in sockets)
            self._world = world(store, folder, speed=self._speed, url=url, asset_url=asset_url)
            stack.callback(self._world.studio.close)
            courier = Courier(self._world, {vendor.name: vendor.notice for vendor in VENDORS})
            stack.callback(courier.close)
            stack.enter_context(serving(self._world, sockets))
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

    def arm(
        self,
        fault: str,
        *,
        provider: str | None = None,
        call: str | None = None,
        times: int | None = 1,
        **options: JSON,
    ) -> None:
        """Makes the next exchange go wrong, or the next `times`; None is all until `reset`.

        Without `provider` either vendor's, without `call` the fault's usual one. Raises ValueError, in one line that
        says what there is, for a fault, call, provider or option there is not; `GET /_sandbox/faults` lists them all.
        """
        admin.arm(self._running, {"fault": fault, "provider": provider, "call": call, "times": times, **options})

    def switch(self, name: str, value: str) -> None:
        """Chooses another of a vendor's possible answers; raises ValueError for a switch or value there is not."""
        admin.turn(self._running, {"name": name, "value": value})

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
        """Forgets jobs, bill, journal, uploads, webhooks, faults and switches; the clock is at its start again."""
        admin.reset(self._running, {})


class Server(uvicorn.Server):
    """uvicorn, which says when it has started, and which is told to stop instead of looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stop = asyncio.Event()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        await self._stop.wait()

    def hang_up(self, scope: Scope) -> None:
        """Closes the connection of a request, for which ASGI itself has no word."""
        for connection in [*self.server_state.connections]:
            ends = (connection.client, connection.server) if isinstance(connection, H11Protocol) else None
            if ends == (scope["client"], scope["server"]):
                connection.transport.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)


@contextmanager
def serving(world: World, sockets: list[socket.socket]) -> Iterator[None]:
    """Serves a world on these sockets, the first for the APIs, in a thread of its own."""
    app = application(world, lambda scope: server.hang_up(scope))
    server = Server(
        uvicorn.Config(
            app, http=H11Protocol, ws="none", loop="asyncio", lifespan="off", log_config=None, access_log=False,
            proxy_headers=False, date_header=False, server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=GRACE_S,
        )
    )  # fmt: skip
    thread = threading.Thread(target=server.run, args=(sockets,), name="omniflash-sandbox", daemon=True)
    thread.start()
    server.ready.wait()
    if not server.started:
        raise RuntimeError("the sandbox's server did not start")
    try:
        yield
    finally:
        world.closing.set()
        server.stop()
        thread.join()


def listening(port: int) -> socket.socket:
    """A socket that listens on a port of loopback; raises OSError in one line."""
    # TCP by name: only then does asyncio send at once, and no answer waits 40 ms for its headers to be acknowledged.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as problem:
        listener.close()
        reason = getattr(problem, "strerror", None) or str(problem)
        raise OSError(f"port {port} of {HOST} cannot be used ({reason}); name another with --port") from problem
    return listener


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
