"""Webhooks from end to end: the sandbox sends them as vendors do, a web app hands them on, the client reads them."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    Client,
    ConfigurationError,
    Event,
    InvalidWebhook,
    Job,
    Ledger,
    Provider,
    ProviderUnavailable,
    State,
    SubmissionUncertain,
    UnsupportedFeature,
)
from omniflash.effects import Call
from omniflash.money.records import OrderState
from omniflash_sandbox import Sandbox
from tests.drive.fronts import FRONTS, perform
from tests.drive.servers import Raw, http, raw
from tests.faults.table import Case, cases

fronts = pytest.mark.parametrize("front", FRONTS)
KEY_FAULTS = [case for case in cases() if case.call == "keys"]


@pytest.fixture
def app() -> Iterator[Raw]:
    """A web app that takes every webhook."""
    with raw(http("200 OK")) as server:
        yield server


def received(app: Raw, number: int = 1) -> list[tuple[list[tuple[bytes, bytes]], bytes]]:
    """Raw headers and body of what came to the app, once it has come."""
    while len(app.seen) < number:
        time.sleep(0.005)
    return [parted(request) for request in app.seen]


def parted(request: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return [(name, value.strip()) for name, _, value in lines], body


def submitting(app: Raw, prompt: str = "A cat") -> Any:
    async def scenario(client: Any) -> Job:
        plan = await client.plan(prompt, duration=3)
        return await client.submit(plan, webhook_url=f"{app.url}/hook?order=12&x=%26")  # type: ignore[no-any-return]

    return scenario


def hearing(provider: str, headers: Any, body: bytes, **more: Any) -> Any:
    async def scenario(client: Any) -> Event:
        return await client.event(provider, headers, body, **more)  # type: ignore[no-any-return]

    return scenario


@fronts
def test_fals_webhook_tells_the_end_of_the_job(front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    site = omniflash_sandbox.site
    job = perform(front, submitting(app), "fal", sandbox=site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    assert app.seen[0].startswith(b"POST /hook?order=12&x=%26 ")
    event = perform(front, hearing("fal", headers, body, job=job), "fal", sandbox=site)
    assert (event.handle, event.verified, event.state) == (job.handle, True, State.SUCCEEDED)
    assert event.clip is not None
    assert not any(exchange["key_leaked"] for exchange in omniflash_sandbox.journal())


@fronts
def test_a_webhook_settles_the_order_whose_answer_nobody_read(
    front: str, omniflash_sandbox: Sandbox, app: Raw, tmp_path: Path
) -> None:
    with closing(Ledger(tmp_path / "ledger.sqlite3")) as ledger:
        site = omniflash_sandbox.site
        omniflash_sandbox.arm("lose-response", provider="fal", call="submit", accepted=True)

        async def scenario(client: Any) -> None:
            plan = await client.plan("A cat", duration=3)
            await client.submit(plan, webhook_url=f"{app.url}/hook?order={{order}}")

        with pytest.raises(SubmissionUncertain) as raised:
            perform(front, scenario, "fal", sandbox=site, ledger=ledger)
        omniflash_sandbox.advance(120)
        ((headers, body),) = received(app)
        order = raised.value.order.id
        assert f"/hook?order={order} ".encode() in app.seen[0]
        assert ledger.find(order).state is OrderState.UNCERTAIN
        event = perform(front, hearing("fal", headers, body, order=order), "fal", sandbox=site, ledger=ledger)
        assert (ledger.find(order).state, ledger.find(order).job.handle) == (OrderState.ACCEPTED, event.handle)


@fronts
def test_a_webhook_of_a_failed_job_tells_why(front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    omniflash_sandbox.arm("content-rejected")
    perform(front, submitting(app), "fal", sandbox=omniflash_sandbox.site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    event = perform(front, hearing("fal", headers, body), "fal", sandbox=omniflash_sandbox.site)
    assert event.state is State.FAILED
    assert type(event.error).__name__ == "ContentRejected"


@fronts
def test_keys_are_fetched_once_and_again_when_they_rotate(front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    def fetched() -> int:
        return sum(exchange["call"] == "keys" for exchange in omniflash_sandbox.journal())

    async def scenario(client: Any) -> None:
        for number in range(1, 4):
            job = await client.submit(await client.plan(f"Cat {number}", duration=3), webhook_url=f"{app.url}/hook")
            await client.wait(job)
            headers, body = received(app, number)[-1]
            assert (await client.event("fal", headers, body)).verified
            assert fetched() == (1 if number < 3 else 2)
            if number == 2:
                omniflash_sandbox.rotate_keys()

    perform(front, scenario, "fal", sandbox=omniflash_sandbox.site)


@fronts
@pytest.mark.parametrize("signature", ["forged", "stale"])
def test_a_webhook_that_is_forged_or_old_is_refused(
    front: str, signature: str, omniflash_sandbox: Sandbox, app: Raw
) -> None:
    omniflash_sandbox.switch("fal.webhook_signature", signature)
    perform(front, submitting(app), "fal", sandbox=omniflash_sandbox.site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    with pytest.raises(InvalidWebhook):
        perform(front, hearing("fal", headers, body), "fal", sandbox=omniflash_sandbox.site)


@fronts
def test_a_webhook_that_comes_twice_is_the_same_event_twice(front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    omniflash_sandbox.switch("webhooks.delivery", "twice")
    perform(front, submitting(app), "fal", sandbox=omniflash_sandbox.site)
    omniflash_sandbox.advance(120)
    first, second = (
        perform(front, hearing("fal", headers, body), "fal", sandbox=omniflash_sandbox.site)
        for headers, body in received(app, 2)
    )
    assert first == second


@fronts
def test_pixeldojos_webhook_is_only_a_hint_to_look(front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    site = omniflash_sandbox.site
    job = perform(front, submitting(app), "pixeldojo", sandbox=site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    event = perform(front, hearing("pixeldojo", headers, body), "pixeldojo", sandbox=site)
    assert (event.handle, event.verified, event.state, event.clip) == (job.handle, False, None, None)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"jobId": 5}', b'{"jobId": "../x"}', b'{"jobId": "\\ud800"}']
)
def test_a_hint_at_nothing_is_refused(body: bytes, omniflash_sandbox: Sandbox) -> None:
    with pytest.raises(InvalidWebhook):
        perform("sync", hearing("pixeldojo", {}, body), "pixeldojo", sandbox=omniflash_sandbox.site)


@pytest.mark.parametrize("front", ["sync", "asyncio"])
@pytest.mark.parametrize("case", KEY_FAULTS, ids=str)
def test_a_fault_of_the_key_set_is_passed(case: Case, front: str, omniflash_sandbox: Sandbox, app: Raw) -> None:
    perform(front, submitting(app), "fal", sandbox=omniflash_sandbox.site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    omniflash_sandbox.arm(case.fault, provider="fal", call="keys", **case.options)
    more = {"timeout": 1.5} if case.fault == "stall" else {}
    assert perform(front, hearing("fal", headers, body), "fal", sandbox=omniflash_sandbox.site, **more).verified
    assert not any(exchange["key_leaked"] for exchange in omniflash_sandbox.journal())


@pytest.mark.parametrize("url", ["", "me.example/hook", "ftp://me.example", "https://me.example/a b", "https://\x00"])
def test_a_webhook_url_that_is_none_is_refused_before_anything_is_sent(url: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> None:
        await client.submit(await client.plan("A cat"), webhook_url=url)

    with pytest.raises(ConfigurationError, match="webhook URL"):
        perform("sync", scenario, "fal", sandbox=omniflash_sandbox.site)
    assert omniflash_sandbox.journal() == []


def test_a_vendor_that_tells_nobody_is_not_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    from omniflash.flows.event import event
    from omniflash.flows.submit import Intent
    from omniflash.routing.plan import Desk, make_plan
    from omniflash.spec import TextToVideo
    from tests.stage import OUTLOOK, Stage, account

    made = make_plan(TextToVideo("A cat"), Desk([account()]), {}, OUTLOOK)
    with pytest.raises(UnsupportedFeature, match="acme sends no webhooks"):
        Intent(made, made.best, account(), "order-1", webhook_url="https://me.example/hook")
    with pytest.raises(ConfigurationError, match="acme sends no webhooks"):
        Stage().run(event(account(), {}, b""))


def test_a_preview_shows_where_the_webhook_goes() -> None:
    from omniflash import Client

    client = Client(["fal", "pixeldojo"])
    fals = client.preview(Client("fal").plan("A cat"), webhook_url="https://me.example/h?a=1&b=2")
    assert fals.url.endswith("?fal_webhook=https%3A%2F%2Fme.example%2Fh%3Fa%3D1%26b%3D2")
    dojos = client.preview(Client("pixeldojo").plan("A cat"), webhook_url="https://me.example/h")
    assert b'"webhook_url":"https://me.example/h"' in dojos.body


def test_the_key_set_is_a_call_that_needs_no_key() -> None:
    from omniflash_fal.webhooks import KEYS, NEW_KEYS

    assert {type(call) for call in (KEYS, NEW_KEYS)} == {Call}
    assert not KEYS.keyed
    assert not NEW_KEYS.keyed


def test_two_accounts_of_one_vendor_have_key_sets_of_their_own(omniflash_sandbox: Sandbox, app: Raw) -> None:
    site = omniflash_sandbox.site
    perform("sync", submitting(app), "fal", sandbox=site)
    omniflash_sandbox.advance(120)
    ((headers, body),) = received(app)
    with raw(http("200 OK", b'{"keys": []}')) as stranger:
        ours = Provider("fal", name="ours", key="id:secret-half", hosts={"rest": site["hosts"]["fal"]["rest"]})
        theirs = Provider("fal", name="theirs", key="id:secret-half", hosts={"rest": stranger.url})
        with Client([ours, theirs]) as client:
            event = client.event("ours", headers, body)
            assert event.verified
            assert event.clip is not None
            assert event.clip.account == "ours"
            with pytest.raises(ProviderUnavailable):
                client.event("theirs", headers, body)


@pytest.mark.parametrize("headers", [None, ["abc"], [("a",)], 5, {"a": None}, [(1, 2)]])
def test_headers_that_no_framework_has_are_our_callers_mistake(headers: Any, omniflash_sandbox: Sandbox) -> None:
    with pytest.raises(ConfigurationError, match="no webhook's headers"):
        perform("sync", hearing("fal", headers, b"{}"), "fal", sandbox=omniflash_sandbox.site)
