"""A vendor of the sandbox made from a contract: its operations, each answered as the contract's templates say."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from attrs import frozen

from omniflash_sandbox import accounts
from omniflash_sandbox.acceptance import Draft, Terms, accept
from omniflash_sandbox.accounts import Account
from omniflash_sandbox.assets import uploaded
from omniflash_sandbox.clips import FORMATS, Footage
from omniflash_sandbox.clock import iso
from omniflash_sandbox.contracts import Violation
from omniflash_sandbox.declared.contract import SUBMIT, Contract
from omniflash_sandbox.declared.requests import Paid
from omniflash_sandbox.declared.server import URLS, Server
from omniflash_sandbox.declared.templates import at, filled, put, stands
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask, number
from omniflash_sandbox.sources import footage_asked, footage_made, footage_of
from omniflash_sandbox.uploads import ANYTHING
from omniflash_sandbox.vendor import Dialect, Handler, Operation, Vendor, found
from omniflash_sandbox.world import World

CLIP, UPLOADS = "clip_", "/uploads"
OPENING = Decimal(1_000_000)  # units of a new account
RECENT = 50  # jobs in a list
LONGEST_S = 60  # no version of the model makes longer clips


@frozen
class Declared:
    """The handlers of one contract; what it holds is all there is to know of the vendor."""

    contract: Contract
    server: Server
    terms: Terms

    @property
    def name(self) -> str:
        return self.contract.provider

    def mount(self, host: str) -> str:
        """A host's path on ours."""
        return f"/{self.name}/{host}"

    # --- the paid call ----------------------------------------------------------------------------------------------

    async def submit(self, paid: Paid, world: World, ask: Ask) -> Answer:
        form = self.read(paid, ask)
        if isinstance(form, Answer):
            return form
        footage = await self.footage(world, ask, {**paid.defaults, **form})
        container = str(form.get("output_format", "mp4"))
        if footage is None or container not in FORMATS:
            return self.server.error("invalid", "there is no such clip, length or format")
        draft = Draft(
            str(form["mode"]),
            self.server.price.of(footage.seconds),
            footage,
            container,
            same_id=self.same_id(ask),
        )
        job = accept(world, self.terms, ask, draft)
        if job is None:
            return self.server.error("no_credit")
        answer = self.server.accepted.answer(**self.about(world, job))
        return Answer(answer.status, answer.body, job=job.id, fault=job.fault)

    def read(self, paid: Paid, ask: Ask) -> dict[str, JSON] | Answer:
        """What is asked for, or the refusal that names every place that is wrong."""
        try:
            if broken := paid.violations(ask.body):
                return self.server.error("invalid", "; ".join(complaint(violation) for violation in broken))
            return paid.decode(ask.body)
        except ValueError as problem:
            return self.server.error("invalid", f"the body cannot be read: {problem}")

    async def footage(self, world: World, ask: Ask, form: Mapping[str, JSON]) -> Footage | None:
        """A refined clip has the length and aspect of the one before, an edited one its source's."""
        match form:
            case {"mode": "refine", "previous": previous}:
                return footage_made(world, self.name, ask.account.name, str(previous).removeprefix(CLIP))
            case {"mode": "edit", "video": video}:
                return await footage_of(world, str(video))
            case _:
                return footage_or_none(form)

    def same_id(self, ask: Ask) -> str | None:
        """The client's own id for the job, if it said one."""
        asked = self.server.same_id
        if asked is None:
            return None
        if asked.header:
            return ask.headers.get(asked.header)
        return str(at(ask.body, asked.field)) if asked.field and stands(ask.body, asked.field) else None

    # --- a job ------------------------------------------------------------------------------------------------------

    async def status(self, world: World, ask: Ask, job: Job) -> Answer:
        state = state_of(world, job)
        values = self.about(world, job)
        values |= {"video": world.clip_url(job), "clip": CLIP + job.id} if state == "succeeded" else {}
        if state == "failed":
            words = self.server.failures[FAILURES[job.ending]]
            values |= {"code": words.code, "message": words.message}
        told = self.server.status[state]
        body = filled(told.body, values)
        empty = job.ending is Ending.NO_VIDEO and state == "succeeded"
        return Answer(told.http, without_video(body, self.server.video_at, job.shape) if empty else body)

    async def cancel(self, world: World, ask: Ask, job: Job) -> Answer:
        """A job that is running is stopped too, and charged; assumption, where the contract does not say it."""
        if self.server.cancel is None:
            return self.server.error("unknown_job")
        age = world.clock.since(job.start)
        if job.phase(age) is Phase.OVER:
            return self.server.cancel.too_late.answer(**self.about(world, job))
        stopped = job.cancelled(age)
        world.jobs.keep(stopped)
        return self.server.cancel.cancelled.answer(**self.about(world, stopped))

    def about(self, world: World, job: Job) -> dict[str, JSON]:
        """What every answer on a job can tell."""
        places = {blank: self.contract.calls[call] for blank, call in URLS.items() if call in self.contract.calls}
        urls = {
            blank: world.url + self.mount(place.host) + place.path.replace("{job}", job.id)
            for blank, place in places.items()
        }
        state = state_of(world, job)
        word = next(word for word, meant in self.contract.statuses.items() if meant == state)
        free = job.phase(world.clock.since(job.start)) is Phase.OVER and not job.paid
        return {
            **urls,
            "job": job.id,
            "status": word,
            "mode": job.mode,
            "made_at": iso(job.start.wall_date()),
            "charge": 0 if free else number(job.amount),
        }

    # --- what is beside the jobs ------------------------------------------------------------------------------------

    async def recent(self, world: World, ask: Ask) -> Answer:
        listing = self.server.listing
        jobs = world.history.of(self.name, ask.account.name)[:RECENT]
        if listing is None:
            return self.server.error("unknown_job")
        return listing.told.answer(
            jobs=[filled(listing.job, {**self.about(world, job), "input": world.history.asked(job)}) for job in jobs]
        )

    async def initiate(self, world: World, ask: Ask) -> Answer:
        """Names where to PUT a file, without the key, and where it will be."""
        if self.server.upload is None:
            return self.server.error("unknown_job")
        upload = world.uploads.announce(self.name, ask.account.name, ANYTHING, "upload")
        place = f"{world.asset_url}/{self.name}{UPLOADS}/{upload.id}?signature={upload.signature}"
        return self.server.upload.answer(upload_url=place, file_url=world.file_url(upload))

    async def prices(self, world: World, ask: Ask) -> Answer:
        """What the bill is made by."""
        if self.server.prices is None:
            return self.server.error("unknown_job")
        price = self.server.price
        return self.server.prices.answer(
            per_clip=number(price.per_clip), per_second=number(price.per_second), unit=price.unit
        )

    async def put(self, world: World, ask: Ask) -> Answer:
        """The file, of which the URL is the proof that one may put it."""
        upload = world.uploads.find(ask.place["upload"])
        if upload is None or ask.query.get("signature") != upload.signature:
            return self.server.error("unknown_job")
        await world.uploads.fill(upload, ask.content, ask.headers.get("content-type"))
        return Answer(200, b"", {"content-type": "text/plain"})

    async def nowhere(self, world: World, ask: Ask) -> Answer:
        return self.server.error("unknown_job", f"there is nothing at {ask.method} {ask.path}")

    def account(self, headers: Mapping[str, str]) -> Account | Answer:
        key = self.contract.key.read(headers)
        return (accounts.account(key) if key else None) or self.server.error("unauthorized")

    def operations(self) -> tuple[Operation, ...]:
        wrap = found(self.name, self.server.error("unknown_job"))
        handlers: Mapping[str, Handler] = {
            "status": wrap(self.status),
            "cancel": wrap(self.cancel),
            "list": self.recent,
            "initiate": self.initiate,
            "prices": self.prices,
        }
        paid = (
            Operation(SUBMIT, paid.method, self.mount(paid.host) + paid.path, partial(self.submit, paid))
            for paid in self.contract.requests
        )
        rest = (
            Operation(call, at.method, self.mount(at.host) + at.path, handlers[call])
            for call, at in self.contract.calls.items()
        )
        return (*paid, *rest)

    def files(self) -> tuple[Operation, ...]:
        return (
            Operation("upload", "PUT", f"{UPLOADS}/{{upload}}", self.put, keyed=False, raw=True),
            Operation("asset", "GET", "/files/{upload}/{name}", uploaded, keyed=False),
        )


