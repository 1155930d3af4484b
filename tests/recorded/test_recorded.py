"""The recorded wire, replayed with the network blocked: sync, asyncio and trio send the very same requests.

Made against the sandbox, as each cassette says. `nox -s record` makes them again. What a scenario does to `vendors` has
an effect while it is recorded, and none after.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

import pytest
from attrs import frozen
from vcr.cassette import Cassette

from omniflash import AuthenticationFailed, ContentRejected, File, Job, Mode, State, Transfer
from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.jobs import Cancelled
from tests.drive.fronts import FRONTS, perform
from tests.recorded.conftest import CASSETTES, Forgetful
from tests.recorded.vendors import Vendors

Scenario: TypeAlias = Callable[[Vendors, Any], Awaitable[None]]
PORTRAIT, FILM = "https://example.com/portrait.png", "https://example.com/film.mp4"
QUEUE_S, RENDER_S = 6.0, 120.0  # longer than any job waits, and than any takes
LISTED_S = 60.0  # longer than it takes until a job is listed


@frozen
class Recorded:
    """A scenario with a vendor, on the account of a `key`, or of the one that the sandbox hands out.

    In one that is `lossy` the client's ledger never hears of an acceptance.
    """

    play: Scenario
    key: str | None = None
    lossy: bool = False


SCENARIOS: dict[str, Recorded] = {}


def recorded(*names: str, key: str | None = None, lossy: bool = False) -> Callable[[Scenario], Scenario]:
    """Names the cassettes of a scenario: `provider/what`."""

    def noted(play: Scenario) -> Scenario:
        SCENARIOS.update(dict.fromkeys(names, Recorded(play, key, lossy)))
        return play

    return noted


async def submitted(client: Any, prompt: str = "A lighthouse at dusk", **fields: Any) -> Job:
    job: Job = await client.submit(await client.plan(prompt, **fields))
    assert job.handle
    assert job.sandbox
    return job


FIELDS: dict[Mode, dict[str, Any]] = {
    Mode.TEXT_TO_VIDEO: {"duration": 3, "aspect_ratio": "9:16"},
    Mode.IMAGE_TO_VIDEO: {"image": PORTRAIT, "duration": 3},
    Mode.REFERENCE_TO_VIDEO: {"references": [PORTRAIT, "https://example.com/style.png"], "aspect_ratio": "9:16"},
    Mode.EDIT: {"video": FILM},
}


async def a_request_is_accepted(mode: Mode, vendors: Vendors, client: Any) -> None:
    assert (await submitted(client, **FIELDS[mode])).mode is mode


async def a_finished_clip_is_refined(vendors: Vendors, client: Any) -> None:
    first = await submitted(client, duration=3)
    vendors.advance(RENDER_S)
    clip = (await client.status(first)).clip
    assert (await submitted(client, "Make it night", previous=clip)).mode is Mode.REFINE


SUBMITS: dict[Mode, Scenario] = {mode: partial(a_request_is_accepted, mode) for mode in FIELDS}
SUBMITS[Mode.REFINE] = a_finished_clip_is_refined

for provider in installed(PROVIDERS):  # every offer that there is has a cassette
    for offer in adapter(provider).offers:
        recorded(f"{provider}/submit-{offer.mode.value.replace('_', '-')}")(SUBMITS[offer.mode])


@recorded("fal/status", "pixeldojo/status")
async def a_job_is_queued_then_running_then_over(vendors: Vendors, client: Any) -> None:
    job = await submitted(client, duration=3)
    looks = [await client.status(job)]
    for seconds in (QUEUE_S, RENDER_S):
        vendors.advance(seconds)
        looks.append(await client.status(job))
    assert [look.state for look in looks] == [State.QUEUED, State.RUNNING, State.SUCCEEDED]
    assert (looks[-1].clip.handle is not None) is (job.provider == "pixeldojo")
    assert looks[-1].charge is not None


@recorded("fal/failure", "pixeldojo/failure")
async def a_job_fails(vendors: Vendors, client: Any) -> None:
    vendors.arm("content-rejected")
    job = await submitted(client, duration=3)
    vendors.advance(RENDER_S)
    with pytest.raises(ContentRejected) as caught:
        await client.wait(job)
    assert caught.value.words is not None
    assert caught.value.words.message


@recorded("fal/refusal", "pixeldojo/refusal", key="wrong-id:wrong-secret-half")
async def a_key_is_refused(vendors: Vendors, client: Any) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        await submitted(client, duration=3)
    assert caught.value.words is not None
    assert caught.value.words.status == 401


@recorded("fal/prices", "pixeldojo/prices")
async def a_plan_is_made_by_what_is_asked_now(vendors: Vendors, client: Any) -> None:
    plan = await client.plan("A lighthouse at dusk", duration=3, online=True)
    assert plan.best.quote.asked_at is not None
    assert plan.best.quote.source.endswith("asked online")


@recorded("fal/estimate")
async def a_price_by_an_unknown_unit_has_its_history_beside_it(vendors: Vendors, client: Any) -> None:
    vendors.price("fal", "google/gemini-omni-flash", 1, "units")
    plan = await client.plan("A lighthouse at dusk", duration=3, online=True)
    assert plan.best.quote.asked_at is None
    assert "a call has cost 1 USD in the past" in plan.best.notes[-1]


@recorded("fal/prices-refusal", key="wrong-id:wrong-secret-half")
async def a_price_is_refused(vendors: Vendors, client: Any) -> None:
    plan = await client.plan("A lighthouse at dusk", duration=3, online=True)
    assert plan.best.notes[-1] == "asked online in vain: fal answered 'prices' with HTTP 401"


@recorded("fal/list", "pixeldojo/list", lossy=True)
async def a_lost_job_is_found_once_it_is_listed(vendors: Vendors, client: Any) -> None:
    job = await submitted(client, duration=3)
    assert await client.reconcile(job.order_id) is None
    vendors.advance(LISTED_S)
    assert (await client.reconcile(job.order_id)).handle == job.handle


@recorded("fal/list-refusal", key="poor-id:poor-secret-half", lossy=True)
async def a_list_is_refused(vendors: Vendors, client: Any) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        await client.reconcile("order-1")
    assert caught.value.words is not None
    assert (caught.value.words.status, caught.value.words.code) == (403, "authorization_error")


@recorded("fal/cancel")
async def a_queued_job_is_cancelled(vendors: Vendors, client: Any) -> None:
    answer = await client.cancel(await submitted(client, duration=3))
    assert (answer.result, answer.may_bill) == (Cancelled.CANCELLED, False)


@recorded("fal/cancel-running")
async def a_running_job_is_asked_to_stop(vendors: Vendors, client: Any) -> None:
    job = await submitted(client, duration=3)
    vendors.advance(QUEUE_S)
    answer = await client.cancel(job)
    assert (answer.result, answer.may_bill) == (Cancelled.REQUESTED, True)


@recorded("fal/cancel-too-late")
async def a_finished_job_is_past_cancelling(vendors: Vendors, client: Any) -> None:
    job = await submitted(client, duration=3)
    vendors.advance(RENDER_S)
    assert (await client.cancel(job)).result is Cancelled.TOO_LATE


@recorded("fal/upload")
async def a_file_is_uploaded_first(vendors: Vendors, client: Any) -> None:
    seen: list[Transfer] = []
    plan = await client.plan("She turns", image=File("portrait.png"))
    job = await client.submit(plan, on_upload=seen.append)
    assert job.mode is Mode.IMAGE_TO_VIDEO
    assert [transfer.sent for transfer in seen] == [transfer.size for transfer in seen]


@recorded("fal/keys")
async def a_webhook_is_verified(vendors: Vendors, client: Any) -> None:
    job = await submitted(client, duration=3)
    vendors.advance(RENDER_S)
    webhook = vendors.webhook(job.handle)
    event = await client.event("fal", webhook.headers, webhook.body, job=job)
    assert (event.verified, event.state) == (True, State.SUCCEEDED)
    assert event.clip is not None
    assert event.clip.url.endswith(f"{job.handle}.mp4")


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_it_goes_as_recorded(
    front: str,
    name: str,
    vendors: Vendors,
    vcr: Cassette,
    record_mode: str,
    portrait: None,
    forgetful: Forgetful,
) -> None:
    scenario, provider = SCENARIOS[name], name.partition("/")[0]
    site = {**vendors.site}
    if scenario.key:
        site["keys"] = {provider: scenario.key}
    ledger = forgetful if scenario.lossy else None
    perform(front, partial(scenario.play, vendors), provider, sandbox=site, ledger=ledger)
    if record_mode == "none":  # which lets nothing be asked that is not there
        assert vcr.all_played


def test_every_cassette_is_of_a_scenario() -> None:
    found = {f"{path.parent.name}/{path.stem}" for path in CASSETTES.rglob("*.yaml")}
    assert found == {*SCENARIOS, "webhooks/fal"}
