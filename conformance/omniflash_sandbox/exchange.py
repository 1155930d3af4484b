"""One exchange from end to end: read, let the vendor answer, let a fault spoil the answer, write it down, send it."""

from contextlib import suppress

from attrs import evolve, frozen
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from omniflash_sandbox.delivery import HangUp, deliver
from omniflash_sandbox.fault_kinds import Moment
from omniflash_sandbox.faults import Fault
from omniflash_sandbox.messages import Answer, Ask, content_of
from omniflash_sandbox.spoils import Struck, spoilt
from omniflash_sandbox.vendor import Dialect, Operation, Vendor
from omniflash_sandbox.world import World

UNASKED = Answer(200, {})  # what a fault makes its own of, where the vendor never hears of the request


@frozen
class Endpoint:
    """An operation of a vendor as an ASGI application."""

    world: World
    vendor: Vendor
    operation: Operation
    hang_up: HangUp

    @property
    def dialect(self) -> Dialect:
        return self.operation.dialect or self.vendor.dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):  # gone before it had said what it wanted: nothing happened
            ask = await self._read(Request(scope, receive))
            answer = await self._answer(ask)
            await deliver(self._stamped(ask, answer), scope, receive, send, self.hang_up)

    async def _read(self, request: Request) -> Ask:
        return Ask(
            provider=self.vendor.name,
            call=self.operation.call,
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            place=request.path_params,
            parameters=tuple(request.query_params.multi_items()),
            headers=dict(request.headers),
            content=await content_of(request.stream()),
            raw=self.operation.raw,
        )

    async def _answer(self, ask: Ask) -> Answer:
        if ask.too_large:
            return self.dialect.too_large
        if not self.operation.keyed:
            return await self._spoiled(ask)
        account = (self.operation.account or self.dialect.account)(ask.headers)
        return account if isinstance(account, Answer) else await self._spoiled(evolve(ask, account=account))

    async def _spoiled(self, ask: Ask) -> Answer:
        """The vendor's answer, as far as no fault strikes; a fault may keep the vendor from ever being asked."""
        ask = self.world.faults.numbered(ask)
        try:
            fault = self.world.faults.strike(ask, Moment.ANSWER)
        except ValueError as problem:
            return Answer(400, {"error": str(problem)})
        answer = await self._vendors(ask) if fault is None or fault.reaches_vendor else UNASKED
        return answer if fault is None else spoilt(answer, self._struck(ask, fault))

    async def _vendors(self, ask: Ask) -> Answer:
        """The vendor's own answer, with the dates that its clock tells."""
        answer = await self.operation.handle(self.world, ask)
        skew = self.world.faults.strike(ask, Moment.DATES)
        return answer if skew is None else spoilt(answer, self._struck(ask, skew))

    def _struck(self, ask: Ask, fault: Fault) -> Struck:
        return Struck(self.world, self.vendor, self.dialect, ask, fault)

    def _stamped(self, ask: Ask, answer: Answer) -> Answer:
        """The answer as it will be sent, written down before that."""
        with self.world.store.writing():
            number = self.world.journal.next_number()
            stamped = self.vendor.stamp(answer, number) if answer.by_vendor else answer
            leaked = not self.operation.keyed and self.vendor.key_header in ask.headers
            self.world.journal.write(ask, stamped, self.vendor.key_header, self.vendor.shown, key_leaked=leaked)
        return stamped
