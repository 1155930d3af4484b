"""What the ledger knows of a paid call, as values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

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
    quote: Decimal | None = None
    bound: Decimal | None = None
    job: Job | None = None
    settled_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: State | None = None
    charge: Decimal | None = None
    charge_unit: str | None = None
    told: str | None = None
    file: str | None = None
    delivered_at: datetime | None = None


@frozen
class Step:
    """One thing that happened to an order: when, what, and what was told of it."""

    at: datetime
    entry: str
    told: Mapping[str, JSON] = field(hash=False)
