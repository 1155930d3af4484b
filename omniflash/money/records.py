"""What the ledger knows of a paid call, as values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from ..errors import Money
from ..jobs import Job, State
from ..spec.requests import Mode, Request
from ..types import JSON


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


@frozen(kw_only=True)
class Record:
    """One order: what was asked of whom, what became of it, and what it cost. Amounts are in USD but for `charge`.

    `sent` holds a digest of each field of the paid call's body. `billed` says if a job that ended may be on the bill.
    `job` is there once the vendor accepted it, `outcome` once that job is over. `told` is what was said of it last.
    """

    id: str
    key: str | None
    state: OrderState
    request: Request
    digest: str
    account: str
    provider: str
    version: str
    mode: Mode
    endpoint: str
    sandbox: bool
    intended_at: datetime
    sent: Mapping[str, str] = field(factory=dict, hash=False)
    quote: Decimal | None = None
    bound: Decimal | None = None
    job: Job | None = None
    settled_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: State | None = None
    charge: Decimal | None = None
    charge_unit: str | None = None
    billed: Money | None = None
    told: str | None = None
    file: str | None = None
    delivered_at: datetime | None = None

    @property
    def at_most(self) -> Decimal:
        """What it may have cost, in USD: what was charged, where that is told in USD, else its quote's upper bound."""
        if self.state is OrderState.REFUSED or self.billed is Money.NO:
            return Decimal(0)
        if self.charge is not None and self.charge_unit == "USD":
            return self.charge
        return self.bound or self.quote or Decimal(0)


@frozen
class Step:
    """One thing that happened to an order: when, what, and what was told of it."""

    at: datetime
    entry: str
    told: Mapping[str, JSON] = field(hash=False)
