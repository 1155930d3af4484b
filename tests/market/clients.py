"""Our client in the market: the House's own flows, many at a time, by one schedule and a driver that sends nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property, partial
from heapq import heappop, heappush
from random import Random
from typing import Any

from attrs import define, evolve, field, frozen

from omniflash import Clip
from omniflash.drive.base import World
from omniflash.drive.network import encoded
from omniflash.drive.settings import Network
from omniflash.effects import (
    Call,
    Flow,
    Hold,
    Moment,
    NoAnswerTrouble,
    NotSentTrouble,
    Now,
    Pause,
    Record,
    Response,
    Tell,
    Turn,
)
from omniflash.errors import OmniflashError, SubmissionUncertain
from omniflash.house import House
from omniflash.money.entries import Answer, Intended
from tests.market.people import Asked
from tests.market.servers import Said, Server
from tests.market.vendors import VENDORS, repriced
from tests.stage import DAY

TIMEOUT_S = 1_200.0
NO_FILE = "/dev/null"  # no settings of whoever runs this
POLICY = "cheapest"


@frozen
class Ended:
    """How one request ended, and when: with a clip of a vendor's, uncertain, or as `said`."""

    number: int
    at: float
    vendor: str | None = None
    uncertain: bool = False
    said: str = ""


@define
class Schedule:
    """What happens when; also the clock of everybody."""

    ticks: float = 0.0
    shared: object = field(factory=object, eq=False)
    _events: list[tuple[float, int, Callable[[Any], None], Any]] = field(factory=list)
    _number: int = 0
    _moment: Moment = Moment(DAY, 0.0)  # noqa: RUF009 - a frozen value

    def after(self, seconds: float, what: Callable[[Any], None], value: Any = None) -> None:
        """Have something happen in so many seconds."""
        self._number += 1
        heappush(self._events, (self.ticks + seconds, self._number, what, value))

    def run(self) -> None:
        """Let everything happen."""
        events = self._events
        while events:
            self.ticks, _, what, value = heappop(events)
            what(value)

    def now(self) -> Moment:
        if self._moment.ticks != self.ticks:  # it is asked for many times at each moment
            self._moment = Moment(DAY + timedelta(seconds=self.ticks), self.ticks)
        return self._moment

    def allowance(self, ticks: float) -> float:
        return ticks

    def real_seconds(self, ticks: float) -> float:
        return ticks

    def passed(self, ticks: float) -> None:
        """The schedule needs no telling."""


class Later:
    """What takes time: it is answered when something else has happened."""


LATER = Later()


class Driver(World):
    """Carries out the effects of many flows at once."""

    def __init__(self, client: "Client", schedule: Schedule, servers: Mapping[str, Server], seed: int) -> None:
        super().__init__(client.accounts, Network(), schedule, *client.recorders)
        self.client, self.schedule, self.servers = client, schedule, servers
        self.chance = Random(f"{seed} pauses")

    def start(self, flow: Flow[Clip], ended: Callable[[Clip | BaseException], None]) -> None:
        """Have a flow go on until its end."""
        _Doing(self, flow, ended).go(partial(next, flow))

    @cached_property
    def carries(self) -> Mapping[type, Callable[["_Doing", Any], Any]]:
        return {
            Now: lambda doing, effect: self.schedule.now(),
            Turn: self._turn,
            Hold: lambda doing, effect: self.hold(effect),
            Pause: self._pause,
            Call: self._call,
            Record: self._record,
            Tell: lambda doing, effect: self.notice(effect.status),
        }

    def _pause(self, doing: "_Doing", pause: Pause) -> Later:
        self.schedule.after(pause.seconds * (1.0 + self.chance.random() * pause.spread), doing.sent)
        return LATER

    def _turn(self, doing: "_Doing", turn: Turn) -> bool | Later:
        wait = self.turn(turn)
        if not wait:
            return wait is not None
        self.schedule.after(wait, doing.sent, True)
        return LATER

    def _record(self, doing: "_Doing", effect: Record) -> Answer:
        if isinstance(effect.entry, Intended):
            doing.resting = self.client.rests(effect.entry.order.account)
        return self.record(effect)

    def _call(self, doing: "_Doing", call: Call) -> Later:
        server, at = self.servers[call.account], self.schedule.ticks
        if call.name == "submit":
            said = server.order(_body(call), at, resting=doing.resting)
            doing.resting = False  # the same order sent again is not begun again
        else:
            said = server.look(call.url.rpartition("/")[2], at)
        patience = self.patience(call)
        if said.wait > patience:
            self.schedule.after(patience, doing.thrown, NoAnswerTrouble("ReadTimeout"))
        elif said.status is None:
            self.schedule.after(said.wait, doing.thrown, NotSentTrouble("ConnectError"))
        else:
            self.schedule.after(said.wait, partial(self._answered, doing, call), said)
        return LATER

    def _answered(self, doing: "_Doing", call: Call, said: Said) -> None:
        doing.sent(self.remember(call, Response(said.status or 0, said.headers, said.body)))


