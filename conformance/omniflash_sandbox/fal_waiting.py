"""fal's answers that take as long as the request does: the stream of its status, and the synchronous run.

Sources: fal, queue (an older page) for the stream, whose logs come bit by bit as @fal-ai/client 1.10.1 puts them
together; fal, sync/run for the other. Both wait in the job's own time: under the virtual clock until somebody moves it.
"""

import asyncio
from collections.abc import AsyncIterator

from attrs import evolve

from omniflash_sandbox.fal import ASKED, REQUEST, answer_of, log, ours, told
from omniflash_sandbox.fal_failures import refusal
from omniflash_sandbox.fal_submit import accepted
from omniflash_sandbox.jobs import Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask, encoded
from omniflash_sandbox.vendor import Operation
from omniflash_sandbox.world import World

RUN = "/fal/run"
LOOK_S = 0.01  # of wall time: time may also be moved, or the job cancelled, by another server on this state
ENDED = refusal(503, "Runner disconnected", "runner_disconnected")  # for when the sandbox is reset or stopped


async def looks(world: World, job_id: str) -> AsyncIterator[tuple[Job, float]]:
    """The job and its age, again and again until it is over; it ends early where the sandbox does."""
    while (job := world.jobs.find(job_id)) and not world.closing.is_set():
        age = world.clock.since(job.start)
        yield job, age
        if job.phase(age) is Phase.OVER:
            return
        await asyncio.sleep(LOOK_S)


@ours
async def stream(world: World, ask: Ask, job: Job) -> Answer:
    """The status as server-sent events, one for each change, the last of them COMPLETED."""
    statuses = changes(world, job.id, logs=ask.query.get("logs") in ASKED)
    headers = {"content-type": "text/event-stream", "cache-control": "no-cache"}
    return Answer(200, headers=headers, stream=(b"data: %b\n\n" % encoded(status) async for status in statuses))


async def changes(world: World, job_id: str, *, logs: bool) -> AsyncIterator[JSON]:
    """Each status that differs from the one before, with the lines of the log that are new."""
    before: JSON = None
    shown = 0
    async for job, age in looks(world, job_id):
        status, lines = told(world, job, age), list(log(world, job, age))[shown:] if logs else []
        if lines or status != before:
            yield {**status, "logs": lines if logs else None}
        before, shown = status, shown + len(lines)


async def run(world: World, ask: Ask) -> Answer:
    """The model's own answer, once it is there. The request is billed like any other."""
    job = await accepted(world, ask)
    if isinstance(job, Answer):
        return job
    over = [each async for each, age in looks(world, job.id) if each.phase(age) is Phase.OVER]
    answer = await answer_of(world, over[0]) if over else ENDED
    return evolve(answer, job=job.id, fault=job.fault)


OPERATIONS = (
    Operation("stream", "GET", f"{REQUEST}/status/stream", stream),
    Operation("run", "POST", RUN + "/{endpoint:path}", run),
)
