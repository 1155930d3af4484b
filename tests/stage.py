"""A stage for flows: an interpreter of effects without network, clock or disk, and a vendor that exists only here."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from attrs import Factory, define, field, frozen

from omniflash.accounts import Account
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
from omniflash.effects import (
    Call,
    Draft,
    Drop,
    Effect,
    Flow,
    Hold,
    Keep,
    Look,
    Moment,
    Now,
    Pause,
    Read,
    Record,
    Repeat,
    Reserve,
    Response,
    Save,
    Send,
    Tell,
    Turn,
    call,
    send,
)
from omniflash.errors import VendorWords
from omniflash.jobs import Cancellation, Cancelled, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.money.entries import Answer, Entry, New
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.reading import outcome_of, refusal
from omniflash.routing.plan import Outlook
from omniflash.spec import FileFacts, Mode, TextToVideo

T = TypeVar("T")
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
OUTLOOK = Outlook(DAY)
URL = frozenset({MediaKind.URL})
ANY_WAY = frozenset(MediaKind)


def answer(status: int = 200, body: object = None, **headers: str) -> Response:
    """An answer with a JSON body; header names are written with underscores."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@define
class Stage:
    """Carries out effects in its own time: `world` says what comes of calls and saves, in words or by raising.

    `granted` says who gets a turn: everybody, nobody, or by the Turn that is asked for.
    """

    world: Callable[[Effect], object] = lambda effect: answer()
    ledger: Callable[[Entry], Answer] = lambda entry: New()
    files: Mapping[object, FileFacts] = field(factory=dict)
    ticks: float = 0.0
    granted: bool | Callable[[Turn], bool] = True
    break_at: type | None = None
    done: list[Effect] = Factory(list)

    def run(self, flow: Flow[T]) -> T:
        """The result of a flow; what is raised in carrying out an effect is thrown into it."""
        step = partial(next, flow)
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                return stop.value
            self.done.append(effect)
            try:
                result = self.carry(effect)
            except BaseException as problem:  # noqa: BLE001
                step = partial(flow.throw, problem)
            else:
                step = partial(flow.send, result)

    def carry(self, effect: Effect) -> object:
        """What comes of one effect; `break_at` names the kind at which somebody presses Ctrl-C."""
        if self.break_at is not None and isinstance(effect, self.break_at):
            raise KeyboardInterrupt
        match effect:
            case Now():
                return Moment(DAY + timedelta(seconds=self.ticks), self.ticks)
            case Pause(seconds):
                self.ticks += seconds
                return None
            case Turn():
                return self.granted(effect) if callable(self.granted) else self.granted
            case Record(entry):
                return self.ledger(entry)
            case Look(file):
                return self.files[file]
            case Tell() | Drop() | Hold():
                return None
            case Draft(target):
                return target.with_name(".draft.part")
            case Call() | Save() | Send() | Read() | Reserve() | Keep():
                return self.world(effect)

    def of(self, kind: Any) -> list[Any]:
        """The effects of a kind, in order."""
        return [effect for effect in self.done if isinstance(effect, kind)]

    @property
    def entries(self) -> list[Entry]:
        """What was written down, in order."""
        return [effect.entry for effect in self.of(Record)]

    @property
    def calls(self) -> list[str]:
        """The names of the calls, in order."""
        return [effect.name if isinstance(effect, Call) else effect.call.name for effect in self.of(Call | Send)]


PRICE = PriceRow(
    rate=Rate(per_second=Decimal("0.1")),
    bound=Rate(per_second=Decimal("0.1")),
    kind=Kind.EXACT,
    source="this test",
    as_of=date(2026, 11, 20),
)
PROMPT = {"prompt": Field(wire="text")}
TIMED = {"duration": Field(wire="seconds"), "aspect_ratio": Field(wire="shape")}
FIELDS: Mapping[Mode, Mapping[str, Field]] = {
    Mode.TEXT_TO_VIDEO: {**PROMPT, **TIMED},
    Mode.IMAGE_TO_VIDEO: {**PROMPT, **TIMED, "image": Field(wire="still", kinds=URL)},
    Mode.REFERENCE_TO_VIDEO: {
        **PROMPT,
        "references": Field(wire="stills", kinds=ANY_WAY, inline_limit=1_000, upload_limit=100_000),
    },
    Mode.EDIT: {**PROMPT, "video": Field(wire="film", kinds=URL)},
    Mode.REFINE: {**PROMPT, "previous": Field(wire="clip_id")},
}


