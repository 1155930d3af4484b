"""What the vendors post as their prices: what is asked, what is reckoned with, and that no quote comes of the rest."""

import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Mode, TextToVideo, errors
from omniflash.accounts import Account
from omniflash.adapter import Adapter, Features, Offer, Posted, Priced
from omniflash.effects import Call, Flow, Response
from omniflash.flows.plan import plan
from omniflash.flows.prices import prices
from omniflash.money.posted import LARGEST, OnlinePrice, OnlinePrices
from omniflash.money.quotes import Kind, Quote, Rate
from omniflash.routing.plan import Candidate, Desk
from omniflash_fal import ADAPTER as FAL
from omniflash_pixeldojo import ADAPTER as PIXELDOJO
from omniflash_sandbox import contracts
from tests.stage import DAY, Acme, Stage, account, answer, in_turn

APP, MODEL = "google/gemini-omni-flash", "google-gemini-omni-flash"
ESTIMATE = {"estimate_type": "historical_api_price", "total_cost": 1.04, "currency": "USD"}


def offer_of(adapter: Adapter, mode: Mode = Mode.TEXT_TO_VIDEO) -> Offer:
    return next(offer for offer in adapter.offers if offer.mode is mode)


def posted(adapter: Adapter, *answers: object, offers: tuple[Offer, ...] = ()) -> tuple[tuple[Posted, ...], list[Call]]:
    """What an adapter makes of a vendor's answers, and the calls that it made."""
    stage = Stage(in_turn(*answers))
    assert isinstance(adapter, Priced)
    return stage.run(adapter.prices(offers or (offer_of(adapter),))), stage.of(Call)


def row(price: Any = 0.2, unit: Any = "seconds", currency: Any = "USD", endpoint: Any = APP) -> dict[str, Any]:
    return {"endpoint_id": endpoint, "unit_price": price, "unit": unit, "currency": currency}


def page(*rows: Any, cursor: str | None = None) -> Response:
    return answer(200, {"prices": list(rows), "next_cursor": cursor, "has_more": cursor is not None})


def model(**cost: Any) -> Response:
    about = {"apiId": MODEL, "name": "Gemini Omni Flash", "modality": "video"}
    return answer(200, {**about, "creditCost": {"default": 16, "type": "fixed", "amount": 16, **cost}})


def asked_online(adapter: Adapter, *answers: object, key: str | None = "id:secret-half") -> OnlinePrices:
    """What is known of the vendor's text-to-video after it has answered so."""
    at = Account(adapter.name, adapter, key, adapter.hosts)
    (told,) = Stage(in_turn(*answers)).run(prices([(at, (offer_of(adapter),))]))
    return told


def candidate(adapter: Adapter, *answers: object) -> Candidate:
    """The candidate of an online plan for 5 s."""
    desk = Desk((Account(adapter.name, adapter, "id:secret-half", adapter.hosts),))
    made = Stage(in_turn(*answers)).run(plan(TextToVideo("A cat", duration=5), (), desk, online=True))
    return made.candidates[0]


OFFLINE: dict[str, Quote] = {
    adapter.name: Stage()
    .run(plan(TextToVideo("A cat", duration=5), (), Desk((Account(adapter.name, adapter, None, adapter.hosts),))))
    .candidates[0]
    .quote
    for adapter in (FAL, PIXELDOJO)
}


