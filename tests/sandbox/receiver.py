"""A receiver of webhooks, and the check of their signature as fal's page describes it."""

import base64
import hashlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import httpx
from attrs import frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from omniflash_sandbox import Sandbox
from omniflash_sandbox.webhooks import WebhookDelivery

PATIENCE_S = 20


@frozen
class Received:
    """One webhook, as it came."""

    path: str
    headers: Message
    body: bytes

    def is_signed_by(self, key: bytes) -> bool:
        name = "X-Fal-Webhook-"
        signed = [self.headers[name + part] for part in ("Request-Id", "User-Id", "Timestamp")]
        message = "\n".join([*signed, hashlib.sha256(self.body).hexdigest()]).encode()
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(self.headers[name + "Signature"]), message)
        except InvalidSignature:
            return False
        return True


class Receiver:
    """What has come, and what is to be answered: the next of `answers`, or 200; 0 is to hang up without a word."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.came: Queue[Received] = Queue()
        self.answers: deque[int] = deque()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def next(self) -> Received:
        return self.came.get(timeout=PATIENCE_S)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.came.put(Received(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            receiver.may_answer.wait(PATIENCE_S)
            status = receiver.answers.popleft() if receiver.answers else 200
            if status:
                self.send_response(status)
                self.send_header("Location", receiver.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.may_answer.set()
            server.shutdown()
            thread.join()


def published(sandbox: Sandbox) -> list[bytes]:
    """fal's public keys, got as anybody gets them."""
    keys = httpx.get(f"{sandbox.site['hosts']['fal']['rest']}/.well-known/jwks.json").raise_for_status().json()["keys"]
    return [base64.urlsafe_b64decode(key["x"] + "=") for key in keys]


def deliveries(sandbox: Sandbox, count: int) -> list[WebhookDelivery]:
    """The deliveries, as soon as there are so many."""
    deadline = time.monotonic() + PATIENCE_S
    while len(made := sandbox.webhooks()) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    return made
