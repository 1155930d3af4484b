"""The async driver: the same effects, awaited, on asyncio and on trio."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import cached_property, partial
from typing import Any, TypeAlias, TypeVar

import anyio
import httpx
from anyio import to_thread

from ..effects import Call, Flow, Moment, NoAnswerTrouble, Now, Pause, Record, Response, Save, Saved, Tell, Turn
from ..jobs import Status
from . import files
from .base import FILES, World
from .clock import length
from .network import Body, client, is_paid, request_of, response_of, secrets_in, start_of, troubles
from .settings import CONNECT_S

T = TypeVar("T")
Handlers: TypeAlias = Mapping[type, Callable[[Any], Awaitable[Any]]]


class AsyncDriver(World):
    """Runs flows in the event loop that it was first used in."""

    async def run(self, flow: Flow[T], watcher: Callable[[Status], object] | None = None) -> T:
        """The result of a flow, each of whose effects is carried out here.

        On the way out of a cancellation nothing but Record is carried out, and that shielded.
        """
        carry: Handlers = {**self._carry, Tell: partial(self._tell, watcher)}
        step, leaving = partial(next, flow), False
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
        own: Handlers = {Call: self._call, Save: self._save, Pause: self._pause, Turn: self._turn, Now: self._now}
        slow: Mapping[type, Callable[[Any], Any]] = {**FILES, Record: self.record}
        return {**own, **{kind: partial(_in_thread, handler) for kind, handler in slow.items()}}

    async def _call(self, call: Call) -> Response:
        account = self.accounts[call.account]
        sender = self._fresh if is_paid(call) else self._plain
        request = request_of(account, call, self.network.timeout)
        body = Body(self.network.timeout)
        # httpx's iterators are left only from within: trio complains of one that is dropped half way
        with troubles(account), anyio.move_on_after(self.network.timeout + CONNECT_S) as patience:
            answer = await sender.send(request, stream=True, follow_redirects=not call.keyed)
            async with aclosing(answer):
                async for piece in answer.aiter_bytes():
                    body.add(piece)
                    if body.problem:
                        patience.cancel()
        if patience.cancelled_caught:
            raise NoAnswerTrouble(body.problem or "no answer came in time")
        return response_of(answer, secrets_in(account, call), bytes(body.content))

    async def _save(self, effect: Save) -> Saved:
        account = self.accounts[effect.call.account]
        request = request_of(account, effect.call, self.network.timeout)
        with troubles(account):
            answer = await self._plain.send(request, stream=True, follow_redirects=not effect.call.keyed)
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
        await self._wait(length(pause))

    async def _turn(self, turn: Turn) -> bool:
        wait = self.turn(turn)
        if wait:
            await self._wait(wait)
        return wait is not None

    async def _wait(self, ticks: float) -> None:
        await anyio.sleep(self.clock.real_seconds(ticks))
        self.clock.passed(ticks)

    async def _now(self, effect: Now) -> Moment:
        return self.now(effect)

    async def _tell(self, watcher: Callable[[Status], object] | None, tell: Tell) -> None:
        self.notice(tell.status)
        shown = watcher(tell.status) if watcher is not None else None
        if inspect.isawaitable(shown):
            await shown


async def _in_thread(handler: Callable[[Any], Any], effect: object) -> object:
    return await to_thread.run_sync(handler, effect)
