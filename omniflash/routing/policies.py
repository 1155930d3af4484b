"""In which order to ask those who can, and whom not at all: small pure functions over the same candidates.

What the combinators make prints as the text that `grammar` reads.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from ..errors import ConfigurationError
from ..money.quotes import dollars
from ..redact import one_line, safe_text
from ..spec.violations import Violation, did_you_mean

if TYPE_CHECKING:
    from .plan import Candidate

Policy: TypeAlias = Callable[[Sequence["Candidate"]], Sequence["Candidate"]]
Reasons: TypeAlias = Mapping[tuple[str, str], tuple[Violation, ...]]

PREFER, ELSE, UNDER, AND = "prefer", "else", "under", "and"
WORD = re.compile(r'[^\s,"]+')


@frozen
class Ranking:
    """Everybody, sorted by `criteria`: the first in which two differ decides."""

    name: str
    criteria: tuple[str, ...]

    def __call__(self, candidates: "Sequence[Candidate]") -> "list[Candidate]":
        """All of them, in this order, however they were given."""
        return sorted(candidates, key=attrgetter(*self.criteria, "version", "endpoint"))

    def objection(self, candidate: "Candidate") -> str:
        """None: everybody is let in."""
        return ""

    def __str__(self) -> str:
        return self.name


_PRICE, _TIME, _PLACE = ("quote.amount", "quote.bound"), ("expected_s",), ("rank",)
cheapest = Ranking("cheapest", _PRICE + _TIME + _PLACE)
fastest = Ranking("fastest", _TIME + _PRICE + _PLACE)
ordered = Ranking("ordered", _PLACE + _PRICE + _TIME)
RANKINGS: Mapping[str, Ranking] = {ranking.name: ranking for ranking in (cheapest, fastest, ordered)}
RESERVED = (*RANKINGS, PREFER, ELSE, UNDER, AND)


@frozen
class Only:
    """Those named, an account or all of a provider's accounts, in the order of the names."""

    names: tuple[str, ...]

    def __call__(self, candidates: "Sequence[Candidate]") -> "list[Candidate]":
        """Those named; one provider's accounts in the configured order, after one that has just its name."""
        return sorted((each for each in ordered(candidates) if not self.objection(each)), key=self._place)

    def _place(self, candidate: "Candidate") -> tuple[int, bool]:
        name = candidate.account if candidate.account in self.names else candidate.provider
        return self.names.index(name), name != candidate.account

    def objection(self, candidate: "Candidate") -> str:
        """Why not this one; empty where it is let in."""
        named = candidate.account in self.names or candidate.provider in self.names
        return "" if named else "it does not name this one"

    def __str__(self) -> str:
        return ", ".join(map(_written, self.names))


@frozen
class Under:
    """What `policy` makes of those expected to take at most `seconds`, and to cost `usd` at the very most."""

    policy: Policy
    seconds: Decimal | None = None
    usd: Decimal | None = None

    def __call__(self, candidates: "Sequence[Candidate]") -> "Sequence[Candidate]":
        """The others are not even shown to `policy`."""
        return asked(self.policy, [each for each in candidates if not self._over(each)])

    def _over(self, candidate: "Candidate") -> str:
        slow = self.seconds is not None and candidate.expected_s > self.seconds
        dear = self.usd is not None and candidate.quote.bound > self.usd
        told = {f"take {candidate.expected_s:g} s": slow, f"cost {dollars(candidate.quote.bound)}": dear}
        over = " and ".join(words for words, holds in told.items() if holds)
        return f"it may {over}" if over else ""

    def objection(self, candidate: "Candidate") -> str:
        """Why not this one; empty where it is let in."""
        return self._over(candidate) or objection(self.policy, candidate)

    def __str__(self) -> str:
        written = [f"{self.seconds:f} s"] if self.seconds is not None else []
        written += [f"${self.usd:f}"] if self.usd is not None else []
        return f"{named(self.policy)} {UNDER} {f' {AND} '.join(written)}"


@frozen
class Prefer:
    """Whom the first choice lets in, then whom the next one lets in of the rest, and so on."""

    choices: tuple[Policy, ...]

    def __call__(self, candidates: "Sequence[Candidate]") -> "list[Candidate]":
        """Each choice is shown only whom those before it left."""
        kept: dict[int, Candidate] = {}
        for choice in self.choices:
            rest = [each for each in candidates if id(each) not in kept]
            kept |= {id(each): each for each in asked(choice, rest)}
        return list(kept.values())

    def objection(self, candidate: "Candidate") -> str:
        """Why not this one; empty where any choice lets it in."""
        told = [objection(choice, candidate) for choice in self.choices]
        return "; ".join(dict.fromkeys(told)) if all(told) else ""

    def __str__(self) -> str:
        return f"{PREFER} {f', {ELSE} '.join(map(named, self.choices))}"


OURS = Ranking | Only | Under | Prefer


def only(*names: str) -> Only:
    """Just these accounts, or all of these providers' accounts, in this order."""
    if not names or len(set(names)) < len(names):
        told = "a policy of names has one twice" if names else "a policy of names has none"
        raise ConfigurationError(told, remedy="name one or more accounts or providers, each once")
    return Only(names)


