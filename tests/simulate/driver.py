"""The third interpreter of effects: one process of a client, whose time, network and disk are simulated.

It is as long as the drivers for sync and async, and shares with them what they share. At every yield somebody may kill
the process, press Ctrl-C or cancel it: before the effect took place, in the middle, or after.
"""

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from types import GeneratorType
from typing import Any, TypeAlias, TypeVar

import httpx
from attrs import field, frozen

from omniflash import Clip, Job, Provider
from omniflash.drive.base import World
from omniflash.drive.network import is_paid, request_of, response_of, secrets_in, start_of
from omniflash.drive.settings import Network as Settings
from omniflash.effects import Call, Drop, Flow, Hold, Now, Pause, Record, Response, Save, Saved, Tell, Turn
from omniflash.errors import ConfigurationError
from omniflash.house import House
from omniflash.jobs import Cancellation
from omniflash.money.entries import Accepted, Answer, Delivered, Entry, Finished, Left
from omniflash.money.ledger import Ledger
from tests.simulate.history import Chance
from tests.simulate.network import Network
from tests.simulate.vendor import KEYS
from tests.simulate.world import Disk, Doing, Schedule, Ticks

T = TypeVar("T")
Handlers: TypeAlias = Mapping[type, Callable[[Any], Any]]
TIMEOUT_S = 300.0
NO_FILE = "/dev/null"  # no settings of whoever runs this


class Killed(BaseException):
    """The process is gone: nothing of it goes on, and nobody is told."""


class When(StrEnum):
    """When something breaks in on an effect."""

    BEFORE = "before"
    DURING = "in the middle of"
    AFTER = "after"


@frozen
class Break:
    """Something breaks in."""

    what: type[BaseException] | None = None
    when: When = When.BEFORE

    def __str__(self) -> str:
        return f"{self.what.__name__} {self.when} it" if self.what else "fine"


KINDS = (Killed, KeyboardInterrupt, asyncio.CancelledError)
NOTHING = Break()
BREAKS = (NOTHING, *(Break(what, when) for what in KINDS for when in When))
MIDST = (NOTHING, *(Break(what) for what in KINDS))
KILLS = tuple(broken for broken in BREAKS if broken.what in (None, Killed))  # the async driver shields the rest
BAD_MOMENT = "break at a bad moment"  # while money is spent, or something half written
STALLS = (0.0, 0.01, 5.0, 30.0, 400.0)
JUMPS = (0.0, 400.0, -400.0, 90_000.0, -90_000.0)
SHARES = (0.0, 1.0, 0.5)  # of a pause's spread
LEDGER = ("fine", "full", "written, and said not to be")
LEAVING = (Delivered, Finished, Left)  # how a holder is done with a job
LEASE_S = 100.0  # shorter than any


@frozen
class Universe:
    """All that processes share: the chance, the schedule, the network, the disk and the ledger; and what went wrong.

    `dead` holds the runs of the processes that have ended, `at` the flow that is at each URL that is looked at;
    `untimely` tells why a lease may
    have been lost: its holder was away for too long, by its clock or by the wall's, or could not write.
    """

    chance: Chance
    schedule: Schedule
    network: Network
    disk: Disk
    ledger: Ledger
    breaches: list[tuple[str, str]]
    dead: set[str]
    at: dict[str, object] = field(factory=dict, eq=False)
    untimely: list[str] = field(factory=list)


def label(effect: Any) -> str:
    """An effect in a word or two: `Record Accepted`, `Call submit`."""
    part = getattr(effect, "call", None) or getattr(effect, "entry", None)
    part = type(part).__name__ if isinstance(effect, Record) else getattr(effect, "name", None) or part
    name = part.name if isinstance(part, Call) else part
    return f"{type(effect).__name__} {name}" if name else type(effect).__name__


