"""What vendorname's errors are in omniflash's taxonomy. Say of each row where it stands."""

from collections.abc import Mapping

from omniflash.adapter import Outcome, Reading
from omniflash.answers import Answer
from omniflash.effects import Call, Response
from omniflash.errors import GenerationFailed, OmniflashError, VendorWords
from omniflash.reading import body_of, is_json, model_says, outcome_of, refusal, unreadable
from omniflash.types import JSON

from .offers import PROVIDER

# TODO ERR-KIND: each code of the vendor's, and what it is: AuthenticationFailed, InsufficientCredits, InvalidRequest,
# NotFound, RateLimited, ProviderUnavailable, RegionRestricted, ContentRejected or GenerationFailed. What is not here
# is told by its HTTP status.
BY_CODE: Mapping[str, type[OmniflashError]] = {}


def read(call: Call, response: Response) -> Reading:
    """What an answer means. A 2xx is fine; any other is the error that it says it is.

    A 5xx on the paid call leaves open if there is a job. Only where the vendor's own page says that there is none,
    give `refusal` the outcome REFUSED for it (JOB-ONCE).
    """
    words = said(response)
    if outcome_of(response.status) is Outcome.FINE:
        fine = call.name == "upload" or is_json(response)  # what a file is answered with says nothing
        return Reading(Outcome.FINE) if fine else unreadable(PROVIDER, call, response, words)
    kind = model_says(words.message) or BY_CODE.get(words.code or "")
    return refusal(PROVIDER, call, response, words, kind=kind)


def said(response: Response) -> VendorWords:
    """The vendor's own words in a refusal, whatever it holds."""
    try:
        body = body_of(response)
    except ValueError:
        body = None
    code, message = words_of(body.get("") if isinstance(body, Mapping) else None)  # TODO ERR-WORDS: where its error is
    return VendorWords(code, message, response.headers.get("x-request-id"), response.status)


def words_of(error: JSON) -> tuple[str | None, str | None]:
    """Code and message of an error, as far as it has them."""
    if not isinstance(error, Mapping):
        return None, None
    code, message = error.get(""), error.get("")  # TODO ERR-WORDS: the names of its code and its message
    return None if code is None else str(code), None if message is None else str(message)


def failure(answer: Answer) -> OmniflashError:
    """The error of a job that failed."""
    code, message = words_of(answer.body.get(""))  # TODO ERR-WORDS: where a failed job's error is
    kind = model_says(message) or BY_CODE.get(code or "", GenerationFailed)
    return kind("vendorname says that the job failed", words=VendorWords(code, message))
