"""fal's webhooks: only what fal signed, in time, about the request it was signed for, is an event (HOOK-VERIFY).

The signing side is written here from fal's page, with the library's own signer: nothing of the adapter is used for it.
"""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from omniflash import (
    Clip,
    ConfigurationError,
    ContentRejected,
    EmptyResult,
    Event,
    InvalidWebhook,
    Job,
    Mode,
    OmniflashError,
    ProviderUnavailable,
    State,
)
from omniflash.accounts import Account
from omniflash.discovery import adapter
from omniflash.effects import Call, Effect, Response
from omniflash.errors import Money, VendorWords
from omniflash.flows.event import MOST_BYTES, MOST_HEADERS, event
from tests.stage import DAY, Stage, answer, in_turn, raising

KEY, OLD_KEY, STRANGE_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
ID = "5057fca7-2eb3-468f-b95d-cefe92b0b9d4"
NOW = int(DAY.timestamp())
CLIP = {"video": {"url": "https://v3b.fal.media/a.mp4", "content_type": "video/mp4", "file_size": 9}}
OK = {"error": None, "gateway_request_id": ID, "payload": CLIP, "request_id": ID, "status": "OK"}


def jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


def key_set(*keys: Ed25519PrivateKey) -> Response:
    return answer(200, {"keys": [jwk(key) for key in keys]})


def signed(body: bytes, key: Ed25519PrivateKey = KEY, at: int = NOW, request_id: str = ID) -> dict[str, str]:
    """The headers that fal would send with a body."""
    message = f"{request_id}\nuser-1\n{at}\n{sha256(body).hexdigest()}".encode()
    return {
        "X-Fal-Webhook-Request-Id": request_id,
        "X-Fal-Webhook-User-Id": "user-1",
        "X-Fal-Webhook-Timestamp": str(at),
        "X-Fal-Webhook-Signature": key.sign(message).hex(),
    }


def encoded(told: object) -> bytes:
    return json.dumps(told).encode()


def account() -> Account:
    fal = adapter("fal")
    return Account("fal", fal, "the-id:the-secret-half", fal.hosts)


def hear(headers: Any, body: Any, world: Any = None, job: Job | None = None, stage: Stage | None = None) -> Event:
    """What comes of a webhook, with fal's key set being there."""
    stage = stage or Stage(world or in_turn(key_set(OLD_KEY, KEY)))
    return stage.run(event(account(), headers, body, job))


def test_a_webhook_that_fal_signed_tells_how_the_job_ended() -> None:
    heard = hear(signed(encoded(OK)), encoded(OK))
    assert (heard.provider, heard.handle, heard.verified, heard.state) == ("fal", ID, True, State.SUCCEEDED)
    assert heard.clip is not None
    assert (heard.clip.url, heard.clip.size) == ("https://v3b.fal.media/a.mp4", 9)


def test_the_two_ways_to_ask_for_keys_differ_in_how_old_they_may_be() -> None:
    stage = Stage(in_turn(key_set(OLD_KEY), key_set(KEY)))
    headers = {name.lower(): value for name, value in signed(encoded(OK)).items()}
    assert stage.run(adapter("fal").event(headers, encoded(OK))).verified
    keys = Call("keys", "GET", "rest:/.well-known/jwks.json", keyed=False, cache_s=86_400)
    assert stage.of(Call) == [keys, evolve(keys, cache_s=10)]


def test_a_signature_is_hexadecimal_in_either_case() -> None:
    for written in (str.upper, str.lower):
        headers = signed(encoded(OK))
        name = "X-Fal-Webhook-Signature"
        assert hear({**headers, name: written(headers[name])}, encoded(OK)).verified


