"""Ed25519 keys, made from a seed in the state: a run that is repeated signs the same."""

from hashlib import sha256
from typing import TYPE_CHECKING

from omniflash_sandbox.store import Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

UNPUBLISHED = -1
"""The number of a key that is never published."""


class Signing:
    """The keys of a state, numbered from 0; the last one signs, and it and the one before are published."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rotate(self) -> int:
        """From now on another key signs; returns its number."""
        self._store.run("UPDATE signing SET number = number + 1")
        return self._state()[1]

    def sign(self, message: bytes, number: int | None = None) -> str:
        """The signature in hex, by the current key unless another is named."""
        return self._key(self._state()[1] if number is None else number).sign(message).hex()

    def published(self) -> dict[int, bytes]:
        """The public keys by number, the current one first."""
        last = self._state()[1]
        return {number: self._key(number).public_key().public_bytes_raw() for number in (last, last - 1) if number >= 0}

    def _key(self, number: int) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # here: not at start

        return Ed25519PrivateKey.from_private_bytes(sha256(f"{self._state()[0]} {number}".encode()).digest())

    def _state(self) -> tuple[str, int]:
        ((seed, number),) = self._store.rows("SELECT seed, number FROM signing")
        return str(seed), int(number)
