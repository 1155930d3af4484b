"""What is to be run, and how: the options of a run, each checked before anything starts."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from attrs import field, frozen, validators

from omniflash.errors import ConfigurationError
from omniflash.spec import CLAUSES, Subject, did_you_mean

from .case import Case, Profile, cases

CASSETTES = Path("tests/cassettes")
SEED, EXAMPLES, PATIENCE_S = 0, 25, 60.0


class Ground(StrEnum):
    """Where subjects are held to the clauses."""

    SANDBOX = "sandbox"
    RECORDED = "recorded"
    LIVE = "live"


@frozen(kw_only=True)
class Options:
    """How a run goes.

    `only` names cases, clauses or families of clauses ("MAP"); with `profiles`, only what belongs to one of these.
    `examples` is how many a drawn case looks at, `patience_s` how long one case may take before it counts as hanging.
    `cassettes` is the folder of the recordings, one folder for each provider. `contract` replaces the contract that a
    provider brings along. `max_cost`, in USD, is needed on the ground LIVE, and for nothing else.
    """

    ground: Ground = Ground.SANDBOX
    only: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()
    seed: int = SEED
    examples: int = field(default=EXAMPLES, validator=validators.ge(1))
    patience_s: float = field(default=PATIENCE_S, validator=validators.gt(0))
    cassettes: Path = CASSETTES
    contract: Path | None = None
    max_cost: Decimal | None = None


def chosen(options: Options, *subjects: Subject) -> tuple[Case, ...]:
    """The cases of these subjects that the options name."""
    return tuple(
        case
        for case in cases().values()
        if case.subject in subjects and _is_named(case, options.only) and _belongs(case, options.profiles)
    )


def check(options: Options) -> None:
    """Raises ConfigurationError for a case, clause or family that there is not."""
    families = dict.fromkeys(clause.partition("-")[0] for clause in CLAUSES)
    for name in options.only:
        if name not in (*cases(), *CLAUSES, *families):
            remedy = did_you_mean(name, (*families, *CLAUSES))
            raise ConfigurationError(f"there is no case, clause or family {name!r}", remedy=remedy)


def _is_named(case: Case, only: Iterable[str]) -> bool:
    names = {case.id, case.clause.id, case.id.partition("-")[0]}
    return not only or not names.isdisjoint(only)


def _belongs(case: Case, profiles: Iterable[Profile]) -> bool:
    mine = {case.profile_in(mode) for mode in case.modes or (None,)}
    return not profiles or not mine.isdisjoint(profiles)
