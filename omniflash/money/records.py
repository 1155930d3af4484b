"""What the ledger knows of a paid call, as values."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen
from cattrs import override
from cattrs.gen import make_dict_unstructure_fn

from ..codec import converter
from ..errors import ConfigurationError, Money
from ..jobs import Job, State
from ..spec.form import assemble
from ..spec.requests import Mode, Request
from ..types import JSON
from .charges import UnitPrices, in_dollars


class OrderState(StrEnum):
    """Where an order stands.

    `intended` until its call has an answer; then `accepted`, `refused` or `uncertain`; an accepted one is `finished` in
    the end.
    """

    INTENDED = "intended"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    FINISHED = "finished"


def errand_of(order_id: str) -> str:
    """What the orders of one request have in common that came in each other's place: `47`, `47-2`, `47-3-9f3c`."""
    return order_id.partition("-")[0]


def number_of(order_id: str) -> int:
    """Which of those orders it is, counted from 1."""
    number = order_id.partition("-")[2].partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() else 1


def at_most(unbilled: bool, charge_usd: Decimal | None, bound: Decimal | None, quote: Decimal | None) -> Decimal:
    """What an order may have cost, in USD: what was charged, where that is known, else its quote's upper bound."""
    if unbilled:
        return Decimal(0)
    return charge_usd if charge_usd is not None else bound or quote or Decimal(0)


@frozen(kw_only=True, slots=False)  # with slots, one is made in twice the time
class Record:
    """One order: what was asked of whom, what became of it, and what it cost. Amounts are in USD but for `charge`.

    `sent` holds a digest of each field of the paid call's body. `billed` says if a job that ended may be on the bill.
    `job` is there once the vendor accepted it, `outcome` once that job is over. `told` is what was said of it last.
    `request`, `sent` and `job` are read when they are first asked for: of thousands that are listed, few are. Asking
    raises ConfigurationError where the ledger holds none.
    """

    id: str
    key: str | None
    state: OrderState
    _request: str = field(repr=False)
    digest: str
    account: str
    provider: str
    version: str
    mode: Mode
    endpoint: str
    sandbox: bool
    intended_at: datetime
    _sent: str = field(default="{}", repr=False)
    quote: Decimal | None = None
    bound: Decimal | None = None
    _job: str | None = field(default=None, repr=False)
    settled_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: State | None = None
    charge: Decimal | None = None
    charge_unit: str | None = None
    charge_usd: Decimal | None = None
    billed: Money | None = None
    told: str | None = None
    file: str | None = None
    delivered_at: datetime | None = None

    @cached_property
    def request(self) -> Request:
        found, problems = assemble(json.loads(self._request))
        if found is None:
            raise ConfigurationError(f"the ledger holds a request that is none: {problems[0]}", remedy="mend its row")
        return found

    @cached_property
    def sent(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads(self._sent)
        return found

    @cached_property
    def job(self) -> Job | None:
        return evolve(Job.from_json(json.loads(self._job)), request=self.request) if self._job else None

    def charged_usd(self, units: UnitPrices) -> Decimal | None:
        """What was charged, in USD at what a unit costs today, where that is known."""
        if self.charge is None:
            return self.charge_usd
        return in_dollars(self.charge, self.charge_unit or "", self.account, units, self.charge_usd)

    @property
    def unbilled(self) -> bool:
        """Whether it is certain that nobody is billed for it, now or later."""
        return self.state is OrderState.REFUSED or self.billed is Money.NO

    def at_most(self, units: UnitPrices) -> Decimal:
        """What it may have cost, in USD: what was charged, where that is known in USD, else its quote's upper bound."""
        return at_most(self.unbilled, self.charged_usd(units), self.bound, self.quote)


_LATE = ("request", "sent", "job")
_OMITTED: Mapping[str, Any] = {f"_{name}": override(omit=True) for name in _LATE}
_at_once = make_dict_unstructure_fn(Record, converter, _cattrs_omit_if_default=True, **_OMITTED)


def _plain(record: Record) -> dict[str, JSON]:
    late = {name: converter.unstructure(value) for name in _LATE if (value := getattr(record, name))}
    return {**_at_once(record), **late}


converter.register_unstructure_hook(Record, _plain)


@frozen
class Step:
    """One thing that happened to an order: when, what, and what was told of it."""

    at: datetime
    entry: str
    told: Mapping[str, JSON] = field(hash=False)
