"""What a declared vendor answers: the `[server]` part of a contract, from which the sandbox speaks its protocol."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cached_property

from attrs import frozen

from omniflash_sandbox.declared.reading import Part
from omniflash_sandbox.declared.sources import Source, source_from
from omniflash_sandbox.declared.templates import Steps, blanks, filled, place_of, steps_of
from omniflash_sandbox.messages import JSON, Answer

ERRORS = ("unauthorized", "no_credit", "invalid", "unknown_job", "rate_limited", "server_error")
FAILURES = ("region", "content_rejected", "failed")
STATES = ("queued", "running", "succeeded", "failed", "cancelled")
SERVED = ("status", "cancel", "list", "initiate", "prices")
"""The calls that a declared vendor can have beside the paid one."""

URLS: Mapping[str, str] = {"status_url": "status", "cancel_url": "cancel"}
ABOUT_A_JOB = ("job", "status", "mode", "made_at", "charge")
ENDS: Mapping[str, tuple[str, ...]] = {"succeeded": ("video", "clip"), "failed": ("code", "message")}
"""The blanks that only a job with this state can fill."""

PRICE = ("per_clip", "per_second", "unit")
"""What the price list can tell: what the bill is made by."""

FILE = ("upload_url", "file_url")
"""Where a file that was announced is to be put, and where it will be."""


@frozen
class Told:
    """An answer with blanks in its body."""

    http: int
    body: JSON

    def answer(self, **values: JSON) -> Answer:
        return Answer(self.http, filled(self.body, values))


@frozen
class Words:
    """An error in the vendor's words: its status over HTTP, its code, its message."""

    http: int
    code: str
    message: str


@frozen
class Price:
    """What a clip costs, in the vendor's unit, and what a unit costs in US dollars."""

    per_clip: Decimal
    per_second: Decimal
    unit: str
    usd: Decimal

    def of(self, seconds: float) -> Decimal:
        return self.per_clip + self.per_second * Decimal(f"{seconds:g}")


@frozen
class SameId:
    """Where a client says its own id for a job: in a header, or at a place in the body."""

    header: str | None
    field: Steps | None


@frozen
class Cancelling:
    """What a cancel is answered: for a job that it ends, and for one that is over."""

    cancelled: Told
    too_late: Told


@frozen
class Listing:
    """What a list is answered: in its body the blank `{jobs}` is a list of `job`, filled in for each."""

    told: Told
    job: JSON


@frozen
class Server:
    """All answers of a vendor; what a contract has no call for is None. `upload` is that to `initiate`."""

    price: Price
    accepted: Told
    status: Mapping[str, Told]
    errors: Mapping[str, Words]
    error_body: JSON
    failures: Mapping[str, Words]
    same_id: SameId | None
    cancel: Cancelling | None
    listing: Listing | None
    upload: Told | None
    prices: Told | None
    source: Source

    @cached_property
    def status_at(self) -> Steps:
        """Where the status stands in an answer on a job."""
        return place_of(self.status["queued"].body, "status") or ()

    @cached_property
    def video_at(self) -> Steps:
        """Where the video stands in the answer on a job that succeeded."""
        return place_of(self.status["succeeded"].body, "video") or ()

    def error(self, name: str, message: str | None = None, http: int | None = None) -> Answer:
        """An error answer, with a message or a status of its own where one is given."""
        words = self.errors[name]
        values: dict[str, JSON] = {"code": words.code, "message": message or words.message}
        return Answer(http or words.http, filled(self.error_body, values))


def server_from(part: Part, calls: Collection[str], states: Collection[str], source: Source) -> Server:
    """The answers of a vendor with these calls, whose statuses say these states; raises ValueError."""
    part.only("price", "accepted", *SERVED, "errors", "failures", "same_id", "source", "read_on")
    _same_calls(part, calls, states)
    about = (*ABOUT_A_JOB, *(blank for blank, call in URLS.items() if call in calls))
    errors = part.table("errors").only("body", *ERRORS)
    cancel, listing, upload, prices = (part.optional(name) for name in ("cancel", "list", "initiate", "prices"))
    return Server(
        price=_price(part.table("price")),
        accepted=_told(part.table("accepted"), about, needs=("job",)),
        status=_looks(part.table("status"), about, cancels=cancel is not None),
        errors={name: _words(errors.table(name)) for name in ERRORS},
        error_body=_body(errors, "body", ("code", "message"), needs=("message",)),
        failures={name: _words(part.table("failures").only(*FAILURES).table(name), http=200) for name in FAILURES},
        same_id=_same_id(part.table("same_id")) if "same_id" in part.values else None,
        cancel=_cancelling(cancel, about) if cancel else None,
        listing=_listing(listing, about) if listing else None,
        upload=_told(upload, FILE, needs=FILE) if upload else None,
        prices=_told(prices, PRICE) if prices else None,
        source=source_from(part, source),
    )


