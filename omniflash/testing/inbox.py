"""An address on this machine that webhooks can be sent to, for tests of what an app does with them."""

from collections.abc import Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Self

from attrs import frozen

PATIENCE_S = 20.0


@frozen
class Received:
    """A webhook as it came in, what to hand to `client.event`; header names are in lower case."""

    headers: Mapping[str, str]
    body: bytes


class Inbox:
    """Takes in webhooks, and says thank you, as long as the `with` block lasts.

    `url` is what to give as `webhook_url`.
    """

    url: str

    def __init__(self) -> None:
        self._came: Queue[Received] = Queue()
        self._exit = ExitStack()

    def next(self, timeout: float = PATIENCE_S) -> Received:
        """The next webhook, waited for if it is still on its way. Raises TimeoutError when none comes."""
        try:
            return self._came.get(timeout=timeout)
        except Empty:
            raise TimeoutError(f"no webhook came within {timeout:g} s") from None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._came)))
            thread = Thread(target=server.serve_forever, args=(0.01,), name="omniflash-inbox", daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            self.url = f"http://127.0.0.1:{server.server_port}/webhook"
            self._exit = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._exit.close()


def _handler(came: "Queue[Received]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            came.put(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