class TestFal:
    def test_the_answers_here_are_of_the_shape_that_fal_describes(self) -> None:
        assert contracts.violations("fal-prices", json.loads(page(row(), cursor="Mg==").body)) == []
        assert contracts.violations("fal-estimated", ESTIMATE) == []

    def test_all_endpoints_are_asked_for_at_once_with_the_key(self) -> None:
        _, (asked,) = posted(FAL, page(), offers=FAL.offers)
        assert (asked.name, asked.method, asked.url, asked.keyed) == ("prices", "GET", "api:/v1/models/pricing", True)
        assert asked.query == {
            "endpoint_id": f"{APP},{APP}/image-to-video,{APP}/reference-to-video,{APP}/edit",
        }

    @pytest.mark.parametrize(
        ("unit", "rate"),
        [
            ("video", Rate(per_clip=Decimal("0.2"))),
            ("videos", Rate(per_clip=Decimal("0.2"))),
            ("second", Rate(per_second=Decimal("0.2"))),
            (" Seconds ", Rate(per_second=Decimal("0.2"))),
        ],
    )
    def test_a_unit_that_is_known_is_reckoned_with(self, unit: str, rate: Rate) -> None:
        (one,), calls = posted(FAL, page(row(unit=unit)))
        assert (one.rate, one.unit, one.kind, one.note) == (rate, "USD", Kind.APPROXIMATE, "")
        assert len(calls) == 1

    @pytest.mark.parametrize("unit", ["units", "image", "compute seconds", "1m tokens", "", "5 seconds", None, 7])
    def test_one_that_no_page_explains_is_shown_with_what_a_call_has_cost(self, unit: Any) -> None:
        (one,), calls = posted(FAL, page(row(1, unit)), answer(200, ESTIMATE))
        assert one.rate is None
        assert one.note == (
            "no page of fal's says how many a clip has; a call has cost 1.04 USD in the past, of whatever length"
        )
        assert str(one) == f'1 USD ("{unit}")'
        asked = calls[1]
        assert (asked.name, asked.method, asked.url) == ("estimate", "POST", "api:/v1/models/pricing/estimate")
        assert asked.json == {"estimate_type": "historical_api_price", "endpoints": {APP: {"call_quantity": 1}}}
        assert contracts.violations("fal-estimate", asked.json) == []

    @pytest.mark.parametrize(
        "estimate", [{}, {"total_cost": -1, "currency": "USD"}, {"total_cost": "x"}, {**ESTIMATE, "currency": "EUR"}]
    )
    def test_an_estimate_that_says_nothing_of_use_is_not_told(self, estimate: Any) -> None:
        (one,), _ = posted(FAL, page(row(unit="units")), answer(200, estimate))
        assert one.note.endswith("; what a call has cost is not told in US dollars")

    def test_without_an_estimate_the_price_is_shown_still(self) -> None:
        refused = errors.AuthenticationFailed("fal answered 'estimate' with HTTP 403")
        (one,), _ = posted(FAL, page(row(unit="units")), refused)
        assert one.note.endswith("what a call has cost is not to be had: fal answered 'estimate' with HTTP 403")

    def test_every_page_is_read_and_a_list_without_an_end_is_given_up(self) -> None:
        first, second = row(), row(0.3, endpoint=f"{APP}/edit")
        found, calls = posted(FAL, page(first, cursor="Mg=="), page(second), offers=FAL.offers)
        assert [one.endpoint for one in found] == [APP, f"{APP}/edit"]
        assert [asked.query.get("cursor") for asked in calls] == [None, "Mg=="]
        with pytest.raises(errors.ProviderUnavailable, match=r"too long to be read whole; look at fal\.ai/pricing"):
            posted(FAL, page(first, cursor="Mg=="))

    @pytest.mark.parametrize("stray", [row(endpoint="fal-ai/flux/dev"), row(endpoint=5), 5, None, [], "x"])
    def test_what_nobody_asked_for_is_left_out(self, stray: Any) -> None:
        assert [one.endpoint for one in posted(FAL, page(stray, row()))[0]] == [APP]

    @pytest.mark.parametrize("body", [{}, {"prices": None}, {"prices": {}}, []])
    def test_an_answer_without_a_list_is_nonsense(self, body: object) -> None:
        with pytest.raises(errors.ProtocolError, match=r"^fal answered 'prices' with(out a usable 'prices'| no JSON)"):
            posted(FAL, answer(200, body))


class TestPixelDojo:
    def test_its_model_is_asked_for_without_a_key(self) -> None:
        assert contracts.violations("pixeldojo-model", json.loads(model().body)) == []
        (one,), (asked,) = posted(PIXELDOJO, model(), offers=PIXELDOJO.offers)
        assert (asked.name, asked.method, asked.url, asked.keyed) == ("prices", "GET", f"api:/models/{MODEL}", False)
        assert (one.rate, one.unit, str(one)) == (Rate(per_clip=Decimal(16)), "credit", '16 credits ("fixed")')

    def test_its_price_is_that_of_all_its_offers(self) -> None:
        at = Account("pixeldojo", PIXELDOJO, None, PIXELDOJO.hosts)
        (told,) = Stage(in_turn(model(amount=20))).run(prices([(at, PIXELDOJO.offers)]))
        rates = [price.row and price.row.rate for price in told.prices]
        assert rates == [Rate(per_clip=Decimal(20))] * len(PIXELDOJO.offers)

    @pytest.mark.parametrize("kind", ["per_second", "FIXED", "", None, 3])
    def test_another_type_than_the_one_that_is_shown_is_not_reckoned_with(self, kind: Any) -> None:
        (one,), _ = posted(PIXELDOJO, model(type=kind))
        assert (one.rate, one.note) == (None, "no page of PixelDojo's says how that counts")

    @pytest.mark.parametrize("body", [{}, {"creditCost": None}, {"creditCost": 16}, {"creditCost": [16]}, []])
    def test_a_model_without_a_price_is_nonsense(self, body: object) -> None:
        with pytest.raises(errors.ProtocolError, match=r"^pixeldojo answered 'prices'"):
            posted(PIXELDOJO, answer(200, body))


