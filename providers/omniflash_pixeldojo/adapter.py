"""PixelDojo's job API: submit, and look until it is done.

Source: PixelDojo's model page; a submit answers 202 on another model's page. No cancel is documented.
"""

from collections.abc import Mapping

from attrs import evolve, field, frozen

from omniflash.adapter import Attachment, Features, Listed, Lost, Offer, Order, Pace, Posted, Reading, Wire
from omniflash.answers import Answer, clip_url, listed, moment, number
from omniflash.effects import Call, Flow, Repeat, Response, call
from omniflash.errors import EmptyResult, InvalidWebhook, UnsupportedFeature
from omniflash.jobs import HANDLE, Cancellation, Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.reading import json_of
from omniflash.spec import Mode
from omniflash.types import JSON

from . import errors, prices
from .offers import OFFERS, PROVIDER

# `pending`, `completed` and `failed` are on the model page. The others are assumptions: no page shows them.
STATES: Mapping[str, State] = {
    "pending": State.QUEUED,
    "processing": State.RUNNING,
    "completed": State.SUCCEEDED,
    "failed": State.FAILED,
    "timeout": State.FAILED,
    "expired": State.FAILED,
    "cancelled": State.CANCELLED,
    "canceled": State.CANCELLED,
}

# The sources disagree on where a finished clip's URL stands, so every place that one of them names is read, the model
# page's own first, the SDK's `assets` last. A place is a path of keys; a value is the URL, or an object that holds it
# as `url`.
VIDEO_PLACES: tuple[tuple[str | int, ...], ...] = (
    ("output", "video"),
    ("outputs", "video"),
    ("output", "videos", 0),
    ("outputs", "videos", 0),
)
# Only the description of `video_id` names it, as outputs.videoId; no example shows it.
HANDLE_PLACES: tuple[tuple[str | int, ...], ...] = (
    ("outputs", "videoId"),
    ("output", "videoId"),
    ("outputs", "video_id"),
    ("output", "video_id"),
)

COST = "creditCost"
PACE = Pace(10)  # requests a minute: one source says 10, an older one 60, and this is the cautious reading
FEATURES = Features(webhook=True, find=True, find_assumed=True, prices=True)


@frozen
class PixelDojo:
    """The adapter of PixelDojo."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: {"api": "https://pixeldojo.ai/api/v1"}, hash=False)
    credentials: tuple[tuple[str, ...], ...] = (("PIXELDOJO_API_KEY",),)
    offers: tuple[Offer, ...] = field(default=OFFERS, repr=False)
    absent: Mapping[Mode, str] = field(factory=dict, hash=False)
    pace: Pace | None = PACE
    features: Features = FEATURES
    options: type | None = None

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def read(self, call: Call, response: Response) -> Reading:
        return errors.read(call, response)

    def wire(self, order: Order) -> Wire:
        wire = compose(order)
        # `webhook_url` stands in the README of PixelDojo's SDK, beside the model's own fields.
        return evolve(wire, body={**wire.body, "webhook_url": order.webhook_url}) if order.webhook_url else wire

    def upload(self, attachment: Attachment) -> Flow[str]:
        raise UnsupportedFeature("PixelDojo documents no upload", remedy="give a public URL")
        yield

    def submit(self, order: Order) -> Flow[Job]:
        path = f"api:/models/{order.offer.endpoint}/run"
        asked = Call("submit", "POST", path, json=self.wire(order).body, repeat=Repeat.IF_REFUSED)
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        return answer.job(order, answer.text("jobId"))

    def status(self, job: Job) -> Flow[Status]:
        asked = Call("status", "GET", f"api:/jobs/{job.handle}")
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        word = answer.text("status")
        state = STATES.get(word, State.RUNNING)
        if state is State.SUCCEEDED:
            return _finished(job, word, answer)
        error = errors.failure(answer.body.get("error")) if state is State.FAILED else None
        return Status(job, state, word, word in STATES, error=error)

    def cancel(self, job: Job) -> Flow[Cancellation]:
        return Cancellation(Cancelled.UNSUPPORTED, may_bill=True)
        yield  # a flow, though it has nothing to do: PixelDojo documents no cancel

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        # Assumption, all of it: the SDK's README names `listJobs()`, and no source shows its path or its answer.
        asked = Call("list", "GET", "api:/jobs")
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        jobs = answer.body.get("jobs")
        if not isinstance(jobs, list):
            raise answer.lacks("jobs")
        ours = (job for job in jobs if isinstance(job, Mapping) and job.get("model") == lost.endpoint)
        return tuple(listed(job, handle="jobId", at="createdAt", sent="input") for job in ours)

    def prices(self, offers: tuple[Offer, ...]) -> Flow[tuple[Posted, ...]]:
        return prices.prices(offers)

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        # No document tells a webhook's payload or a signature: the poll's body is assumed, and it proves nothing.
        try:
            told = json_of(body)
        except ValueError as problem:
            raise InvalidWebhook(f"the body is no JSON: {problem}") from problem
        handle = told.get("jobId") if isinstance(told, Mapping) else None
        if not isinstance(handle, str) or not HANDLE.fullmatch(handle):
            raise InvalidWebhook("the body names no job")
        return Event(PROVIDER, handle, verified=False)
        yield


def _finished(job: Job, word: str, answer: Answer) -> Status:
    clip = _clip(job, answer)
    cost = number(answer.body.get(COST))
    charge = None if cost is None else Charge(cost, "credit", COST)
    if clip is None:
        empty = EmptyResult("PixelDojo completed the job without a video", words=errors.said(answer.response))
        return Status(job, State.FAILED, word, error=empty, charge=charge)
    return Status(job, State.SUCCEEDED, word, clip=clip, charge=charge)


def _clip(job: Job, answer: Answer) -> Clip | None:
    places = (_at(answer.body, place) for place in VIDEO_PLACES)
    url = next((url for value in (*places, _asset(answer.body)) if (url := _url(value))), None)
    if url is None:
        return None
    handles = (_at(answer.body, place) for place in HANDLE_PLACES)
    handle = next((value for value in handles if isinstance(value, str) and value), None)
    expires_at = moment(answer.optional("expiresAt"))
    return Clip(url, PROVIDER, expires_at=expires_at, handle=handle, account=job.account, job=job.token)


def _at(value: JSON, place: tuple[str | int, ...]) -> JSON:
    for step in place:
        if isinstance(step, int) and isinstance(value, list) and len(value) > step:
            value = value[step]
        elif isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value


def _asset(body: Mapping[str, JSON]) -> JSON:
    assets = body.get("assets")
    items = [asset for asset in assets if isinstance(asset, Mapping)] if isinstance(assets, list) else []
    return next((asset for asset in items if "video" in str(asset.get("type", "video"))), None)


def _url(value: JSON) -> str | None:
    url = value.get("url") if isinstance(value, Mapping) else value
    return clip_url(url) if isinstance(url, str) else None


ADAPTER = PixelDojo()
