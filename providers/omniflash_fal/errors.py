"""fal's errors, as tables: what each of its words is in the taxonomy.

Sources: fal's "Errors" page (model errors, in `detail[].type`), its "Request errors" page (`error_type`), the lock
reasons of its own server package, and its FAQ for what is billed.
"""

from collections.abc import Mapping

from omniflash.adapter import Outcome, Reading
from omniflash.effects import Call, Response
from omniflash.errors import (
    ContentRejected,
    EmptyResult,
    GenerationFailed,
    InsufficientCredits,
    InvalidRequest,
    JobCancelled,
    Money,
    OmniflashError,
    ProviderUnavailable,
    RateLimited,
    UnsupportedFeature,
    VendorWords,
)
from omniflash.reading import body_of, is_json, model_says, outcome_of, refusal, unreadable
from omniflash.types import JSON

REQUEST_ID = "x-fal-request-id"
BILLED_UNITS = "x-fal-billable-units"
TOO_LATE = "ALREADY_COMPLETED"

# Where the type says no more than that the request does not fit, the HTTP status does (422 is InvalidRequest).
BY_TYPE: Mapping[str, type[OmniflashError]] = {
    "content_policy_violation": ContentRejected,
    "no_media_generated": EmptyResult,
    "feature_not_supported": UnsupportedFeature,
    "internal_server_error": GenerationFailed,
    "generation_timeout": GenerationFailed,
    "downstream_service_error": GenerationFailed,
    "downstream_service_unavailable": GenerationFailed,
    "request_timeout": GenerationFailed,
    "startup_timeout": GenerationFailed,
    "runner_scheduling_failure": GenerationFailed,
    "runner_connection_timeout": GenerationFailed,
    "runner_disconnected": GenerationFailed,
    "runner_connection_refused": GenerationFailed,
    "runner_connection_error": GenerationFailed,
    "runner_incomplete_response": GenerationFailed,
    "runner_server_error": GenerationFailed,
    "internal_error": GenerationFailed,
    "client_disconnected": JobCancelled,
    "client_cancelled": JobCancelled,
    "bad_request": InvalidRequest,
    "concurrent_requests_limit": RateLimited,
}

# A 403 on submit says in words why the account is locked.
LOCKED: tuple[tuple[str, type[OmniflashError]], ...] = (
    ("exhausted balance", InsufficientCredits),
    ("budget is exceeded", InsufficientCredits),
    ("add a payment method", InsufficientCredits),
)

# What a result can say of a job that is over. Every other error says nothing of the job.
ENDS = (InvalidRequest, UnsupportedFeature, ContentRejected, GenerationFailed, JobCancelled)

EARLY = "request is still in progress"  # a result asked for too soon, as users report it; no page documents it

NEEDS_RETRY = ("x-fal-needs-retry", "x-fal-retryable")  # the newer and the older name of one header
YES = ("1", "true", "yes")


RESULT, FAILURE = "result", "failure"  # one operation: of a request that ended, and of one that is said to have failed
RESULTS = (RESULT, FAILURE)


def read(call: Call, response: Response) -> Reading:
    """What an answer of fal's means."""
    words = said(response)
    if call.name == "upload":
        return _stored(call, response, words)
    if outcome_of(response.status) is Outcome.FINE:
        return Reading(Outcome.FINE) if is_json(response) else unreadable("fal", call, response, words)
    if call.name == "cancel" and words.code == TOO_LATE:
        return Reading(Outcome.FINE)
    if call.name in RESULTS and EARLY in (words.message or "").lower():
        return refusal("fal", call, response, words, kind=ProviderUnavailable, outcome=Outcome.REFUSED)
    kind = kind_of(response.status, words)
    if call.name in RESULTS:
        return _ended(call, response, words, kind)
    # Only a result has the model's own status. Whatever a 5xx of another call says went wrong, it did with that call.
    kind = None if response.status >= 500 else kind
    return refusal("fal", call, response, words, kind=kind, retry_helps=_again(response))


def _stored(call: Call, response: Response, words: VendorWords) -> Reading:
    # The store behind an upload URL is not the API: its status alone counts, and says nothing of the key.
    if outcome_of(response.status) is Outcome.FINE:
        return Reading(Outcome.FINE)
    return refusal("fal", call, response, words, kind=ProviderUnavailable)


# A result is asked for only once the status says COMPLETED: one that is not there is not there yet, or no more.
ABSENT = {404: Outcome.UNCLEAR}


def _ended(call: Call, response: Response, words: VendorWords, kind: type[OmniflashError] | None) -> Reading:
    # A result has the model's own status: there an error with a type of fal's is the job's end. But a 5xx that is fal's
    # own may also be of this very call, as users report of 504: it is asked again, unless the status told of it. And an
    # answer without a word of fal's is somebody's between fal and us.
    if words.message is None:
        return refusal("fal", call, response, words, kind=ProviderUnavailable, outcome=Outcome.UNCLEAR)
    sure = response.status < 500 or call.name == FAILURE or _is_models(response)
    outcome = Outcome.FINAL if words.code in BY_TYPE and sure else ABSENT.get(response.status)
    reading = refusal("fal", call, response, words, kind=kind, outcome=outcome, retry_helps=_again(response))
    unbilled = response.status >= 500 or response.headers.get(BILLED_UNITS) == "0"
    if reading.error is not None:
        reading.error.money = Money.NO if unbilled else Money.MAYBE
    return reading


def _is_models(response: Response) -> bool:
    body = body_of(response)
    return isinstance(body, Mapping) and isinstance(body.get("detail"), list)


def kind_of(status: int, words: VendorWords) -> type[OmniflashError] | None:
    """The error that fal's words make, or None where its HTTP status says it all."""
    message = (words.message or "").lower()
    if status == 403:
        return next((kind for phrase, kind in LOCKED if phrase in message), None)
    return model_says(message) or BY_TYPE.get(words.code or "")


def said(response: Response) -> VendorWords:
    """fal's words in an answer of any of its shapes."""
    request_id = response.headers.get(REQUEST_ID)
    try:
        body = body_of(response)
    except ValueError:
        return VendorWords(request_id=request_id, status=response.status)
    code, message = words_of(body)
    return VendorWords(code, message, request_id, response.status)


def words_of(body: JSON) -> tuple[str | None, str | None]:
    """Code and message of an error body: `detail` as a list or a text, or the `error` of gateway and platform."""
    if not isinstance(body, Mapping):
        return None, None
    detail, error = body.get("detail"), body.get("error")
    if isinstance(detail, list):
        problems = [problem for problem in detail if isinstance(problem, Mapping)]
        types = [str(problem["type"]) for problem in problems if "type" in problem]
        return next(iter(types), None), "; ".join(map(_problem, problems)) or None
    if isinstance(error, Mapping):
        return _text(error.get("type")), _text(error.get("message"))
    code = body.get("error_type") or body.get("status")
    return _text(code), _text(detail) or _text(body.get("message")) or _text(error)


def _problem(problem: Mapping[str, JSON]) -> str:
    where = problem.get("loc")
    path = ".".join(str(step) for step in where) if isinstance(where, list) else ""
    return f"{path}: {problem.get('msg')}" if path else str(problem.get("msg"))


def _text(value: JSON) -> str | None:
    return None if value is None else str(value)


def _again(response: Response) -> bool | None:
    told = next((response.headers[name] for name in NEEDS_RETRY if name in response.headers), None)
    return None if told is None else told.lower() in YES