class TestQuotes:
    def test_the_quote_has_the_new_amount_and_says_who_was_asked_when(self) -> None:
        quote = candidate(FAL, page(row(0.25))).quote
        assert (quote.amount, quote.bound, quote.kind) == (Decimal("1.25"), Decimal("1.25"), Kind.APPROXIMATE)
        assert (quote.source, quote.as_of, quote.asked_at) == ("fal, asked online", DAY.date(), DAY)
        assert quote.arithmetic == '5 s × $0.25 = $1.25 (posted as 0.25 USD ("seconds"))'

    @pytest.mark.parametrize(
        ("adapter", "told"), [(FAL, page(row(0.01))), (FAL, page(row(0.01, "video"))), (PIXELDOJO, model(amount=1))]
    )
    def test_a_lower_price_lowers_no_bound(self, adapter: Adapter, told: Response) -> None:
        """The pages leave open what is billed in the end, and one figure of the vendor's settles nothing of that."""
        quote = candidate(adapter, told).quote
        bound = offer_of(adapter).price.bound.units(5) * offer_of(adapter).price.usd_per_unit
        assert quote.amount < bound == quote.bound

    def test_two_prices_of_one_endpoint_are_none(self) -> None:
        told = candidate(FAL, page(row(0.1), row(0.2)))
        assert told.quote == OFFLINE["fal"]
        assert told.notes[-1] == (
            f'asked online, fal posts several prices of {APP}: 0.1 USD ("seconds"), 0.2 USD ("seconds")'
        )
        assert candidate(FAL, page(row(0.2), row(0.2))).quote.amount == Decimal("1.0")

    def test_a_price_that_is_not_there_is_said_to_be_missing(self) -> None:
        assert candidate(FAL, page()).notes[-1] == "asked online, fal posts no price of it"

    def test_what_a_vendor_says_is_shown_in_one_short_line(self) -> None:
        note = candidate(FAL, page(row(1, "\x1b[31m\n" + "long " * 1_000)), answer(200, ESTIMATE)).notes[-1]
        assert note.isprintable()
        assert len(note) < 250


@frozen
class Posting(Acme):
    """The made-up vendor, which posts what it is told to."""

    features: Features = Features(prices=True)  # noqa: RUF009
    says: tuple[Posted, ...] = ()

    def prices(self, offers: tuple[Offer, ...]) -> Flow[tuple[Posted, ...]]:
        return self.says
        yield


def acmes(**more: Any) -> OnlinePrice:
    """What is made of a price of the made-up vendor's, whose row says $0.1 a second, exactly."""
    one = Posted(**{"endpoint": "flash", "amount": Decimal(3), "currency": "USD", "per": "clip"} | more)
    (told,) = Stage().run(prices([(account(Posting(says=(one,))), Acme().offers[:1])]))
    (price,) = told.prices
    return price


class TestAnyAdapter:
    def test_a_price_that_is_exact_is_its_own_bound(self) -> None:
        rate = Rate(per_clip=Decimal("0.05"))
        exact, rough = (acmes(rate=rate, kind=kind).row for kind in (Kind.EXACT, Kind.APPROXIMATE))
        assert exact is not None
        assert rough is not None
        assert (exact.rate, exact.bound, exact.kind) == (rate, rate, Kind.EXACT)
        assert (rough.rate, rough.bound) == (rate, Acme().offers[0].price.bound)

    def test_a_price_in_another_unit_than_the_rows_is_not_reckoned_with(self) -> None:
        told = acmes(rate=Rate(per_clip=Decimal(3)), unit="credit")
        assert told.row is None
        assert told.note == 'asked online, acme posts 3 USD ("clip"): that counts in credit, and the price here in USD'

    @pytest.mark.parametrize("part", ["NaN", "Infinity", "-1", "0", "10001"])
    def test_a_rate_that_is_none_is_not_reckoned_with(self, part: str) -> None:
        told = acmes(rate=Rate(per_second=Decimal(part)))
        assert (told.row, told.note.rpartition(": ")[2]) == (None, "that is no price of a clip")

    def test_a_price_without_a_rate_or_a_reason_says_so(self) -> None:
        assert acmes().note.endswith("nothing says what a clip costs by that")

    def test_one_that_has_the_feature_in_name_alone_is_not_asked(self) -> None:
        (told,) = Stage().run(prices([(account(Acme(features=Features(prices=True))), Acme().offers)]))
        assert {price.note for price in told.prices} == {"not asked online: acme posts no prices"}