DETAIL = [{"loc": ["body", "prompt"], "msg": "Request blocked", "type": "content_policy_violation"}]
CLIP_HEARD = Clip("https://v3b.fal.media/a.mp4", "fal", "video/mp4", 9)


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ({"status": "OK", "payload": CLIP}, Event("fal", ID, True, State.SUCCEEDED, CLIP_HEARD)),
        ({"status": "OK", "payload": None}, Event("fal", ID, True)),
        ({"status": "OK", "payload": {"video": "nonsense"}}, Event("fal", ID, True)),
        ({"status": "DONE", "payload": CLIP}, Event("fal", ID, True)),
        ({"status": "ERROR", "payload": {"detail": "no user"}}, Event("fal", ID, True)),
    ],
)
def test_an_event_is_of_the_job_that_was_signed_for_and_says_no_more_than_it_can(
    told: Mapping[str, Any], heard: Event
) -> None:
    body = encoded({"request_id": ID, **told})
    assert hear(signed(body), body) == heard


@pytest.mark.parametrize(
    ("told", "status", "money"),
    [("Invalid status code: 422", 422, Money.MAYBE), ("Invalid status code: 500", 500, Money.NO), ("?", 500, Money.NO)],
)
def test_the_status_of_a_failed_job_stands_in_its_error(told: str, status: int, money: Money) -> None:
    body = encoded({"request_id": ID, "status": "ERROR", "error": told, "payload": {"detail": DETAIL}})
    heard = hear(signed(body), body)
    assert (heard.provider, heard.handle, heard.verified, heard.state) == ("fal", ID, True, State.FAILED)
    assert type(heard.error) is ContentRejected
    code, message = "content_policy_violation", "body.prompt: Request blocked"
    assert heard.error.words == VendorWords(code, message, None, status)
    assert heard.error.money is money


def test_a_job_that_ended_without_a_video_failed() -> None:
    body = encoded({**OK, "payload": {}})
    heard = hear(signed(body), body)
    assert (heard.provider, heard.handle, heard.verified, heard.state) == ("fal", ID, True, State.FAILED)
    assert str(heard.error).startswith("fal completed the job without a video")


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ({}, encoded(OK), "the header x-fal-webhook-request-id is missing, doubled, or not in its form"),
        (signed(encoded(OK), at=NOW - 301), encoded(OK), "the webhook was signed more than five minutes ago, or ahead"),
        (signed(b"nope"), b"nope", "the body is no JSON: .+"),
        (signed(b"[]"), b"[]", "the body is no JSON object"),
        (signed(b"{}"), b"{}", "the body is about another request than the one that was signed for"),
        (signed(b"{}", STRANGE_KEY), b"{}", "the signature is not fal's"),
    ],
)
def test_a_refusal_says_why(headers: dict[str, str], body: bytes, told: str) -> None:
    with pytest.raises(InvalidWebhook, match=f"^{told}"):
        hear(headers, body)


def test_the_keys_are_asked_for_without_our_key_and_kept_for_a_day() -> None:
    stage = Stage(in_turn(key_set(KEY)))
    hear(signed(encoded(OK)), encoded(OK), stage=stage)
    (call,) = stage.of(Call)
    assert (call.url, call.keyed, call.cache_s) == ("rest:/.well-known/jwks.json", False, 86_400)


def test_a_key_that_is_new_is_found_by_asking_again() -> None:
    stage = Stage(in_turn(key_set(OLD_KEY), key_set(OLD_KEY, KEY)))
    assert hear(signed(encoded(OK)), encoded(OK), stage=stage).verified
    assert [call.cache_s for call in stage.of(Call)] == [86_400, 10]


