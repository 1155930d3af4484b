"""A flow without network, clock or disk: an interpreter of effects in which a script answers the calls."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias, TypeVar

from attrs import define, field

from omniflash.effects import Call, Effect, Flow, Hold, Moment, Now, Pause, Record, Response, Tell, Turn
from omniflash.money.entries import New

from ..verdicts import Broken

T = TypeVar("T")
Answers: TypeAlias = Callable[[Call], Response]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOST_CALLS = 50  # of one flow: a look asks twice, and each call is repeated a few times


@define
class Script:
    """Carries effects out in its own time, which begins `at`; `answers` says what a call is answered, or raises."""

    answers: Answers
    at: datetime = NOON
    calls: list[Call] = field(factory=list)
    _ticks: float = 0.0

    def run(self, flow: Flow[T]) -> T:
        """The result of a flow. Raises what it raises, and Broken when it asks without an end."""
        step = partial(next, flow)
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                result: T = stop.value
                return result
            try:
                answer = self._carry(effect)
            except Broken:
                raise
            except Exception as trouble:  # noqa: BLE001 - it is the flow's to judge
                step = partial(flow.throw, trouble)
            else:
                step = partial(flow.send, answer)

    def _carry(self, effect: Effect) -> object:
        match effect:
            case Call():
                return self._called(effect)
            case Now():
                return Moment(self.at + timedelta(seconds=self._ticks), self._ticks)
            case Pause(seconds):
                self._ticks += seconds
                return None
            case Turn():
                return True
            case Record():
                return New()
            case Tell() | Hold():
                return None
            case _:
                raise Broken(f"it asks for {type(effect).__name__}, which nothing here needs")

    def _called(self, call: Call) -> Response:
        self.calls.append(call)
        if len(self.calls) > MOST_CALLS:
            raise Broken(f"it asks without an end: {call.name!r} came {MOST_CALLS} times")
        return self.answers(call)
