"""The report: what one run found, for programs and people; one versioned JSON that every other form is made from."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from attrs import field, frozen

from omniflash.codec import from_json, to_json, versioned
from omniflash.spec import CLAUSES, Mode
from omniflash.types import JSON

from .case import Profile
from .verdicts import Verdict


@frozen(kw_only=True)
class Wire:
    """One exchange as it went over the wire, without keys: what was asked, and what was answered.

    `status` None is an answer that never came.
    """

    call: str
    method: str
    url: str
    headers: Mapping[str, str] = field(factory=dict, hash=False)
    body: JSON = field(default=None, hash=False)
    status: int | None = None
    answer: JSON = field(default=None, hash=False)
    fault: str | None = None


@frozen(kw_only=True)
class Result:
    """What one case found for one provider, and mode where it is run for each.

    `said` is why it is not simply held. `request` is the request that was last made, where it broke the shrunk one;
    `curl` sends its paid call again. `facts` are what was seen beside, for `compare`: the same case may hold and a
    vendor have changed. `again` is the command that runs just this. `last_live` is when it last held against the real
    vendor; None is never.
    """

    case: str
    verdict: Verdict
    title: str
    mode: Mode | None = None
    profile: Profile = Profile.CORE
    said: str = ""
    request: JSON = field(default=None, hash=False)
    wire: tuple[Wire, ...] = ()
    curl: str = ""
    again: str = ""
    facts: Mapping[str, JSON] = field(factory=dict, hash=False)
    seconds: float = 0.0
    last_live: date | None = None

    @property
    def clause(self) -> str:
        return self.case.rpartition("-")[0]

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other results of a provider."""
        return self.case, self.mode or ""


class HasClause(Protocol):
    """Whatever is about a clause."""

    @property
    def clause(self) -> str: ...


class Standing(StrEnum):
    """How a profile stands: PARTIAL is nothing broken, and some case of it not run."""

    HELD = "held"
    PARTIAL = "partial"
    BROKEN = "broken"
    NOT_CLAIMED = "not claimed"


@frozen(kw_only=True)
class Column:
    """One provider (or the spec itself, named "spec"): who it is, and what was found.

    `failure` says why it could not be looked at at all.
    """

    name: str
    package: str = ""
    version: str = ""
    results: tuple[Result, ...] = ()
    profiles: Mapping[Profile, Standing] = field(factory=dict, hash=False)
    failure: str = ""

    def count(self, verdict: Verdict) -> int:
        return sum(result.verdict is verdict for result in self.results)

    @property
    def broken(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.verdict is Verdict.BROKEN)

    @property
    def partial(self) -> bool:
        """Whether something of the core was not run."""
        return self.profiles.get(Profile.CORE) is Standing.PARTIAL


@versioned("omniflash.conformance/1")
@frozen(kw_only=True)
class Report:
    """A run: when, of which release, on which ground and against which server, from which seed."""

    made_at: datetime
    omniflash: str
    ground: str
    server: str
    seed: int
    examples: int
    columns: tuple[Column, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is broken, by whoever's mistake."""
        wrong = (Verdict.BROKEN, Verdict.ENGINE)
        return not any(c.failure or any(r.verdict in wrong for r in c.results) for c in self.columns)

    def to_json(self) -> dict[str, JSON]:
        """All of it, versioned, as JSON."""
        return {name: _finite(value) for name, value in to_json(self).items()}

    @classmethod
    def from_json(cls, data: object) -> "Report":
        """The report of its JSON form. Raises ConfigurationError when it is of another version, or not whole."""
        return from_json(data, cls)


def _finite(value: JSON) -> JSON:
    """JSON as everybody reads it: a vendor, or a drawn request, may have had numbers that are none."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


CLAIMED_BY_ALL = (Profile.CORE, Profile.RELIABILITY)
COUNTS = (Verdict.HELD, Verdict.LAX, Verdict.EXEMPT)


def standings(
    results: Iterable[Result], claimed: Iterable[Profile], left_out: Iterable[Profile] = ()
) -> dict[Profile, Standing]:
    """How each profile stands by these results; of those that are `left_out` some case has none."""
    claims, lacking, found = frozenset(claimed), frozenset(left_out), tuple(results)
    return {profile: _standing(profile, found, profile in claims, profile in lacking) for profile in Profile}


def _standing(profile: Profile, results: Iterable[Result], claimed: bool, lacking: bool) -> Standing:
    verdicts = {result.verdict for result in results if result.profile is profile}
    if Verdict.BROKEN in verdicts:
        return Standing.BROKEN
    if not claimed:
        return Standing.NOT_CLAIMED
    if lacking or verdicts & {Verdict.NOT_RUN, Verdict.ENGINE} or not verdicts & {*COUNTS}:
        return Standing.PARTIAL
    return Standing.HELD


def rule_of(found: HasClause) -> str:
    """The sentence of the clause that a result is about; a later release may have had others."""
    clause = CLAUSES.get(found.clause)
    return clause.sentence() if clause else "a clause that this release does not know"
