"""PixelDojo's API of asynchronous jobs, for its model `google-gemini-omni-flash`.

Source, where none other is named: the model's page, https://pixeldojo.ai/llm/google-gemini-omni-flash.txt.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from omniflash_sandbox import accounts
from omniflash_sandbox.acceptance import Draft, Terms, accept, credit
from omniflash_sandbox.accounts import NOBODY, Account
from omniflash_sandbox.clips import Footage
from omniflash_sandbox.clock import iso
from omniflash_sandbox.contracts import Violation, load, violations
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask, encoded, number
from omniflash_sandbox.prices import Price
from omniflash_sandbox.sources import footage_asked, footage_made, footage_of
from omniflash_sandbox.vendor import REGION_NOTE, Dialect, Notice, Operation, Vendor, found
from omniflash_sandbox.world import World

NAME = "pixeldojo"
API = "/pixeldojo/api/v1"
MODEL = "google-gemini-omni-flash"
JOB, VIDEO = "job_", "vid_"
RECENT = 50  # jobs in a list; assumption
KEPT_FOR = timedelta(hours=1)  # what a catalogue of PixelDojo's MCP server says of assets; its pages say nothing

TERMS = Terms(
    provider=NAME,
    unit="credits",
    usd=Decimal("0.0625"),  # assumption: PixelDojo's smallest subscription, $10 for 160 credits
    opening=Decimal(1_000_000),
    paid=frozenset({Ending.VIDEO, Ending.NO_VIDEO}),  # assumption: "failed jobs refunded", says the same catalogue
    identify=lambda digits: JOB + digits[:24],
    stored=lambda ask: without_webhook(ask.readable),
)


def without_webhook(body: JSON) -> JSON:
    """Its URL is no input of the model, and may hold secrets."""
    return {name: value for name, value in body.items() if name != "webhook_url"} if isinstance(body, dict) else None


COST = Decimal(16)
"""Credits per video, whatever its length, says the page; by the second, say other pages of PixelDojo.

A mock server should not charge by a rule it cannot know: this is the page's figure and no more.
"""

FIXED = "fixed"  # the one type of a price that PixelDojo's api-docs show


def cost(price: Price, seconds: float) -> Decimal:
    """What a video costs. Assumption: a price of any other type is one by the second, as some of its models have."""
    return price.amount if price.unit == FIXED else price.amount * Decimal(f"{seconds:g}")


def refusal(status: int, code: str, message: str) -> Answer:
    """Assumption: the envelope, which only an older generation of the API shows."""
    return Answer(status, {"error": {"code": code, "message": message}})


UNAUTHORIZED = refusal(401, "unauthorized", "Invalid or missing API key")
NO_CREDIT = refusal(402, "insufficient_credits", "Not enough credits")
NO_MODEL = refusal(404, "model_not_found", "Model ID not found")
NO_JOB = refusal(404, "job_not_found", "Job ID not found")  # assumption: the page has no code for it
RATE_LIMITED = refusal(429, "rate_limited", "Too many requests")
TOO_LARGE = refusal(413, "invalid_request", "Request body is too large")  # assumption
UNAVAILABLE = {  # assumption, but for the 500: the page has no other server error
    status: refusal(status, "internal_error", "Server error") for status in (500, 502, 503, 504)
}


def invalid(message: str) -> Answer:
    return refusal(400, "invalid_request", message)


def account(headers: Mapping[str, str]) -> Account | Answer:
    """`Authorization: Bearer YOUR_API_KEY`."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return UNAUTHORIZED
    return accounts.account(key.strip()) or UNAUTHORIZED


NO_CLIP = invalid("video_id names no finished clip of this account")  # assumption: the page has no code for it


async def submit(world: World, ask: Ask) -> Answer:
    """Submit a Job: 202, as the page of another of its models says."""
    if ask.place["model"] != MODEL:
        return NO_MODEL
    body = readable(ask)
    if isinstance(body, Answer):
        return body
    draft = await drafted(world, ask, body)
    if draft is None:
        return NO_CLIP
    job = accept(world, TERMS, ask, draft, webhook=str(body.get("webhook_url") or ""))
    if job is None:
        return NO_CREDIT
    accepted = {
        "jobId": job.id,
        "status": "pending",
        "statusUrl": f"{world.url}{API}/jobs/{job.id}",
        "creditCost": number(job.amount),
        "creditsRemaining": number(credit(world, TERMS, ask.account)),
        **expiry(world, job),
    }
    return Answer(202, accepted, job=job.id, fault=job.fault)


