"""What happens to vendors and when: spells, each of one kind, at one vendor, for a while."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from attrs import frozen


class Kind(StrEnum):
    """What a vendor suffers from."""

    REFUSED = "refuses connections"
    FULL = "503, in its own words: nothing was created"
    LOCKED = "403, the account is locked"
    LIMITED = "429 beyond so many orders a minute"
    FAILING = "its jobs fail, unbilled"
    DOUBTFUL = "a gateway answers 503, and half of the orders were accepted"
    SLOW = "jobs take longer"
    PRICED = "another price"


DOWN = (Kind.REFUSED, Kind.FULL, Kind.LOCKED)


@frozen
class Spell:
    """A vendor's trouble from `begin` to `end`, in seconds; `much` is the share, the limit or the factor."""

    vendor: str
    kind: Kind
    begin: float
    end: float
    much: float = 1.0


@frozen
class Weather:
    """The spells of one vendor, in order of their kinds: asked for each order, so there are few of each kind."""

    spells: Sequence[Spell] = ()

    def now(self, kind: Kind, at: float) -> float | None:
        """How much of it there is; None where there is none."""
        for spell in self.spells:
            if spell.kind is kind and spell.begin <= at < spell.end:
                return spell.much
        return None

    def down(self, at: float) -> Kind | None:
        """How it is down, where it is."""
        return next((kind for kind in DOWN if self.now(kind, at) is not None), None)


def flapping(vendor: str, up_s: float, down_s: float, begin: float, end: float) -> Iterator[Spell]:
    """Down and up again, over and over."""
    while begin < end:
        yield Spell(vendor, Kind.REFUSED, begin, begin + down_s)
        begin += up_s + down_s
