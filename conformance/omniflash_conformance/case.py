"""A case: one thing that a clause demands, looked at in one way, under an id that is kept for ever."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeAlias

from attrs import field, frozen

from omniflash.spec import CLAUSES, Clause, Mode, Subject

Play: TypeAlias = Callable[[Any], None]  # what it is handed is told by the clause's subject: see `bench`


class Needs(StrEnum):
    """What a case cannot do without. A ground says which of these it gives."""

    NOTHING = "nothing"
    FIXED = "a recording or a server"  # always the same exchanges, in the same order: these can be recorded
    SERVER = "a server"
    FAULTS = "a server that goes wrong on demand"


class Profile(StrEnum):
    """What a provider can claim. Everybody claims CORE and RELIABILITY; the others follow from what is declared."""

    CORE = "core"
    EDITING = "editing"
    REFINE = "refine"
    UPLOADS = "uploads"
    WEBHOOKS = "webhooks"
    RELIABILITY = "reliability"
    LIVE_MEDIA = "live-media"


OF_MODE: Mapping[Mode, Profile] = {Mode.EDIT: Profile.EDITING, Mode.REFINE: Profile.REFINE}


@frozen
class Case:
    """One case. `title` says what holds when it does.

    `modes` are those that it is run for, one after another, as far as they are offered; None is once for a provider.
    `recording` names the cassette of a FIXED case. `clips` is how many clips a run buys where they cost something.
    """

    id: str
    title: str
    play: Play = field(repr=False, eq=False)
    needs: Needs = Needs.NOTHING
    profile: Profile = Profile.CORE
    modes: tuple[Mode, ...] | None = None
    recording: str | None = None
    clips: int = 0

    @property
    def clause(self) -> Clause:
        return CLAUSES[self.id.rpartition("-")[0]]

    @property
    def subject(self) -> Subject:
        return self.clause.subject

    def profile_in(self, mode: Mode | None) -> Profile:
        """What it belongs to when it is run for a mode: editing and refining are profiles of their own."""
        return OF_MODE.get(mode, self.profile) if mode and self.profile is Profile.CORE else self.profile

    def cassette(self, mode: Mode | None) -> str | None:
        """The name of its recording for a mode."""
        return self.recording and self.recording.format(mode=mode.replace("_", "-") if mode else "")


CASES: dict[str, Case] = {}
# Ids of cases that there once were, so that none ever means something else.
RETIRED: frozenset[str] = frozenset()
EVERY_MODE = tuple(Mode)


def case(
    id: str,  # noqa: A002 - a case's id is what everybody calls it
    title: str,
    *,
    needs: Needs = Needs.NOTHING,
    profile: Profile = Profile.CORE,
    modes: Iterable[Mode] | None = None,
    recording: str | None = None,
    clips: int = 0,
) -> Callable[[Play], Play]:
    """Registers a function as a case. It raises a Finding for whatever is not simply held."""

    def registered(play: Play) -> Play:
        made = Case(id, title, play, needs, profile, None if modes is None else tuple(modes), recording, clips)
        if id in CASES or id in RETIRED or id.rpartition("-")[0] not in CLAUSES or not id.rpartition("-")[2].isdigit():
            raise ValueError(f"a case's id is a clause's, a dash and a number that no other ever had, not {id!r}")
        CASES[id] = made
        return play

    return registered


def cases() -> Mapping[str, Case]:
    """Every case of the suite, by id."""
    from omniflash_conformance import cases as package

    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(CASES.items(), key=lambda item: _order(item[0])))


_CLAUSE_ORDER = {clause: number for number, clause in enumerate(CLAUSES)}


def _order(id: str) -> tuple[int, int]:  # noqa: A002
    clause, _, number = id.rpartition("-")
    return _CLAUSE_ORDER[clause], int(number)
