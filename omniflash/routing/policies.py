"""In which order to ask those who can: small pure functions over the same candidates."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ConfigurationError
from ..spec.violations import did_you_mean

if TYPE_CHECKING:
    from .plan import Candidate

Policy: TypeAlias = "Callable[[Sequence[Candidate]], list[Candidate]]"


def cheapest(candidates: "Sequence[Candidate]") -> "list[Candidate]":
    """By quote, then by what it may cost at most, then in the configured order."""
    return sorted(candidates, key=lambda candidate: (candidate.quote.amount, candidate.quote.bound))


def ordered(candidates: "Sequence[Candidate]") -> "list[Candidate]":
    """In the configured order."""
    return list(candidates)


POLICIES: Mapping[str, Policy] = {"cheapest": cheapest, "ordered": ordered}


def policy(name: str) -> Policy:
    """The policy of that name. Raises ConfigurationError for another."""
    if name not in POLICIES:
        raise ConfigurationError(f"there is no policy {name!r}", remedy=did_you_mean(name, POLICIES))
    return POLICIES[name]
