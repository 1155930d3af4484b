"""What was spent, drawn from the ledger's records: quoted against charged, by day, provider or mode."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from attrs import field, frozen

from ..jobs import State
from .records import OrderState, Record

BY: Mapping[str, Callable[[Record], str]] = {
    "day": lambda record: f"{record.intended_at:%Y-%m-%d}",
    "provider": lambda record: record.provider,
    "account": lambda record: record.account,
    "mode": lambda record: record.mode.value,
}
# What may have been billed: a refused order is not, and of an uncertain one nobody knows.
PAID = (OrderState.ACCEPTED, OrderState.FINISHED, OrderState.UNCERTAIN)


@frozen
class Spending:
    """A line of the account: `quoted` in USD, of which `at_risk` is that of uncertain orders.

    Of a job that failed unbilled nothing counts as quoted.

    `charged` is what the vendors said, in each one's own unit, of `told` jobs out of `jobs`; `charged_usd` is what of
    it is known in USD, and `quoted_for_that` what had been quoted for those jobs.
    """

    label: str
    jobs: int
    made: int
    quoted: Decimal
    at_risk: Decimal
    charged: Mapping[str, Decimal] = field(hash=False)
    told: int
    charged_usd: Decimal = Decimal(0)
    quoted_for_that: Decimal = Decimal(0)


def spending(records: Iterable[Record], by: str) -> tuple[Spending, ...]:
    """The lines of what may have been billed, by one of `BY`, in the order of their labels."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.state in PAID:
            groups[BY[by](record)].append(record)
    return tuple(_line(label, groups[label]) for label in sorted(groups))


def _line(label: str, records: list[Record]) -> Spending:
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        if record.charge is not None:
            charged[record.charge_unit or ""] += record.charge
    billed = [record for record in records if not record.unbilled]
    priced = [record for record in billed if record.charge_usd is not None]
    uncertain = (record for record in records if record.state is OrderState.UNCERTAIN)
    return Spending(
        label=label,
        jobs=len(records),
        made=sum(record.outcome is State.SUCCEEDED for record in records),
        quoted=sum((record.quote or Decimal(0) for record in billed), Decimal(0)),
        at_risk=sum((record.bound or Decimal(0) for record in uncertain), Decimal(0)),
        charged=dict(charged),
        told=sum(record.charge is not None for record in records),
        charged_usd=sum((record.charge_usd or Decimal(0) for record in priced), Decimal(0)),
        quoted_for_that=sum((record.quote or Decimal(0) for record in priced), Decimal(0)),
    )
