"""Adapters that lose a field, or tell of its fate what is not so (CAP-DISPOSE)."""

from collections.abc import Callable

from attrs import evolve

from omniflash.adapter import Adapter, Order
from omniflash.discovery import adapter
from omniflash.jobs import Disposition, Fate

from .making import Body, Fates, Rewired
from .specimen import broken

CLAUSE = "CAP-DISPOSE"


def _as_it_is(order: Order, body: Body) -> Body:
    return body


def _each(change: Callable[[Disposition], Disposition]) -> Callable[[Fates], Fates]:
    return lambda fates: tuple(map(change, fates))


@broken(CLAUSE, "drops the seed", provider="pixeldojo")
def drops_the_seed() -> Adapter:
    return Rewired(adapter("pixeldojo"), lambda order, body: {n: value for n, value in body.items() if n != "seed"})


@broken(CLAUSE, "says nothing of what it keeps")
def silent_about_kept() -> Adapter:
    return Rewired(adapter("fal"), _as_it_is, lambda fates: tuple(one for one in fates if one.fate is not Fate.KEPT))


@broken(CLAUSE, "tells the fate of every field, set or not")
def tells_of_unset() -> Adapter:
    seed = Disposition("seed", Fate.KEPT, note="this provider draws its own")
    return Rewired(adapter("fal"), _as_it_is, lambda fates: (*fates, seed))


@broken(CLAUSE, "tells each field that is sent twice")
def tells_twice() -> Adapter:
    return Rewired(adapter("fal"), _as_it_is, lambda fates: (*fates, *(one for one in fates if one.fate is Fate.SENT)))


@broken(CLAUSE, "says that it keeps the aspect ratio, and sends it")
def keeps_and_sends() -> Adapter:
    def kept(one: Disposition) -> Disposition:
        return evolve(one, fate=Fate.KEPT, wire=None, value=None) if one.field == "aspect_ratio" else one

    return Rewired(adapter("fal"), _as_it_is, _each(kept))


@broken(CLAUSE, "tells the duration that was asked for, and sends a shorter one")
def tells_another_duration() -> Adapter:
    def shortened(order: Order, body: Body) -> Body:
        return {**body, "duration": 8} if body.get("duration") in (9, 10) else body

    return Rewired(adapter("fal"), shortened)


@broken(CLAUSE, "sends a seed that it was to drop")
def sends_a_dropped_seed() -> Adapter:
    def with_seed(order: Order, body: Body) -> Body:
        return {**body, "seed": order.request.seed} if "seed" in order.dropped else body

    return Rewired(adapter("fal"), with_seed)
