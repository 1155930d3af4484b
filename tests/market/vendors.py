"""The vendors of the market: what each asks, what it can do, how long it takes, and the adapter that is declared of it.

The prices are real vendors' (each row says whose); the outages, latencies and limits are made up, so the vendors here
are named for what they bill.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from attrs import evolve, field, frozen

from omniflash import Provider
from omniflash.adapter import Features, Field, MediaKind, Offer, Order, Outcome, Reading
from omniflash.effects import Call, Flow, Repeat, Response, call
from omniflash.errors import GenerationFailed, Money, VendorWords
from omniflash.jobs import Clip, Job, State, Status
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.reading import outcome_of, refusal
from omniflash.spec import Mode, Request
from tests.stage import Acme

READ_ON = date(2026, 11, 20)
URL = frozenset({MediaKind.URL})
TEXT, IMAGE, REFERENCES, EDIT, REFINE = Mode
ANY_LENGTH = tuple(range(3, 11))
UNSET_LENGTH = 8
PRICES = ("per_clip", "per_second", "per_delivered_second", "per_million_tokens")
FULL = "nothing was created"  # what a vendor says that refuses for now
NOT_IN_EUROPE = ("DE", "CH", "GB")  # of the countries here, where nobody may edit an uploaded video


@frozen(kw_only=True)
class Vendor:
    """One vendor. A clip is billed by its `rate`, in units of `usd` each; `inexact` is how far from it.

    `takes_s` is the median of a job: a fixed part and one for each second of the clip, in seconds.
    """

    name: str
    rate: Rate
    unit: str = "USD"
    usd: str = "1"
    inexact: tuple[float, float] = (0.0, 0.0)
    modes: tuple[Mode, ...]
    lengths: tuple[int, ...] = ANY_LENGTH
    seed: bool = False
    formats: tuple[str, ...] = ()
    takes_s: tuple[float, float]
    source: str

    def can(self, request: Request) -> bool:
        """Whether it can make this, by the table here alone: no code of the library's is asked."""
        return (
            request.mode in self.modes
            and (getattr(request, "duration", None) or UNSET_LENGTH) in self.lengths
            and (self.seed or request.seed is None)
            and (request.output_format is None or request.output_format in self.formats)
            and not (request.mode is EDIT and request.country in NOT_IN_EUROPE)
        )

    def price(self, seconds: int) -> float:
        """What a clip costs by the row, in dollars."""
        return float(self.rate.units(seconds)) * float(self.usd)

    def row(self, factor: float = 1.0) -> PriceRow:
        """The row that its adapter declares, at so many times the price."""
        prices = {name: getattr(self.rate, name) * Decimal(str(factor)) for name in PRICES}
        rate = evolve(self.rate, **prices)
        kind = Kind.APPROXIMATE if self.rate.by_file else Kind.EXACT
        named = {"unit": self.unit, "usd_per_unit": Decimal(self.usd)}
        return PriceRow(rate=rate, bound=rate, kind=kind, source=self.source, as_of=READ_ON, **named)

    def fields(self, mode: Mode) -> Mapping[str, Field]:
        """What its adapter declares of a mode."""
        timed = {"duration": Field(wire="duration", values=self.lengths), "aspect_ratio": Field(wire="aspect_ratio")}
        named = {"prompt": Field(wire="prompt")} | (timed if mode in (TEXT, IMAGE, REFERENCES) else {})
        named |= {"seed": Field(wire="seed")} if self.seed else {}
        named |= {"output_format": Field(wire="format", values=self.formats)} if self.formats else {}
        return named | {name: Field(wire=name, kinds=URL) for name in INPUTS.get(mode, ())}

    @property
    def expected_s(self) -> float:
        """How long it says that a clip takes."""
        return self.takes_s[0] + self.takes_s[1] * UNSET_LENGTH

    def offers(self, factor: float = 1.0) -> tuple[Offer, ...]:
        """All that it sells."""
        return tuple(
            Offer(
                provider=self.name,
                version="1.0",
                mode=mode,
                endpoint=mode.value,
                fields=self.fields(mode),
                price=self.row(factor),
                expected_s=self.expected_s,
                as_of=READ_ON,
            )
            for mode in self.modes
        )

    def provider(self, factor: float = 1.0) -> Provider:
        """It, as a client is told of it."""
        hosts = {"api": f"https://{self.name}.example"}
        return Provider(Seller(name=self.name, hosts=hosts, offers=self.offers(factor)), key=f"key-of-{self.name}")


