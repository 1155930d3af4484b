"""A real server on loopback that answers with prepared bytes, and keeps what it was sent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import Factory, define

Answer = bytes | Callable[[socket.socket], None]


def http(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@define
class Raw:
    """The server: `url` is where it is, `seen` the requests, `connections` how many were made."""

    url: str
    seen: list[bytes] = Factory(list)
    connections: int = 0


@contextmanager
def raw(*answers: Answer, close_after_each: bool = True) -> Iterator[Raw]:
    """Serve these answers in turn, the last one for ever; connections are closed after each unless told otherwise."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Raw(f"http://127.0.0.1:{listener.getsockname()[1]}")
    left = list(answers)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            while (request := _request(connection)) is not None:
                server.seen.append(request)
                answer = left.pop(0) if len(left) > 1 else left[0]
                if callable(answer):
                    answer(connection)
                    return
                if close_after_each:
                    connection.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                    return
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _request(connection: socket.socket) -> bytes | None:
    content = b""
    try:
        while b"\r\n\r\n" not in content:
            if not (part := connection.recv(65536)):
                return None
            content += part
        head, _, body = content.partition(b"\r\n\r\n")
        told = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < int(told[0] if told else 0):
            body += connection.recv(65536)
    except OSError:
        return None
    return head + b"\r\n\r\n" + body