class Driver(World):
    """Runs the flows of one process.

    `turns` are the ticks at which calls of each account had their turn. `held` are the vendor's ids that a flow wanted
    written down; `excused` says that this may have failed.
    """

    def __init__(self, name: str, universe: Universe, client: "Client") -> None:
        clock = Ticks(universe.schedule, 1_000.0 * len(name) + universe.schedule.now % 7)
        super().__init__(client.accounts, Settings(), clock, self._written)
        self.name, self.universe, self.client = name, universe, client
        self.chance = universe.chance
        self.turns: dict[str, list[float]] = {}
        self.held: list[Job] = []
        self.breaks, self.excused = 0, False

    def run(self, flow: Flow[T]) -> Doing[T]:
        """The result of a flow, each of whose effects is carried out here."""
        try:
            return (yield from self._run(flow))
        finally:
            self._left(flow)

    def _run(self, flow: Flow[T]) -> Doing[T]:
        step, self.paying, leaving = partial(next, flow), False, None
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                result: T = stop.value
                return result
            if leaving and not isinstance(effect, Record | Drop):
                self._breach("went on after an interruption", f"{label(effect)} after {leaving!r}")
            self._watched(flow, effect)
            try:
                answer = yield from self._carried(effect, shielded=isinstance(leaving, asyncio.CancelledError))
            except Killed:
                self._closed(flow)
                raise
            except BaseException as problem:  # noqa: BLE001 - it is the flow's to judge
                leaving = leaving or (None if isinstance(problem, Exception) else problem)
                step = partial(flow.throw, problem)
            else:
                step = partial(flow.send, answer)

    def _watched(self, flow: object, effect: Any) -> None:
        """Nobody looks at a job that somebody else is at."""
        if isinstance(effect, Record) and isinstance(effect.entry, LEAVING) and effect.entry.holder is not None:
            self._left(flow)
        if not isinstance(effect, Call) or effect.name != "status":
            return
        if self.universe.at.setdefault(effect.url, flow) is not flow and not self.universe.untimely:
            self._breach("two at once", f"another is at {effect.url} too")

    def _left(self, flow: object) -> None:
        at = self.universe.at
        for url in [url for url, whose in at.items() if whose is flow]:
            del at[url]

    def _carried(self, effect: Any, *, shielded: bool) -> Doing[Any]:
        name = label(effect)
        if isinstance(effect, Record) and isinstance(effect.entry, Accepted):
            self.held.append(effect.entry.job)
        yield from self._stalled(name)
        kind = BAD_MOMENT if isinstance(effect, Record | Save) or name == "Call submit" else "break"
        broken = self.chance.choose(kind, self.name, name, KILLS if shielded else BREAKS)
        self._break(broken, When.BEFORE)
        doing = self._carries[type(effect)](effect)
        if isinstance(doing, GeneratorType):
            if broken.when is When.DURING and broken.what:
                _begun(doing)
            else:
                doing = yield from doing
        self._break(broken, When.DURING)
        self._break(broken, When.AFTER)
        return doing

    def _stalled(self, name: str) -> Doing[None]:
        stall = self.chance.choose("stall", self.name, f"before {name}", STALLS)
        if stall:
            self.universe.untimely.extend([name] * (stall > LEASE_S))
            yield from self.universe.schedule.sleep(stall)

    def _break(self, broken: Break, when: When) -> None:
        if broken.what is not None and broken.when is when:
            self.breaks += 1
            raise broken.what

    def _closed(self, flow: Flow[Any]) -> None:
        try:
            flow.close()
        except RuntimeError as problem:
            self._breach("went on after it was closed", str(problem))

    def _breach(self, name: str, told: str) -> None:
        self.universe.breaches.append((name, f"{self.name}: {told}"))

    @cached_property
    def _carries(self) -> Handlers:
        disk: Handlers = {kind: partial(handler, self.name) for kind, handler in self.universe.disk.carries.items()}
        own: Handlers = {Call: self._call, Save: self._save, Pause: self._pause, Turn: self._turn, Now: self._now}
        return {**own, **disk, Hold: self.hold, Record: self.record, Tell: lambda tell: self.notice(tell.status)}

    def _call(self, call: Call) -> Doing[Response]:
        if known := self.remembered(call):
            return known
        patience = self.patience(call)
        request = request_of(self.accounts[call.account], call, patience)
        self.paying = self.paying or is_paid(call)
        heard = yield from self.universe.network.exchange(self.name, call.name, request, patience)
        return self.remember(call, self._response(call, heard.answer))

    def _response(self, call: Call, answer: httpx.Response) -> Response:
        return response_of(answer, secrets_in(self.accounts[call.account], call), answer.content)

    def _save(self, effect: Save) -> Doing[Saved]:
        call = effect.call
        request = request_of(self.accounts[call.account], call, self.network.timeout)
        heard = yield from self.universe.network.exchange(self.name, call.name, request, self.network.timeout)
        response = self._response(call, heard.answer)
        if not heard.answer.is_success:
            return Saved(response, effect.offset)
        came = response.body[: int(len(response.body) * heard.part)]
        size, half = start_of(heard.answer, effect.offset), len(came) // 2
        for piece in (came[:half], came[half:]):
            size = self.universe.disk.write(self.name, effect.path, size, piece)
            self._break(self.chance.choose(BAD_MOMENT, self.name, "piece of a clip", MIDST), When.BEFORE)
        return Saved(response, size, cut=heard.part < 1)

    def _pause(self, pause: Pause) -> Doing[None]:
        share = self.chance.choose("order", self.name, "share of a pause", SHARES)
        yield from self.universe.schedule.sleep(pause.seconds * (1.0 + share * pause.spread))

    def _turn(self, turn: Turn) -> Doing[bool]:
        wait = self.turn(turn)
        if wait:
            yield from self.universe.schedule.sleep(wait)
        if wait is not None:
            self.turns.setdefault(turn.account, []).append(self.clock.now().ticks)
        return wait is not None

    def _now(self, now: Now) -> object:
        jump = self.chance.choose("clock", self.name, "clock on the wall", JUMPS)
        self.universe.schedule.jumped += jump
        self.universe.untimely.extend(["a jump"] * bool(jump))
        return self.now(now)

    def _written(self, entry: Entry) -> Answer:
        name = type(entry).__name__
        how = self.chance.choose("ledger", self.name, f"ledger for {name}", LEDGER)
        if isinstance(entry, Accepted):
            self.excused = self.excused or how == "full"
        self.universe.untimely.extend([how] * (how != "fine"))
        if how == "full":
            raise ConfigurationError("the ledger cannot be used: the disk is full")
        answer = self.client.write_down(entry)
        if how != "fine":
            raise ConfigurationError("the ledger cannot be used: the connection was lost")
        return answer


