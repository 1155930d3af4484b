"""The check of a webhook's signature, written from fal's page on webhooks and nothing else."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_S = 300
HEADER = "x-fal-webhook-{}"
SIGNED = ("request-id", "user-id", "timestamp")


def is_signed(headers: Mapping[str, str], body: bytes, keys: Mapping[str, Any], now: float) -> bool:
    """Whether one of the published keys has signed this delivery, and not long ago.

    The message is request id, user id, timestamp and the body's SHA-256 in hex, a line each; the signature is in hex.
    """
    told = {name: headers[HEADER.format(name)] for name in (*SIGNED, "signature")}
    if abs(now - int(told["timestamp"])) > TOLERANCE_S:
        return False
    message = "\n".join([*(told[name] for name in SIGNED), sha256(body).hexdigest()]).encode()
    return any(_verifies(key["x"], bytes.fromhex(told["signature"]), message) for key in keys["keys"])


def _verifies(x: str, signature: bytes, message: bytes) -> bool:
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "=" * (-len(x) % 4)))
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
