"""What may be spent, for a job, by one client, and in a day: checked before anything is sent."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from attrs import asdict, evolve, field, frozen

from ..errors import ConfigurationError
from .quotes import dollars


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


@frozen(kw_only=True)
class Budget:
    """The most that may be spent, in US dollars: for one `job`, by one client or command (`run`), in a `day` of UTC.

    What counts is what a job may cost at most: its quote's upper bound until the vendor says what it charged. Raises
    ConfigurationError for what is no amount above 0.
    """

    job: Decimal | None = field(default=None, converter=_amount)
    run: Decimal | None = field(default=None, converter=_amount)
    day: Decimal | None = field(default=None, converter=_amount)

    @property
    def spans(self) -> Mapping[str, Decimal]:
        """The limits that count other jobs too, for which a ledger is needed."""
        return {name: limit for name, limit in asdict(self).items() if limit is not None and name != "job"}


def merged(usual: Budget, given: "Budget | Mapping[str, object] | None") -> Budget:
    """A budget with what it leaves open taken from the `usual` one. Raises ConfigurationError for a field unknown."""
    if given is None:
        return usual
    fields = given if isinstance(given, Mapping) else asdict(given)
    if unknown := set(fields) - set(asdict(usual)):
        raise ConfigurationError(f"a budget has no {min(unknown)!r}", remedy=f"name {', '.join(asdict(usual))}")
    return evolve(usual, **{name: value for name, value in fields.items() if value is not None})


SPANS: Mapping[str, str] = {"run": " in this run", "day": " today (UTC)"}
WAYS_OUT: Mapping[str, str] = {
    "job": "allow more, or ask for less: a shorter clip, another provider",
    "run": "allow more, or start another run",
    "day": "allow more, or wait for tomorrow",
}


def beyond(name: str, limit: Decimal, bound: Decimal, spent: Decimal) -> str | None:
    """How a job that may cost `bound` goes beyond a limit of which `spent` may be gone; None where it does not."""
    if spent + bound <= limit:
        return None
    before = f", and up to {dollars(spent)} are spent or under way{SPANS[name]}" if name in SPANS else ""
    return f"it may cost up to {dollars(bound)}{before}: more than the {dollars(limit)} allowed for a {name}"