def _body(call: Call) -> Mapping[str, object]:
    encoded(call)  # it has to be JSON
    return call.json  # type: ignore[return-value]


@define(eq=False)
class _Doing:
    """One flow under way. `resting` is set while an order is about to be sent to where its client lets be."""

    driver: Driver
    flow: Flow[Clip]
    ended: Callable[[Clip | BaseException], None]
    resting: bool = False

    def sent(self, value: Any) -> None:
        self.go(partial(self.flow.send, value))

    def thrown(self, problem: Exception) -> None:
        self.go(partial(self.flow.throw, problem))

    def go(self, step: Callable[[], Any]) -> None:
        """Go on until something takes time."""
        carries, send = self.driver.carries, self.flow.send
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                return self.ended(stop.value)
            except OmniflashError as problem:
                return self.ended(problem)
            try:
                answer = carries[type(effect)](self, effect)
            except OmniflashError as problem:
                step = partial(self.flow.throw, problem)
                continue
            if answer is LATER:
                return None
            step = partial(send, answer)


class Client(House):
    """As Client and AsyncClient: each request is the flow of `generate`, handed to a driver."""

    def __init__(self, schedule: Schedule, servers: Mapping[str, Server], seed: int, policy: str = POLICY) -> None:
        providers = [vendor.provider() for vendor in VENDORS]
        super().__init__(providers, policy=policy, config_file=NO_FILE)
        self._clock = schedule
        self.driver = Driver(self, schedule, servers, seed)

    @property
    def recorders(self) -> Sequence[Any]:
        return self._recorders

    def rests(self, account: str) -> bool:
        """Whether its own memory says that nothing should be begun there now."""
        return self.driver.memory.health(account).resting_until(self._clock.now().at) is not None

    def ask(self, asked: Asked, ended: Callable[[Clip | BaseException], None]) -> None:
        """What `generate` does."""
        planned = self._planning(asked.request, {})
        self.driver.start(self._generating(planned, None, None, TIMEOUT_S, None), ended)

    def reprice(self, vendor: str, factor: float) -> None:
        """Its price rows have been written anew, and the app has read them."""
        accounts = tuple(
            evolve(account, adapter=repriced(account.adapter, factor)) if account.name == vendor else account
            for account in self._desk.accounts
        )
        self._desk = evolve(self._desk, accounts=accounts)
        self.driver.accounts = self.accounts


@define
class Run:
    """All requests of a scenario, through one client."""

    client: Client
    schedule: Schedule
    ended: list[Ended] = field(factory=list)

    def of(self, crowd: Sequence[Asked]) -> Sequence[Ended]:
        """How they ended."""
        for asked in crowd:
            self.schedule.after(asked.at, self._begin, asked)
        self.schedule.run()
        return self.ended

    def _begin(self, asked: Asked) -> None:
        self.client.ask(asked, partial(self._end, asked.number))

    def _end(self, number: int, result: Clip | BaseException) -> None:
        at = self.schedule.ticks
        if isinstance(result, Clip):
            self.ended.append(Ended(number, at, result.provider))
        else:
            uncertain = isinstance(result, SubmissionUncertain)
            self.ended.append(Ended(number, at, None, uncertain, f"{type(result).__name__}: {result}"))
