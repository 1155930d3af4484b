"""Every cassette says against whom it was made, keeps the contracts it names, and holds no secret (ERR-SECRET)."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniflash import Data, Job, Mode, OmniflashError
from omniflash.adapter import Adapter, Attachment, Lost, Offer, Order, Priced
from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.effects import Call, Effect, Flow, Moment, Response, Send
from omniflash_conformance.recordings.readable import NOBODY
from omniflash_conformance.recordings.secrets import secrets_in
from omniflash_conformance.recordings.wire import HOSTS, breaches, held_to, row_of
from omniflash_sandbox import contracts
from tests.test_laws import REQUESTS

FOLDER = Path(__file__).parent / "cassettes"
WEBHOOK = FOLDER / "webhooks" / "fal.yaml"
FILES = sorted(FOLDER.rglob("*.yaml"))
CASSETTES = [path for path in FILES if path != WEBHOOK]
HOST = re.compile(r"https?://(?!vendor\.invalid/|example\.com/|docs\.fal\.ai/errors/)[^\s'\"]+|127\.0\.0\.1|localhost")

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
cassettes = pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def loaded(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))  # type: ignore[no-any-return]


@every_file
def test_it_says_against_whom_it_was_made(path: Path) -> None:
    made = loaded(path)["made"]
    assert "not the vendor" in made["server"]
    assert isinstance(made["at"], date)
    assert set(made["contract"]) <= set(contracts.names())


@every_file
def test_it_holds_nothing_like_a_key_no_host_and_no_clip(path: Path) -> None:
    text = path.read_text("utf-8")
    if path == WEBHOOK:  # the signature that everybody can check is what it is kept for
        text, found = re.subn(r"  x-fal-webhook-signature: [0-9a-f]{128}\n", "", text)
        assert found == 1
    assert list(secrets_in(text)) == []
    assert [found[0] for found in HOST.finditer(text)] == []
    assert "!!binary" not in text
    assert "data:" not in text
    assert len(text) < 20_000


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Key 1:2",
        "key: pd_live_0123456789",
        "upload_url: http://vendor.invalid/put/1?X-Amz-Signature=00",
        "query: sig=00&x-goog-date=1",
        "access: eyJhbGciOiJIUzI1NiJ9",
        f"etag: {'0f' * 32}",
        "upload_token: t",
        "token abc123 is unknown",
        'credentials="x"',
    ],
)
def test_what_is_like_a_key_would_be_found(text: str) -> None:
    assert list(secrets_in(text))


@pytest.mark.parametrize("text", ["message: this token is nobody's", "message: invalid credentials", "no token"])
def test_a_refusal_in_words_is_none(text: str) -> None:
    assert not list(secrets_in(text))


@cassettes
def test_it_keeps_the_contracts_that_it_names_and_no_others(path: Path) -> None:
    found = loaded(path)
    named = [name for exchange in found["exchanges"] for name, _ in held_to(exchange)]
    assert found["made"]["contract"] == list(dict.fromkeys(named))
    for exchange in found["exchanges"]:
        assert exchange["call"] == row_of(exchange["request"]["method"], exchange["request"]["path"]).call
        assert breaches(exchange) == []


def test_the_webhook_keeps_its_contract() -> None:
    assert contracts.violations("fal-webhook", loaded(WEBHOOK)["json"]) == []


# --- what the adapters can do, found by having them do it ----------------------------------------------------------


# What every call of either vendor can be answered with, to be asked the next one.
ANSWER = {
    "request_id": "r1",
    "jobId": "r1",
    "status": "COMPLETED",
    "upload_url": f"{NOBODY}/fal/uploads/1",
    "file_url": f"{NOBODY}/fal/files/1",
    "prices": [{"endpoint_id": "google/gemini-omni-flash", "unit_price": 1, "unit": "units", "currency": "USD"}],
    "keys": [{"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}],
}
HEADERS = {
    "x-fal-webhook-request-id": "r1",
    "x-fal-webhook-user-id": "u1",
    "x-fal-webhook-timestamp": "0",
    "x-fal-webhook-signature": "0" * 128,
}


def calls_in(flow: Flow[Any]) -> Iterator[Call]:
    """The calls that a flow makes, whatever comes of it in the end."""
    answer: object = None
    while True:
        try:
            effect = flow.send(answer)
        except (StopIteration, OmniflashError):
            return
        yield from _call(effect)
        answer = Moment(datetime.fromtimestamp(0, UTC), 0.0)
        if isinstance(effect, Call | Send):
            answer = Response(200, {}, json.dumps(ANSWER).encode())


def _call(effect: Effect) -> list[Call]:
    match effect:
        case Call():
            return [effect]
        case Send(call=call):
            return [call]
    return []


def flows_of(vendor: Adapter) -> Iterator[Flow[Any]]:
    """Everything that an adapter does for a client; fetching a clip is nothing of the vendor's API."""
    job = Job(vendor.name, "1.0", Mode.TEXT_TO_VIDEO, "r1", "order-1")
    picture = Data.of(b"\x89PNG\r\n\x1a\n", "image/png")
    yield from (vendor.submit(order(vendor, offer)) for offer in vendor.offers)
    yield vendor.status(job)
    yield vendor.cancel(job)
    yield vendor.upload(Attachment("image", picture, "image/png", 8))
    yield vendor.event(HEADERS, b"{}")
    if isinstance(vendor, Priced):
        yield vendor.prices(vendor.offers)
    if vendor.features.find:
        now = datetime.fromtimestamp(0, UTC)
        yield vendor.find(Lost(vendor.offers[0].endpoint, vendor.offers[0].mode, now, now))


def order(vendor: Adapter, offer: Offer) -> Order:
    (request,) = (request for request in REQUESTS if request.mode is offer.mode)
    media = dict.fromkeys(["image", "video", "previous", *(f"references[{n}]" for n in range(7))], f"{NOBODY}/a")
    return Order(id="order-1", account=vendor.name, offer=offer, request=request, media=media)


@pytest.mark.parametrize("provider", installed(PROVIDERS))
def test_there_is_a_cassette_for_everything_that_an_adapter_asks(provider: str) -> None:
    asked = (call for flow in flows_of(adapter(provider)) for call in calls_in(flow))
    calls = {(call.name, call.method, _path(provider, call)) for call in asked}
    assert {name for name, _, _ in calls} >= {"submit", "status"}
    kept = [exchange for path in FOLDER.glob(f"{provider}/*.yaml") for exchange in loaded(path)["exchanges"]]
    played = {row_of(exchange["request"]["method"], exchange["request"]["path"]) for exchange in kept}
    for name, method, path in calls:
        row = row_of(method, path)
        assert (row.provider, row.call) == (provider, name)
        assert row in played


def _path(provider: str, call: Call) -> str:
    host, _, path = call.url.partition(":")
    return HOSTS[provider][host] + path if host in HOSTS[provider] else call.url.removeprefix(NOBODY)
