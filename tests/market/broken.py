"""Routers that are broken, each in one way, and the scenario and the mark by which each has to be caught."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from omniflash import Clip
from omniflash.effects import Flow, Record
from omniflash.errors import SubmissionUncertain
from omniflash.house import House
from omniflash.money.entries import Answer, Consulting, Intended, Known
from omniflash.routing.plan import Plan
from tests.market.clients import Client, Driver, Schedule
from tests.market.scenarios import END, Scenario
from tests.market.servers import Server
from tests.market.vendors import ANY_LENGTH, BY_NAME, EVERYTHING
from tests.market.weather import Kind, Spell


class Dearest(Client):
    """Asks the dearest first."""

    def _planning(self, *args: Any) -> Flow[Plan]:
        plan = yield from super()._planning(*args)
        return evolve(plan, candidates=plan.candidates[::-1])


class Single(Client):
    """Asks nobody but the best."""

    def _planning(self, *args: Any) -> Flow[Plan]:
        plan = yield from super()._planning(*args)
        return evolve(plan, candidates=plan.candidates[:1])


class Rash(Client):
    """Goes on to the next when nobody knows what came of an order."""

    def _generating(self, planned: Flow[Plan], *args: Any) -> Flow[Clip]:
        plan = yield from planned
        while True:
            try:
                return (yield from super()._generating(_made(plan), *args))
            except SubmissionUncertain as problem:
                asked = problem.order.account if problem.order else None
                plan = evolve(plan, candidates=tuple(one for one in plan.candidates if one.account != asked))


def _made(plan: Plan) -> Flow[Plan]:
    return plan
    yield


class Heedless(Client):
    """Learns of its vendors' health, and does not ask for it."""

    def __init__(self, schedule: Schedule, servers: Mapping[str, Server], seed: int) -> None:
        super().__init__(schedule, servers, seed)
        self.driver = _Heedless(self, schedule, servers, seed)


class _Heedless(Driver):
    def record(self, effect: Record) -> Answer:
        if isinstance(effect.entry, Consulting):
            return Known()
        if isinstance(effect.entry, Intended):
            return super().record(Record(evolve(effect.entry, heed=False)))
        return super().record(effect)


class Boastful(Client):
    """Takes every vendor for one that can do everything."""

    def __init__(self, schedule: Schedule, servers: Mapping[str, Server], seed: int) -> None:
        super().__init__(schedule, servers, seed)
        able = {"modes": EVERYTHING, "lengths": ANY_LENGTH, "seed": True, "formats": ("mp4", "webm", "mov")}
        accounts = tuple(
            evolve(account, adapter=evolve(account.adapter, offers=evolve(BY_NAME[account.name], **able).offers()))
            for account in self._desk.accounts
        )
        self._desk = evolve(self._desk, accounts=accounts)
        self.driver.accounts = self.accounts


@frozen
class Broken:
    """A broken router; `caught` is what the judge has to say of it in this scenario."""

    told: str
    make: Callable[[Schedule, Mapping[str, Server], int], House]
    scenario: Scenario
    caught: str


FINE = Scenario(name="fine", told="nothing goes wrong")
DOUBT = Scenario(name="doubt", told="doubt", spells=(Spell("buckets", Kind.DOUBTFUL, 0.0, END, 0.3),))
LOCKED = Scenario(name="locked", told="locked", spells=(Spell("buckets", Kind.LOCKED, 0.0, END),))
ALL: Sequence[Broken] = (
    Broken("asks the dearest first", Dearest, FINE, "cost is"),
    Broken("asks nobody but the best", Single, LOCKED, "succeed"),
    Broken("goes on after an uncertain order", Rash, DOUBT, "sent after an uncertain one"),
    Broken("does not heed health", Heedless, LOCKED, "begun where the circuit was open"),
    Broken("sends to who cannot make it", Boastful, FINE, "cannot make them"),
)
