"""What a case is handed: the subject, the ground that it stands on, and the means to look at it.

A case of a spec's clause gets a `SpecBench`, one of an adapter's an `AdapterBench`, and one of a client's a
`ClientBench`. What was last asked for is kept, so that a report can show it beside what was found.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import Factory, define, evolve, field
from hypothesis import HealthCheck, Phase, given
from hypothesis import seed as seeded
from hypothesis import settings as examined
from hypothesis.strategies import SearchStrategy

from omniflash import Client, Clip, File, Job, Request, Status, TextToVideo
from omniflash.accounts import Account
from omniflash.adapter import Adapter, Offer
from omniflash.house import Preview
from omniflash.spec import Mode
from omniflash.types import JSON
from omniflash_sandbox.declared.contract import Contract
from omniflash_sandbox.journal import Exchange

from . import subject as subjects
from .grounds.stand import Stand
from .means.asking import PICTURE, least, plain
from .means.breaking_in import Work
from .means.overheard import Overheard
from .place import SandboxPlace
from .report import Wire
from .verdicts import Broken, Finding, NotDeclared, NotRun

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox

T = TypeVar("T")
RENDER_S = 200.0  # longer than any clip takes on the sandbox
FOR_EVER_S = 7_200.0  # of the ground's clock; longer than anybody waits for one clip
MOST_LOOKS, LEAST_PAUSE_S = 100, 0.05  # whoever looks oftener, and pauses less, never lets the virtual clock get on
LEAVING_S = 5.0
BUSY_S = 1.0  # of wall time


@define(kw_only=True)
class Bench:
    """What every case has: a seed for what is drawn, what is to be shown of it, and what is in no case to be."""

    case: str
    mode: Mode | None = None
    seed: int = 0
    examples: int = 25
    shown: JSON = None
    preview: Preview | None = None
    facts: dict[str, JSON] = Factory(dict)
    secrets: set[str] = Factory(set)
    _exit: ExitStack = field(factory=ExitStack, init=False)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *ended: object) -> None:
        self._exit.close()

    def drawn(self, strategy: SearchStrategy[T], look: Callable[[T], None], *, share: float = 1.0) -> None:
        """Have `look` at what is drawn, and end with the smallest example that it does not bear.

        `share` is how many of the usual number of examples: less than 1 for what is slow.
        """

        @seeded(zlib.crc32(f"{self.seed}/{self.case}/{self.mode}".encode()))
        @examined(
            max_examples=max(1, round(self.examples * share)),
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=tuple(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(strategy)
        def examine(value: T) -> None:
            look(value)

        examine()

    def note(self, **facts: JSON) -> None:
        """Keep what was seen beside, for whoever compares two reports."""
        self.facts |= {name: shown_form(value) for name, value in facts.items()}

    @property
    def folder(self) -> Path:
        """A folder of this case's own."""
        return Path(self._exit.enter_context(TemporaryDirectory(prefix="omniflash-conformance-")))

    def wire(self) -> tuple[Wire, ...]:
        """What went over the wire."""
        return ()


@define(kw_only=True)
class SpecBench(Bench):
    """For clauses of the spec: `judge` says what is wrong with the JSON form of a request."""

    spec: subjects.Spec

    def judge(self, form: Any) -> tuple[str, ...]:
        """The clauses that the form breaks, by the subject."""
        return tuple(violation.clause for violation in self.judged(form))

    def judged(self, form: Any) -> tuple[Any, ...]:
        """The violations of a form, by the subject."""
        self.shown = shown_form(form)
        return self.spec.judge(form)


def shown_form(form: Any) -> JSON:
    """A form as a report can show it: what is no JSON, in words."""
    if isinstance(form, dict):
        return {str(name): shown_form(value) for name, value in form.items()}
    if isinstance(form, list | tuple):
        return [shown_form(item) for item in form]
    return form if form is None or isinstance(form, str | int | float | bool) else repr(form)


