"""Adapters that hear, or tell, something else than was said: what many broken ones are made from."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from omniflash.adapter import Adapter, Reading
from omniflash.effects import Call, Effect, Flow, Response, perform, through
from omniflash.errors import OmniflashError, VendorWords
from omniflash.jobs import Cancellation, Clip, Event, Job, Status

from .altered import Altered

T = TypeVar("T")


@frozen
class Mishearing(Altered):
    """Each answer to a look is changed before the sound adapter sees it."""

    change: Callable[[Response], Response] = field(eq=False)

    def status(self, job: Job) -> Flow[Status]:
        return changed(self.sound.status(job), self.change)


@frozen
class Mistelling(Altered):
    """Each look is changed before anybody sees it."""

    tell: Callable[[Status], Status] = field(eq=False)

    def status(self, job: Job) -> Flow[Status]:
        seen = yield from self.sound.status(job)
        return self.tell(seen)


@frozen
class Misjudging(Altered):
    """Each answer that is not fine is judged otherwise: what it is told by, and the sound judgement."""

    judge: Callable[[Call, Response, Reading], Reading] = field(eq=False)

    def read(self, call: Call, response: Response) -> Reading:
        return self.judge(call, response, self.sound.read(call, response))


@frozen
class Cancelling(Altered):
    """What comes of a cancel is changed before anybody sees it."""

    tell: Callable[[Cancellation], Cancellation] = field(eq=False)

    def cancel(self, job: Job) -> Flow[Cancellation]:
        told = yield from self.sound.cancel(job)
        return self.tell(told)


@frozen
class Hooked(Altered):
    """A webhook is taken otherwise: `take` gets the sound adapter, the headers and the body."""

    take: Callable[[Adapter, Mapping[str, str], bytes], Flow[Event]] = field(eq=False)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        return self.take(self.sound, headers, body)


def changed(flow: Flow[T], change: Callable[[Response], Response]) -> Flow[T]:
    """The flow with every answer changed before it sees that."""
    return through(flow, partial(_carried, change))


def _carried(change: Callable[[Response], Response], effect: Effect) -> Flow[Any]:
    came = yield from perform(effect)
    return change(came) if isinstance(came, Response) else came


def with_clip(tell: Callable[[Clip], Clip]) -> Callable[[Status], Status]:
    """Changes the clip of a look that has one."""
    return lambda seen: evolve(seen, clip=seen.clip and tell(seen.clip))


@frozen
class Misquoting(Altered):
    """The vendor's words are changed on every error, of a call and of a job's end."""

    quote: Callable[[VendorWords], VendorWords] = field(eq=False)

    def read(self, call: Call, response: Response) -> Reading:
        reading = self.sound.read(call, response)
        self._misquote(reading.error)
        return reading

    def status(self, job: Job) -> Flow[Status]:
        seen = yield from self.sound.status(job)
        self._misquote(seen.error)
        return seen

    def _misquote(self, error: OmniflashError | None) -> None:
        if error is not None and error.words is not None:
            error.words = self.quote(error.words)
