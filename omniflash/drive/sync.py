"""The sync driver: carries out effects one after another, on the calling thread."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cached_property, partial
from typing import Any, TypeAlias, TypeVar
from weakref import finalize

import httpx
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
Handlers: TypeAlias = Mapping[type, Callable[[Any], Any]]


class Driver(World):
    """Runs flows. May be shared by threads."""

    def run(self, flow: Flow[T], watchers: Watchers = NOBODY) -> T:
        """The result of a flow, each of whose effects is carried out here."""
        carry: Handlers = {
            **self._carry,
            **{kind: partial(handler, watchers) for kind, handler in self._watched.items()},
        }
        step, self.paying = partial(next, flow), False
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                result: T = stop.value
                return result
            try:
                answer = carry[type(effect)](effect)
            except BaseException as problem:  # noqa: BLE001 - it is the flow's to judge
                step = partial(flow.throw, problem)
            else:
                step = partial(flow.send, answer)

    def close(self) -> None:
        """Close the connections."""
        while self._clients:
            _, opened = self._clients.popitem()
            opened.close()

    @property
    def _plain(self) -> httpx.Client:
        return self._opened(fresh=False)

    @property
    def _fresh(self) -> httpx.Client:
        return self._opened(fresh=True)

    def _opened(self, *, fresh: bool) -> httpx.Client:
        with self.opening:
            if fresh not in self._clients:
                opened = client(httpx.Client, self.network, self.context, fresh=fresh)
                finalize(self, opened.close)  # whoever forgets to close leaves no open socket behind
                self._clients[fresh] = opened
            return self._clients[fresh]

    @cached_property
    def _clients(self) -> dict[bool, httpx.Client]:
        return {}

    @cached_property
    def _carry(self) -> Handlers:
        own: Handlers = {Call: self._call, Save: self._save, Pause: self._pause, Turn: self._turn}
        return {**own, Now: self.now, Hold: self.hold, **FILES}

    @cached_property
    def _watched(self) -> Mapping[type, Callable[[Watchers, Any], Any]]:
        return {Tell: self._tell, Send: self._send, Record: self._record}

    def _call(self, call: Call) -> Response:
        if known := self.remembered(call):
            return known
        request = request_of(self.accounts[call.account], call, self.patience(call))
        self.paying = self.paying or is_paid(call)
        return self.remember(call, self._answer(call, request, self._fresh if is_paid(call) else self._plain))

    def _send(self, watchers: Watchers, effect: Send) -> Response:
        account = self.accounts[effect.call.account]
        with files.Outgoing(effect) as outgoing:
            request = upload_of(account, effect, outgoing.state.size, self.network.timeout)
            request.stream = Pieces(outgoing, watchers, partial(self.late, effect.call))
            return self._answer(effect.call, request, self._plain)

    def _answer(self, call: Call, request: httpx.Request, sender: httpx.Client) -> Response:
        account = self.accounts[call.account]
        with troubles(account):
            answer = sender.send(request, stream=True, follow_redirects=follows(call))
            body = Body(self.patience(call))
            with closing(answer):
                for piece in answer.iter_bytes():
                    body.add(piece)
                    if body.problem:
                        raise NoAnswerTrouble(body.problem)
        return response_of(answer, secrets_in(account, call), bytes(body.content))

    def _save(self, effect: Save) -> Saved:
        account = self.accounts[effect.call.account]
        request = request_of(account, effect.call, self.network.timeout)
        with troubles(account):
            answer = self._plain.send(request, stream=True, follow_redirects=follows(effect.call))
        try:
            return self._stored(effect, answer, response_of(answer, secrets_in(account, effect.call)))
        finally:
            answer.close()

    def _stored(self, effect: Save, answer: httpx.Response, response: Response) -> Saved:
        if not answer.is_success:
            return Saved(response, effect.offset)
        with files.Part(effect.path, start_of(answer, effect.offset)) as part:
            try:
                for piece in answer.iter_raw():
                    part.write(piece)
            except httpx.TransportError:
                return Saved(response, part.size, cut=True)
            return Saved(response, part.size)

    def _pause(self, pause: Pause) -> None:
        self._wait(self.ticks_of(pause))

    def _turn(self, turn: Turn) -> bool:
        wait = self.turn(turn)
        if wait:
            self._wait(wait)
        return wait is not None

    def _wait(self, ticks: float) -> None:
        time.sleep(self.clock.real_seconds(ticks))
        self.clock.passed(ticks)

    def _record(self, watchers: Watchers, effect: Record) -> Answer:
        if watchers.paying is not None and isinstance(effect.entry, Intended):
            watchers.paying(effect.entry.order)
        return self.record(effect)

    def _tell(self, watchers: Watchers, tell: Tell) -> None:
        self.notice(tell.status)
        if watchers.update is not None:
            watchers.update(tell.status)


@frozen
class Pieces(httpx.SyncByteStream):
    """The body of an upload, which tells how far it has come."""

    outgoing: files.Outgoing
    watchers: Watchers
    late: Callable[[], bool]

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.outgoing.read():
            if self.late():
                raise NoAnswerTrouble(TOO_SLOW)
            yield piece
            if self.watchers.upload is not None:
                self.watchers.upload(self.outgoing.state)