def readable(ask: Ask) -> dict[str, JSON] | Answer:
    """The body, or the refusal that names every field that is wrong: unlike fal, this vendor checks at once."""
    try:
        wrong = violations("pixeldojo-run", ask.body)
    except ValueError:
        return invalid("the body is no JSON")
    if wrong or not isinstance(ask.body, dict):
        return invalid("; ".join(complaint(violation) for violation in wrong))
    return ask.body


def complaint(violation: Violation) -> str:
    place = ".".join(str(part) for part in violation.place) or "body"
    return f"{place} {WORDS[violation.keyword].format(violation.demand)}"


WORDS: Mapping[str, str] = {
    "required": "is required",
    "additionalProperties": "is no parameter of this model",
    "type": "must be of type {}",
    "enum": "must be one of {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "maxItems": "must have at most {} items",
    "pattern": "must be a URL",
    "not": "cannot be combined with video_id",
}
"""What is said of a violation, by the keyword of JSON Schema that the value breaks. The words are an assumption."""

MODES = {
    "video_id": "refine",
    "video": "edit",
    "image": "image_to_video",
    "reference_images": "reference_to_video",
}
"""The mode is told by what stands in the body, the first of these first."""


async def drafted(world: World, ask: Ask, body: Mapping[str, JSON]) -> Draft | None:
    """None where `video_id` names no finished clip of the same account."""
    mode = next((mode for field, mode in MODES.items() if field in body), "text_to_video")
    footage = await footage_for(world, ask, body)
    if footage is None:
        return None
    amount = cost(world.prices.of(NAME, MODEL), footage.seconds)
    return Draft(mode, amount, footage, str(body.get("output_format", "mp4")))


async def footage_for(world: World, ask: Ask, body: Mapping[str, JSON]) -> Footage | None:
    """A refined clip has the length and aspect of the one before, an edited one its source's."""
    match body:
        case {"video_id": str(video_id)}:
            return footage_made(world, NAME, ask.account.name, JOB + video_id.removeprefix(VIDEO))
        case {"video": str(url)}:
            return await footage_of(world, url)
        case _:
            return footage_asked(body)


@found(NAME, NO_JOB)
async def poll(world: World, ask: Ask, job: Job) -> Answer:
    """Poll for Results."""
    return Answer(200, told(world, job))


def told(world: World, job: Job) -> dict[str, JSON]:
    about = PHASES[job.phase(world.clock.since(job.start))](world, job)
    return {"jobId": job.id, **about, "creditCost": number(job.amount), **expiry(world, job)}


async def recent(world: World, ask: Ask) -> Answer:
    """List recent jobs. Assumption, all of it: the official SDK's README names `listJobs()`, and no source shows the
    path, an answer, or a parameter. So it is a poll's answer for each of the newest jobs, with what tells them apart.
    """
    jobs = world.history.of(NAME, ask.account.name)[:RECENT]
    return Answer(200, {"jobs": [listed(world, job) for job in jobs]})


def listed(world: World, job: Job) -> JSON:
    asked = world.history.asked(job)
    about: dict[str, JSON] = {"model": MODEL, "createdAt": iso(job.start.wall_date())}
    return told(world, job) | about | ({} if asked is None else {"input": asked})


async def described(world: World, ask: Ask) -> Answer:
    """A model, as discovery tells of it (PixelDojo's api-docs). Assumption: `creditCost`, which its example of the list
    of models has, and that of one model breaks off before.
    """
    if ask.place["model"] != MODEL:
        return NO_MODEL
    price = world.prices.of(NAME, MODEL)
    schema = load("pixeldojo-run")
    about: dict[str, JSON] = {
        "apiId": MODEL,
        "name": "Gemini Omni Flash",
        "modality": "video",
        "creditCost": {"default": number(price.amount), "type": price.unit, "amount": number(price.amount)},
        "requestSchema": {name: schema[name] for name in ("type", "additionalProperties", "required", "properties")},
    }
    return Answer(200, about)


