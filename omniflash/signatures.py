"""Signatures of webhooks, by a library that is made for it and is loaded when the first one comes."""

import base64
import binascii
from collections.abc import Iterable, Mapping

from .errors import ConfigurationError
from .types import JSON

INSTALL = "pip install 'omniflash[webhooks]'"
MOST_KEYS = 16


def ed25519_keys(key_set: JSON) -> tuple[bytes, ...]:
    """The Ed25519 keys of a JSON Web Key Set (RFC 7517, RFC 8037); what is none is passed over."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    found = (_raw(key) for key in keys[:MOST_KEYS]) if isinstance(keys, list) else ()
    return tuple(key for key in found if len(key) == 32)


def _raw(key: JSON) -> bytes:
    if not isinstance(key, Mapping) or (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
        return b""
    text = str(key.get("x"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def ed25519_signed(message: bytes, signature: bytes, keys: Iterable[bytes]) -> bool:
    """Whether one of the keys made the signature. Raises ConfigurationError where the library is missing."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as missing:
        raise ConfigurationError("signed webhooks need the package cryptography", remedy=INSTALL) from missing
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False
