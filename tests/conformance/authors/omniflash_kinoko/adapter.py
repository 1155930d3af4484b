"""Kinoko's API for reels as an adapter: plant, look until it is ripe, and pick early.

Source: contract.toml, whose vendor does not exist.
"""

from collections.abc import Callable, Mapping

from attrs import evolve, field, frozen

from omniflash.adapter import Attachment, Features, Listed, Lost, Offer, Order, Pace, Reading, Wire
from omniflash.answers import Answer, clip_url, number
from omniflash.effects import Call, Flow, Repeat, Response, call, send
from omniflash.errors import EmptyResult, InvalidWebhook, UnsupportedFeature
from omniflash.jobs import Cancellation, Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.spec import Mode
from omniflash.types import JSON

from . import errors
from .offers import ABSENT, OFFERS, PRICE, PROVIDER

STATES: Mapping[str, State] = {
    "planted": State.QUEUED,
    "growing": State.RUNNING,
    "drying": State.RUNNING,
    "ripe": State.SUCCEEDED,
    "rotten": State.FAILED,
    "picked": State.CANCELLED,
}

FRAMES: Mapping[JSON, str] = {"16:9": "wide", "9:16": "tall"}
SAID: Mapping[str, Callable[[JSON], JSON]] = {
    "frame": lambda aspect: FRAMES[aspect],
    "first": lambda url: {"href": url},
    "cast": lambda urls: [{"href": url} for url in urls] if isinstance(urls, list) else urls,
}

CHARGED = "spores"
PACE = Pace(60)  # requests a minute
FEATURES = Features(cancel=True, upload=True)


@frozen
class KinokoAdapter:
    """The adapter of Kinoko."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: {"api": "https://api.kinoko.example/studio/v3"}, hash=False)
    credentials: tuple[tuple[str, ...], ...] = (("KINOKO_API_KEY",),)
    offers: tuple[Offer, ...] = field(default=OFFERS, repr=False)
    absent: Mapping[Mode, str] = field(factory=lambda: ABSENT, hash=False)
    pace: Pace | None = PACE
    features: Features = FEATURES
    options: type | None = None

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"Kinoko-Token": key}

    def read(self, call: Call, response: Response) -> Reading:
        return errors.read(call, response)

    def wire(self, order: Order) -> Wire:
        made = compose(order)
        body = {name: said(name, value) for name, value in made.body.items()}
        fates = (evolve(fate, value=said(fate.wire or "", fate.value)) for fate in made.dispositions)
        return Wire(body if order.offer.mode is Mode.REFINE else recipe(body), tuple(fates))

    def submit(self, order: Order) -> Flow[Job]:
        path = f"api:/{order.offer.endpoint}"
        asked = Call("submit", "POST", path, json=self.wire(order).body, repeat=Repeat.IF_REFUSED)
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        return answer.job(order, reel_of(answer).text("ref"))

    def status(self, job: Job) -> Flow[Status]:
        asked = Call("status", "GET", f"api:/reels/{job.handle}")
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        word = reel_of(answer).text("phase")
        state = STATES.get(word, State.RUNNING)
        look = Status(job, state, word, word in STATES, charge=charge(answer))
        if state is State.FAILED:
            return evolve(look, error=errors.failure(answer))
        if state is State.SUCCEEDED:
            return finished(look, answer)
        return look

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    def upload(self, attachment: Attachment) -> Flow[str]:
        asked = Call("initiate", "POST", "api:/baskets")
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        url = clip_url(answer.text("href"))
        if url is None:
            raise answer.lacks("href")
        headers = {"Content-Type": attachment.media_type}
        yield from send(attachment.sent_by(Call("upload", "PUT", answer.text("put"), headers=headers, keyed=False)))
        return url

    def cancel(self, job: Job) -> Flow[Cancellation]:
        asked = Call("cancel", "POST", f"api:/reels/{job.handle}/pick")
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        if "mould" in answer.body:
            return Cancellation(Cancelled.TOO_LATE, may_bill=True, words=errors.said(response))
        return Cancellation(Cancelled.CANCELLED, may_bill=answer.body.get("spores") != 0)

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        raise UnsupportedFeature("kinoko documents no list of jobs", remedy="look at its dashboard")
        yield

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        raise InvalidWebhook("kinoko sends no webhooks")
        yield


def reel_of(answer: Answer) -> Answer:
    """What an answer says of the reel itself."""
    reel = answer.member("reel")
    if reel is None:
        raise answer.lacks("reel")
    return reel


def recipe(body: dict[str, JSON]) -> dict[str, JSON]:
    """A new reel's body: everything but the spore is its recipe."""
    return {name: body[name] for name in body if name == "spore"} | {
        "recipe": {name: body[name] for name in body if name != "spore"}
    }


def said(name: str, value: JSON) -> JSON:
    """A value as the vendor writes it."""
    return SAID[name](value) if name in SAID else value


def finished(look: Status, answer: Answer) -> Status:
    """A job that the vendor calls done: with its clip, or a failure of its own kind (JOB-EMPTY)."""
    film = answer.member("film")
    url = clip_url(film.optional("href")) if film else None
    if film is None or url is None:
        empty = EmptyResult("kinoko completed the job without a video", words=errors.said(answer.response))
        return evolve(look, state=State.FAILED, error=empty)
    handle = film.optional("spore_print")
    return evolve(look, clip=Clip(url, PROVIDER, handle=handle, account=look.job.account, job=look.job.token))


def charge(answer: Answer) -> Charge | None:
    """What the vendor says that it charged, in its own unit, or None where it says nothing."""
    amount = number(answer.body.get(CHARGED))
    return None if amount is None else Charge(amount, PRICE.unit, CHARGED)


ADAPTER = KinokoAdapter()