def _begun(doing: Doing[Any]) -> None:
    """Let something begin that nobody will hear the end of."""
    try:
        next(doing)(lambda heard: None)
    except StopIteration:
        return
    finally:
        doing.close()


class Client(House):
    """As Client and AsyncClient: each method is a flow of the House, handed to a driver."""

    def __init__(self, name: str, universe: Universe, accounts: tuple[str, ...]) -> None:
        providers = [Provider(account, key=KEYS[account]) for account in accounts]
        super().__init__(providers, policy="ordered", ledger=universe.ledger, config_file=NO_FILE)
        self.driver = Driver(name, universe, self)

    @property
    def run(self) -> str:
        """What the ledger knows this process by."""
        return self._desk.run

    def write_down(self, entry: Entry) -> Answer:
        """Write to the ledger, as it is."""
        return self._write_down(entry)

    def generate(self, prompt: str, key: str | None, target: Path) -> Doing[Clip]:
        return self.driver.run(self._generating(self._planning(prompt, {}), key, None, TIMEOUT_S, target))

    def submit(self, prompt: str, key: str | None) -> Doing[Job]:
        plan = yield from self.driver.run(self._planning(prompt, {}))
        return (yield from self.driver.run(self._submitting(plan, key, None)))

    def wait(self, job: Job) -> Doing[Clip]:
        return self.driver.run(self._waiting(job, TIMEOUT_S))

    def cancel(self, job: Job) -> Doing[Cancellation]:
        return self.driver.run(self._cancelling(job))

    def save(self, clip: Clip, target: Path) -> Doing[Path]:
        return self.driver.run(self._saving(clip, target))
