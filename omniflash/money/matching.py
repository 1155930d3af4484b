"""Knowing a lost order again in a vendor's list: by what was sent, when, and by nobody else having a claim to it."""

import json
from collections.abc import Mapping
from hashlib import sha256

from ..adapter import Listed, Lost
from ..types import JSON


def digests(body: Mapping[str, JSON]) -> Mapping[str, str]:
    """A digest of each field of a paid call's body: enough to know it again by, and nothing that could be read."""
    return {name: _digest(value) for name, value in body.items()}


def is_same(sent: Mapping[str, str], listed: Listed, lost: Lost) -> bool:
    """Whether a list shows what was sent, field for field, at that time. It may show more: the vendor's defaults."""
    if not sent or listed.sent is None or listed.at is None or not lost.begin <= listed.at <= lost.end:
        return False
    shown = digests(listed.sent)
    return all(shown.get(name) == digest for name, digest in sent.items())


def _digest(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
