"""A sound adapter for Acme, the vendor of `acme.toml`: tickets, stages and credits, and an id of our own on each order.

Source of everything here: acme.toml, and no code of the sandbox's.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from attrs import evolve, field, frozen

from omniflash import errors
from omniflash.adapter import (
    Attachment,
    Features,
    Field,
    Listed,
    Lost,
    MediaKind,
    Offer,
    Order,
    Outcome,
    Pace,
    Reading,
    Wire,
)
from omniflash.answers import Answer, clip_url, listed, number
from omniflash.effects import Call, Flow, Repeat, Response, call, send
from omniflash.errors import EmptyResult, GenerationFailed, InvalidWebhook, OmniflashError, VendorWords
from omniflash.jobs import Cancellation, Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.reading import body_of, is_json, outcome_of, refusal, unreadable
from omniflash.spec import Mode
from omniflash.types import JSON

PROVIDER = "acme"
READ_ON = date(2026, 11, 20)
SAME_ID = "X-Acme-Ticket"
LARGEST = 100_000_000  # bytes of an upload

STATES: Mapping[str, State] = {
    "waiting": State.QUEUED,
    "shooting": State.RUNNING,
    "cutting": State.RUNNING,
    "wrapped": State.SUCCEEDED,
    "spoiled": State.FAILED,
    "dropped": State.CANCELLED,
}
ERRORS: Mapping[str, type[OmniflashError]] = {
    "who_are_you": errors.AuthenticationFailed,
    "no_credits": errors.InsufficientCredits,
    "bad_order": errors.InvalidRequest,
    "no_ticket": errors.NotFound,
    "slow_down": errors.RateLimited,
    "our_fault": errors.ProviderUnavailable,
    "not_here": errors.RegionRestricted,
    "not_shown": errors.ContentRejected,
    "broken_take": errors.GenerationFailed,
}
FEATURES = Features(cancel=True, upload=True, find=True)
OVER = "wrapped"  # the trouble of a cancel that comes too late

# --- what is sold ---------------------------------------------------------------------------------------------------


def _media(wire: str) -> Field:
    return Field(wire=wire, kinds=frozenset({MediaKind.URL, MediaKind.UPLOAD}), upload_limit=LARGEST)


PROMPT = {"prompt": Field(wire="text"), "seed": Field(wire="dice")}
TIMING = {
    "duration": Field(wire="seconds"),
    "aspect_ratio": Field(wire="shape"),
    "output_format": Field(wire="container"),
}
CAST = {"references": _media("cast")}
PRICE = PriceRow(
    rate=Rate(per_second=Decimal(3)),
    bound=Rate(per_second=Decimal(3)),
    kind=Kind.APPROXIMATE,
    unit="credit",
    usd_per_unit=Decimal("0.04"),
    source="acme.example/docs/video: 3 credits per second",
    as_of=READ_ON,
)
TASKS: Mapping[Mode, str] = {
    Mode.TEXT_TO_VIDEO: "imagine",
    Mode.IMAGE_TO_VIDEO: "animate",
    Mode.REFERENCE_TO_VIDEO: "cast",
}


def _offer(mode: Mode, fields: dict[str, Field]) -> Offer:
    return Offer(
        provider=PROVIDER,
        version="1.0",
        mode=mode,
        endpoint="clips" if mode in TASKS else "changes",
        fields=PROMPT | fields,
        price=PRICE,
        expected_s=40.0,
        as_of=READ_ON,
    )


OFFERS = (
    _offer(Mode.TEXT_TO_VIDEO, TIMING),
    _offer(Mode.IMAGE_TO_VIDEO, {"image": _media("start")} | TIMING),
    _offer(Mode.REFERENCE_TO_VIDEO, CAST | TIMING),
    _offer(Mode.EDIT, {"video": _media("film")} | CAST),
    _offer(Mode.REFINE, {"previous": Field(wire="made")} | CAST),
)

# --- how it is said -------------------------------------------------------------------------------------------------

SHAPES: Mapping[JSON, str] = {"16:9": "landscape", "9:16": "portrait"}
SAID: Mapping[str, Callable[[JSON], JSON]] = {
    "shape": lambda aspect: SHAPES[aspect],
    "start": lambda url: {"url": url},
    "cast": lambda urls: [{"url": url} for url in urls] if isinstance(urls, list) else urls,
}
"""What Acme says otherwise than we do, by its own names."""


def _said(name: str | None, value: JSON) -> JSON:
    return SAID[name](value) if name and name in SAID else value


def _words(response: Response) -> VendorWords:
    try:
        body = body_of(response)
    except ValueError:
        return VendorWords(status=response.status)
    trouble = body.get("trouble") if isinstance(body, Mapping) else None
    if not isinstance(trouble, Mapping):
        return VendorWords(status=response.status)
    return VendorWords(str(trouble.get("kind")), str(trouble.get("says")), status=response.status)


@frozen
class Acme:
    """The adapter of Acme."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: {"studio": "https://studio.acme.example/v2"}, hash=False)
    credentials: tuple[tuple[str, ...], ...] = (("ACME_KEY",),)
    offers: tuple[Offer, ...] = field(default=OFFERS, repr=False)
    absent: Mapping[Mode, str] = field(factory=dict, hash=False)
    pace: Pace | None = None
    features: Features = FEATURES
    options: type | None = None

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"X-Acme-Key": key}

    def read(self, call: Call, response: Response) -> Reading:
        words = _words(response)
        if outcome_of(response.status) is Outcome.FINE:
            empty = call.name == "upload"
            fine = empty or is_json(response)
            return Reading(Outcome.FINE) if fine else unreadable(PROVIDER, call, response, words)
        if call.name == "cancel" and words.code == OVER:
            return Reading(Outcome.FINE)
        return refusal(PROVIDER, call, response, words, kind=ERRORS.get(words.code or ""))

    def wire(self, order: Order) -> Wire:
        made = compose(order)
        task = {"task": TASKS[order.offer.mode]} if order.offer.mode in TASKS else {}
        body = {name: _said(name, value) for name, value in made.body.items()}
        fates = (evolve(fate, value=_said(fate.wire, fate.value)) for fate in made.dispositions)
        return Wire({**task, **body}, tuple(fates))

    def upload(self, attachment: Attachment) -> Flow[str]:
        place = yield from self._ask("initiate", "POST", "/files")
        url = clip_url(place.text("href"))
        if url is None:
            raise place.lacks("href")
        headers = {"Content-Type": attachment.media_type}
        yield from send(attachment.sent_by(Call("upload", "PUT", place.text("put_to"), headers=headers, keyed=False)))
        return url

    def submit(self, order: Order) -> Flow[Job]:
        asked = Call(
            "submit",
            "POST",
            f"studio:/{order.offer.endpoint}",
            headers={SAME_ID: order.id},
            json=self.wire(order).body,
            repeat=Repeat.WITH_SAME_ID,
        )
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        return answer.job(order, answer.text("ticket"))

    def status(self, job: Job) -> Flow[Status]:
        answer = yield from self._ask("status", "GET", f"/tickets/{job.handle}")
        word = answer.text("stage")
        state = STATES.get(word, State.RUNNING)
        look = Status(job, state, word, word in STATES, charge=_charge(answer))
        if state is State.SUCCEEDED:
            clip = _clip(job, answer)
            empty = EmptyResult("Acme wrapped the ticket without a film", words=_words(answer.response))
            return evolve(look, clip=clip) if clip else evolve(look, state=State.FAILED, error=empty)
        if state is State.FAILED:
            words = _words(answer.response)
            kind = ERRORS.get(words.code or "", GenerationFailed)
            return evolve(look, error=kind("Acme says that the take was spoiled", words=words))
        return look

    def cancel(self, job: Job) -> Flow[Cancellation]:
        answer = yield from self._ask("cancel", "DELETE", f"/tickets/{job.handle}")
        if "trouble" in answer.body:
            return Cancellation(Cancelled.TOO_LATE, may_bill=True, words=_words(answer.response))
        return Cancellation(Cancelled.CANCELLED, may_bill=answer.body.get("credits") != 0)

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        answer = yield from self._ask("list", "GET", "/tickets")
        tickets = answer.body.get("tickets")
        if not isinstance(tickets, list):
            raise answer.lacks("tickets")
        ours = (one for one in tickets if isinstance(one, Mapping) and one.get("task") == lost.mode)
        return tuple(listed(one, handle="ticket", at="made_at", sent="asked") for one in ours)

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        raise InvalidWebhook("Acme sends no webhooks")
        yield

    def _ask(self, name: str, method: str, path: str) -> Flow[Answer]:
        asked = Call(name, method, f"studio:{path}")
        response = yield from call(asked)
        return Answer.of(PROVIDER, asked, response)


def _charge(answer: Answer) -> Charge | None:
    credits_ = number(answer.body.get("credits"))
    return None if credits_ is None else Charge(credits_, "credit", "credits")


def _clip(job: Job, answer: Answer) -> Clip | None:
    film = answer.member("film")
    url = clip_url(film.optional("href")) if film else None
    if film is None or url is None:
        return None
    return Clip(url, PROVIDER, handle=film.optional("made"), account=job.account, job=job.token)


ADAPTER = Acme()
