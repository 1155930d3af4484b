"""Faults by seed: which of them strikes an exchange is a matter of the seed and of the exchange's number alone."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from attrs import frozen

from omniflash_sandbox.fault_kinds import KINDS
from omniflash_sandbox.faults import Fault, kind_named
from omniflash_sandbox.messages import JSON, canonical

RATE = 0.1

Item = TypeVar("Item")


@frozen
class Chaos:
    """A seed, the share of exchanges that it strikes, and the faults that it chooses from."""

    seed: int
    rate: float
    faults: Sequence[str]

    def draw(self, provider: str, call: str, turn: int) -> Fault | None:
        """What strikes the exchange that is this provider's and call's `turn`-th; the same whenever it is asked."""
        place: list[JSON] = [self.seed, provider, call, turn]
        possible = [name for name in self.faults if call in KINDS[name].calls]
        if not possible or _fraction(place, "whether") >= self.rate:
            return None
        name = _one_of(possible, place, "which")
        options = {
            option: _one_of(row.draws or (row.default,), place, option) for option, row in KINDS[name].options.items()
        }
        return Fault(name, options, calls=(call,), provider=provider)


def chaos(seed: JSON, rate: JSON = RATE, faults: JSON = None) -> Chaos:
    """With every field checked; `faults` None are all there are. Raises ValueError in one line."""
    return Chaos(_seed(seed), _rate(rate), _names(faults))


def _seed(seed: JSON) -> int:
    match seed:
        case int() if not isinstance(seed, bool):
            return seed
        case _:
            raise ValueError(f"seed must be a whole number, not {seed!r}")


def _rate(rate: JSON) -> float:
    match rate:
        case int() | float() if 0 <= rate <= 1 and not isinstance(rate, bool):
            return float(rate)
        case _:
            raise ValueError(f"rate must be a number from 0 to 1, not {rate!r}")


def _names(faults: JSON) -> Sequence[str]:
    if faults is None:
        return tuple(KINDS)
    if not isinstance(faults, list | tuple) or not faults:
        raise ValueError(f"faults must be a list of names of faults, not {faults!r}")
    for name in faults:
        kind_named(name)
    return tuple(str(name) for name in faults)


def chaos_in(text: str) -> Chaos:
    """What `SEED` or `SEED:RATE` says; raises ValueError."""
    seed, colon, rate = text.partition(":")
    try:
        return chaos(int(seed), float(rate) if colon else RATE)
    except ValueError as problem:
        raise ValueError(f"chaos must be SEED or SEED:RATE, such as 7:0.2, not {text!r}") from problem


def _one_of(items: Sequence[Item], place: list[JSON], purpose: str) -> Item:
    return items[int(_fraction(place, purpose) * len(items))]


def _fraction(place: list[JSON], purpose: str) -> float:
    """From 0 up to 1, not with it: not `random`, whose choices may differ from one version of Python to the next."""
    return int(sha256(canonical([*place, purpose]).encode()).hexdigest()[:13], 16) / 16**13
