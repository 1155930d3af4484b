"""A specimen: a subject that is broken in one way, and the clause that has to catch it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

from attrs import field, frozen

from omniflash.adapter import Adapter
from omniflash.spec import CLAUSES, Subject

from ..subject import ClientKind, Spec

Maker: TypeAlias = Callable[[], Adapter | ClientKind | Spec]


@frozen
class Specimen:
    """One broken subject. `habit` says what it does wrong; `provider` is whose protocol it speaks."""

    habit: str
    clause: str
    provider: str
    make: Maker = field(repr=False, eq=False)

    @property
    def subject(self) -> Subject:
        return CLAUSES[self.clause].subject


_SPECIMENS: dict[str, Specimen] = {}


def broken(clause: str, habit: str, *, provider: str = "fal") -> Callable[[Maker], Maker]:
    """Registers what makes a subject that breaks a clause by this habit."""

    def registered(make: Maker) -> Maker:
        if habit in _SPECIMENS or clause not in CLAUSES:
            raise ValueError(f"each habit is one of its own, and breaks a clause that there is: {habit!r}, {clause!r}")
        _SPECIMENS[habit] = Specimen(habit, clause, provider, make)
        return make

    return registered


def specimens() -> Mapping[str, Specimen]:
    """Every specimen, by its habit, in the order of the clauses."""
    from omniflash_conformance import zoo

    for module in iter_modules(zoo.__path__):
        import_module(f"{zoo.__name__}.{module.name}")
    order = {clause: number for number, clause in enumerate(CLAUSES)}
    return dict(sorted(_SPECIMENS.items(), key=lambda item: order[item[1].clause]))
