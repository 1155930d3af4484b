"""How fal takes a request on: for which price, and with what it finds wrong."""

from decimal import Decimal
from uuid import UUID

from omniflash_sandbox.acceptance import Draft, Terms, accept
from omniflash_sandbox.clips import FPS
from omniflash_sandbox.fal import ENDPOINT, LOCKED, MODELS, NAME, Model, cost, nowhere, position, urls
from omniflash_sandbox.fal_detail import complaints_about
from omniflash_sandbox.fal_inputs import unloadable
from omniflash_sandbox.jobs import Ending, Job
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.sources import footage_asked, footage_of
from omniflash_sandbox.vendor import Operation
from omniflash_sandbox.world import World

CENT_OF_A_CENT = Decimal("0.0001")

TERMS = Terms(
    provider=NAME,
    unit="units",
    usd=Decimal(1),  # assumption: fal's token-priced models are billed in units of one dollar
    opening=Decimal(100_000),
    # Assumption: what ends without a video costs nothing, as it makes no output tokens; a cancel saves nothing once a
    # request is being processed.
    paid=frozenset({Ending.VIDEO}),
    identify=lambda digits: str(UUID(digits[:32], version=4)),
    stored=lambda ask: None if ask.headers.get("x-fal-store-io") == "0" else ask.readable,  # fal, common parameters
)


async def submit(world: World, ask: Ask) -> Answer:
    """queue/submit. A bad body is accepted too: what is wrong with it stands in the result."""
    job = await accepted(world, ask, webhook=ask.query.get("fal_webhook"))
    if isinstance(job, Answer):
        return job
    body: JSON = {"status": "IN_QUEUE", "request_id": job.id, **urls(world, job), "queue_position": position(job, 0)}
    return Answer(200, body, job=job.id, fault=job.fault)


async def accepted(world: World, ask: Ask, webhook: str | None = None) -> Job | Answer:
    """The job that a request makes, or why it makes none."""
    model = MODELS.get(ask.place["endpoint"])
    if model is None:
        return await nowhere(world, ask)
    return accept(world, TERMS, ask, await draft(world, model, ask), webhook) or LOCKED


async def draft(world: World, model: Model, ask: Ask) -> Draft:
    complaints = complaints_about(ask, model.contract) or unloadable(world, ask)
    if complaints or not isinstance(ask.body, dict):
        return Draft(model.mode, Decimal(0), ending=Ending.INVALID, complaints=complaints)
    source = ask.body.get("video_url") if model.mode == "edit" else None
    footage = await footage_of(world, source) if isinstance(source, str) else footage_asked(ask.body)
    price = world.prices.of(NAME, ask.place["endpoint"])
    return Draft(model.mode, cost(model, price, Decimal(footage.frames) / FPS).quantize(CENT_OF_A_CENT), footage)


OPERATIONS = (Operation("submit", "POST", ENDPOINT, submit),)
