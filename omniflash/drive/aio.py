"""The async driver: the same effects, awaited, on asyncio and on trio."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import cached_property, partial
from typing import Any, TypeAlias, TypeVar

import anyio
import httpx
from anyio import to_thread
from attrs import frozen

from ..effects import Call, Flow, Hold, NoAnswerTrouble, Now, Pause, Record, Response, Save, Saved, Send, Tell, Turn
from ..money.entries import Answer, Intended
from . import files
from .base import FILES, World
from .network import (
    TOO_SLOW,
    Body,
    client,
    follows,
    is_paid,
    request_of,
    response_of,
    secrets_in,
    start_of,
    troubles,
    upload_of,
)
from .watchers import NOBODY, Watchers

T = TypeVar("T")
Handlers: TypeAlias = Mapping[type, Callable[[Any], Awaitable[Any]]]


class AsyncDriver(World):
    """Runs flows in the event loop that it was first used in."""

    async def run(self, flow: Flow[T], watchers: Watchers = NOBODY) -> T:
        """The result of a flow, each of whose effects is carried out here.

        On the way out of a cancellation nothing but Record is carried out, and that shielded.
        """
        carry: Handlers = {
            **self._carry,
            **{kind: partial(handler, watchers) for kind, handler in self._watched.items()},
        }
        step, leaving, self.paying = partial(next, flow), False, False
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                result: T = stop.value
                return result
            try:
                with anyio.CancelScope(shield=leaving):
                    answer = await carry[type(effect)](effect)
            except BaseException as problem:  # noqa: BLE001 - it is the flow's to judge
                leaving = leaving or not isinstance(problem, Exception)
                step = partial(flow.throw, problem)
            else:
                step = partial(flow.send, answer)

    async def close(self) -> None:
        """Close the connections."""
        for name in ("_plain", "_fresh"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                await opened.aclose()

    @cached_property
    def _plain(self) -> httpx.AsyncClient:
        return client(httpx.AsyncClient, self.network, self.context, fresh=False)

    @cached_property
    def _fresh(self) -> httpx.AsyncClient:
        return client(httpx.AsyncClient, self.network, self.context, fresh=True)

    @cached_property
    def _carry(self) -> Handlers:
        own: Handlers = {Call: self._call, Save: self._save, Pause: self._pause, Turn: self._turn}
        at_once: Handlers = {Now: _awaited(self.now), Hold: _awaited(self.hold)}
        return {**own, **at_once, **{kind: partial(_in_thread, handler) for kind, handler in FILES.items()}}

    @cached_property
    def _watched(self) -> Mapping[type, Callable[[Watchers, Any], Awaitable[Any]]]:
        return {Tell: self._tell, Send: self._send, Record: self._record}

    async def _call(self, call: Call) -> Response:
        if known := self.remembered(call):
            return known
        request = request_of(self.accounts[call.account], call, self.patience(call))
        self.paying = self.paying or is_paid(call)
        return self.remember(call, await self._answer(call, request, self._fresh if is_paid(call) else self._plain))

    async def _send(self, watchers: Watchers, effect: Send) -> Response:
        account = self.accounts[effect.call.account]
        with await to_thread.run_sync(files.Outgoing, effect) as outgoing:
            request = upload_of(account, effect, outgoing.state.size, self.network.timeout)
            request.stream = Pieces(outgoing, watchers, partial(self.late, effect.call))
            return await self._answer(effect.call, request, self._plain)

    async def _answer(self, call: Call, request: httpx.Request, sender: httpx.AsyncClient) -> Response:
        account = self.accounts[call.account]
        # httpx's iterators are left only from within: trio complains of one that is dropped half way
        with troubles(account), anyio.CancelScope() as patience:
            answer = await sender.send(request, stream=True, follow_redirects=follows(call))
            body = Body(self.patience(call))
            async with aclosing(answer):
                async for piece in answer.aiter_bytes():
                    body.add(piece)
                    if body.problem:
                        patience.cancel()
        if patience.cancelled_caught:
            raise NoAnswerTrouble(str(body.problem))
        return response_of(answer, secrets_in(account, call), bytes(body.content))

    async def _save(self, effect: Save) -> Saved:
        account = self.accounts[effect.call.account]
        request = request_of(account, effect.call, self.network.timeout)
        with troubles(account):
            answer = await self._plain.send(request, stream=True, follow_redirects=follows(effect.call))
        try:
            return await self._stored(effect, answer, response_of(answer, secrets_in(account, effect.call)))
        finally:
            await answer.aclose()

    async def _stored(self, effect: Save, answer: httpx.Response, response: Response) -> Saved:
        if not answer.is_success:
            return Saved(response, effect.offset)
        with files.Part(effect.path, start_of(answer, effect.offset)) as part:
            try:
                async for piece in answer.aiter_raw():
                    await to_thread.run_sync(part.write, piece)
            except httpx.TransportError:
                return Saved(response, part.size, cut=True)
            return Saved(response, part.size)

    async def _pause(self, pause: Pause) -> None:
        await self._wait(self.ticks_of(pause))

    async def _turn(self, turn: Turn) -> bool:
        wait = self.turn(turn)
        if wait:
            await self._wait(wait)
        return wait is not None

    async def _wait(self, ticks: float) -> None:
        await anyio.sleep(self.clock.real_seconds(ticks))
        self.clock.passed(ticks)

    async def _record(self, watchers: Watchers, effect: Record) -> Answer:
        if isinstance(effect.entry, Intended):
            await _shown(watchers.paying, effect.entry.order)
        return await to_thread.run_sync(self.record, effect)

    async def _tell(self, watchers: Watchers, tell: Tell) -> None:
        self.notice(tell.status)
        await _shown(watchers.update, tell.status)


@frozen
class Pieces(httpx.AsyncByteStream):
    """The body of an upload, which tells how far it has come. Not a generator: trio minds one that is left half way."""

    outgoing: files.Outgoing
    watchers: Watchers
    late: Callable[[], bool]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.outgoing.state.sent:
            await _shown(self.watchers.upload, self.outgoing.state)
        piece = await to_thread.run_sync(self.outgoing.read)
        if not piece:
            raise StopAsyncIteration
        if self.late():
            raise NoAnswerTrouble(TOO_SLOW)
        return piece


async def _shown(watcher: Callable[[T], object] | None, news: T) -> None:
    shown = watcher(news) if watcher is not None else None
    if inspect.isawaitable(shown):
        await shown


def _awaited(handler: Callable[[Any], Any]) -> Callable[[Any], Awaitable[Any]]:
    async def carried(effect: object) -> object:
        return handler(effect)

    return carried


async def _in_thread(handler: Callable[[Any], Any], effect: object) -> object:
    return await to_thread.run_sync(handler, effect)
