"""fal's queue protocol: submit, status, result, cancel.

Source: fal's "Inference API" reference (submit, status, result, cancel). Submit uses the whole endpoint id; status,
result and cancel use only its owner and app, and are rebuilt from the request id rather than taken from the answer.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import field, fields, frozen

from omniflash.adapter import Features, Offer, Order, Pace, Reading, Wire
from omniflash.answers import Answer, clip_url, number
from omniflash.effects import Call, Flow, Repeat, Response, call
from omniflash.errors import (
    ContentRejected,
    EmptyResult,
    GenerationFailed,
    InvalidRequest,
    JobCancelled,
    UnsupportedFeature,
    VendorWords,
)
from omniflash.jobs import Cancellation, Cancelled, Charge, Clip, Job, State, Status
from omniflash.mapping import compose
from omniflash.spec import Mode
from omniflash.types import JSON

from . import errors
from .offers import ABSENT, APP, OFFERS, PROVIDER


def _header(name: str, text: Callable[[object], str] = str) -> Mapping[str, object]:
    return {"header": name, "text": text}


@frozen(kw_only=True)
class Options:
    """fal's own options (its "Common parameters" page); an unset one is not sent.

    `store_io=False` keeps fal from storing request and result: then the result can be fetched for an hour. `priority`
    "low" goes behind everybody in the queue. `start_timeout_s`, over 1: give up when the job has not begun after so
    many seconds. `no_retry` keeps fal's queue from trying again by itself. `no_fallback` keeps it from another,
    equivalent endpoint.
    """

    store_io: bool | None = field(default=None, metadata=_header("X-Fal-Store-IO", lambda on: "1" if on else "0"))
    priority: Literal["normal", "low"] | None = field(default=None, metadata=_header("X-Fal-Queue-Priority"))
    start_timeout_s: float | None = field(default=None, metadata=_header("X-Fal-Request-Timeout"))
    no_retry: bool | None = field(default=None, metadata=_header("X-Fal-No-Retry", lambda on: "1" if on else "0"))
    no_fallback: bool | None = field(
        default=None, metadata=_header("x-app-fal-disable-fallback", lambda on: "true" if on else "false")
    )

    def headers(self) -> Mapping[str, str]:
        """The headers that carry what is set."""
        told = {attribute: getattr(self, attribute.name) for attribute in fields(Options)}
        return {at.metadata["header"]: at.metadata["text"](value) for at, value in told.items() if value is not None}


COMPLETED = "COMPLETED"
# COMPLETED is final, and no success by itself: a failed or cancelled request has it too (fal, "queue/status").
STATES: Mapping[str, State] = {"IN_QUEUE": State.QUEUED, "IN_PROGRESS": State.RUNNING}

# What a result can say of a job that is over. Every other error says nothing of the job.
ENDS = (InvalidRequest, UnsupportedFeature, ContentRejected, GenerationFailed, JobCancelled)

# fal, "queue/cancel" and its older queue page: removed from the queue; or a signal was sent, which the model may
# ignore.
CANCELLED: Mapping[str, Cancellation] = {
    "OK": Cancellation(Cancelled.CANCELLED, may_bill=False),
    "CANCELLATION_REQUESTED": Cancellation(Cancelled.REQUESTED, may_bill=True),
    errors.TOO_LATE: Cancellation(Cancelled.TOO_LATE, may_bill=True),
}


FEATURES = Features(cancel=True)


@frozen
class Fal:
    """The adapter of fal.ai."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: {"queue": "https://queue.fal.run"}, hash=False)
    credentials: tuple[tuple[str, ...], ...] = (("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET"))
    offers: tuple[Offer, ...] = field(default=OFFERS, repr=False)
    absent: Mapping[Mode, str] = field(factory=lambda: ABSENT, hash=False, repr=False)
    pace: Pace | None = None  # fal documents no request rate
    features: Features = FEATURES
    options: type | None = Options

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Key {key}"}

    def read(self, call: Call, response: Response) -> Reading:
        return errors.read(call, response)

    def wire(self, order: Order) -> Wire:
        return compose(order)

    def submit(self, order: Order) -> Flow[Job]:
        headers = order.options.headers() if isinstance(order.options, Options) else {}
        endpoint, body = order.offer.endpoint, self.wire(order).body
        answer = yield from _ask("submit", "POST", endpoint, headers=headers, json=body, repeat=Repeat.IF_REFUSED)
        return answer.job(order, answer.text("request_id"))

    def status(self, job: Job) -> Flow[Status]:
        answer = yield from _ask("status", "GET", f"{_request(job)}/status")
        word = answer.text("status")
        if word == COMPLETED:
            return (yield from self._result(job))
        state = STATES.get(word)
        return Status(job, state or State.RUNNING, word, state is not None, answer.whole("queue_position"))

    def _result(self, job: Job) -> Flow[Status]:
        try:
            answer = yield from _ask("result", "GET", _request(job))
        except ENDS as error:
            state = State.CANCELLED if isinstance(error, JobCancelled) else State.FAILED
            return Status(job, state, COMPLETED, error=error)
        clip = _clip(job, answer)
        empty = None if clip else EmptyResult("fal completed the job without a video", words=_words(answer))
        state = State.SUCCEEDED if clip else State.FAILED
        return Status(job, state, COMPLETED, clip=clip, error=empty, charge=_charge(answer))

    def cancel(self, job: Job) -> Flow[Cancellation]:
        answer = yield from _ask("cancel", "PUT", f"{_request(job)}/cancel")
        return CANCELLED.get(answer.optional("status") or "", CANCELLED["CANCELLATION_REQUESTED"])

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)


def _ask(
    name: str,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: JSON = None,
    repeat: Repeat = Repeat.FREELY,
) -> Flow[Answer]:
    asked = Call(name, method, f"queue:/{path}", headers=headers or {}, json=json, repeat=repeat)
    response = yield from call(asked)
    return Answer.of(PROVIDER, asked, response)


def _request(job: Job) -> str:
    return f"{APP}/requests/{job.handle}"


def _clip(job: Job, answer: Answer) -> Clip | None:
    video = answer.member("video")
    url = clip_url(video.optional("url")) if video else None
    if video is None or url is None:
        return None
    size, kind = video.whole("file_size"), video.optional("content_type")
    return Clip(url, PROVIDER, kind, size, account=job.account, job=job.token)


def _charge(answer: Answer) -> Charge | None:
    units = number(answer.response.headers.get(errors.BILLED_UNITS))
    return None if units is None else Charge(units, "unit", errors.BILLED_UNITS)


def _words(answer: Answer) -> VendorWords:
    return errors.said(answer.response)


ADAPTER = Fal()
