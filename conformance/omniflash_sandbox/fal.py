"""fal's queue protocol, for the four endpoints of Gemini Omni Flash.

Sources: the model's four pages (https://fal.ai/models/google/gemini-omni-flash and below) and fal's Inference API
reference, of which `queue/submit`, `queue/status`, `queue/result` and `queue/cancel` are cited here by these names.
"""

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from attrs import evolve, frozen

from omniflash_sandbox import accounts
from omniflash_sandbox.accounts import Account
from omniflash_sandbox.clips import FORMATS
from omniflash_sandbox.clock import iso
from omniflash_sandbox.fal_detail import REJECTED, Complaint
from omniflash_sandbox.fal_failures import FAILURES, failed, refusal
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.prices import Price
from omniflash_sandbox.vendor import REGION_NOTE, Handler, JobHandler, Operation, found
from omniflash_sandbox.world import World

NAME = "fal"
QUEUE = "/fal/queue"
APP = "google/gemini-omni-flash"
ASKED = ("1", "true")


@frozen
class Model:
    """One endpoint: its mode, the contract of its body, and what a second of video costs there by its page."""

    mode: str
    contract: str
    usd_per_s: Decimal


# Prices: "approximately", says each page's section on pricing. What fal bills is tokens, and no page says how many a
# second of video has.
MODELS: Mapping[str, Model] = {
    APP: Model("text_to_video", "fal-text-to-video", Decimal("0.125")),
    f"{APP}/image-to-video": Model("image_to_video", "fal-image-to-video", Decimal("0.13")),
    f"{APP}/edit": Model("edit", "fal-edit", Decimal("0.13")),
    f"{APP}/reference-to-video": Model("reference_to_video", "fal-reference-to-video", Decimal("0.13")),
}


# Assumption: for this model fal's list says "units", as a third party read there, and no page what that is; a second is
# how its pages count, and what the sandbox bills by.
SECONDS, VIDEOS = "seconds", "videos"
PRICES: Mapping[str, Price] = {endpoint: Price(model.usd_per_s, SECONDS) for endpoint, model in MODELS.items()}


def cost(model: Model, price: Price, seconds: Decimal) -> Decimal:
    """What a clip costs. Of a unit that is neither there are as many as its page asks dollars: an assumption."""
    units = {SECONDS: seconds, VIDEOS: Decimal(1)}.get(price.unit, model.usd_per_s * seconds)
    return price.amount * units


