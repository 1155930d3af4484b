"""Looking at a job until it is over, neither too often nor too late (JOB-POLL, JOB-DEADLINE)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from ..accounts import Account
from ..effects import Flow, Pause, Tell, now
from ..errors import (
    DeadlineExceeded,
    GenerationFailed,
    JobCancelled,
    Money,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
)
from ..jobs import Cancellation, Clip, Job, State, Status
from ..money.entries import Finished
from .attempt import Attempt
from .lease import ASK_AGAIN_S, Lease, given_back

LOOK_TIMEOUT_S = 60.0
SOONEST_S, LATEST_S = 1.0, 15.0
BEFORE_SHARE, AFTER_SHARE = 0.25, 0.05
NONSENSE_LOOKS = 3  # in a row; one may be of something between the vendor and us
FRESH_S = 30.0  # so long after it was accepted, a vendor that does not know a job may just not have written it down


def next_look(age: float, expected: float, soonest: float = SOONEST_S) -> float:
    """Seconds until the next look at a job of this age.

    Before the expected length a quarter of what is left, so that few looks are wasted and the last ones are close
    together; after it a twentieth of the age, so that a job that takes long is looked at less and less.
    """
    rest = (expected - age) * BEFORE_SHARE if age < expected else (age - expected) * AFTER_SHARE
    return min(max(rest, soonest), max(LATEST_S, soonest))


def soonest_look(account: Account) -> float:
    """The shortest time between two looks that the provider's pace leaves to one job."""
    return max(SOONEST_S, account.pace.seconds / account.pace.requests) if account.pace else SOONEST_S


def status(
    account: Account,
    job: Job,
    until: float | None = None,
    lease: Lease | None = None,
    under_way: datetime | None = None,
) -> Flow[Status]:
    """One look; the last gives the lease back. `under_way` is when an earlier one saw that the job was not over."""
    moment = yield from now()
    attempt = Attempt(account, moment.ticks + LOOK_TIMEOUT_S if until is None else until)
    seen = yield from attempt.run(account.adapter.status(job))
    since_s = ((yield from now()).at - under_way).total_seconds() if under_way else None
    yield Tell(seen)
    if seen.state.over:
        charged = account.dollars(seen.charge) if seen.charge else None
        yield from given_back(Finished(seen, charged, since_s=since_s), lease)
    return seen


def cancel(account: Account, job: Job) -> Flow[Cancellation]:
    """Ask the vendor to cancel. What is raised carries the job, which may still be billed."""
    moment = yield from now()
    attempt = Attempt(account, moment.ticks + LOOK_TIMEOUT_S)
    with _going_on(job):
        return (yield from attempt.run(account.adapter.cancel(job)))


def wait(account: Account, job: Job, expected_s: float, timeout_s: float, holder: str = "") -> Flow[Clip]:
    """Look until the job is over and give its clip; while another `holder` looks at it, only ask if that one is done.

    Raises the error that the job ended with, DeadlineExceeded with the job still alive, or what makes looking useless.
    What is raised while the job goes on carries it.
    """
    try:
        lease = Lease(job, holder)
        with _going_on(job):
            ended = yield from lease.held(partial(_until_over, account, lease, expected_s, timeout_s))
    except (OmniflashError, GeneratorExit):
        raise
    except BaseException as interruption:
        kept(interruption, job)
        raise
    return settled(ended)


@contextmanager
def _going_on(job: Job) -> Iterator[None]:
    """Let an error that says nothing of the job's own end carry it: whatever failed, the job may cost money."""
    try:
        yield
    except OmniflashError as error:
        error.job = error.job or job
        error.money = Money.MAYBE if error.money is Money.NO else error.money
        raise


def kept(interruption: BaseException, job: Job) -> None:
    """Let whatever breaks in on a job that was accepted carry its token."""
    note = f"the job goes on: {job.token}"
    if note not in getattr(interruption, "__notes__", []):
        interruption.add_note(note)


def _until_over(account: Account, lease: Lease, expected_s: float, timeout_s: float) -> Flow[Status]:
    job = lease.job
    begin = yield from now()
    until = begin.ticks + timeout_s
    age = (begin.at - job.submitted_at).total_seconds() if job.submitted_at else 0.0
    fresh_until = FRESH_S - age if job.submitted_at else 0.0
    waited, nonsense, trouble = 0.0, 0, None
    under_way: datetime | None = None
    while True:
        ours = yield from lease.taken()
        looked = yield from now()  # before its answer comes, and whoever is told of it takes their time
        seen = None
        if not ours:
            nonsense, trouble = 0, None
        elif looked.ticks <= until:  # after it no call has its turn any more: the trouble of the look before stands
            seen, trouble = yield from _look(account, lease, until, under_way, fresh=waited < fresh_until)
            under_way = under_way if seen is None else looked.at
            nonsense = nonsense + 1 if isinstance(trouble, ProtocolError) else 0
        if trouble is not None and nonsense == NONSENSE_LOOKS:
            raise trouble
        if seen is not None and seen.state.over:
            return seen
        moment = yield from now()
        waited = moment.ticks - begin.ticks
        if waited >= timeout_s:
            raise late(job, timeout_s, trouble, lease.who)
        rest = ASK_AGAIN_S if not ours else next_look(age + waited, expected_s, soonest_look(account))
        hint = trouble.retry_after if trouble and trouble.retry_after else 0.0
        yield Pause(min(max(rest, hint), timeout_s - waited))


def _look(
    account: Account, lease: Lease, until: float, under_way: datetime | None, *, fresh: bool
) -> Flow[tuple[Status | None, OmniflashError | None]]:
    try:
        return (yield from status(account, lease.job, until, lease, under_way)), None
    except (ProviderUnavailable, RateLimited, ProtocolError) as trouble:
        return None, trouble  # says nothing of the job, which has been paid for: look again until the deadline
    except NotFound as trouble:
        if not fresh:
            raise
        return None, trouble


def settled(seen: Status) -> Clip:
    """The clip of a job that is over. Raises what it ended with."""
    if seen.clip is not None:
        return seen.clip
    if seen.error is not None:
        raise seen.error
    ended = JobCancelled if seen.state is State.CANCELLED else GenerationFailed
    raise ended(f"{seen.job.provider} ended the job as {seen.word!r}")


def late(job: Job, timeout_s: float, trouble: OmniflashError | None, who: str | None = None) -> DeadlineExceeded:
    """The error of a wait that took too long; `who` else is waiting for the job, where somebody is."""
    last = f"; the last look failed: {trouble}" if trouble else f"; {who} looks after it" if who else ""
    error = DeadlineExceeded(f"the job was not over after {timeout_s:g} s{last}", job=job)
    error.remedy = f"it goes on; wait for it again by its token: {job.token}"
    return error
