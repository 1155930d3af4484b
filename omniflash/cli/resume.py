"""`omniflash resume`: go on with a job that is under way, from any machine; or with all that the ledger knows."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from ..codec import error_to_json
from ..errors import ConfigurationError, OmniflashError
from ..jobs import Job
from ..money.records import OrderState
from ..spec.requests import JOB_MARK
from ..types import JSON
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
    """Wait for a job by its token, its id or its key, and save its clip; with --all and --json, a list of them."""
    if every is (name is not None):
        raise ConfigurationError("resume takes a job, or --all", remedy="`omniflash jobs` lists them")
    if name is not None:
        return _resumed(job_of(ground, name), ground, output, timeout, as_json=json)
    find_lost(ground)
    jobs = unsaved(ground)
    if not jobs:
        show.note("there is nothing to go on with")
    if output is not None and len(jobs) > 1:
        raise ConfigurationError(f"{output} is one file, and there are {len(jobs)} jobs", remedy="leave --output out")
    told: list[JSON] = []
    try:
        codes = [_one_of_all(job, ground, output, timeout, told, as_json=json) for job in still(jobs, ground)]
    except KeyboardInterrupt:
        if json:
            show.result_json(told)
        raise
    if json:
        show.result_json(told)
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
    """Every job whose clip is still to be saved, and that nobody else is at."""
    with ground.ledger() as ledger:
        return tuple(record.job for record in ledger.unfinished() if record.job is not None)


def is_unsaved(job: Job, ground: Ground) -> bool:
    """Whether nobody has seen to the job, nor is just about to."""
    return job in unsaved(ground)


def still(jobs: tuple[Job, ...], ground: Ground) -> Iterator[Job]:
    """Those of the jobs that nobody else has seen to by the time their turn comes."""
    for job in jobs:
        if is_unsaved(job, ground):
            yield job
        else:
            show.note(f"job {job.token}: another process is at it")


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


def _resumed(
    job: Job, ground: Ground, output: Output, timeout: Timeout, told: list[JSON] | None = None, *, as_json: bool
) -> int:
    """Go on with a job; what is `told` as JSON of one among several goes there."""
    several = told is not None
    tell = show.result_json if told is None else told.append
    with ground.client(job.account or job.provider, paying=True) as client:
        client.account_of(job)
        target = output or free_name(None)
        client.check_target(target)
        return finish(client, job, target, ground, timeout=timeout, as_json=as_json, once=several, tell=tell)


def _one_of_all(job: Job, ground: Ground, output: Output, timeout: Timeout, told: list[JSON], *, as_json: bool) -> int:
    try:
        return _resumed(job, ground, output, timeout, told, as_json=as_json)
    except OmniflashError as problem:
        show.error(problem, as_json=False)  # the others go on
        told.append({"job": job.token, "error": error_to_json(problem)})
        return AT_VENDOR