def _same_calls(part: Part, calls: Collection[str], states: Collection[str]) -> None:
    """Raises ValueError where a call has no answer, an answer no call, or a state that is told no word."""
    for name in calls:
        if name not in SERVED:
            raise ValueError(f"calls.{name}: the sandbox serves only {', '.join(SERVED)}")
        part.table(name)
    for name in SERVED:
        if name in part.values and name not in calls:
            raise ValueError(f"{part.at(name)}: there is no calls.{name}, only {', '.join(calls) or 'none'}")
    told = [state for state in STATES if state != "cancelled" or "cancel" in calls]
    for state in told:
        if state not in states:
            raise ValueError(f"statuses.words: no word means {state}, and the sandbox has to tell it")
    part.table("status")


def _looks(part: Part, about: tuple[str, ...], *, cancels: bool) -> dict[str, Told]:
    """What a look at a job is answered, by the job's state."""
    http = part.only("http", *STATES).whole("http", 200, 299, default=200)
    needs = {"succeeded": ("status", "video")}
    told = {
        state: Told(http, _body(part, state, (*about, *ENDS.get(state, ())), needs.get(state, ("status",))))
        for state in STATES
        if cancels or state != "cancelled"
    }
    places = {state: place_of(one.body, "status") for state, one in told.items()}
    for state, place in places.items():
        if place != places["queued"]:
            raise ValueError(f"{part.at(state)}: {{status}} stands elsewhere than in {part.at('queued')}")
    return told


def _told(part: Part, blanks: tuple[str, ...], needs: tuple[str, ...] = ()) -> Told:
    part.only("http", "body")
    return Told(part.whole("http", 200, 499, default=200), _body(part, "body", blanks, needs))


def _body(part: Part, name: str, known: tuple[str, ...], needs: tuple[str, ...] = ()) -> JSON:
    """A template whose blanks are all known, and which has those that it needs."""
    template = part.json(name)
    found = [blank for _, blank in blanks(template)]
    for blank in found:
        if blank not in known:
            raise ValueError(f"{part.at(name)}: nothing fills {{{blank}}}, only {_shown(known)}")
    for blank in needs:
        if blank not in found:
            raise ValueError(f"{part.at(name)}: {{{blank}}} is missing; there is {_shown(found) or 'no blank'}")
    return template


def _shown(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _words(part: Part, http: int | None = None) -> Words:
    """An error's; `http` is given where the status is that of the answer around it."""
    part.only(*(() if http else ("http",)), "code", "message")
    return Words(http or part.whole("http", 400, 599), part.text("code"), part.text("message"))


def _price(part: Part) -> Price:
    part.only("per_clip", "per_second", "unit", "usd")
    nothing = Decimal(0)
    return Price(
        part.amount("per_clip", nothing), part.amount("per_second", nothing), part.text("unit"), part.amount("usd")
    )


def _same_id(part: Part) -> SameId:
    part.only("header", "field")
    if len(part.values) != 1:
        raise ValueError(f"{part.place}: needs header or field, not {', '.join(part.values) or 'nothing'}")
    if "header" in part.values:
        return SameId(part.text("header").lower(), None)
    return SameId(None, steps_of(part.text("field")))


def _cancelling(part: Part, about: tuple[str, ...]) -> Cancelling:
    part.only("cancelled", "too_late")
    return Cancelling(_told(part.table("cancelled"), about), _told(part.table("too_late"), about))


def _listing(part: Part, about: tuple[str, ...]) -> Listing:
    part.only("http", "body", "job")
    told = Told(part.whole("http", 200, 299, default=200), _body(part, "body", ("jobs",), needs=("jobs",)))
    return Listing(told, _body(part, "job", (*about, "input"), needs=("job",)))
