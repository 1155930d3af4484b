"""How an answer is read into the taxonomy: what every vendor shares, for adapters to build their tables on."""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from .adapter import Outcome, Reading
from .effects import Call, Response
from .errors import (
    AuthenticationFailed,
    ContentRejected,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
    RegionRestricted,
    VendorWords,
)
from .redact import safe_text
from .types import JSON

# What a status says when the vendor's own code says nothing more.
BY_STATUS: Mapping[int, type[OmniflashError]] = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    402: InsufficientCredits,
    403: AuthenticationFailed,
    404: NotFound,
    408: ProviderUnavailable,
    409: ProviderUnavailable,
    413: InvalidRequest,
    415: InvalidRequest,
    422: InvalidRequest,
    429: RateLimited,
}

# The model's own sentences, which every vendor passes through (seen at Google, fal and others; no vendor has a code for
# all of them). Lower case; the first that is found decides.
MODEL_SAYS: tuple[tuple[str, type[OmniflashError]], ...] = (
    ("european economic area", RegionRestricted),
    ("in your region", RegionRestricted),
    ("safety violation", ContentRejected),
    ("prohibited use policy", ContentRejected),
    ("input blocked", ContentRejected),
    ("content policy", ContentRejected),
)


def model_says(message: str | None) -> type[OmniflashError] | None:
    """What kind of error the model's own sentence is, if it is one."""
    said = (message or "").lower()
    return next((kind for phrase, kind in MODEL_SAYS if phrase in said), None)


def outcome_of(status: int) -> Outcome:
    """What a status means for sending a call again, unless the vendor's own table knows better."""
    if 200 <= status < 300:
        return Outcome.FINE
    if status == 429:
        return Outcome.REFUSED
    if status in (408, 409) or not 400 <= status < 500:
        return Outcome.UNCLEAR
    return Outcome.FINAL


def kind_of(status: int) -> type[OmniflashError]:
    """The error that a status is by itself."""
    return BY_STATUS.get(status, ProviderUnavailable if status >= 500 else ProtocolError)


def body_of(response: Response) -> JSON:
    """The JSON of an answer. Raises ValueError when it holds none."""
    return json_of(response.body)


def json_of(content: bytes) -> JSON:
    """The JSON of whatever came. Raises ValueError when it is none."""
    try:
        body: JSON = json.loads(content)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem
    return body


def is_json(response: Response) -> bool:
    """Whether an answer holds JSON."""
    try:
        body_of(response)
    except ValueError:
        return False
    return True


def refusal(
    provider: str,
    call: Call,
    response: Response,
    words: VendorWords,
    *,
    kind: type[OmniflashError] | None = None,
    outcome: Outcome | None = None,
    retry_helps: bool | None = None,
) -> Reading:
    """An answer that is not fine, with the error that it is; `kind` and `outcome` are the vendor's own table's."""
    kind = kind or kind_of(response.status)
    said = f"{provider} answered {call.name!r} with HTTP {response.status}"
    error = nonsense(said, call, response, words) if kind is ProtocolError else kind(said, words=words)
    error.retry_after = retry_after(response)
    error.retry_helps = error.retry_helps if retry_helps is None else retry_helps
    return Reading(outcome or outcome_of(response.status), error, error.retry_after)


def unreadable(provider: str, call: Call, response: Response, words: VendorWords) -> Reading:
    """A success whose body is no JSON."""
    said = f"{provider} answered {call.name!r} with something that is no JSON"
    return Reading(Outcome.UNCLEAR, nonsense(said, call, response, words))


def nonsense(said: str, call: Call, response: Response, words: VendorWords | None = None) -> ProtocolError:
    """The error of an answer that the vendor's contract does not allow, with the exchange in it."""
    return ProtocolError(said, words=words, exchange=exchange(call, response))


SHOWN_BYTES = 2000


def exchange(call: Call, response: Response) -> str:
    """A call and its answer for people, without secrets: no header of ours, the body's beginning."""
    body = response.body[:SHOWN_BYTES].decode("utf-8", "replace")
    more = "…" if len(response.body) > SHOWN_BYTES else ""
    kind = response.headers.get("content-type", "no content type")
    return safe_text(f"{call.method} {call.url}\n{response.status} {kind}\n{body}{more}")


_SECONDS = re.compile(r"[0-9]{1,9}")


def retry_after(response: Response) -> float | None:
    """In how many seconds to ask again: Retry-After, in seconds or as a date beside the answer's own."""
    told = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(told):
        return float(told)
    try:
        later, answered = (parsedate_to_datetime(text) for text in (told, response.headers.get("date", "")))
        return max(0.0, (later - answered).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