def vendor_of(contract: Contract) -> Vendor:
    """The vendor that a contract declares; raises ValueError where it does not say what is answered."""
    server = contract.server
    if server is None:
        raise ValueError(f"the contract of {contract.provider} has no [server], so there is nothing to answer with")
    declared = Declared(contract, server, _terms(contract, server))
    return Vendor(
        name=contract.provider,
        hosts={host: declared.mount(host) for host in contract.hosts},
        operations=declared.operations(),
        dialect=Dialect(
            account=declared.account,
            nowhere=declared.nowhere,
            rate_limited=server.error("rate_limited"),
            locked=server.error("no_credit"),
            unavailable={status: server.error("server_error", http=status) for status in (500, 502, 503, 504)},
            too_large=server.error("invalid", "the body is too large", http=413),
        ),
        unknown=server.error("unknown_job"),
        stamp=unstamped,
        files=declared.files() if server.upload else (),
        key_header=contract.key.header.lower(),
        shown=frozenset({server.same_id.header} if server.same_id and server.same_id.header else ()),
        status_at=server.status_at,
    )


def _terms(contract: Contract, server: Server) -> Terms:
    return Terms(
        provider=contract.provider,
        unit=server.price.unit,
        usd=server.price.usd,
        opening=OPENING,
        paid=frozenset({Ending.VIDEO, Ending.NO_VIDEO}),
        identify=lambda digits: f"{contract.provider}_{digits[:24]}",
        stored=lambda ask: ask.readable,
    )


