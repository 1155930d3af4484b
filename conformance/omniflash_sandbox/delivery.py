"""How an answer goes over the wire: whole and at once, or as a fault would have it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from omniflash_sandbox.messages import Answer

TICKS_PER_S = 100  # a fast drip comes in parts of more than a byte, as no loop ticks much more often


class HangUp(Protocol):
    """Ends the connection of a request: in good order, or by a reset."""

    def __call__(self, scope: Scope, *, reset: bool = False) -> None: ...


async def deliver(answer: Answer, scope: Scope, receive: Receive, send: Send, hang_up: HangUp) -> None:
    """Sends an answer as far as its delivery says; ends early where the caller does, or the server."""
    delivery = answer.delivery
    if answer.stream is not None and answer.fault is None:
        await StreamingResponse(answer.stream, answer.status, answer.headers)(scope, receive, send)
        return
    if delivery.patient:
        scope["state"][PATIENT] = True
    if delivery.head:
        await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer)})
        async for part in _parts(answer, receive):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": not delivery.whole})
    if not delivery.whole:
        if delivery.silence_s:
            await _left(receive, delivery.silence_s)
        hang_up(scope, reset=delivery.reset)
        await _leaving(receive)  # until the server has noticed; to return before would be an error in its eyes


PATIENT = "omniflash_sandbox.patient"
"""In a request's own state: its answer takes its time, for which a server that is told to stop does not wait."""


async def _parts(answer: Answer, receive: Receive) -> AsyncIterator[bytes]:
    content, rate = answer.content[: answer.delivery.bytes_of_body], answer.delivery.bytes_per_s
    if rate is None:
        yield content
        return
    size = max(1, rate // TICKS_PER_S)
    for start in range(0, len(content), size):
        yield content[start : start + size]
        if await _left(receive, size / rate):
            return


async def _left(receive: Receive, seconds: float) -> bool:
    """Whether the connection ends within so many seconds of wall time."""
    try:
        await asyncio.wait_for(_leaving(receive), seconds)
    except TimeoutError:
        return False
    return True


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    length = {"content-length": str(len(answer.content) + answer.delivery.overstated_by)}
    headers = {"content-type": "application/json"} | length | dict(answer.headers)
    return [(name.encode(), value.encode()) for name, value in headers.items()]
