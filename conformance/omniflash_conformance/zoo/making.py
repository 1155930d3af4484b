"""How broken adapters are made from sound ones: by another declaration, by another body, by another first call."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from attrs import evolve, frozen

from omniflash.adapter import Field, Offer, Order, Wire
from omniflash.effects import Call, Effect, Flow
from omniflash.jobs import Disposition, Job
from omniflash.money.quotes import PriceRow
from omniflash.spec import Mode
from omniflash.types import JSON

from .altered import Altered
from .careless import changed

Body: TypeAlias = dict[str, JSON]
Change: TypeAlias = Callable[[Order, Body], Body]
Fates: TypeAlias = tuple[Disposition, ...]


@frozen
class Declaring(Altered):
    """An adapter that declares what is `said`, and else does as the sound one."""

    said: Mapping[str, Any]

    def __getattribute__(self, name: str) -> Any:
        said = super().__getattribute__("said")
        return said[name] if name in said else super().__getattribute__(name)


@frozen
class Rewired(Altered):
    """An adapter that sends another body; `fates` is what it then tells of the fields."""

    change: Change
    fates: Callable[[Fates], Fates] = tuple

    def wire(self, order: Order) -> Wire:
        found = self.sound.wire(order)
        return Wire(self.change(order, dict(found.body)), self.fates(found.dispositions))

    def submit(self, order: Order) -> Flow[Job]:
        return changed(self.sound.submit(order), _calls(partial(self._changed, order)))

    def _changed(self, order: Order, call: Call) -> Call:
        body: Any = call.json
        return evolve(call, json=self.change(order, dict(body)))


@frozen
class Calling(Altered):
    """An adapter whose paid call is another one."""

    change: Callable[[Call], Call]

    def submit(self, order: Order) -> Flow[Job]:
        return changed(self.sound.submit(order), _calls(self.change))


def _calls(change: Callable[[Call], Call]) -> Callable[[Effect], Effect]:
    return lambda effect: change(effect) if isinstance(effect, Call) else effect


def declaring(sound: Any, **said: Any) -> Declaring:
    """The sound adapter with some of its declaration said otherwise."""
    return Declaring(sound, said)


def offering(sound: Any, change: Callable[[Offer], Offer], *modes: Mode, **said: Any) -> Declaring:
    """The sound adapter with its offers changed, in all modes or in these."""
    offers = tuple(change(offer) if offer.mode in (modes or tuple(Mode)) else offer for offer in sound.offers)
    return Declaring(sound, {"offers": offers, **said})


def priced(sound: Any, change: Callable[[PriceRow], PriceRow]) -> Declaring:
    """The sound adapter with other prices."""
    return offering(sound, lambda offer: evolve(offer, price=change(offer.price)))


def with_fields(offer: Offer, **fields: Field) -> Offer:
    """The offer with these fields added, or in place of its own."""
    return evolve(offer, fields={**offer.fields, **fields})


def field_changed(name: str, **changes: Any) -> Callable[[Offer], Offer]:
    """A change of one field in those offers that have it."""

    def change(offer: Offer) -> Offer:
        if name not in offer.fields:
            return offer
        return with_fields(offer, **{name: evolve(offer.fields[name], **changes)})

    return change
