"""Plans by what the vendors say they ask now: over the wire, on the sandbox (COST-QUOTE)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from omniflash import Client, Mode, Plan, Provider
from omniflash.money.quotes import Quote
from omniflash.routing.plan import Candidate
from omniflash_sandbox import Sandbox
from tests.drive.fronts import FRONTS, perform
from tests.drive.servers import http, raw

APP, MODEL = "google/gemini-omni-flash", "google-gemini-omni-flash"
BOTH = ["fal", "pixeldojo"]
every_front = pytest.mark.parametrize("front", FRONTS)


def by_name(plan: Plan) -> dict[str, Candidate]:
    return {candidate.account: candidate for candidate in plan.candidates}


def ranked(plan: Plan) -> list[str]:
    return [candidate.account for candidate in plan.candidates]


@every_front
def test_a_changed_price_changes_the_plan_and_the_bill_is_as_it_says(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> None:
        before = await client.plan("A cat", duration=5, online=True)
        assert ranked(before) == ["fal", "pixeldojo"]
        omniflash_sandbox.set_price("fal", APP, 0.3)
        omniflash_sandbox.set_price("pixeldojo", MODEL, 8)
        assert ranked(await client.plan("A cat", duration=5)) == ["fal", "pixeldojo"], "not asked: the rows hold"
        plan = await client.plan("A cat", duration=5, online=True)
        assert ranked(plan) == ["pixeldojo", "fal"]
        assert [one.quote.amount for one in plan.candidates] == [Decimal("0.5"), Decimal("1.5")]
        await client.submit(plan)

    perform(front, scenario, BOTH, sandbox=omniflash_sandbox.site)
    (line,) = omniflash_sandbox.charges()
    assert (line["provider"], Decimal(line["usd"])) == ("pixeldojo", Decimal("0.5"))


@every_front
def test_a_quote_says_who_was_asked_and_when(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> tuple[Plan, Plan]:
        return await client.plan("A cat", duration=5), await client.plan("A cat", duration=5, online=True)

    before = datetime.now(UTC)
    offline, online = perform(front, scenario, BOTH, sandbox=omniflash_sandbox.site)
    for name, candidate in by_name(online).items():
        quote: Quote = candidate.quote
        assert quote.source == f"{name}, asked online"
        assert quote.asked_at is not None
        assert quote.as_of == quote.asked_at.date() >= before.date()
        assert by_name(offline)[name].quote.asked_at is None
        assert quote.bound == by_name(offline)[name].quote.bound
    assert "5 s × $0.125 = $0.625; at most 5 s × $0.13 = $0.65" in online.explain()


@every_front
def test_everything_that_is_sold_can_be_asked_for(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> Any:
        return await client.posted_prices()

    fal, dojo = perform(front, scenario, BOTH, sandbox=omniflash_sandbox.site)
    assert [price.row.rate.units(1) for price in fal.prices] == [Decimal(text) for text in ("0.125", *["0.13"] * 3)]
    assert {price.offer.mode for price in dojo.prices} == set(Mode)
    assert [exchange["call"] for exchange in omniflash_sandbox.journal()] == ["prices", "prices"]


def test_only_who_can_make_it_is_asked(omniflash_sandbox: Sandbox) -> None:
    with Client(BOTH, sandbox=omniflash_sandbox.site) as client:
        plan = client.plan("Make it night", previous="vid_1", online=True)
    assert ranked(plan) == ["pixeldojo"]
    assert [exchange["provider"] for exchange in omniflash_sandbox.journal()] == ["pixeldojo"]


def test_a_unit_that_nobody_knows_is_shown_beside_the_rows_quote(omniflash_sandbox: Sandbox) -> None:
    omniflash_sandbox.set_price("fal", APP, 1, "units")
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        offline, online = client.plan("A cat", duration=5), client.plan("A cat", duration=5, online=True)
    assert online.best.quote == offline.best.quote
    assert (
        'note: asked online, fal posts 1 USD ("units"): no page of fal\'s says how many a clip has;'
        " a call has cost 1 USD in the past, of whatever length"
    ) in online.explain()


def test_what_a_credit_cost_you_holds_online_too(omniflash_sandbox: Sandbox) -> None:
    omniflash_sandbox.set_price("pixeldojo", MODEL, 10)
    with Client(Provider("pixeldojo", credit_usd=Decimal("0.05")), sandbox=omniflash_sandbox.site) as client:
        assert client.plan("A cat", duration=5, online=True).best.quote.amount == Decimal("0.5")


# --- vendors that cannot be asked -----------------------------------------------------------------------------------


def test_without_a_key_fal_is_not_asked_and_pixeldojo_is(omniflash_sandbox: Sandbox) -> None:
    site = {**omniflash_sandbox.site, "keys": {}}
    with Client(BOTH, sandbox=site) as client:
        plan = by_name(client.plan("A cat", duration=5, online=True))
    assert plan["fal"].notes[-1] == "asked online in vain: there is no key for fal"
    assert plan["fal"].quote.asked_at is None
    assert plan["pixeldojo"].quote.asked_at is not None
    assert [exchange["provider"] for exchange in omniflash_sandbox.journal()] == ["pixeldojo"]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("wrong-id:wrong-secret-half", "fal answered 'prices' with HTTP 401"),
        ("poor-id:poor-secret-half", "fal answered 'prices' with HTTP 403"),
    ],
)
def test_a_key_that_is_refused_spoils_no_plan(omniflash_sandbox: Sandbox, key: str, told: str) -> None:
    site = {**omniflash_sandbox.site, "keys": {**omniflash_sandbox.site["keys"], "fal": key}}
    with Client(BOTH, sandbox=site) as client:
        plan = by_name(client.plan("A cat", duration=5, online=True))
    assert plan["fal"].notes[-1] == f"asked online in vain: {told}"
    assert plan["pixeldojo"].quote.asked_at is not None


@every_front
@pytest.mark.usefixtures("hasty")
def test_a_vendor_that_is_away_keeps_its_row(front: str) -> None:
    with raw(http("200 OK")) as gone:
        url = gone.url

    async def scenario(client: Any) -> Plan:
        return await client.plan("A cat", duration=5, online=True)  # type: ignore[no-any-return]

    closed = Provider("fal", key="id:secret-half", hosts={"api": url})
    plan = perform(front, scenario, closed)
    assert plan.best.quote.asked_at is None
    assert plan.best.notes[-1].startswith("asked online in vain: fal gave no answer to 'prices'")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("provider", BOTH)
def test_a_strangers_price_is_no_vendors(provider: str, omniflash_sandbox: Sandbox) -> None:
    with Client(provider, sandbox=omniflash_sandbox.site) as client:
        omniflash_sandbox.arm("redirect", provider=provider, call="prices", times=None)
        plan = client.plan("A cat", duration=5, online=True)
    assert plan.best.quote.asked_at is None
    assert plan.best.notes[-1].startswith(f"asked online in vain: {provider} answered 'prices' with HTTP 307")
    assert {exchange["call"] for exchange in omniflash_sandbox.journal()} == {"prices"}
    assert not any(exchange["key_leaked"] for exchange in omniflash_sandbox.journal())


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "body", [b'{"creditCost":{"default":1,"type":"fixed","amount":1e400}}', b'{"creditCost":' + b"9" * 5_000 + b"}"]
)
def test_a_number_without_end_is_no_price(body: bytes) -> None:
    with raw(http("200 OK", body)) as server, Client(Provider("pixeldojo", hosts={"api": server.url})) as client:
        plan = client.plan("A cat", duration=5, online=True)
    assert plan.best.quote.asked_at is None
    assert "asked online" in plan.best.notes[-1]
