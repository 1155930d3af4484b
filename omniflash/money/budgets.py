"""What may be spent, for a job, by one client, and in a day, everywhere or at one account: checked before sending."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property

from attrs import evolve, field, fields, frozen

from ..errors import ConfigurationError
from .quotes import FINEST, dollars, money


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value).strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite() or amount <= 0:
        raise ConfigurationError(f"a budget cannot be {str(value)[:40]!r}", remedy="give US dollars, more than 0")
    return amount


EVERYWHERE = ""  # in place of an account: all of them together


@frozen
class Limit:
    """One limit of a budget: so many dollars for a `span`, at one `account` or everywhere."""

    span: str
    account: str
    amount: Decimal

    def passed(self, bound: Decimal, spent: Decimal) -> str | None:
        """How a job that may cost `bound` goes beyond it, of which `spent` may be gone; None where it does not."""
        return beyond(self.span, self.amount, bound, spent, self.account)


def _accounts(given: object) -> "Mapping[str, Budget]":
    if not isinstance(given, Mapping):
        told = f"budgets by provider are a table, not {str(given)[:40]!r}"
        raise ConfigurationError(told, remedy='write {"fal": {"day": 5}}')
    found = {str(name): merged(Budget(), budget) for name, budget in given.items()}
    if deeper := [name for name, budget in found.items() if budget.provider]:
        raise ConfigurationError(f"the budget of {deeper[0]} has a provider in it", remedy="write that beside it")
    return found


@frozen(kw_only=True)
class Budget:
    """The most that may be spent, in US dollars: for one `job`, by one client or command (`run`), in a `day` of UTC.

    `provider` holds narrower ones by the name of an account, or of a provider for all its accounts. What counts is what
    a job may cost at most: its quote's upper bound until the vendor says what it charged. Raises ConfigurationError for
    what is no amount above 0.
    """

    job: Decimal | None = field(default=None, converter=_amount)
    run: Decimal | None = field(default=None, converter=_amount)
    day: Decimal | None = field(default=None, converter=_amount)
    provider: "Mapping[str, Budget]" = field(factory=dict, converter=_accounts, hash=False)

    def limits(self, account: str, provider: str) -> Iterator[Limit]:
        """All that hold for a job at an account of a provider."""
        yield from self.named(EVERYWHERE)
        for name in dict.fromkeys((account, provider)) if self.provider else ():
            if name in self.provider:
                yield from self.provider[name].named(name)

    def named(self, account: str) -> Iterator[Limit]:
        """Its own limits, as those of an account."""
        return (Limit(span, account, amount) for span, amount in self._amounts)

    @cached_property
    def _amounts(self) -> tuple[tuple[str, Decimal], ...]:
        amounts = {"job": self.job, "run": self.run, "day": self.day}
        return tuple((span, amount) for span, amount in amounts.items() if amount is not None)

    @property
    def spans(self) -> frozenset[str]:
        """The spans that count other jobs too, for which a ledger is needed."""
        own = {limit.span for limit in self.named(EVERYWHERE)} - {"job"}
        return frozenset(own.union(*(budget.spans for budget in self.provider.values())))


def merged(usual: Budget, given: "Budget | Mapping[str, object] | None") -> Budget:
    """A budget with what it leaves open taken from the `usual` one. Raises ConfigurationError for a field unknown."""
    if given is None:
        return usual
    names = [attribute.name for attribute in fields(Budget)]
    if not isinstance(given, Mapping | Budget):
        raise ConfigurationError(f"a budget is no {str(given)[:40]!r}", remedy=f"write a table with {', '.join(names)}")
    known = given if isinstance(given, Mapping) else {name: getattr(given, name) for name in names}
    if unknown := {str(name) for name in known} - set(names):
        raise ConfigurationError(f"a budget has no {min(unknown)!r}", remedy=f"name {', '.join(names)}")
    told = {name: value for name, value in known.items() if value is not None}
    if "provider" in told:
        one_by_one = _accounts(told["provider"])
        own = {name: merged(usual.provider.get(name, Budget()), budget) for name, budget in one_by_one.items()}
        told["provider"] = {**usual.provider, **own}
    return evolve(usual, **told)


SPANS: Mapping[str, str] = {"run": " in this run", "day": " today (UTC)"}
WAYS_OUT: Mapping[str, str] = {
    "job": "allow more, or ask for less: a shorter clip, another provider",
    "run": "allow more, or start another run",
    "day": "allow more, or wait for tomorrow",
}


def beyond(name: str, limit: Decimal, bound: Decimal, spent: Decimal, account: str = EVERYWHERE) -> str | None:
    """How a job that may cost `bound` goes beyond a limit of which `spent` may be gone; None where it does not."""
    if spent + bound <= limit:
        return None
    where = f" at {account}" if account else ""
    over = spent + bound - limit
    told = dollars if over >= FINEST else _exactly  # rounded, the two sides would look the same
    before = f", and up to {told(spent)} are spent or under way{where}{SPANS[name]}" if name in SPANS else ""
    return (
        f"it may cost up to {told(bound)}{before}: {told(over)} more than the {told(limit)} allowed for a {name}{where}"
    )


def _exactly(amount: Decimal) -> str:
    return f"${money(amount)}"
