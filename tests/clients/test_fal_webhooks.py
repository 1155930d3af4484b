"""A webhook that fal's official clients asked for arrives, is signed as fal's page says, and tells how it ended."""

import json
import time
from collections.abc import Iterator, Mapping
from queue import Queue
from socket import socket
from typing import Any

import httpx
import pytest
from attrs import frozen

from omniflash_sandbox import Sandbox
from tests.clients.asking import APP, ENDPOINTS
from tests.clients.conftest import Did
from tests.clients.official import Official, Options, Told
from tests.clients.signature import HEADER, SIGNED, is_signed
from tests.drive.servers import http, raw
from tests.sandbox.clients import FAL_BODIES as BODIES

LONG_ENOUGH_S = 120.0
PATIENCE_S = 30.0
OUR_ID = "?order=7&of=9"  # what a user may have in the URL to know the delivery by


@frozen
class Delivery:
    """What a receiver got: the first line of the request, its headers in lower case, and its body."""

    asked: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, request: bytes) -> "Delivery":
        head, _, body = request.partition(b"\r\n\r\n")
        asked, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(asked, {name.lower(): value.strip() for name, _, value in pairs}, body)

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@frozen
class Receiver:
    """A server of the user's, which acknowledges whatever comes."""

    url: str
    _came: "Queue[bytes]"

    def next(self) -> Delivery:
        return Delivery.of(self._came.get(timeout=PATIENCE_S))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    came: Queue[bytes] = Queue()

    def acknowledge(connection: socket) -> None:
        connection.sendall(http("200 OK"))
        came.put(server.seen[-1])

    with raw(acknowledge) as server:
        yield Receiver(server.url, came)


def keys(sandbox: Sandbox) -> Told:
    found: Told = httpx.get(f"{sandbox.site['hosts']['fal']['rest']}/.well-known/jwks.json").json()
    return found


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_webhook_brings_what_the_result_holds(
    client: Official, endpoint: str, receiver: Receiver, sandbox: Sandbox, did: Did
) -> None:
    hook = f"{receiver.url}/hook{OUR_ID}"
    request_id = client.submit(endpoint, BODIES[endpoint], Options(webhook_url=hook))
    assert sandbox.journal()[0]["query"] == {"fal_webhook": hook}
    sandbox.advance(LONG_ENOUGH_S)
    delivery = receiver.next()
    assert delivery.asked == f"POST /hook{OUR_ID} HTTP/1.1"
    assert (delivery.told["request_id"], delivery.told["status"]) == (request_id, "OK")
    assert delivery.told["payload"] == client.result(endpoint, request_id)
    assert is_signed(delivery.headers, delivery.body, keys(sandbox), time.time())
    did(client.name, "submit with a webhook", endpoint, "OK with the result as its payload, the signature is right")


def test_a_webhook_tells_of_a_failure(client: Official, receiver: Receiver, sandbox: Sandbox, did: Did) -> None:
    request_id = client.submit(APP, {"prompt": "Too long", "duration": 11}, Options(webhook_url=receiver.url))
    sandbox.advance(LONG_ENOUGH_S)
    delivery = receiver.next()
    assert (delivery.told["request_id"], delivery.told["status"]) == (request_id, "ERROR")
    assert delivery.told["payload"]["detail"][0]["type"] == "less_than_equal"
    assert is_signed(delivery.headers, delivery.body, keys(sandbox), time.time())
    did(client.name, "submit with a webhook, bad input", APP, "ERROR with the 422 as its payload, rightly signed")


def test_the_check_of_signatures_is_awake(client: Official, receiver: Receiver, sandbox: Sandbox) -> None:
    client.submit(APP, BODIES[APP], Options(webhook_url=receiver.url))
    sandbox.advance(LONG_ENOUGH_S)
    delivery, published, now = receiver.next(), keys(sandbox), time.time()
    assert is_signed(delivery.headers, delivery.body, published, now)
    assert not is_signed(delivery.headers, delivery.body + b" ", published, now)
    assert not is_signed(delivery.headers, delivery.body, {"keys": []}, now)
    assert not is_signed(delivery.headers, delivery.body, published, now + 301)
    for name in SIGNED:
        header = HEADER.format(name)
        other = {**delivery.headers, header: delivery.headers[header] + "0"}
        assert not is_signed(other, delivery.body, published, float(other[HEADER.format("timestamp")]))
