"""`omniflash resume`: go on with a job that is under way, from any machine; or with all that the ledger knows."""

from typing import Annotated

from cyclopts import Parameter

from ..client import Client
from ..errors import ConfigurationError, OmniflashError
from ..jobs import Job
from ..money.records import OrderState
from ..spec.requests import JOB_MARK
from . import show
from .exits import AT_VENDOR
from .finish import finish
from .generate import ANY_GROUND, free_name
from .jobs import looked_for
from .options import Ground, Json, Output, Timeout


def resume(
    name: str | None = None,
    /,
    *,
    every: Annotated[bool, Parameter(name="--all", negative="", help="every job that is not saved yet")] = False,
    ground: Ground = ANY_GROUND,
    output: Output = None,
    timeout: Timeout = None,
    json: Json = False,
) -> int:
    """Wait for a job by its token, its id or its key, and save its clip."""
    if every is (name is not None):
        raise ConfigurationError("resume takes a job, or --all", remedy="`omniflash jobs` lists them")
    if every:
        find_lost(ground)
    jobs = unsaved(ground) if name is None else (job_of(ground, name),)
    codes = [_resumed(job, ground, output, timeout, as_json=json, alone=not every) for job in jobs]
    if every and not jobs:
        show.note("there is nothing to go on with")
    return max(codes, default=0)


def find_lost(ground: Ground) -> None:
    """Look for what is uncertain, where a vendor has a list for it; what stays so is told."""
    with ground.ledger() as ledger:
        lost = ledger.records(OrderState.UNCERTAIN, provider=ground.provider)
    if not lost:
        return
    with ground.client(paying=True) as client:
        found = [record for record in lost if looked_for(client, record, by_name=False)]
    if left := len(lost) - len(found):
        show.note(f"{left} uncertain: `omniflash jobs` tells what to look at")


def unsaved(ground: Ground) -> tuple[Job, ...]:
    """Every job that was accepted and whose clip was not saved; those that ended without one are no more to be had."""
    with ground.ledger() as ledger:
        records = ledger.records(OrderState.ACCEPTED, OrderState.FINISHED)
    return tuple(r.job for r in records if r.job and r.delivered_at is None and r.outcome in (None, "succeeded"))


def job_of(ground: Ground, name: str) -> Job:
    """The job of a token, or of whatever the ledger knows it by."""
    if name.startswith(JOB_MARK):
        return Job.parse(name)
    with ground.ledger() as ledger:
        record = ledger.find(name)
    if record.job is None:
        remedy = f"`omniflash jobs {record.id}` tells what happened"
        raise ConfigurationError(f"order {record.id} is {record.state}, and has no job to go on with", remedy=remedy)
    return record.job


def _resumed(job: Job, ground: Ground, output: Output, timeout: Timeout, *, as_json: bool, alone: bool) -> int:
    try:
        with ground.client(job.account or job.provider, paying=True) as client:
            return _saved(client, job, ground, output, timeout, as_json=as_json)
    except OmniflashError as problem:
        if alone:
            raise
        show.error(problem, as_json=as_json)  # the others go on
        return AT_VENDOR


def _saved(client: Client, job: Job, ground: Ground, output: Output, timeout: Timeout, *, as_json: bool) -> int:
    client.account_of(job)
    target = output or free_name(None)
    client.check_target(target)
    return finish(client, job, target, ground, timeout=timeout, as_json=as_json)