INPUTS: Mapping[Mode, tuple[str, ...]] = {
    IMAGE: ("image",),
    REFERENCES: ("references",),
    EDIT: ("video", "references"),
    REFINE: ("previous", "references"),
}


@frozen
class Seller(Acme):
    """The adapter of a vendor here: its failures are not billed, and it says of a refusal that nothing was created."""

    features: Features = field(default=Features())
    repeat: Repeat = Repeat.IF_REFUSED

    def read(self, call: Call, response: Response) -> Reading:
        if response.status < 300:
            return Reading(Outcome.FINE)
        outcome = Outcome.REFUSED if response.body == FULL.encode() else outcome_of(response.status)
        return refusal(self.name, call, response, VendorWords(status=response.status), outcome=outcome)

    def submit(self, order: Order) -> Flow[Job]:
        asked = Call(
            "submit", "POST", f"api:/{order.offer.endpoint}", json=self.wire(order).body, repeat=Repeat.IF_REFUSED
        )
        response = yield from call(asked)
        return Job(self.name, order.offer.version, order.offer.mode, json.loads(response.body)["id"], order.id)

    def status(self, job: Job) -> Flow[Status]:
        response = yield from call(Call("status", "GET", f"api:/jobs/{job.handle}"))
        body = json.loads(response.body)
        state = State(body["state"])
        if state is State.FAILED:
            return Status(job, state, state.value, error=GenerationFailed("it went wrong here", money=Money.NO))
        clip = Clip(f"https://{self.name}.example/{job.handle}.mp4", self.name, job=job.token) if state.over else None
        return Status(job, state, state.value, clip=clip)


EVERYTHING = (TEXT, IMAGE, REFERENCES, EDIT, REFINE)
VENDORS: Sequence[Vendor] = (
    Vendor(
        name="plain",
        rate=Rate(per_second=Decimal("0.07")),
        modes=(TEXT, IMAGE),
        takes_s=(45.0, 5.0),
        source="$0.07 for a second asked: MuAPI, 1.2",
    ),
    Vendor(
        name="buckets",
        rate=Rate(per_clip=Decimal(21), per_second=Decimal("10.5")),
        unit="credit",
        usd="0.005",
        modes=(TEXT, IMAGE, REFERENCES),
        lengths=(4, 6, 8, 10),
        seed=True,
        takes_s=(35.0, 4.0),
        source="63, 105, 126 credits of $0.005 for 4, 8, 10 s: kie.ai, 1.1",
    ),
    Vendor(
        name="delivered",
        rate=Rate(per_delivered_second=Decimal("0.10")),
        inexact=(-0.015, 0.0),
        modes=(TEXT, IMAGE, REFERENCES, EDIT),
        takes_s=(20.0, 3.0),
        source="$0.10 for a second of the finished file: fal, 1.1",
    ),
    Vendor(
        name="base",
        rate=Rate(per_clip=Decimal("0.20"), per_second=Decimal("0.10")),
        modes=(TEXT, IMAGE, REFERENCES, EDIT),
        seed=True,
        takes_s=(25.0, 3.0),
        source="$0.20 and $0.10 for a second: Atlas, its route of June",
    ),
    Vendor(
        name="clips",
        rate=Rate(per_clip=Decimal(16)),
        unit="credit",
        usd="0.0625",
        modes=EVERYTHING,
        seed=True,
        formats=("mp4", "webm", "mov"),
        takes_s=(30.0, 4.0),
        source="16 credits a clip: PixelDojo; $0.0625 a credit by a third party's list",
    ),
    Vendor(
        name="tokens",
        rate=Rate(per_million_tokens=Decimal("21.875"), tokens_per_second=Decimal(5792)),
        inexact=(-0.01, 0.02),
        modes=(TEXT, IMAGE, REFERENCES, EDIT),
        takes_s=(18.0, 2.5),
        source="$21.875 for a million tokens, 5,792 of them a second: fal, 1.0",
    ),
)
BY_NAME: Mapping[str, Vendor] = {vendor.name: vendor for vendor in VENDORS}


def repriced(seller: Seller, factor: float) -> Seller:
    """The same adapter, when its rows have been written anew."""
    return evolve(seller, offers=BY_NAME[seller.name].offers(factor))
