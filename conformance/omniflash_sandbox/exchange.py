"""One exchange from end to end: read, let the vendor answer, let a fault spoil the answer, write it down, send it."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from attrs import evolve, frozen
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from omniflash_sandbox.faults import Fault
from omniflash_sandbox.messages import Answer, Ask, Delivery, content_of
from omniflash_sandbox.vendor import Operation, Vendor
from omniflash_sandbox.world import World

UNASKED = Answer(200, {})  # what a fault makes its own of, where the vendor never hears of the request

HangUp = Callable[[Scope], None]
"""Closes the connection of a request."""


@frozen
class Endpoint:
    """An operation of a vendor as an ASGI application."""

    world: World
    vendor: Vendor
    operation: Operation
    hang_up: HangUp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):  # gone before it had said what it wanted: nothing happened
            ask = await self._read(Request(scope, receive))
            answer = await self._answer(ask)
            await self._deliver(self._stamped(ask, answer), scope, receive, send)

    async def _read(self, request: Request) -> Ask:
        return Ask(
            provider=self.vendor.name,
            call=self.operation.call,
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            place=request.path_params,
            query=dict(request.query_params),
            headers=dict(request.headers),
            content=await content_of(request.stream()),
            raw=self.operation.raw,
        )

    async def _answer(self, ask: Ask) -> Answer:
        if ask.too_large:
            return self.vendor.too_large
        if not self.operation.keyed:
            return await self._spoiled(ask)
        account = (self.operation.account or self.vendor.account)(ask.headers)
        return account if isinstance(account, Answer) else await self._spoiled(evolve(ask, account=account))

    async def _spoiled(self, ask: Ask) -> Answer:
        """The vendor's answer, as far as no fault strikes; a fault may keep the vendor from ever being asked."""
        try:
            fault = self.world.faults.strike(ask)
        except ValueError as problem:
            return Answer(400, {"error": str(problem)})
        if fault is None:
            return await self.operation.handle(self.world, ask)
        answer = await self.operation.handle(self.world, ask) if fault.reaches_vendor else UNASKED
        return evolve(SPOIL[fault.name](answer, fault, self.vendor), fault=_both(fault.name, answer.fault))

    def _stamped(self, ask: Ask, answer: Answer) -> Answer:
        """The answer as it will be sent, written down before that."""
        with self.world.store.writing():
            stamped = self.vendor.stamp(answer, self.world.journal.next_number())
            self.world.journal.write(
                ask, stamped, key_leaked=not self.operation.keyed and "authorization" in ask.headers
            )
        return stamped

    async def _deliver(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        if answer.stream is not None and answer.fault is None:
            await StreamingResponse(answer.stream, answer.status, answer.headers)(scope, receive, send)
            return
        delivery, content = answer.delivery, answer.content
        if delivery.head:
            await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer, content)})
            part = content[: delivery.bytes_of_body]
            await send({"type": "http.response.body", "body": part, "more_body": not delivery.whole})
        if not delivery.whole:
            self.hang_up(scope)
            await receive()  # until the server has noticed; to return before would be an error in its eyes


def _headers(answer: Answer, content: bytes) -> list[tuple[bytes, bytes]]:
    length = {"content-length": str(len(content))}
    headers = {"content-type": "application/json"} | length | dict(answer.headers)
    return [(name.encode(), value.encode()) for name, value in headers.items()]


Spoil = Callable[[Answer, Fault, Vendor], Answer]


def _rate_limited(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    words, wait = vendor.rate_limited, {"retry-after": str(fault.options["seconds"])}
    return evolve(answer, status=words.status, body=words.body, headers={**words.headers, **wait})


def _unavailable(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    words = vendor.unavailable
    return evolve(answer, status=words.status, body=words.body, headers=words.headers)


def _lost(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    return evolve(answer, delivery=Delivery(head=False))


def _cut(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    return evolve(answer, delivery=Delivery(bytes_of_body=int(str(fault.options["bytes"]))))


def _malformed(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    return evolve(answer, body=answer.content[: len(answer.content) // 2])


def _unknown_status(answer: Answer, fault: Fault, vendor: Vendor) -> Answer:
    if not (isinstance(answer.body, dict) and "status" in answer.body):
        return answer
    return evolve(answer, body=answer.body | {"status": fault.options["status"]})


SPOIL: Mapping[str, Spoil] = {
    "lose-response": _lost,
    "rate-limit": _rate_limited,
    "unavailable": _unavailable,
    "malformed-json": _malformed,
    "unknown-status": _unknown_status,
    "cut-download": _cut,
}
"""What each fault makes of the vendor's answer."""


def _both(*faults: str | None) -> str:
    return ", ".join(fault for fault in faults if fault)