def offer(mode: Mode = Mode.TEXT_TO_VIDEO, price: PriceRow = PRICE, provider: str = "acme", **fields: Field) -> Offer:
    """An offer of the made-up vendor."""
    return Offer(
        provider=provider,
        version="1.0",
        mode=mode,
        endpoint="flash",
        fields=fields or FIELDS[mode],
        price=price,
        expected_s=40.0,
        as_of=date(2026, 11, 20),
    )


@frozen
class Acme:
    """A vendor that exists only in tests: POST /jobs, GET /jobs/ID with `state`, `film` and `id`."""

    name: str = "acme"
    hosts: Mapping[str, str] = field(factory=lambda: {"api": "https://acme.example/v1"}, hash=False)
    credentials: tuple[tuple[str, ...], ...] = (("ACME_KEY",),)
    offers: tuple[Offer, ...] = tuple(offer(mode) for mode in FIELDS)
    absent: Mapping[Mode, str] = field(factory=dict, hash=False)
    pace: Pace | None = None
    features: Features = Features(cancel=True, upload=True, find=True)  # noqa: RUF009
    options: type | None = None
    repeat: Repeat = Repeat.IF_REFUSED

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Acme {key}"}

    def read(self, call: Call, response: Response) -> Reading:
        if response.status < 300:
            return Reading(Outcome.FINE)
        return refusal(
            self.name, call, response, VendorWords(status=response.status), outcome=outcome_of(response.status)
        )

    def wire(self, order: Order) -> Wire:
        return compose(order)

    def upload(self, attachment: Attachment) -> Flow[str]:
        response = yield from send(attachment.sent_by(Call("upload", "PUT", "https://store.example/1", keyed=False)))
        return str(json.loads(response.body)["url"])

    def submit(self, order: Order) -> Flow[Job]:
        response = yield from call(Call("submit", "POST", "api:/jobs", json=self.wire(order).body, repeat=self.repeat))
        return job(json.loads(response.body)["id"], order.id)

    def status(self, job: Job) -> Flow[Status]:
        response = yield from call(Call("status", "GET", f"api:/jobs/{job.handle}"))
        body = json.loads(response.body)
        clip = Clip(body["film"], self.name, handle=body.get("clip_id"), job=job.token) if body.get("film") else None
        return Status(job, State(body["state"]), body["state"], clip=clip)

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        listed = yield from call(Call("list", "GET", "api:/jobs"))
        jobs = json.loads(listed.body)["jobs"]
        return tuple(Listed(job["id"], datetime.fromisoformat(job["at"]), job["sent"]) for job in jobs)

    def cancel(self, job: Job) -> Flow[Cancellation]:
        yield from call(Call("cancel", "DELETE", f"api:/jobs/{job.handle}"))
        return Cancellation(Cancelled.CANCELLED, may_bill=False)

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        return Event(self.name, body.decode(), verified=False)
        yield


def account(adapter: Acme | None = None, key: str | None = "acme-key-1234", name: str = "") -> Account:
    """An account at the made-up vendor."""
    found = adapter or Acme()
    return Account(name or found.name, found, key, found.hosts, pace=found.pace)


def order(request: object = None, mode: Mode = Mode.TEXT_TO_VIDEO, **media: str) -> Order:
    """An order of the made-up vendor."""
    return Order(
        id="order-1",
        account="acme",
        offer=offer(mode),
        request=request or TextToVideo("A cat"),
        media=media,
        made_at=DAY,
    )


def job(handle: str = "j1", order_id: str = "order-1") -> Job:
    """A job of the made-up vendor."""
    return Job("acme", "1.0", Mode.TEXT_TO_VIDEO, handle, order_id)


def raising(problem: BaseException) -> Callable[[Effect], object]:
    """A world in which everything ends like this."""

    def world(effect: Effect) -> object:
        raise problem

    return world


def in_turn(*results: object) -> Callable[[Effect], object]:
    """A world that gives these results one after another, raising those that are exceptions, the last one for ever."""
    left = list(results)

    def world(effect: Effect) -> object:
        result = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(result, BaseException):
            raise result
        return result

    return world


__all__ = ["Acme", "Stage", "account", "answer", "in_turn", "job", "offer", "order", "raising"]