def under(policy: Policy, *, seconds: Decimal | float | None = None, usd: Decimal | float | None = None) -> Policy:
    """The same of those that are expected to take at most `seconds`, and whose upper bound is at most `usd`."""
    if isinstance(policy, Prefer):
        return Prefer(tuple(under(choice, seconds=seconds, usd=usd) for choice in policy.choices))
    most = (_limit(seconds), _limit(usd))
    if isinstance(policy, Under):
        most = (_lower(policy.seconds, most[0]), _lower(policy.usd, most[1]))
        policy = policy.policy
    return policy if most == (None, None) else Under(policy, *most)


def prefer(first: Policy, *others: Policy) -> Policy:
    """Whom `first` lets in, then whom the others let in, each of those that are left."""
    choices: list[Policy] = []
    for policy in (first, *others):
        choices += policy.choices if isinstance(policy, Prefer) else [policy]
    return Prefer(tuple(choices)) if len(choices) > 1 else first


def _limit(number: Decimal | float | None) -> Decimal | None:
    if number is None:
        return None
    try:
        limit = Decimal(str(number))
    except InvalidOperation:
        limit = Decimal(0)
    if not (limit.is_finite() and limit > 0):
        raise ConfigurationError(f"a limit cannot be {number!r}", remedy="give a number above 0")
    return limit


def _lower(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _written(name: str) -> str:
    bare = WORD.fullmatch(name) and name not in RESERVED
    return name if bare else '"{}"'.format(name.replace('"', '""'))


def named(policy: Policy) -> str:
    """A policy in words: the text that gives it, or the name of the caller's own."""
    return str(policy) if isinstance(policy, OURS) else str(getattr(policy, "__name__", type(policy).__name__))


def objection(policy: Policy, candidate: "Candidate") -> str:
    """Why a policy does not let a candidate in, as far as it tells; empty where it does."""
    return policy.objection(candidate) if isinstance(policy, OURS) else f"{named(policy)} leaves it out"


def names_in(policy: Policy) -> Iterator[str]:
    """The accounts and providers that a policy names."""
    match policy:
        case Only(names):
            yield from names
        case Under(inner):
            yield from names_in(inner)
        case Prefer(choices):
            for choice in choices:
                yield from names_in(choice)


def check_names(policy: Policy, known: Iterable[str]) -> None:
    """See that a policy names nobody but the `known`. Raises ConfigurationError."""
    names = dict.fromkeys(known)
    for name in names_in(policy):
        if name not in names:
            told = f"the policy {named(policy)!r} names {name!r}, and there is no such account or provider here"
            raise ConfigurationError(told, remedy=did_you_mean(name, (*RANKINGS, *names)))


def asked(policy: Policy, candidates: "Sequence[Candidate]") -> "tuple[Candidate, ...]":
    """What a policy makes of candidates. Raises ConfigurationError where the caller's own does not do its part.

    Nobody is asked about nobody.
    """
    if not candidates:
        return ()
    if isinstance(policy, OURS):
        return tuple(policy(candidates))
    try:
        answer: object = policy(tuple(candidates))
        picked = tuple(answer) if isinstance(answer, Sequence) else None
    except Exception as problem:
        told = one_line(safe_text(f"{type(problem).__name__}: {problem}"))
        raise ConfigurationError(f"the policy {named(policy)} raised {told}", remedy="mend it") from problem
    did = (
        f"gave no list but something of type {type(answer).__name__}"
        if picked is None
        else _misdeed(picked, candidates)
    )
    if did:
        remedy = "let it return a list of those it was given, as they are, each at most once"
        raise ConfigurationError(f"the policy {named(policy)} {did}", remedy=remedy)
    return picked or ()


def _misdeed(picked: Sequence[object], candidates: "Sequence[Candidate]") -> str:
    given = {id(each): each.account for each in candidates}
    seen: set[int] = set()
    for each in picked:
        if id(each) not in given:
            return f"gave something that it was not given, of type {type(each).__name__}"
        if id(each) in seen:
            return f"gave {given[id(each)]!r} twice"
        seen.add(id(each))
    return ""


def chosen(policy: Policy, candidates: "Sequence[Candidate]") -> "tuple[tuple[Candidate, ...], Reasons]":
    """Whom a policy would ask, in order, and why it asks nobody at the other accounts, by account and provider."""
    kept = asked(policy, candidates)
    accounts = {each.account for each in kept}
    left: dict[tuple[str, str], tuple[Violation, ...]] = {}
    for each in candidates:
        if each.account not in accounts:
            place = (each.account, each.provider)
            reasons = (*left.get(place, ()), _reason(policy, each))
            left[place] = tuple(dict.fromkeys(reasons))
    return kept, left


def _reason(policy: Policy, candidate: "Candidate") -> Violation:
    # The word in the clause's place is none of the spec's: it is the caller's own rule that is not kept.
    return Violation("POLICY", "policy", named(policy), objection(policy, candidate), "use another policy")