class TestWhoIsAsked:
    def test_one_without_the_feature_never_is(self) -> None:
        stage = Stage(in_turn(AssertionError("nothing is to be sent")))
        (told,) = stage.run(prices([(account(), Acme().offers)]))
        assert {price.note for price in told.prices} == {"not asked online: acme posts no prices"}
        assert {price.row for price in told.prices} == {None}
        assert stage.calls == []

    def test_a_failure_of_one_is_its_own_and_ends_in_time(self) -> None:
        fal, dojo = (Account(one.name, one, "id:secret-half", one.hosts) for one in (FAL, PIXELDOJO))

        def world(effect: Any) -> Response:
            return model(amount=20) if "/models/google" in effect.url else answer(503)

        stage = Stage(world)
        one, other = stage.run(prices([(fal, (offer_of(FAL),)), (dojo, (offer_of(PIXELDOJO),))]))
        assert one.prices[0].note == "asked online in vain: fal answered 'prices' with HTTP 503"
        assert other.prices[0].row is not None
        assert stage.ticks <= 30


# --- any answer at all ----------------------------------------------------------------------------------------------

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
LEAVES |= st.sampled_from([0, -1, 1e300, 10**400, "NaN", "Infinity", "-0.5", "1e999999999", "sNaN", "0x10"])
ANY_JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
UNITS = st.sampled_from(["second", "seconds", "video", "videos", "units", "fixed", "per_second"]) | ANY_JSON
CURRENCIES = st.sampled_from(["USD", "EUR", "usd", "US$"]) | ANY_JSON
FAL_ROWS = st.builds(row, ANY_JSON, UNITS, CURRENCIES, st.sampled_from([APP, f"{APP}/edit"]) | ANY_JSON)
FAL_BODIES = st.fixed_dictionaries({"prices": st.lists(FAL_ROWS | ANY_JSON, max_size=3) | ANY_JSON}) | ANY_JSON
COSTS = st.fixed_dictionaries({"type": UNITS, "amount": ANY_JSON}) | ANY_JSON
DOJO_BODIES = st.fixed_dictionaries({"creditCost": COSTS}) | ANY_JSON


def said(body: object) -> Response:
    return answer(200, json.dumps(body).encode())


def stands_on_the_row_or_on_a_price(told: Candidate) -> bool:
    """Whether the quote is the row's, with a note why, or one that the vendor's own sound number makes."""
    quote = told.quote
    if quote.asked_at is None:
        return quote == OFFLINE[told.provider] and "asked online" in told.notes[-1]
    most = LARGEST * 5
    return 0 < quote.amount <= most and quote.bound >= quote.amount


@given(FAL_BODIES, ANY_JSON)
def test_nothing_that_fal_can_say_makes_a_wrong_quote(body: object, estimate: object) -> None:
    assert stands_on_the_row_or_on_a_price(candidate(FAL, said(body), said(estimate)))


@given(DOJO_BODIES)
def test_nothing_that_pixeldojo_can_say_makes_a_wrong_quote(body: object) -> None:
    assert stands_on_the_row_or_on_a_price(candidate(PIXELDOJO, said(body)))


@given(st.decimals(allow_nan=False, min_value=Decimal("0.0001"), max_value=Decimal(1000), places=4))
def test_a_price_that_is_one_is_quoted_as_it_was_written(price: Decimal) -> None:
    content = f'{{"prices": [{{"endpoint_id": "{APP}", "unit_price": {price}, "unit": "seconds", "currency": "USD"}}]}}'
    quote = candidate(FAL, answer(200, content.encode())).quote
    assert quote.amount == price * 5
    assert quote.bound == max(price * 5, OFFLINE["fal"].bound)


@pytest.mark.parametrize("price", [0, -0.1, "NaN", None, True, [], 1e9, 1e300, "free", float("inf")])
def test_what_is_no_price_stays_a_note(price: Any) -> None:
    told = candidate(FAL, page(row(price)))
    assert told.quote == OFFLINE["fal"]
    assert told.notes[-1].startswith("asked online, fal posts ")


def test_another_currency_stays_a_note() -> None:
    told = candidate(FAL, page(row(0.2, currency="EUR")), answer(200, ESTIMATE))
    assert told.quote == OFFLINE["fal"]
    assert '0.2 EUR ("seconds"): only a number of US dollars can be reckoned with' in told.notes[-1]
