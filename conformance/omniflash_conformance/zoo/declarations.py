"""Adapters that declare what is no declaration, or one that does not fit together (CAP-DECLARE)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any, cast

from attrs import evolve, field, frozen

from omniflash.adapter import Adapter, Field, MediaKind, Offer
from omniflash.discovery import adapter
from omniflash.effects import Flow
from omniflash.jobs import Cancellation, Cancelled, Job
from omniflash.money.quotes import Rate
from omniflash.spec import Mode

from .acme import Acme
from .altered import Altered
from .making import declaring, field_changed, offering, priced, with_fields
from .specimen import broken

CLAUSE = "CAP-DECLARE"


@broken(CLAUSE, "has offers that are None")
def no_offers() -> Adapter:
    return declaring(adapter("fal"), offers=None)


@broken(CLAUSE, "writes its prices as floats")
def prices_of_floats() -> Adapter:
    inexact: Any = 0.125
    return priced(adapter("fal"), lambda row: evolve(row, rate=Rate(per_second=inexact)))


@frozen
class Restless(Altered):
    """Reckons its offers anew each time."""

    looks: Iterator[int] = field(factory=count, eq=False)

    @property
    def offers(self) -> tuple[Offer, ...]:
        looked = next(self.looks)
        return tuple(evolve(offer, expected_s=offer.expected_s + looked) for offer in self.sound.offers)


@broken(CLAUSE, "has other offers each time they are read")
def offers_that_change() -> Adapter:
    return Restless(adapter("fal"))


@broken(CLAUSE, "offers in another provider's name")
def anothers_offers() -> Adapter:
    return offering(adapter("fal"), lambda offer: evolve(offer, provider="fal.ai"))


@broken(CLAUSE, "offers a version of the model that there is not")
def no_such_version() -> Adapter:
    return offering(adapter("fal"), lambda offer: evolve(offer, version="2.0"), Mode.EDIT)


@broken(CLAUSE, "offers one mode twice")
def a_mode_twice() -> Adapter:
    offers = adapter("fal").offers
    return declaring(adapter("fal"), offers=(*offers, evolve(offers[0], endpoint="google/gemini-omni-flash/1080p")))


@broken(CLAUSE, "takes a duration where a video is edited")
def a_duration_on_edit() -> Adapter:
    timed = Field(wire="duration")
    return offering(adapter("fal"), lambda offer: with_fields(offer, duration=timed), Mode.EDIT)


@broken(CLAUSE, "has no place for the picture that a clip begins with")
def no_picture() -> Adapter:
    def without(offer: Offer) -> Offer:
        return evolve(offer, fields={name: one for name, one in offer.fields.items() if name != "image"})

    return offering(adapter("fal"), without)


@broken(CLAUSE, "sends two fields under one name")
def one_name_for_two() -> Adapter:
    return offering(adapter("fal"), field_changed("aspect_ratio", wire="duration"))


@broken(CLAUSE, "takes uploads that its features deny")
def uploads_denied() -> Adapter:
    return declaring(adapter("fal"), features=evolve(adapter("fal").features, upload=False))


@broken(CLAUSE, "takes data URIs of no bytes at all")
def data_of_no_size() -> Adapter:
    return offering(adapter("fal"), field_changed("image", inline_limit=0))


@broken(CLAUSE, "takes clips of 12 seconds, which the model does not make")
def wider_than_the_model() -> Adapter:
    return offering(adapter("fal"), field_changed("duration", values=tuple(range(3, 13))))


@broken(CLAUSE, "has prices that stand nowhere")
def prices_without_source() -> Adapter:
    return priced(adapter("fal"), lambda row: evolve(row, source=""))


@broken(CLAUSE, "asks for less than nothing by the second")
def prices_below_zero() -> Adapter:
    back = Rate(per_clip=Decimal(2), per_second=Decimal("-0.05"))
    return priced(adapter("fal"), lambda row: evolve(row, rate=back))


@broken(CLAUSE, "asks by the token, and says nowhere how many are in a second")
def tokens_without_number() -> Adapter:
    by_token = Rate(per_second=Decimal("0.13"), per_million_tokens=Decimal("21.875"))
    return priced(adapter("fal"), lambda row: evolve(row, bound=by_token))


@broken(CLAUSE, "would send its key to a host without https")
def a_host_in_the_open() -> Adapter:
    return declaring(adapter("fal"), hosts={**adapter("fal").hosts, "queue": "http://queue.fal.run"})


@frozen
class Forgetful(Altered):
    """Forgets to write the key into its header."""

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"Authorization": "Key {key}"}


@broken(CLAUSE, "forgets the f of an f-string that holds the key")
def the_same_header_for_all() -> Adapter:
    return Forgetful(adapter("fal"))


@broken(CLAUSE, "names no variable for its key")
def no_variable() -> Adapter:
    return declaring(adapter("pixeldojo"), credentials=())


@broken(CLAUSE, "calls a mode absent that it offers")
def absent_and_offered() -> Adapter:
    return declaring(adapter("fal"), absent={**adapter("fal").absent, Mode.EDIT: "use another provider"})


@broken(CLAUSE, "declares a cancel that asks nobody", provider="pixeldojo")
def a_cancel_of_nothing() -> Adapter:
    return declaring(adapter("pixeldojo"), features=evolve(adapter("pixeldojo").features, cancel=True))


@broken(CLAUSE, "says that its vendor posts prices, and has no way to ask for them", provider="acme")
def prices_that_nobody_can_ask_for() -> Adapter:
    return Acme(features=evolve(Acme().features, prices=True))


@frozen
class Hasty(Altered):
    """Forgets that a flow without a yield is none."""

    def cancel(self, job: Job) -> Flow[Cancellation]:
        return cast("Flow[Cancellation]", Cancellation(Cancelled.UNSUPPORTED, may_bill=True))


@broken(CLAUSE, "returns from a cancel that never yields", provider="pixeldojo")
def a_cancel_without_a_yield() -> Adapter:
    return Hasty(adapter("pixeldojo"))


@broken(CLAUSE, "writes milliseconds where seconds are meant")
def milliseconds() -> Adapter:
    return offering(adapter("fal"), lambda offer: evolve(offer, expected_s=offer.expected_s * 1_000))


@broken(CLAUSE, "has ways in for a prompt")
def a_prompt_by_url() -> Adapter:
    return offering(adapter("fal"), field_changed("prompt", kinds=frozenset({MediaKind.URL})))


@frozen
class Region:
    """Options that have to be given."""

    region: str


@broken(CLAUSE, "has an option that cannot be left unset")
def an_option_to_be_given() -> Adapter:
    return declaring(adapter("fal"), options=Region)
