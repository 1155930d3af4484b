"""The life of a job as an adapter reads it: its states, an empty result, cancelling (JOB-STATES, JOB-EMPTY, …)."""

from omniflash import EmptyResult, State

from ..bench import RENDER_S, AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..verdicts import expect, expect_equal

ONWARD = (State.QUEUED, State.RUNNING, State.SUCCEEDED)


@case("JOB-STATES-1", "a job is queued, then running, then over", needs=Needs.FIXED, recording="status", clips=1)
def a_job_only_goes_forward(bench: AdapterBench) -> None:
    client = bench.client()
    job = bench.submitted(client)
    looks = [client.status(job)]
    for seconds in (6.0, RENDER_S):
        bench.stand.advance(seconds)
        looks.append(client.status(job))
    places = [ONWARD.index(look.state) for look in looks if look.state in ONWARD]
    expect_equal(places, sorted(places), "the order of states")
    expect_equal(looks[-1].state, State.SUCCEEDED, "the last state")
    expect(all(look.known for look in looks), f"a status is unknown: {[look.word for look in looks]}")
    bench.note(words=[look.word for look in looks])


@case("JOB-EMPTY-1", "completed without a video is a failure of its own kind", needs=Needs.FAULTS, modes=EVERY_MODE)
def nothing_is_no_success(bench: AdapterBench) -> None:
    client = bench.client()
    request = bench.least(client)
    bench.sandbox.arm("no-video", provider=bench.adapter.name)
    status = bench.finished(client, request)
    expect_equal(status.state, State.FAILED, "the state of a job that completed without a video")
    expect(isinstance(status.error, EmptyResult), f"its error is {type(status.error).__name__}, not EmptyResult")