@pytest.mark.parametrize(
    ("told", "state", "error"),
    [
        (
            {"status": "ERROR", "error": "Invalid status code: 422", "payload": {"detail": DETAIL}},
            "failed",
            ContentRejected,
        ),
        ({"status": "ERROR", "error": "Invalid status code: 500", "payload": {}}, None, None),
        ({"status": "ERROR", "error": "Invalid status code: 401", "payload": {"detail": "no user"}}, None, None),
        ({"status": "ERROR", "error": "Invalid status code: 200", "payload": {"detail": "?"}}, None, None),
        ({"payload": CLIP}, None, None),
        ({"status": "DONE", "payload": CLIP}, None, None),
        (
            {"status": "ERROR", "error": "?", "payload": {"detail": "?", "error_type": "internal_error"}},
            "failed",
            OmniflashError,
        ),
        ({"status": "OK", "payload": {"video": None}}, "failed", EmptyResult),
        ({"status": "OK", "payload": None, "payload_error": "Response payload is not JSON serializable."}, None, None),
        ({"status": "ERROR", "error": "Invalid status code: 404", "payload": None}, None, None),
        ({"status": "OK", "payload": {"video": "nonsense"}}, None, None),
    ],
)
def test_what_the_payload_says_is_read_as_a_result_is(told: Mapping[str, Any], state: str | None, error: Any) -> None:
    body = encoded({"request_id": ID, **told})
    heard = hear(signed(body), body)
    assert (heard.state, heard.clip) == (state, None)
    assert heard.error is None if error is None else isinstance(heard.error, error)


def changed(**headers: str | None) -> dict[str, str]:
    """Good headers but for these: None leaves one out."""
    given = {
        **signed(encoded(OK)),
        **{f"X-Fal-Webhook-{name.replace('_', '-')}": value for name, value in headers.items()},
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        changed(Signature=None),
        changed(Timestamp=None),
        changed(Request_Id=None),
        changed(User_Id=None),
        changed(Signature="zz" * 64),
        changed(Signature="00" * 64),
        changed(Timestamp="soon"),
        changed(Timestamp="²"),
        changed(Timestamp="9" * 4_400),
        changed(Timestamp=str(NOW + 1)),
        changed(User_Id="user-2"),
        changed(User_Id="üser"),
        signed(encoded(OK), STRANGE_KEY),
        signed(encoded(OK), at=NOW - 301),
        signed(encoded(OK), at=NOW + 301),
        signed(encoded(OK), request_id="another"),
        [*signed(encoded(OK)).items(), ("x-fal-webhook-signature", "00" * 64)],
        [*signed(encoded(OK)).items(), *signed(encoded(OK)).items()],
        [(f"x-{n}", "y") for n in range(MOST_HEADERS + 1)],
    ],
)
def test_headers_that_are_not_fals_are_refused(headers: Any) -> None:
    with pytest.raises(InvalidWebhook):
        hear(headers, encoded(OK))


@pytest.mark.parametrize("at", [NOW - 300, NOW + 300])
def test_the_window_is_five_minutes_wide(at: int) -> None:
    assert hear(signed(encoded(OK), at=at), encoded(OK)).verified


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5_000,
        encoded({**OK, "request_id": "another"}),
        encoded({"status": "OK"}),
        b'{"request_id": "\\ud800"}',
    ],
)
def test_bodies_that_say_nothing_are_refused_even_when_signed(body: bytes) -> None:
    with pytest.raises(InvalidWebhook):
        hear(signed(body), body)


def test_a_body_that_was_changed_by_one_byte_is_refused() -> None:
    with pytest.raises(InvalidWebhook, match="signature"):
        hear(signed(encoded(OK)), encoded(OK) + b" ")


def test_a_huge_body_is_refused_before_anything_is_asked() -> None:
    stage = Stage(raising(AssertionError("asked")))
    with pytest.raises(InvalidWebhook, match="1,048,577 bytes"):
        hear(signed(b""), b" " * (MOST_BYTES + 1), stage=stage)
    assert stage.calls == []


def test_a_bad_header_costs_no_call() -> None:
    stage = Stage(raising(AssertionError("asked")))
    with pytest.raises(InvalidWebhook):
        hear(changed(Timestamp=str(NOW - 9_999)), encoded(OK), stage=stage)
    assert stage.calls == []


def test_an_event_of_another_job_is_refused() -> None:
    job = Job("fal", "1.0", Mode.TEXT_TO_VIDEO, ID, "order-1")
    assert hear(signed(encoded(OK)), encoded(OK), job=job).handle == ID
    with pytest.raises(InvalidWebhook, match="another job"):
        hear(signed(encoded(OK)), encoded(OK), job=Job("fal", "1.0", Mode.TEXT_TO_VIDEO, "r2", "order-1"))
    with pytest.raises(InvalidWebhook, match="another job"):
        hear(signed(encoded(OK)), encoded(OK), job=Job("pixeldojo", "1.0", Mode.TEXT_TO_VIDEO, ID, "order-1"))


