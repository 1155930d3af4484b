"""Cancelling a job: in time, too late, twice, and where there is no such thing (JOB-CANCEL)."""

from attrs import evolve

from omniflash import Cancellation, Client, Job, NotFound, OmniflashError, State
from omniflash.effects import Call, Effect
from omniflash.jobs import Cancelled
from omniflash.spec import Mode

from ..bench import RENDER_S, AdapterBench
from ..case import Needs, case
from ..means.life import BEGUN_S, facts_of, words_of
from ..verdicts import Broken, NotDeclared, expect, expect_equal, expect_raised

CALLED_OFF = (Cancelled.CANCELLED, Cancelled.REQUESTED)


def can_cancel(bench: AdapterBench) -> None:
    """Raises NotDeclared where nothing can be cancelled."""
    if not bench.adapter.features.cancel:
        raise NotDeclared(f"{bench.adapter.name} declares no cancel")


def cancelled_after(bench: AdapterBench, seconds: float) -> Cancellation:
    """What comes of cancelling a job of this age."""
    can_cancel(bench)
    client, ears = bench.overheard()
    job = bench.submitted(client)
    if seconds:
        bench.stand.advance(seconds)
    begin = len(ears.heard)
    told = client.cancel(job)
    heard = ears.since(begin)
    bench.note(
        result=told.result.value, may_bill=told.may_bill, answers=facts_of(heard), words=words_of(heard, job.handle)
    )
    return told


@case(
    "JOB-CANCEL-1", "a job that waits is cancelled, and costs nothing", needs=Needs.FIXED, recording="cancel", clips=1
)
def a_waiting_job_is_cancelled(bench: AdapterBench) -> None:
    told = cancelled_after(bench, 0.0)
    expect(told.result in CALLED_OFF, f"cancelling a job that waits is told as {told.result.value!r}")
    _honest(told)


@case(
    "JOB-CANCEL-2",
    "a job that runs is asked to stop, and may be billed",
    needs=Needs.FIXED,
    recording="cancel-running",
    clips=1,
)
def a_running_job_is_asked_to_stop(bench: AdapterBench) -> None:
    told = cancelled_after(bench, BEGUN_S)
    expect(told.result in CALLED_OFF, f"cancelling a job that runs is told as {told.result.value!r}")
    _honest(told)


@case(
    "JOB-CANCEL-3",
    "a job that is over is past cancelling, and is billed",
    needs=Needs.FIXED,
    recording="cancel-too-late",
    clips=1,
)
def a_job_that_is_over_is_past_cancelling(bench: AdapterBench) -> None:
    told = cancelled_after(bench, RENDER_S)
    expect_equal(told.result, Cancelled.TOO_LATE, "what comes of cancelling a job that is over")
    expect(told.may_bill, "cancelling a job that is over is told to cost nothing")


def _honest(told: Cancellation) -> None:
    """Only what is certainly cancelled costs nothing."""
    certain = told.result is Cancelled.CANCELLED
    expect(certain or told.may_bill, f"a cancel that is only {told.result.value!r} is told to cost nothing")


@case("JOB-CANCEL-4", "cancelling twice is no error, and ends as once", needs=Needs.FAULTS)
def twice_is_as_once(bench: AdapterBench) -> None:
    can_cancel(bench)
    client = bench.client()
    job = bench.submitted(client)
    first = client.cancel(job)
    try:
        second = client.cancel(job)
    except OmniflashError as error:
        raise Broken(f"cancelling a second time raises {type(error).__name__}") from error
    expect(second.result is not Cancelled.UNSUPPORTED, "cancelling a second time is told as 'unsupported'")
    expect_equal(_end(bench, client, job), State.CANCELLED, f"the end of a job that was {first.result.value}")


@case("JOB-CANCEL-5", "what is told of a cancel is what the bill says in the end", needs=Needs.FAULTS)
def the_bill_agrees(bench: AdapterBench) -> None:
    can_cancel(bench)
    for age in (0.0, BEGUN_S, RENDER_S):
        bench.sandbox.reset()
        client = bench.client()
        job = bench.submitted(client)
        bench.stand.advance(age)
        told = client.cancel(job)
        _honest(told)
        end = _end(bench, client, job)
        billed = bench.sandbox.charges()[-1]["state"] == "billed"
        expect(told.may_bill or not billed, f"a job that was told to be {told.result.value!r}, at no cost, is billed")
        wanted = State.SUCCEEDED if told.result is Cancelled.TOO_LATE else end
        expect_equal(end, wanted, "the end of a job that it was too late to cancel")
        expect(
            told.result is not Cancelled.CANCELLED or end is State.CANCELLED,
            f"a job that was told to be cancelled ends as {end.value!r}",
        )


def _end(bench: AdapterBench, client: Client, job: Job) -> State:
    bench.stand.advance(RENDER_S)
    return client.status(job).state


@case("JOB-CANCEL-6", "a job that the vendor does not know is not found", needs=Needs.FAULTS)
def an_unknown_job_is_not_found(bench: AdapterBench) -> None:
    can_cancel(bench)
    client = bench.client()
    job = bench.submitted(client)
    with expect_raised(NotFound, "cancelling a job that the vendor does not know"):
        client.cancel(evolve(job, handle=strangers(job.handle)))


def strangers(handle: str) -> str:
    """An id of the same form, that nobody was given."""
    return handle.translate(str.maketrans("0123456789", "1234567890"))


@case("JOB-CANCEL-7", "where there is no cancelling, that is said without asking anybody, and that it may be billed")
def unsupported_is_said_at_once(bench: AdapterBench) -> None:
    if bench.adapter.features.cancel:
        raise NotDeclared(f"{bench.adapter.name} declares that it cancels")
    offer = bench.adapter.offers[0]
    told = _at_once(bench, Job(bench.adapter.name, offer.version, Mode(offer.mode), "job_1", "order-1"))
    expect_equal(told.result, Cancelled.UNSUPPORTED, "what comes of cancelling where that is not declared")
    expect(told.may_bill, "a job that goes on is told to cost nothing")


def _at_once(bench: AdapterBench, job: Job) -> Cancellation:
    flow = bench.adapter.cancel(job)
    try:
        effect: Effect = next(flow)
    except StopIteration as stop:
        told: Cancellation = stop.value
        return told
    flow.close()
    raise Broken(f"cancelling, which is not declared, asks for {named(effect)}")


def named(effect: Effect) -> str:
    """An effect in a few words."""
    return f"{effect.method} {effect.url}" if isinstance(effect, Call) else type(effect).__name__
