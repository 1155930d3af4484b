"""fal's queue protocol: submit, status, result, cancel.

Source: fal's "Inference API" reference (submit, status, result, cancel). Submit uses the whole endpoint id; status,
result and cancel use only its owner and app, and are rebuilt from the request id rather than taken from the answer.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import field, fields, frozen

from omniflash.adapter import Attachment, Features, Listed, Lost, Offer, Order, Pace, Posted, Reading, Wire
from omniflash.answers import Answer, number
from omniflash.effects import Call, Flow, Repeat, Response
from omniflash.errors import (
    EmptyResult,
    JobCancelled,
    VendorWords,
)
from omniflash.jobs import Cancellation, Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.spec import Mode

from . import errors, history, prices, storage, webhooks
from .calls import ask
from .offers import ABSENT, APP, OFFERS, PROVIDER
from .results import clip


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

# fal, "queue/cancel" and its older queue page: removed from the queue; or a signal was sent, which the model may
# ignore.
CANCELLED: Mapping[str, Cancellation] = {
    "OK": Cancellation(Cancelled.CANCELLED, may_bill=False),
    "CANCELLATION_REQUESTED": Cancellation(Cancelled.REQUESTED, may_bill=True),
    errors.TOO_LATE: Cancellation(Cancelled.TOO_LATE, may_bill=True),
}


HOSTS = {"queue": "https://queue.fal.run", "rest": "https://rest.fal.ai", "api": "https://api.fal.ai"}
FEATURES = Features(cancel=True, webhook=True, upload=True, public_uploads=True, find=True, prices=True)


@frozen
class Fal:
    """The adapter of fal.ai."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: HOSTS, hash=False)
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

    def upload(self, attachment: Attachment) -> Flow[str]:
        return storage.upload(attachment)

    def submit(self, order: Order) -> Flow[Job]:
        headers = order.options.headers() if isinstance(order.options, Options) else {}
        answer = yield from ask(
            "submit",
            "POST",
            f"queue:/{order.offer.endpoint}",
            query=_webhook(order),
            headers=headers,
            json=self.wire(order).body,
            repeat=Repeat.IF_REFUSED,
        )
        return answer.job(order, answer.text("request_id"))

    def status(self, job: Job) -> Flow[Status]:
        answer = yield from ask("status", "GET", f"{_request(job)}/status")
        word = answer.text("status")
        if word == COMPLETED:
            return (yield from self._result(job, errors.FAILURE if answer.optional("error") else errors.RESULT))
        state = STATES.get(word)
        return Status(job, state or State.RUNNING, word, state is not None, answer.whole("queue_position"))

    def _result(self, job: Job, name: str) -> Flow[Status]:
        try:
            answer = yield from ask(name, "GET", _request(job))
        except errors.ENDS as error:
            state = State.CANCELLED if isinstance(error, JobCancelled) else State.FAILED
            return Status(job, state, COMPLETED, error=error)
        found = clip(answer, job)
        empty = None if found else EmptyResult("fal completed the job without a video", words=_words(answer))
        state = State.SUCCEEDED if found else State.FAILED
        return Status(job, state, COMPLETED, clip=found, error=empty, charge=_charge(answer))

    def cancel(self, job: Job) -> Flow[Cancellation]:
        answer = yield from ask("cancel", "PUT", f"{_request(job)}/cancel")
        return CANCELLED.get(answer.optional("status") or "", CANCELLED["CANCELLATION_REQUESTED"])

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        return history.find(lost)

    def prices(self, offers: tuple[Offer, ...]) -> Flow[tuple[Posted, ...]]:
        return prices.prices(offers)

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        return webhooks.event(headers, body)


def _request(job: Job) -> str:
    return f"queue:/{APP}/requests/{job.handle}"


def _webhook(order: Order) -> Mapping[str, str]:
    return {"fal_webhook": order.webhook_url} if order.webhook_url else {}


def _charge(answer: Answer) -> Charge | None:
    units = number(answer.response.headers.get(errors.BILLED_UNITS))
    return None if units is None else Charge(units, "unit", errors.BILLED_UNITS)


def _words(answer: Answer) -> VendorWords:
    return errors.said(answer.response)


ADAPTER = Fal()
