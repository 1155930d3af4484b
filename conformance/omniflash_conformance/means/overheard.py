"""Listening in on an adapter: every answer that its vendor gives it, whole, on whatever ground."""

import json
from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen

from omniflash.adapter import Reading
from omniflash.effects import Call, Response
from omniflash.reading import body_of
from omniflash.types import JSON

from ..verdicts import Broken
from ..zoo.altered import Altered
from .scripted import Answers


@frozen
class Heard:
    """One call, and the answer to it."""

    call: Call
    response: Response

    @property
    def body(self) -> JSON:
        """The answer's JSON, or None where it holds none."""
        try:
            return body_of(self.response)
        except ValueError:
            return None

    def saying(self, body: JSON) -> "Heard":
        """The same answer with another body."""
        return evolve(self, response=evolve(self.response, body=json.dumps(body).encode()))


@frozen
class Overheard(Altered):
    """An adapter that does all as the one in it does, and keeps what is answered."""

    heard: list[Heard] = field(factory=list, eq=False, hash=False)

    def read(self, call: Call, response: Response) -> Reading:
        self.heard.append(Heard(call, response))
        return self.sound.read(call, response)

    def since(self, begin: int) -> tuple[Heard, ...]:
        """What was answered after so many answers."""
        return tuple(self.heard[begin:])


def repeating(heard: Iterable[Heard]) -> Answers:
    """Answers each call as it was answered then, the last time that it was asked."""
    known: Mapping[tuple[str, str], Response] = {(one.call.method, one.call.url): one.response for one in heard}

    def answered(call: Call) -> Response:
        try:
            return known[call.method, call.url]
        except KeyError:
            raise Broken(f"it asks {call.method} {call.url}, which it did not before") from None

    return answered
