"""Webhooks in the making, and their judge: an event is what fal signed, in time, for that request (HOOK-HOSTILE).

What was really signed is written down as it is made, so that the judge needs no cryptography and nothing of the
adapter: it knows what has to come out, both ways.
"""

import base64
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random

from attrs import define, field
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from omniflash import Job
from omniflash.accounts import Account
from omniflash.discovery import adapter
from omniflash.effects import Call, Effect
from omniflash.flows.event import MOST_BYTES, MOST_HEADERS, Headers
from omniflash_conformance.strategies.nasty import NO_JSON
from tests.stage import DAY, answer

NOW = int(DAY.timestamp())
WINDOW_S = 300  # fal, "webhooks": five minutes of leeway
NAMES = ("X-Fal-Webhook-Request-Id", "X-Fal-Webhook-User-Id", "X-Fal-Webhook-Timestamp", "X-Fal-Webhook-Signature")
WANTED = tuple(name.lower() for name in NAMES)
TIMESTAMP, SIGNATURE = 2, 3
ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group (RFC 8032): S + ORDER is the same point

OLD, KEY, NEW, STRANGE = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 5))
PUBLISHED = (OLD, KEY, NEW)


def jwk(key: Ed25519PrivateKey) -> Mapping[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


KEPT, FRESH = (answer(200, {"keys": [jwk(key) for key in keys]}) for keys in ((KEY, OLD), (NEW,)))


def vendor(effect: Effect) -> object:
    """fal's key set: the one kept for a day, and the one it is by now."""
    assert isinstance(effect, Call)
    return KEPT if effect.cache_s > 60 else FRESH


FAL = adapter("fal")
ACCOUNT = Account("fal", FAL, "the-id:the-secret-half", FAL.hosts)


@define
class Webhook:
    """A webhook in the making. `signed` holds what a published key has signed, and the id that its body names."""

    chance: Random
    handle: str = ""
    headers: list[tuple[str | bytes, str | bytes]] = field(factory=list)
    body: bytes = b""
    job: Job | None = None
    mapping: bool = False
    signed: dict[tuple[str, str, str, str, bytes], str | None] = field(factory=dict)

    def sign(self, body: bytes, names: str | None, handle: str, *, at: int = NOW, key: Ed25519PrivateKey = KEY) -> None:
        """Become a webhook that a key has signed just so."""
        digest = sha256(body).hexdigest()
        signature = key.sign(f"{handle}\nuser-1\n{at}\n{digest}".encode()).hex()
        if key in PUBLISHED:
            self.signed[handle, "user-1", str(at), signature, body] = names
        self.handle, self.headers, self.body = (
            handle,
            list(zip(NAMES, (handle, "user-1", str(at), signature), strict=True)),
            body,
        )

    def good(self, *, at: int | None = None, key: Ed25519PrivateKey = KEY) -> None:
        """Become a good webhook, unless the key is a strange one or the time a bad one."""
        handle = uuid(self.chance)
        moment = NOW + self.chance.randint(-WINDOW_S, WINDOW_S) if at is None else at
        self.sign(told(self.chance, handle), handle, handle, at=moment, key=key)

    def handed(self) -> Headers:
        """The headers as a web framework hands them over."""
        return {text(name): text(value) for name, value in self.headers} if self.mapping else self.headers

    def genuine(self) -> str | None:
        """The id of the job that this is an event of, or None where it must be refused."""
        handed = self.handed()
        pairs = list(handed.items() if isinstance(handed, Mapping) else handed)
        values: dict[str, list[str]] = {name: [] for name in WANTED}
        for name, value in pairs:
            values.get(text(name).lower(), []).append(text(value))
        if (
            len(self.body) > MOST_BYTES
            or len(pairs) > MOST_HEADERS
            or any(len(given) != 1 for given in values.values())
        ):
            return None
        (handle,), (user,), (at,), (signature,) = values.values()
        names = self.signed.get((handle, user, at, signature.lower(), self.body))
        if names != handle or abs(int(at) - NOW) > WINDOW_S:
            return None
        return handle if self.job is None or (self.job.provider, self.job.handle) == ("fal", handle) else None


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def uuid(chance: Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


CLIP = {"video": {"url": "https://v3b.fal.media/a.mp4", "content_type": "video/mp4", "file_size": 9}}
DETAIL = [{"loc": ["body", "prompt"], "msg": "Request blocked", "type": "content_policy_violation"}]
ENDS: tuple[Mapping[str, object], ...] = (
    {"status": "OK", "payload": CLIP, "error": None},
    {"status": "OK", "payload": {"video": None}},
    {"status": "OK", "payload": {"video": "nonsense"}},
    {"status": "OK", "payload": None, "payload_error": "Response payload is not JSON serializable."},
    {"status": "ERROR", "error": "Invalid status code: 422", "payload": {"detail": DETAIL}},
    {"status": "ERROR", "error": "Invalid status code: 500", "payload": {"detail": 5}},
    {"status": 7, "payload": [], "error": {}, "surplus": "ünïcödé \ud83d\ude00"},
    {},
)


def told(chance: Random, request_id: object) -> bytes:
    """A body as fal would send it, about the request with this id."""
    return json.dumps({"request_id": request_id, "gateway_request_id": request_id, **chance.choice(ENDS)}).encode()


# What is no webhook though it was signed: it names no id.
NOTHINGS: tuple[bytes, ...] = (*NO_JSON, b'"request_id"', b'{"request_id": null}', b'{"request_id": []}')
NOTHINGS += (b'{"request_id": "\\ud800"}', b'{"request_id"')

# Ids that look like another.
NEAR: tuple[Callable[[str], object], ...] = (
    str.upper, lambda own: own + "0", lambda own: own[:-1], lambda own: f" {own}", lambda own: own[1:] + own[0],
    lambda own: [own], lambda own: {own: own}, lambda own: None, lambda own: True, lambda own: "",
)  # fmt: skip
