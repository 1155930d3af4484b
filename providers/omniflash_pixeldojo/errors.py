"""PixelDojo's errors, as tables: what each of its words is in the taxonomy.

Source: the error table of PixelDojo's model page. The shape of an error's body is in no document: `{"error": {"code",
"message"}}` is its older API's, and every other likely place is read too.
"""

from collections.abc import Mapping

from omniflash.adapter import Outcome, Reading
from omniflash.effects import Call, Response
from omniflash.errors import (
    AuthenticationFailed,
    GenerationFailed,
    InsufficientCredits,
    InvalidRequest,
    Money,
    NotFound,
    OmniflashError,
    ProviderUnavailable,
    RateLimited,
    VendorWords,
)
from omniflash.reading import body_of, is_json, model_says, outcome_of, refusal, unreadable
from omniflash.types import JSON

from .offers import PROVIDER

BY_CODE: Mapping[str, type[OmniflashError]] = {
    "unauthorized": AuthenticationFailed,
    "insufficient_credits": InsufficientCredits,
    "invalid_request": InvalidRequest,
    "model_not_found": NotFound,
    "rate_limited": RateLimited,
    "internal_error": ProviderUnavailable,
}


def read(call: Call, response: Response) -> Reading:
    """What an answer of PixelDojo's means."""
    words = said(response)
    if outcome_of(response.status) is Outcome.FINE:
        return Reading(Outcome.FINE) if is_json(response) else unreadable(PROVIDER, call, response, words)
    kind = model_says(words.message) or BY_CODE.get(words.code or "")
    return refusal(PROVIDER, call, response, words, kind=kind)


def said(response: Response) -> VendorWords:
    """PixelDojo's words in an answer of any likely shape."""
    try:
        body = body_of(response)
    except ValueError:
        return VendorWords(status=response.status)
    error = body.get("error", body) if isinstance(body, Mapping) else None
    code, message = words_of(error)
    return VendorWords(code, message, response.headers.get("x-request-id"), response.status)


def words_of(error: JSON) -> tuple[str | None, str | None]:
    """Code and message of an error that is a text, or an object with `code` and `message`."""
    if isinstance(error, Mapping):
        code, message = error.get("code"), error.get("message")
        return None if code is None else str(code), None if message is None else str(message)
    return None, None if error is None else str(error)


def failure(error: JSON) -> OmniflashError:
    """The error of a failed job. A third party says that those are refunded; until that is seen, money may be spent."""
    code, message = words_of(error)
    kind = model_says(message) or GenerationFailed
    return kind("PixelDojo says that the job failed", words=VendorWords(code, message), money=Money.MAYBE)
