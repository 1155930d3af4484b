"""The vendors' side: what each answers, and the truth of who was asked, billed and refused."""

import json
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from attrs import Factory, define, evolve, field, frozen

from tests.market.people import FULL_CROWD, Asked
from tests.market.vendors import FULL, VENDORS, Vendor
from tests.market.weather import Kind, Spell, Weather

ANSWER_S, REFUSED_S = 0.3, 0.05
MINUTE = 60.0
SPREAD = 0.25  # of the logarithm of how long a job takes
GOLDEN = 0.618034  # what turns the draw of a first try into that of the next
MISHAP = 0.002  # of all jobs fail anyway
GATEWAY = b"<html>503 Service Unavailable</html>"


@frozen
class Said:
    """An answer after `wait` seconds; None as the status says that no connection was made."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)
    wait: float = ANSWER_S


@frozen
class Fate:
    """What would become of one request at one vendor, drawn before anything happens: each draw is from 0 to 1."""

    pace: float
    mishap: float
    doubt: float
    accepted: float
    inexact: float


@frozen
class Sent:
    """One paid call as its vendor saw it. `resting`: by its sender's own memory nothing should be begun there."""

    number: int
    vendor: str
    at: float
    status: int | None
    accepted: bool = False
    billed: float = 0.0
    clear: bool = True
    able: bool = True
    resting: bool = False


@frozen
class Made:
    """A job: over at `ready`, with a clip or without."""

    ready: float
    good: bool


@define
class Limit:
    """At most so many in any minute."""

    latest: deque[float] = Factory(deque)

    def wait(self, much: float | None, at: float) -> float:
        """Seconds until there is room for one more."""
        while self.latest and self.latest[0] <= at - MINUTE:
            self.latest.popleft()
        return 0.0 if much is None or len(self.latest) < much else self.latest[0] + MINUTE - at

    def take(self, at: float) -> None:
        self.latest.append(at)


@define
class Server:
    """One vendor: its weather, the fates of all requests, and its books."""

    vendor: Vendor
    weather: Weather
    asked: Sequence[Asked]
    fates: Sequence[Fate]
    sent: list[Sent]
    limit: Limit = Factory(Limit)
    jobs: dict[str, Made] = Factory(dict)
    tries: dict[int, int] = Factory(dict)

    def order(self, body: Mapping[str, object], at: float, *, resting: bool = False) -> Said:
        """The answer to a paid call, whose prompt ends with the request's number."""
        number = int(str(body["prompt"]).rpartition(" ")[2])
        said, accepted, able = self._order(number, at)
        good = accepted and self._made(number, at, said.wait)
        billed = self.bill(number, at) if good else 0.0
        clear = said.body != GATEWAY
        name = self.vendor.name
        self.sent.append(Sent(number, name, at, said.status, accepted, billed, clear, able, resting))
        return said

    def _order(self, number: int, at: float) -> tuple[Said, bool, bool]:
        """The answer, whether it was accepted, and whether this vendor can make it at all."""
        able = self.vendor.can(self.asked[number].request)
        if refused := self._refused(at):
            return refused, False, able
        if not able:
            return Said(422, b"not here"), False, able
        draw = self._draw(number)
        self.limit.take(at)
        if draw(self.fates[number].doubt) < (self.weather.now(Kind.DOUBTFUL, at) or 0.0):
            return Said(503, GATEWAY), draw(self.fates[number].accepted) < 0.5, able
        return Said(200, json.dumps({"id": self._handle(number)}).encode()), True, able

    def _refused(self, at: float) -> Said | None:
        down = self.weather.down(at)
        if down is not None:
            return DOWN[down]
        wait = self.limit.wait(self.weather.now(Kind.LIMITED, at), at)
        return Said(429, b"slower", {"retry-after": str(math.ceil(wait))}) if wait else None

    def _draw(self, number: int):
        tried = self.tries[number] = self.tries.get(number, -1) + 1
        return lambda share: (share + tried * GOLDEN) % 1.0

    def _handle(self, number: int) -> str:
        return f"{self.vendor.name}-{number}-{self.tries[number]}"

    def _made(self, number: int, at: float, wait: float) -> bool:
        good = self.good(number, at)
        self.jobs[self._handle(number)] = Made(at + wait + self.seconds(number, at), good)
        return good

    def look(self, handle: str, at: float) -> Said:
        """The answer to a look at a job."""
        made = self.jobs[handle]
        state = "running" if at < made.ready else "succeeded" if made.good else "failed"
        return Said(200, STATES[state], wait=REFUSED_S * 2)

    # What is true whoever asks.

    def good(self, number: int, at: float) -> bool:
        """Whether a job begun now gives a clip."""
        return self.fates[number].mishap >= max(MISHAP, self.weather.now(Kind.FAILING, at) or 0.0)

    def bill(self, number: int, at: float) -> float:
        """What a clip ordered now is billed, in dollars."""
        lowest, highest = self.vendor.inexact
        wrong = 1.0 + lowest + (highest - lowest) * self.fates[number].inexact
        return self.vendor.price(self.asked[number].seconds) * wrong * (self.weather.now(Kind.PRICED, at) or 1.0)

    def seconds(self, number: int, at: float) -> float:
        """How long a job begun now takes."""
        fixed, each = self.vendor.takes_s
        slow = self.weather.now(Kind.SLOW, at) or 1.0
        return (fixed + each * self.asked[number].seconds) * self.fates[number].pace * slow

    def takes(self, number: int, at: float, limit: Limit) -> bool:
        """Whether an order sent now would be taken, plainly answered, and end well."""
        return (
            self.vendor.can(self.asked[number].request)
            and self.weather.down(at) is None
            and not limit.wait(self.weather.now(Kind.LIMITED, at), at)
            and self.fates[number].doubt >= (self.weather.now(Kind.DOUBTFUL, at) or 0.0)
            and self.good(number, at)
        )


STATES = {state: json.dumps({"state": state}).encode() for state in ("running", "succeeded", "failed")}
DOWN: Mapping[Kind, Said] = {
    Kind.REFUSED: Said(None, wait=REFUSED_S),
    Kind.FULL: Said(503, FULL.encode()),
    Kind.LOCKED: Said(403, b"locked"),
}


def _fates(name: str, seed: int, many: int) -> Iterator[Fate]:
    chance = Random(f"{seed} {name}")
    for _ in range(many):
        pace = math.exp(SPREAD * chance.gauss(0.0, 1.0))
        yield Fate(pace, chance.random(), chance.random(), chance.random(), chance.random())


def servers(spells: Sequence[Spell], asked: Sequence[Asked], seed: int) -> Mapping[str, Server]:
    """All vendors, with one book of what was sent. Limits are for a full crowd, and lower where fewer come."""
    sent: list[Sent] = []
    fewer = min(1.0, len(asked) / FULL_CROWD)
    spells = [evolve(one, much=one.much * fewer) if one.kind is Kind.LIMITED else one for one in spells]
    return {
        vendor.name: Server(
            vendor,
            Weather(tuple(spell for spell in spells if spell.vendor == vendor.name)),
            asked,
            tuple(_fates(vendor.name, seed, len(asked))),
            sent,
        )
        for vendor in VENDORS
    }
