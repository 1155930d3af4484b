"""What comes back: the Job that was accepted, a Status at each look, and in the end a Clip."""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Annotated, Protocol

import attrs
from attrs import field, frozen, validators
from cattrs import override

from .codec import from_json, to_json, versioned
from .errors import ConfigurationError, OmniflashError, VendorWords
from .money.quotes import Quote
from .redact import safe_url
from .spec.requests import JOB_MARK, Mode, Previous, Request
from .types import JSON


class State(StrEnum):
    """Where a job stands; every vendor's words are mapped to these by a table (JOB-STATES)."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Fate(StrEnum):
    """What became of a field that the caller set (CAP-DISPOSE)."""

    SENT = "sent"
    ADAPTED = "adapted"
    KEPT = "kept"
    DROPPED = "dropped"
    REFUSED = "refused"


@frozen
class Disposition:
    """One field's fate: under which `wire` name and with which `value` it is sent, or why it is not."""

    field: str
    fate: Fate
    wire: str | None = None
    value: JSON = attrs.field(default=None, hash=False)
    note: str = ""


HANDLE = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._~:-]{1,160}")  # fit for a path: no slash, no bare dots


@versioned("omniflash.job/1")
@frozen
class Job:
    """An accepted, paid job: enough to go on with it from any process (JOB-RESUME).

    `handle` is the vendor's id, `account` the name of the account it was made with where that is not the provider's
    own, `sandbox` marks one that was made on a sandbox. What follows them is known only where the job was submitted, or
    from its JSON: the text token leaves it out.
    """

    provider: str
    version: str
    mode: Mode
    handle: str = field(validator=validators.matches_re(HANDLE))
    order_id: str
    account: str | None = None
    sandbox: bool = False
    request: Request | None = field(default=None, kw_only=True)
    dispositions: tuple[Disposition, ...] = field(default=(), kw_only=True)
    quote: Quote | None = field(default=None, kw_only=True)
    submitted_at: datetime | None = field(default=None, kw_only=True)

    @property
    def token(self) -> str:
        """The short text form: under 300 characters, with no secret and no URL in it."""
        facts = [self.provider, self.version, self.mode.value, self.handle, self.order_id]
        facts += [self.account or "", "sandbox" if self.sandbox else ""]
        payload = json.dumps(facts, separators=(",", ":")).encode()
        return JOB_MARK + base64.urlsafe_b64encode(_checksum(payload) + payload).decode().rstrip("=")

    @classmethod
    def parse(cls, token: str) -> "Job":
        """The job that a token stands for. Raises ConfigurationError when it is none, or not whole."""
        text = token.strip()
        if not text.startswith(JOB_MARK):
            raise ConfigurationError(f"this is no job token: {text[:20]!r}", remedy=f"one begins with {JOB_MARK!r}")
        try:
            provider, version, mode, handle, order_id, account, sandbox = _facts(text.removeprefix(JOB_MARK))
            return cls(provider, version, Mode(mode), handle, order_id, account or None, sandbox == "sandbox")
        except (ValueError, TypeError) as problem:
            raise ConfigurationError(
                "this job token is not whole", remedy="copy all of it, it is one word"
            ) from problem

    def as_previous(self) -> Previous:
        """This job, as what a Refine goes on from."""
        return Previous(provider=self.provider, account=self.account, job=self.token)

    def to_json(self) -> dict[str, JSON]:
        """All that is known of the job, versioned, as JSON."""
        return to_json(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Job":
        """The job of its JSON form. Raises ConfigurationError when it is none."""
        return from_json(data, cls)


def _checksum(payload: bytes) -> bytes:
    return zlib.crc32(payload).to_bytes(4, "big")


def _facts(encoded: str) -> list[str]:
    content = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    if _checksum(content[4:]) != content[:4]:
        raise ValueError("its checksum differs")
    return [str(fact) for fact in json.loads(content[4:])]


@frozen
class Charge:
    """What the vendor says it charged (COST-ACTUAL), in its own `unit`; `source` names where it says so."""

    amount: Decimal
    unit: str
    source: str

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.unit}{'' if self.amount == 1 else 's'}"


class Saver(Protocol):
    """What fetches a clip: a Client."""

    def save(self, clip: "Clip", path: str | PathLike[str]) -> Path: ...
    def read(self, clip: "Clip") -> bytes: ...
    def stream(self, clip: "Clip") -> Iterator[bytes]: ...


@versioned("omniflash.clip/1")
@frozen
class Clip:
    """A finished clip, still at the vendor's: `size` in bytes, type and expiry as far as the vendor says (RES-VIDEO).

    `handle` is what refining goes on from, None where the vendor gave none; `job` is the token of the job that made it.
    The vendor's own file name is not kept: it never decides where a file goes.
    """

    url: str = field(repr=safe_url)
    provider: str
    media_type: str | None = None
    size: int | None = None
    expires_at: datetime | None = None
    handle: str | None = None
    account: str | None = None
    job: str | None = None
    home: Annotated[Saver | None, override(omit=True)] = field(default=None, eq=False, repr=False, kw_only=True)

    def __reduce__(self) -> tuple[object, ...]:
        return _clip_of, (self.to_json(),)  # without its home: connections stay where they are

    def as_previous(self) -> Previous:
        """This clip, as what a Refine goes on from."""
        return Previous(provider=self.provider, account=self.account, handle=self.handle, job=self.job)

    def save(self, path: str | PathLike[str]) -> Path:
        """Fetch the clip into the file `path`, whole or not at all, and return that path.

        Raises DownloadFailed, or ConfigurationError for a clip of an AsyncClient: that one awaits its own `save`.
        """
        return self._saver().save(self, path)

    def read(self) -> bytes:
        """The clip's bytes. Raises as `save` does."""
        return self._saver().read(self)

    def stream(self) -> Iterator[bytes]:
        """The clip's bytes, piece by piece. Raises as `save` does."""
        return self._saver().stream(self)

    def to_json(self) -> dict[str, JSON]:
        """All that is known of the clip, versioned, as JSON."""
        return to_json(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Clip":
        """The clip of its JSON form. Raises ConfigurationError when it is none."""
        return from_json(data, cls)

    def _saver(self) -> Saver:
        from .client import Client

        return self.home or Client(self.provider)


def _clip_of(data: Mapping[str, object]) -> Clip:
    return Clip.from_json(data)


@frozen
class Status:
    """One look at a job: its `state`, the vendor's own `word` for it, and whether that word is a `known` one.

    `position` counts the requests in front of a queued one. A terminal look carries the `clip` or the `error`, and the
    `charge` where the vendor tells it.
    """

    job: Job
    state: State
    word: str
    known: bool = True
    position: int | None = None
    clip: Clip | None = None
    error: OmniflashError | None = None
    charge: Charge | None = None


@frozen
class Event:
    """What a webhook says of the job with the vendor's id `handle`.

    Only a `verified` one counts, and only it carries how the job ended: its `state`, with the `clip` or the `error`.
    Any other is a hint to look at the job again (HOOK-VERIFY). A vendor may send the same event twice.
    """

    provider: str
    handle: str
    verified: bool
    state: State | None = None
    clip: Clip | None = None
    error: OmniflashError | None = None


class Cancelled(StrEnum):
    """What came of asking to cancel (JOB-CANCEL)."""

    CANCELLED = "cancelled"
    REQUESTED = "requested"
    TOO_LATE = "too late"
    UNSUPPORTED = "unsupported"


@frozen
class Cancellation:
    """The answer to a cancel: its `result`, if the vendor may still bill, and the vendor's words."""

    result: Cancelled
    may_bill: bool
    words: VendorWords | None = None
