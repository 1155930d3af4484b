"""Between the ledger's rows and its values, and what a row's state is taken for."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from operator import itemgetter
from typing import Any

from attrs import evolve, fields
from sqlalchemy import Row

from ..errors import ConfigurationError, Money
from ..jobs import Job, State
from ..redact import safe_text
from ..spec.form import request_to_json
from ..spec.requests import Mode, Request
from ..types import JSON
from .records import OrderState, Record
from .tables import orders


def record_of(row: Row[Any]) -> Record:
    """The value of a row that has all columns."""
    facts: dict[str, Any] = dict(zip(_TOLD, _told(row), strict=True))
    for name, read in _READ.items():
        if (value := facts[name]) is not None:
            facts[name] = read(value)
    return Record(**facts)


def request_row(request: Request) -> str:
    """A request as it stands in a row: of a URL without its query, of inline data only how much there is."""
    return written({name: _bare(value) for name, value in request_to_json(request).items()})


def job_row(job: Job) -> str:
    """A job as it stands in a row, beside its request."""
    return written(evolve(job, request=None).to_json())


def job_for(row: Row[Any], handle: str) -> Job:
    """The job that an order has become under the vendor's id. Raises ConfigurationError for what is none."""
    made = record_of(row)
    account = None if made.account == made.provider else made.account
    try:
        return Job(made.provider, made.version, made.mode, handle, made.id, account, made.sandbox)
    except ValueError as problem:
        remedy = "copy it as it stands there"
        raise ConfigurationError(f"{handle!r} is no job id of a vendor's", remedy=remedy) from problem


def _bare(value: JSON) -> JSON:
    match value:
        case str():
            return safe_text(value)
        case list():
            return [_bare(item) for item in value]
        case dict():
            return {name: _bare(item) for name, item in value.items()}
        case _:
            return value


def written(value: Mapping[str, object]) -> str:
    """JSON as it stands in a row: the same text for equal values."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest_of(request: Request) -> str:
    """What a request is known by: equal requests have equal digests."""
    return sha256(written(request_to_json(request)).encode("utf-8", "surrogatepass")).hexdigest()


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)  # SQLite keeps no zone


def _member(kind: type[StrEnum]) -> Callable[[str], object]:
    return {member.value: member for member in kind}.__getitem__  # calling the kind takes ten times as long


_READ: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("intended_at", "settled_at", "finished_at", "delivered_at"), utc),
    **dict.fromkeys(("quote", "bound", "charge", "charge_usd"), Decimal),
    **{name: _member(kind) for name, kind in (("state", OrderState), ("outcome", State), ("mode", Mode))},
    "billed": _member(Money),
}
_COLUMNS = tuple(orders.c.keys())
_TOLD = tuple(fact.alias or fact.name for fact in fields(Record))
_told = itemgetter(*map(_COLUMNS.index, _TOLD))