@define(kw_only=True)
class AdapterBench(Bench):
    """For clauses of an adapter, at our own client: what is sent, what comes back, and what is made of it."""

    adapter: Adapter
    stand: Stand
    contract: Contract | None = None

    @property
    def vendors_contract(self) -> Contract:
        """The vendor's contract. Raises NotRun where there is none."""
        if self.contract is None:
            raise NotRun("there is no contract of this vendor")
        return self.contract

    @property
    def offer(self) -> Offer:
        """The offer of the mode that the case is run for."""
        return self.offer_of(self.mode)

    def offer_of(self, mode: Mode | None) -> Offer:
        """The offer of a mode. Raises NotDeclared where there is none."""
        for offer in self.adapter.offers:
            if offer.mode is mode:
                return offer
        raise NotDeclared(f"{self.adapter.name} does not offer {mode}")

    @property
    def sandbox(self) -> "Sandbox":
        """The sandbox to steer; where there is none the case is not run."""
        return self.stand.sandbox

    def client(self, **settings: Any) -> Client:
        """Our client with this adapter, closed when the case is over. `key` is another than the ground's own."""
        return self._exit.enter_context(self.stand.client(self.adapter, settings))

    def overheard(self, **settings: Any) -> tuple[Client, Overheard]:
        """As `client`, with the adapter inside one that keeps every answer."""
        adapter = Overheard(self.adapter)
        return self._exit.enter_context(self.stand.client(adapter, settings)), adapter

    def arm(self, fault: str, **options: Any) -> None:
        """Makes something go wrong with this provider; see `Sandbox.arm`."""
        self.sandbox.arm(fault, provider=self.adapter.name, **options)

    @cached_property
    def account(self) -> Account:
        """The account of this adapter, for flows that are run without a client."""
        return next(iter(self.client().accounts.values()))

    def previewed(self, client: Client, request: Request) -> Preview:
        """What would be sent for a request."""
        self.shown = subjects.form_of(request)
        self.preview = client.preview(client.plan(request))
        return self.preview

    def submitted(self, client: Client, request: Request | None = None) -> Job:
        """The job of a request, or of the least that there is to ask for in the case's mode."""
        wanted = request or self.least(client)
        self.shown = subjects.form_of(wanted)
        return client.submit(client.plan(wanted))

    def finished(self, client: Client, request: Request | None = None) -> Status:
        """The last look at a job, once it is over."""
        job = self.submitted(client, request)
        self.stand.advance(RENDER_S)
        return client.status(job)

    def least(self, client: Client, **fields: object) -> Request:
        """The shortest, cheapest request of the case's mode; refining goes on from a clip that is made first."""
        offer = self.offer if self.mode else self.adapter.offers[0]
        previous = self._made(client) if offer.mode is Mode.REFINE else None
        return least(offer, self.picture, previous, fields)

    def plain(self, client: Client) -> Request:
        """The plain request of the case's mode, which the recordings hold; what is refined is made first."""
        return plain(self.offer, self.picture, self._made(client) if self.offer.mode is Mode.REFINE else None)

    def _made(self, client: Client) -> Clip:
        self.offer_of(Mode.TEXT_TO_VIDEO)
        job = client.submit(client.plan(TextToVideo("A lighthouse at dusk", duration=3)))
        self.stand.advance(RENDER_S)
        clip = client.status(job).clip
        if clip is None:
            raise Broken("there is no clip to refine: the text-to-video job before it has none")
        if clip.handle is None:
            raise Broken("it offers to refine, and the clip of the text-to-video job before has no handle")
        return clip

    @property
    def picture(self) -> File:
        """A small picture file."""
        path = self.folder / "portrait.png"
        path.write_bytes(PICTURE)
        return File(path)

    def wire(self) -> tuple[Wire, ...]:
        return self.stand.wire()


