"""Between the ledger's rows and its values, and what a row's state is taken for."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from attrs import evolve
from sqlalchemy import Row

from ..errors import ConfigurationError, Money
from ..jobs import Job, State
from ..redact import safe_text
from ..spec.form import assemble, request_to_json
from ..spec.requests import Mode, Request
from ..types import JSON
from .records import OrderState, Record


def record_of(row: Row[Any]) -> Record:
    """The value of a row."""
    request = _request(row.request)
    return Record(
        id=row.id,
        key=row.key,
        state=OrderState(row.state),
        request=request,
        digest=row.digest,
        account=row.account,
        provider=row.provider,
        version=row.version,
        mode=Mode(row.mode),
        endpoint=row.endpoint,
        sandbox=row.sandbox,
        intended_at=utc(row.intended_at),
        quote=_amount(row.quote),
        bound=_amount(row.bound),
        sent=json.loads(row.sent),
        job=evolve(Job.from_json(json.loads(row.job)), request=request) if row.job else None,
        settled_at=_when(row.settled_at),
        finished_at=_when(row.finished_at),
        outcome=State(row.outcome) if row.outcome else None,
        charge=_amount(row.charge),
        charge_unit=row.charge_unit,
        billed=Money(row.billed) if row.billed else None,
        told=row.told,
        file=row.file,
        delivered_at=_when(row.delivered_at),
    )


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


def _request(text: str) -> Request:
    request, problems = assemble(json.loads(text))
    if request is None:
        raise ConfigurationError(f"the ledger holds a request that is none: {problems[0]}", remedy="mend its row")
    return request


def written(value: Mapping[str, object]) -> str:
    """JSON as it stands in a row: the same text for equal values."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest_of(request: Request) -> str:
    """What a request is known by: equal requests have equal digests."""
    return sha256(written(request_to_json(request)).encode("utf-8", "surrogatepass")).hexdigest()


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)  # SQLite keeps no zone


def _when(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
