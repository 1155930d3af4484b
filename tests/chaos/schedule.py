"""What goes wrong, by seed: a share of all exchanges, and every fault that the sandbox knows at least once."""

from random import Random
from typing import Any

from omniflash_sandbox import Sandbox
from omniflash_sandbox.fault_kinds import KINDS, Kind
from omniflash_sandbox.vendor import calls_of
from omniflash_sandbox.vendors import VENDORS

RATE = 0.15
LONG_STALL_S = 5  # longer than a client waits for an answer; those of a seed end before


def begin(sandbox: Sandbox, provider: str, seed: int, jobs: int) -> frozenset[str]:
    """From now on things go wrong; the names of all that will, if there are jobs enough."""
    sandbox.chaos(seed, RATE)
    chance = Random(f"{seed}/every kind")
    possible = {name: kind for name, kind in KINDS.items() if _can_strike(kind, provider)}
    for name, kind in possible.items():
        options: dict[str, Any] = {
            option: chance.choice(row.draws or (row.default,)) for option, row in kind.options.items()
        }
        options |= {"seconds": LONG_STALL_S} if name == "stall" else {}
        few = jobs // 50 if kind.modes else jobs // 2  # edits are rare
        sandbox.arm(name, provider=provider, skip=chance.randrange(max(1, few)), **options)
    return frozenset(possible)


def _can_strike(kind: Kind, provider: str) -> bool:
    return bool(set(kind.calls) & set(calls_of(VENDORS)[provider])) and (kind.modes is None or provider == "fal")
