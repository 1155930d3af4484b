"""What Kinoko's moulds are in omniflash's taxonomy. Source: contract.toml."""

from collections.abc import Mapping

from omniflash.adapter import Outcome, Reading
from omniflash.answers import Answer
from omniflash.effects import Call, Response
from omniflash.errors import (
    AuthenticationFailed,
    ContentRejected,
    GenerationFailed,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    OmniflashError,
    ProviderUnavailable,
    RateLimited,
    RegionRestricted,
    VendorWords,
)
from omniflash.reading import body_of, is_json, model_says, outcome_of, refusal, unreadable
from omniflash.types import JSON

from .offers import PROVIDER

# The kinds that docs.kinoko.example/reels names.
BY_CODE: Mapping[str, type[OmniflashError]] = {
    "stranger": AuthenticationFailed,
    "dry": InsufficientCredits,
    "wrong_recipe": InvalidRequest,
    "no_reel": NotFound,
    "too_many": RateLimited,
    "our_mould": ProviderUnavailable,
    "not_in_your_land": RegionRestricted,
    "not_for_the_table": ContentRejected,
    "rotted": GenerationFailed,
}

TOO_LATE = "ripe_already"


def read(call: Call, response: Response) -> Reading:
    """What an answer means. A 2xx is fine; any other is the error that it says it is.

    A 5xx on the paid call leaves open if there is a job. Only where the vendor's own page says that there is none,
    give `refusal` the outcome REFUSED for it (JOB-ONCE).
    """
    words = said(response)
    if outcome_of(response.status) is Outcome.FINE:
        fine = call.name == "upload" or is_json(response)  # a file is answered with nothing
        return Reading(Outcome.FINE) if fine else unreadable(PROVIDER, call, response, words)
    if call.name == "cancel" and words.code == TOO_LATE:
        return Reading(Outcome.FINE)
    kind = model_says(words.message) or BY_CODE.get(words.code or "")
    return refusal(PROVIDER, call, response, words, kind=kind)


def said(response: Response) -> VendorWords:
    """The vendor's own words in a refusal, whatever it holds."""
    try:
        body = body_of(response)
    except ValueError:
        body = None
    code, message = words_of(body.get("mould") if isinstance(body, Mapping) else None)
    return VendorWords(code, message, response.headers.get("x-kinoko-request"), response.status)


def words_of(error: JSON) -> tuple[str | None, str | None]:
    """Code and message of an error, as far as it has them."""
    if not isinstance(error, Mapping):
        return None, None
    code, message = error.get("kind"), error.get("note")
    return None if code is None else str(code), None if message is None else str(message)


def failure(answer: Answer) -> OmniflashError:
    """The error of a job that failed."""
    code, message = words_of(answer.body.get("mould"))
    kind = model_says(message) or BY_CODE.get(code or "", GenerationFailed)
    return kind("kinoko says that the job failed", words=VendorWords(code, message))
