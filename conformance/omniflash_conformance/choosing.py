"""What is to be run, and how: the options of a run, each checked before anything starts."""

import math
import shlex
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from attrs import field, frozen, validators

from omniflash.discovery import PROVIDERS, installed
from omniflash.errors import ConfigurationError
from omniflash.spec import CLAUSES, Subject, did_you_mean

from .case import Case, Profile, cases

CASSETTES = Path("tests/cassettes")
SEED, EXAMPLES, PATIENCE_S = 0, 25, 60.0
SPEC = "spec"  # the column of the spec itself: no provider is called so
# Which subjects' cases are run of it, and of a provider.
HELD_TO: Mapping[bool, tuple[Subject, ...]] = {True: (Subject.SPEC,), False: (Subject.ADAPTER, Subject.CLIENT)}


class Ground(StrEnum):
    """Where subjects are held to the clauses."""

    SANDBOX = "sandbox"
    RECORDED = "recorded"
    LIVE = "live"


def _seconds(options: object, attribute: object, value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"the patience is a number of seconds above 0, not {value}")


def _amount(options: object, attribute: object, value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        raise ValueError(f"the most that it may cost is an amount in USD, not {value}")


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
    patience_s: float = field(default=PATIENCE_S, validator=_seconds)
    cassettes: Path = CASSETTES
    contract: Path | None = None
    max_cost: Decimal | None = field(default=None, validator=validators.optional(_amount))

    @property
    def words(self) -> tuple[str, ...]:
        """The options by which one case comes out the same again, as words of the command line."""
        said = (
            ("--seed", self.seed, None),
            ("--against", self.ground, None),
            ("--examples", self.examples, EXAMPLES),
            ("--cassettes", self.cassettes, CASSETTES),
            ("--contract", self.contract, None),
            ("--max-cost", self.max_cost, None),
        )
        return tuple(word for name, value, usual in said if value != usual for word in (name, str(value)))


def again(provider: str, case: str, words: Iterable[str]) -> str:
    """The command that runs just this case; those of the spec are run for no provider."""
    whom = () if provider == SPEC else (provider,)
    return shlex.join(["omniflash", "conformance", "run", *whom, "--case", case, *words])


def chosen(options: Options, *subjects: Subject) -> tuple[Case, ...]:
    """The cases of these subjects that the options name."""
    return tuple(
        case
        for case in cases().values()
        if case.subject in subjects and _is_named(case, options.only) and _belongs(case, options.profiles)
    )


def check(options: Options) -> None:
    """Raises ConfigurationError for a case, clause or family that there is not, and where nothing is left to run."""
    families = dict.fromkeys(clause.partition("-")[0] for clause in CLAUSES)
    for name in options.only:
        if name not in (*cases(), *CLAUSES, *families):
            remedy = did_you_mean(name, (*families, *CLAUSES))
            raise ConfigurationError(f"there is no case, clause or family {name!r}", remedy=remedy)
    if not chosen(options, *Subject):
        raise ConfigurationError("there is no such case of these profiles", remedy="leave --case or --profile out")


def checked(providers: Iterable[str]) -> tuple[str, ...]:
    """The providers to look at: those named, or all. Raises ConfigurationError for one that is not installed."""
    known = installed(PROVIDERS)
    for name in providers:
        if name not in known:
            raise ConfigurationError(f"there is no provider {name!r}", remedy=did_you_mean(name, known))
    return tuple(dict.fromkeys(providers)) or tuple(known)


def _is_named(case: Case, only: Iterable[str]) -> bool:
    names = {case.id, case.clause.id, case.id.partition("-")[0]}
    return not only or not names.isdisjoint(only)


def _belongs(case: Case, profiles: Iterable[Profile]) -> bool:
    mine = {case.profile_in(mode) for mode in case.modes or (None,)}
    return not profiles or not mine.isdisjoint(profiles)