def unstamped(answer: Answer, exchange: int) -> Answer:
    return answer


FAILURES: Mapping[Ending, str] = {
    Ending.REGION: "region",
    Ending.CONTENT_REJECTED: "content_rejected",
    Ending.FAILED: "failed",
}
ENDS: Mapping[Ending, str] = {
    Ending.VIDEO: "succeeded",
    Ending.NO_VIDEO: "succeeded",
    Ending.CANCELLED: "cancelled",
    **dict.fromkeys(FAILURES, "failed"),
}
"""The state of a job that is over."""


def state_of(world: World, job: Job) -> str:
    phase = job.phase(world.clock.since(job.start))
    return ENDS[job.ending] if phase is Phase.OVER else phase.value


def without_video(body: JSON, video_at: tuple[str, ...], shape: str) -> JSON:
    """The answer on a job that came to nothing: the video is null, its object empty, or what it stands in absent."""
    if shape == "null":
        return put(body, video_at, None)
    if shape == "empty" and len(video_at) > 1:
        around = at(body, video_at[:-1])
        return put(body, video_at[:-1], {} if isinstance(around, dict) else [])
    return {name: item for name, item in body.items() if name != video_at[0]} if isinstance(body, dict) else body


def footage_or_none(form: Mapping[str, JSON]) -> Footage | None:
    """None for a length that no clip can have: a stranger's schema may let anything through."""
    try:
        footage = footage_asked(form)
    except ValueError:
        return None
    return footage if 0 < footage.seconds <= LONGEST_S else None


def complaint(violation: Violation) -> str:
    place = ".".join(str(part) for part in violation.place) or "the body"
    return f"{place} breaks {violation.keyword} {violation.demand!r}"