# The words of 401, 403 and of an early result are those that users report; those of 413 and 429 are assumptions.
BAD_FORM = refusal(401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.")
NO_SUCH_KEY = refusal(401, "No user found for Key ID and Secret")
LOCKED = refusal(403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.")
TOO_MANY = refusal(429, "Too many requests")
TOO_LARGE = refusal(413, "Request body is too large")
EARLY = refusal(400, "Request is still in progress")
CANCELLED = "Request was cancelled by the client", "client_cancelled"
UNKNOWN = Answer(404, {"status": "NOT_FOUND"})


def account(headers: Mapping[str, str]) -> Account | Answer:
    """`Authorization: Key <key_id>:<key_secret>` (fal, inference API)."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    key_id, _, secret = key.partition(":")
    if scheme.lower() != "key" or not key_id or not secret:
        return BAD_FORM
    return accounts.account(key) or NO_SUCH_KEY


def stamp(answer: Answer, exchange: int) -> Answer:
    """Every answer has a request id, made up where it is about no request; fal's clients take it from here."""
    request_id = answer.job or str(UUID(int=exchange, version=4))
    return evolve(answer, headers={"x-fal-request-id": request_id, **answer.headers})


def urls(world: World, job: Job) -> dict[str, JSON]:
    """They name only owner and app, whatever the endpoint (fal, inference API)."""
    request = f"{world.url}{QUEUE}/{APP}/requests/{job.id}"
    return {"response_url": request, "status_url": f"{request}/status", "cancel_url": f"{request}/cancel"}


def position(job: Job, age: float) -> int:
    """How many requests are in front, as if one left the queue each second."""
    return max(0, math.ceil(job.queue_s - age) - 1)


def ours(handle: JobHandler) -> Handler:
    """For a handler of one request, under any of the model's endpoints."""
    finding = found(NAME, UNKNOWN)(handle)

    async def placed(world: World, ask: Ask) -> Answer:
        return await finding(world, ask) if ask.place["endpoint"] in MODELS else UNKNOWN

    return placed


@ours
async def status(world: World, ask: Ask, job: Job) -> Answer:
    """queue/status: 202 until the request is completed, well or not, then 200."""
    age = world.clock.since(job.start)
    logs: JSON = list(log(world, job, age)) if ask.query.get("logs") in ASKED else None
    return Answer(PHASES[job.phase(age)][0], {**told(world, job, age), "logs": logs})


def told(world: World, job: Job, age: float) -> dict[str, JSON]:
    """What a status says, but for the logs."""
    return {**PHASES[job.phase(age)][1](job, age), "request_id": job.id, **urls(world, job)}


def _queued(job: Job, age: float) -> dict[str, JSON]:
    return {"status": "IN_QUEUE", "queue_position": position(job, age)}


def _running(job: Job, age: float) -> dict[str, JSON]:
    return {"status": "IN_PROGRESS"}


def _completed(job: Job, age: float) -> dict[str, JSON]:
    completed: dict[str, JSON] = {"status": "COMPLETED", "metrics": {"inference_time": job.run_s}}
    if job.ending is Ending.CANCELLED:
        completed |= {"metrics": {}, "error": CANCELLED[0], "error_type": CANCELLED[1]}
    if job.ending is Ending.FAILED:
        error_type = str(job.options["error_type"])
        completed |= {"metrics": {}, "error": FAILURES[error_type].message, "error_type": error_type}
    return completed


PHASES: Mapping[Phase, tuple[int, Callable[[Job, float], dict[str, JSON]]]] = {
    Phase.QUEUED: (202, _queued),
    Phase.RUNNING: (202, _running),
    Phase.OVER: (200, _completed),
}


def log(world: World, job: Job, age: float) -> Iterator[JSON]:
    """A line at the start of processing, and one for each quarter of it that is done."""
    for quarter in range(5):
        moment = job.queue_s + job.run_s * quarter / 4
        if moment <= min(age, job.over_s):
            date = iso(min(job.start.date(moment), world.clock.now()))
            yield {"message": f"Generating… {quarter * 25} %", "level": "INFO", "source": "USER", "timestamp": date}


@ours
async def result(world: World, ask: Ask, job: Job) -> Answer:
    """queue/result: "the status code, headers, and body that the model returned"."""
    if job.phase(world.clock.since(job.start)) is not Phase.OVER:
        return EARLY
    return await answer_of(world, job)


async def answer_of(world: World, job: Job) -> Answer:
    """What the model returned, of a job that is over."""
    answer = await RESULTS[job.ending](world, job)
    return evolve(answer, headers={**answer.headers, "x-fal-billable-units": billable(job)})


def billable(job: Job) -> str:
    """`.0f` for whole numbers and `.8f` for others, as fal's server SDK writes it."""
    units = job.amount if job.paid else Decimal(0)
    return f"{units:.0f}" if units == int(units) else f"{units:.8f}"


async def _video(world: World, job: Job) -> Answer:
    clip = await world.studio.clip(job.recipe)
    url, media_type = world.clip_url(job), FORMATS[job.recipe.container].media_type
    name = url.rpartition("/")[2]
    return Answer(200, {"video": {"url": url, "content_type": media_type, "file_name": name, "file_size": len(clip)}})


async def _no_video(world: World, job: Job) -> Answer:
    return Answer(200, NO_VIDEO[job.shape])


async def _complained(world: World, job: Job) -> Answer:
    return Answer(422, {"detail": COMPLAINTS.get(job.ending, job.complaints)})


async def _cancelled(world: World, job: Job) -> Answer:
    return refusal(499, *CANCELLED)


async def _failed(world: World, job: Job) -> Answer:
    return failed(str(job.options["error_type"]), needs_retry=job.options["needs_retry"] is True)


RESULTS: Mapping[Ending, Callable[[World, Job], Awaitable[Answer]]] = {
    Ending.VIDEO: _video,
    Ending.NO_VIDEO: _no_video,
    Ending.INVALID: _complained,
    Ending.REGION: _complained,
    Ending.CONTENT_REJECTED: _complained,
    Ending.FAILED: _failed,
    Ending.CANCELLED: _cancelled,
}

COMPLAINTS: Mapping[Ending, list[JSON]] = {
    Ending.REGION: [Complaint("feature_not_supported", REGION_NOTE).at("body", "video_url")],  # the type is assumed
    Ending.CONTENT_REJECTED: [REJECTED.at("body", "prompt")],
}

NO_VIDEO: Mapping[str, JSON] = {"absent": {}, "null": {"video": None}, "empty": {"video": {"url": ""}}}


@ours
async def cancel(world: World, ask: Ask, job: Job) -> Answer:
    """queue/cancel. Assumptions: OK for a queued request, CANCELLATION_REQUESTED for one that is being processed."""
    age = world.clock.since(job.start)
    phase = job.phase(age)
    if phase is Phase.OVER:
        return Answer(400, {"status": "ALREADY_COMPLETED"})
    if phase is Phase.QUEUED or world.switches["fal.running_cancel"] == "stops":
        world.jobs.keep(job.cancelled(age))
        world.webhooks.bell.set()
    code, word = CANCELS[phase]
    return Answer(code, {"status": word})


CANCELS = {Phase.QUEUED: (200, "OK"), Phase.RUNNING: (202, "CANCELLATION_REQUESTED")}


async def nowhere(world: World, ask: Ask) -> Answer:
    """On any of fal's hosts, each of which is a path `/fal/…` here."""
    return refusal(404, f"Path /{ask.path.split('/', 3)[-1]} not found")


ENDPOINT = QUEUE + "/{endpoint:path}"
REQUEST = ENDPOINT + "/requests/{job}"

OPERATIONS = (
    Operation("status", "GET", f"{REQUEST}/status", status),
    Operation("result", "GET", f"{REQUEST}/response", result),  # an older page's form of the same
    Operation("result", "GET", REQUEST, result),
    Operation("cancel", "PUT", f"{REQUEST}/cancel", cancel),
)