@define(kw_only=True)
class ClientBench(Bench):
    """For clauses of a whole client: it is opened on the sandbox, and the sandbox's bill and journal are the judges."""

    kind: subjects.ClientKind
    provider: str
    stand: Stand
    place: SandboxPlace
    adapter: Adapter | None = None
    contract: Contract | None = None
    _seen: tuple[Wire, ...] = ()

    @property
    def sandbox(self) -> "Sandbox":
        """The sandbox to steer; where there is none the case is not run."""
        return self.stand.sandbox

    @property
    def virtual(self) -> bool:
        """Whether time passes only by waiting."""
        return bool(self.sandbox.site["virtual"])

    def needs(self, *offers: subjects.Offers) -> None:
        """Raises NotDeclared where the client does not offer one of these."""
        for offer in offers:
            if offer not in self.kind.offers:
                raise NotDeclared(f"{self.kind.name} does not offer {offer}")

    def has(self, offer: subjects.Offers) -> bool:
        """Whether the client offers this."""
        return offer in self.kind.offers

    def arm(self, fault: str, **options: Any) -> None:
        """Let an exchange with this provider go wrong. Raises NotDeclared for a call that it has not got."""
        try:
            self.sandbox.arm(fault, provider=self.provider, **options)
        except ValueError as problem:
            raise NotDeclared(str(problem)) from problem

    def afresh(self) -> None:
        """Begin again with an empty sandbox and an empty folder, for a case that looks at several things."""
        self.sandbox.reset()
        self.place = evolve(self.place, folder=self.folder)

    @contextmanager
    def opened(self, **changed: Any) -> Iterator[subjects.Client]:
        """One client, as one process would have it; a second one in the same folder is another process's.

        What is `changed` of its place holds for this one alone.
        """
        place = evolve(self.place, **changed)
        if place.own_key:
            self.secrets |= {place.own_key, place.own_key.rpartition(":")[2]}
        with self.kind.open(place) as client:
            yield client

    def least(self, **fields: object) -> Request:
        """The shortest, cheapest request."""
        request = TextToVideo("A lighthouse at dusk", **{"duration": 3, **fields})  # type: ignore[arg-type]
        self.shown = subjects.form_of(request)
        return request

    def told(self, error: BaseException) -> subjects.Told:
        """What an error tells the client's caller."""
        return self.kind.told(error)

    def refusal(self, call: Callable[[], object]) -> subjects.Told | None:
        """What the error of a call tells, or None where it comes back."""
        try:
            call()
        except Finding:
            raise
        except Exception as problem:  # noqa: BLE001 - a peer may raise anything here
            return self.told(problem)
        return None

    def waited(self, client: subjects.Client, ticket: object, *, timeout: float | None = None) -> object:
        """The clip of a job, or what waiting for it raises. Raises Broken when that goes on for ever."""
        began = self.now()
        waiting = Work(lambda: client.wait(ticket, timeout=timeout))
        while waiting.is_alive():
            waiting.join(0.02)
            passed, looks = self.now() - began, len(self.exchanges("status"))
            hammering = looks > MOST_LOOKS and passed < looks * LEAST_PAUSE_S
            if waiting.is_alive() and (passed > FOR_EVER_S or hammering):
                self._leave(waiting)
                raise Broken(f"is still waiting after {passed:,.0f} s and {looks} looks at the job")
        return waiting.result()

    def _leave(self, waiting: Work) -> None:
        self._seen = self.wire()
        self.place.left.set()
        self.sandbox.reset()  # who only looks, without a pause, is told that there is no such job
        waiting.join(LEAVING_S)

    def rendered(self, client: subjects.Client) -> object:
        """A clip that is there, from a job that was over before it was waited for."""
        ticket = client.submit(self.least())
        self.stand.advance(RENDER_S)
        return self.clip(client, ticket)

    def clip(self, client: subjects.Client, ticket: object) -> object:
        """What a client saves of a job that is over: the clip that it waited for, or where it does not, the ticket."""
        return self.waited(client, ticket) if self.has(subjects.Offers.WAIT) else ticket

    def now(self) -> float:
        """Seconds by the ground's clock."""
        return self._seconds(self.sandbox.now())

    def at(self, exchange: Exchange) -> float:
        """When an exchange was answered, by the same clock as `now`."""
        return self._seconds(datetime.fromisoformat(exchange["at"]))

    def _seconds(self, date: datetime) -> float:
        return date.timestamp() * (self.sandbox.site["speed"] or 1.0)

    @property
    def rate(self) -> float:
        """How many seconds of the ground's clock one second of the client's own is."""
        return 1.0 if self.kind.virtual_time else float(self.sandbox.site["speed"] or 1.0)

    @property
    def slack(self) -> float:
        """Seconds of the ground's clock that a busy machine may cost, where that clock runs by itself."""
        return float(self.sandbox.site["speed"]) * BUSY_S

    def submits(self) -> int:
        """How often a paid call of this provider was sent."""
        return len(self.exchanges("submit"))

    def bought(self) -> int:
        """How many jobs this provider has accepted."""
        return sum(line["provider"] == self.provider for line in self.sandbox.charges())

    def exchanges(self, *calls: str) -> list[Exchange]:
        """What went over the wire with this provider, or as far as it was one of these calls."""
        ours = [exchange for exchange in self.sandbox.journal() if exchange["provider"] == self.provider]
        return [exchange for exchange in ours if not calls or exchange["call"] in calls]

    def wire(self) -> tuple[Wire, ...]:
        return self._seen or self.stand.wire()