@pytest.mark.parametrize(
    "world",
    [
        in_turn(answer(503)),
        in_turn(answer(200, {"keys": []})),
        in_turn(answer(200, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "ü"}, 5, {"kty": "RSA"}]})),
        in_turn(answer(200, [])),
        in_turn(answer(200, b"<html>")),
        in_turn(answer(404, {"detail": "Path /.well-known/jwks.json not found"})),
        in_turn(answer(429, {"detail": "Too many requests"}, retry_after="3")),
    ],
)
def test_keys_that_cannot_be_had_are_the_vendors_trouble(world: Any) -> None:
    with pytest.raises(ProviderUnavailable, match="fal"):
        hear(signed(encoded(OK)), encoded(OK), world)


def test_what_fal_says_of_its_keys_is_kept() -> None:
    busy = in_turn(answer(429, {"detail": "Too many requests"}, retry_after="3"))
    with pytest.raises(ProviderUnavailable) as caught:
        hear(signed(encoded(OK)), encoded(OK), busy)
    assert caught.value.retry_after == 3.0
    assert caught.value.words is not None
    assert (caught.value.words.status, caught.value.words.message) == (429, "Too many requests")


def test_headers_of_any_framework_are_taken() -> None:
    headers = signed(encoded(OK))
    lower = {name.lower(): value for name, value in headers.items()}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    for form in (headers, lower, raw, [*raw, (b"x-other", b"\xff")]):
        assert hear(form, encoded(OK)).verified


@pytest.mark.parametrize(("headers", "body"), [({}, "text"), ({}, {"parsed": 1}), ([(1, 2)], b""), ({"a": None}, b"")])
def test_what_no_web_framework_hands_over_is_told_as_our_callers_mistake(headers: Any, body: Any) -> None:
    with pytest.raises(ConfigurationError, match="webhook's"):
        hear(headers, body)


def test_without_the_library_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"omniflash\[webhooks\]"):
        hear(signed(encoded(OK)), encoded(OK))


HOSTILE = st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.just(encoded(OK))
NAMES = st.sampled_from([*signed(b""), "X-Other"]) | st.text(max_size=30)
VALUES = st.text(max_size=140) | st.sampled_from([*signed(encoded(OK)).values()]) | st.integers().map(str)


def only_the_documented_errors(headers: Any, body: bytes) -> None:
    """Whatever comes in: an event that really was signed, or the one error."""
    try:
        heard = hear(headers, body)
    except InvalidWebhook:
        return
    assert heard.verified
    assert heard.handle == ID


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8) | st.dictionaries(NAMES, VALUES), HOSTILE)
def test_whatever_comes_in_is_an_event_or_the_one_error(headers: Any, body: bytes) -> None:
    only_the_documented_errors(headers, body)


@given(st.dictionaries(st.sampled_from([*signed(b"")]), VALUES), HOSTILE)
def test_good_headers_with_some_replaced_are_an_event_or_the_one_error(some: dict[str, str], body: bytes) -> None:
    only_the_documented_errors({**signed(body), **some}, body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("status", "payload", "error", "payload_error"), JSON_VALUES)))
def test_whatever_fal_signs_is_an_event(told: dict[str, Any]) -> None:
    body = encoded({**told, "request_id": ID})
    assert hear(signed(body), body).verified


def test_no_effect_but_calls_and_the_time_is_made() -> None:
    stage = Stage(in_turn(key_set(KEY)))
    hear(signed(encoded(OK)), encoded(OK), stage=stage)
    kinds: set[type[Effect]] = {type(effect) for effect in stage.done}
    assert {kind.__name__ for kind in kinds} == {"Call", "Now", "Turn"}