def anybody(headers: Mapping[str, str]) -> Account | Answer:
    """Discovery is "public": its examples bring no key. Nor is one that is brought at the wrong place."""
    return NOBODY


async def notice(world: World, job: Job) -> Notice:
    """Assumption: no source shows what a webhook is sent, nor that it is signed; so it is what a poll would be told."""
    return Notice(encoded(told(world, job)), {"content-type": "application/json"})


def _pending(world: World, job: Job) -> dict[str, JSON]:
    return {"status": "pending"}


def _processing(world: World, job: Job) -> dict[str, JSON]:
    return {"status": "processing"}  # assumption: no page shows a status between pending and completed


def _over(world: World, job: Job) -> dict[str, JSON]:
    if job.ending in FAILURES:
        return {"status": "failed", "error": FAILURES[job.ending]}
    if job.ending is Ending.NO_VIDEO:
        return {"status": "completed", **NO_VIDEO[job.shape]}
    shape = OUTPUTS[world.switches["pixeldojo.output"]]
    return {"status": "completed", **shape(world.clip_url(job), VIDEO + job.id.removeprefix(JOB))}


PHASES: Mapping[Phase, Callable[[World, Job], dict[str, JSON]]] = {
    Phase.QUEUED: _pending,
    Phase.RUNNING: _processing,
    Phase.OVER: _over,
}

# Assumption: no source shows a failed job. That `error` is a text is how the page's examples use it; the words are what
# Google says of the same model. That of a failure on the vendor's side is an object, which clients have to bear too: an
# assumption as well.
FAILURES: Mapping[Ending, JSON] = {
    Ending.REGION: REGION_NOTE,
    Ending.CONTENT_REJECTED: "Unable to show the generated video. The video was filtered out because it violated"
    " Google's Generative AI Prohibited Use policy.",
    Ending.FAILED: {"code": "internal_error", "message": "Server error"},
}

OUTPUTS: Mapping[str, Callable[[str, str], dict[str, JSON]]] = {
    # Assumption: `outputs` stands beside `output`; the page names it only where it describes `video_id`.
    "page": lambda url, video_id: {"output": {"video": url}, "outputs": {"videoId": video_id}},
    "outputs": lambda url, video_id: {"outputs": {"video": url, "videoId": video_id}},
    "assets": lambda url, video_id: {"assets": [{"url": url}], "outputs": {"videoId": video_id}},
    "object": lambda url, video_id: {"output": {"video": {"url": url}}, "outputs": {"videoId": video_id}},
    "no_video_id": lambda url, video_id: {"output": {"video": url}},
}
"""Where a completed job has its video, by the switch `pixeldojo.output`."""

NO_VIDEO: Mapping[str, dict[str, JSON]] = {
    "absent": {},
    "null": {"output": {"video": None}},
    "empty": {"output": {}},
}


def expiry(world: World, job: Job) -> dict[str, JSON]:
    shown = world.switches["pixeldojo.expires_at"] == "on"
    return {"expiresAt": iso(job.start.date(job.over_s) + KEPT_FOR)} if shown else {}


async def nowhere(world: World, ask: Ask) -> Answer:
    return refusal(404, "not_found", f"Path {ask.path.removeprefix(API)} not found")


def stamp(answer: Answer, exchange: int) -> Answer:
    """No page names a header that its answers have."""
    return answer


VENDOR = Vendor(
    name=NAME,
    hosts={"api": API},
    operations=(
        Operation("submit", "POST", f"{API}/models/{{model}}/run", submit),
        Operation("status", "GET", f"{API}/jobs/{{job}}", poll),
        Operation("list", "GET", f"{API}/jobs", recent),
        Operation("prices", "GET", f"{API}/models/{{model}}", described, account=anybody),
    ),
    dialect=Dialect(
        account=account,
        nowhere=nowhere,
        rate_limited=RATE_LIMITED,
        locked=NO_CREDIT,
        unavailable=UNAVAILABLE,
        too_large=TOO_LARGE,
    ),
    unknown=NO_JOB,
    notice=notice,
    stamp=stamp,
    prices={MODEL: Price(COST, FIXED)},
)
