"""fal's webhooks: signed with Ed25519, checked before anything in them counts (HOOK-VERIFY).

Source: fal, "webhooks": the four headers, the signed message, five minutes of leeway, keys that are kept for a day. A
signature by none of those kept may be by a new one: then the set is asked for again, at most every ten seconds.
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256

from attrs import evolve, frozen

from omniflash.answers import Answer
from omniflash.effects import Call, Flow, Response, call, now
from omniflash.errors import EmptyResult, InvalidWebhook, OmniflashError, ProtocolError, ProviderUnavailable
from omniflash.jobs import HANDLE, Event, State
from omniflash.reading import body_of, json_of
from omniflash.signatures import ed25519_keys, ed25519_signed
from omniflash.types import JSON

from . import errors
from .offers import PROVIDER
from .results import clip

HEADERS: Mapping[str, re.Pattern[str]] = {
    "x-fal-webhook-request-id": HANDLE,
    "x-fal-webhook-user-id": re.compile(r"[!-~]{1,200}"),
    "x-fal-webhook-timestamp": re.compile(r"[0-9]{1,12}"),
    "x-fal-webhook-signature": re.compile(r"[0-9A-Fa-f]{128}"),
}
LEEWAY_S = 300
KEYS = Call("keys", "GET", "rest:/.well-known/jwks.json", keyed=False, cache_s=24 * 3600)
NEW_KEYS = evolve(KEYS, cache_s=10)
STATUS_CODE = re.compile(r"status code: ([1-5][0-9]{2})")


@frozen
class Signed:
    """What the headers say, each in its own form."""

    request_id: str
    user_id: str
    timestamp: str
    signature: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Signed":
        """Raises InvalidWebhook for a header that is missing, doubled, or not in its form."""
        for name, form in HEADERS.items():
            if not form.fullmatch(headers.get(name, "")):
                raise InvalidWebhook(f"the header {name} is missing, doubled, or not in its form")
        return cls(*(headers[name] for name in HEADERS))

    def message(self, body: bytes) -> bytes:
        """What was signed."""
        return "\n".join((self.request_id, self.user_id, self.timestamp, sha256(body).hexdigest())).encode()


def event(headers: Mapping[str, str], body: bytes) -> Flow[Event]:
    """A webhook that fal has signed, in time, for the request that it is about."""
    signed = Signed.of(headers)
    moment = yield from now()
    if abs(moment.at.timestamp() - int(signed.timestamp)) > LEEWAY_S:
        raise InvalidWebhook(
            "the webhook was signed more than five minutes ago, or ahead: an old one, or a wrong clock"
        )
    yield from _verified(signed, body)
    told = _object(body)
    if told.get("request_id") != signed.request_id:
        raise InvalidWebhook("the body is about another request than the one that was signed for")
    return _event(signed.request_id, told)


def _verified(signed: Signed, body: bytes) -> Flow[None]:
    found: tuple[bytes, ...] = ()
    for keys in (KEYS, NEW_KEYS):
        found = yield from _published(keys)
        if ed25519_signed(signed.message(body), bytes.fromhex(signed.signature), found):
            return
    if not found:
        raise ProviderUnavailable("fal's key set holds no key that can be read")
    raise InvalidWebhook("the signature is not fal's")


def _published(keys: Call) -> Flow[tuple[bytes, ...]]:
    # Whatever is wrong with fal's answer, it says nothing of the webhook: fal will send that again.
    try:
        response = yield from call(keys)
    except OmniflashError as problem:
        told = f"fal's key set cannot be fetched: {problem.message}"
        raise ProviderUnavailable(told, words=problem.words, retry_after=problem.retry_after) from problem
    return ed25519_keys(body_of(response))


def _object(body: bytes) -> Mapping[str, JSON]:
    try:
        told = json_of(body)
    except ValueError as problem:
        raise InvalidWebhook(f"the body is no JSON: {problem}") from problem
    if not isinstance(told, Mapping):
        raise InvalidWebhook("the body is no JSON object")
    return told


def _event(handle: str, told: Mapping[str, JSON]) -> Event:
    """How the job ended, as far as the payload says so; without one that can be read, the job has to be looked at."""
    payload = told.get("payload")
    if not isinstance(payload, Mapping):
        return Event(PROVIDER, handle, verified=True)
    if told.get("status") == "ERROR":
        error = _error(told, payload)
        return Event(PROVIDER, handle, verified=True, state=State.FAILED if error else None, error=error)
    if told.get("status") != "OK":
        return Event(PROVIDER, handle, verified=True)
    try:
        found = clip(Answer(PROVIDER, KEYS, Response(200, {}, b""), payload))
    except ProtocolError:
        return Event(PROVIDER, handle, verified=True)
    if found is None:
        empty = EmptyResult("fal completed the job without a video")
        return Event(PROVIDER, handle, verified=True, state=State.FAILED, error=empty)
    return Event(PROVIDER, handle, verified=True, state=State.SUCCEEDED, clip=found)


def _error(told: Mapping[str, JSON], payload: Mapping[str, JSON]) -> OmniflashError | None:
    code = STATUS_CODE.search(str(told.get("error")))
    result = Response(int(code[1]) if code else 500, {}, json.dumps(payload).encode())
    error = errors.read(Call(errors.FAILURE, "GET", ""), result).error
    return error if isinstance(error, errors.ENDS) else None
