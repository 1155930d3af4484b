"""The machinery of the server: two ports on loopback, a thread, and connections that can be ended at will."""

import asyncio
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from omniflash_sandbox.app import application
from omniflash_sandbox.delivery import PATIENT
from omniflash_sandbox.world import World

HOST = "127.0.0.1"
KEEP_ALIVE_S = 600  # longer than any client: a connection closed by the server could cost a client a paid call's answer
GRACE_S = 2
AT_ONCE = struct.pack(
    "ii" if os.name == "posix" else "hh", 1, 0
)  # SO_LINGER of 0 s: what is not yet sent is dropped, and the other side gets a RST


class Server(uvicorn.Server):
    """uvicorn, which says when it has started, and which is told to stop instead of looking ten times a second.

    An `abrupt` one resets every connection when it stops, whatever is under way.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stop = asyncio.Event()
        self.abrupt = False

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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Waits a little for answers that are under way, but not for those that take their time."""
        await self._accept_no_more()
        for listener in self.servers:
            listener.close()
        for connection in self._connections():
            if self.abrupt:
                reset(connection.transport)
            elif connection.scope and PATIENT in connection.scope["state"]:
                connection.transport.abort()
        await asyncio.sleep(0)  # in which the connections are told
        await super().shutdown(sockets)

    async def _accept_no_more(self) -> None:
        """Lets what has been accepted become a connection: asyncio forgets to close it if its listener closes first."""
        for listener in self.servers:
            for each in listener.sockets:
                with suppress(NotImplementedError):  # where there are no readers, there is nothing to forget
                    self._loop.remove_reader(each)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def hang_up(self, scope: Scope, *, reset: bool = False) -> None:
        """Ends the connection of a request, for which ASGI itself has no word."""
        for connection in self._connections():
            if (connection.client, connection.server) == (scope["client"], scope["server"]):
                self._reset_when_sent(connection.transport) if reset else connection.transport.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    def _connections(self) -> list[H11Protocol]:
        return [each for each in self.server_state.connections if isinstance(each, H11Protocol)]

    def _reset_when_sent(self, transport: asyncio.Transport) -> None:
        """Not before what was to be sent has left, which a reset would drop."""
        if transport.get_write_buffer_size() and not transport.is_closing():
            self._loop.call_later(0.005, self._reset_when_sent, transport)
        else:
            reset(transport)


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection by a TCP RST, which the other side sees as an error and not as an end."""
    if not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()


@contextmanager
def serving(world: World, sockets: list[socket.socket]) -> Iterator[Server]:
    """Serves a world on these sockets, the first for the APIs, in a thread of its own."""
    world.closing.clear()
    for each in sockets:
        each.listen()

    def hang_up(scope: Scope, *, reset: bool = False) -> None:
        server.hang_up(scope, reset=reset)

    app = application(world, hang_up)
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
        yield server
    finally:
        world.closing.set()
        server.stop()
        thread.join()


def bound(port: int) -> socket.socket:
    """A socket that holds a port of loopback, where a connection is refused until it listens; raises OSError in one
    line.
    """
    # TCP by name: only then does asyncio send at once, and no answer waits 40 ms for its headers to be acknowledged.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        listener.bind((HOST, port))
    except (OSError, OverflowError) as problem:
        listener.close()
        reason = getattr(problem, "strerror", None) or str(problem)
        raise OSError(f"port {port} of {HOST} cannot be used ({reason}); name another with --port") from problem
    return listener
