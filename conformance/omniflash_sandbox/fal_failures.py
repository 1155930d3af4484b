"""What fal says of a request that failed: its error types, each with its HTTP status.

Types and statuses stand in fal's pages on errors and request errors. Of the words only those of `request_timeout` do;
the others are assumptions. Server errors are never charged, says fal's FAQ; that 4xx are not either is an assumption.
"""

from collections.abc import Mapping

from attrs import frozen

from omniflash_sandbox.fal_detail import Complaint
from omniflash_sandbox.messages import Answer


@frozen
class Failure:
    """An error type's status and words. The model's own errors have their form, `detail` as a list; others a text."""

    status: int
    message: str
    by_model: bool = False

    @property
    def may_be_retried(self) -> bool:
        """Whether the hint X-Fal-Needs-Retry comes with it: fal, retries, keeps it on 5xx and 429 only."""
        return self.status >= 500 or self.status == 429


FAILURES: Mapping[str, Failure] = {
    "internal_error": Failure(500, "Internal error"),
    "request_timeout": Failure(504, "Request timed out"),
    "startup_timeout": Failure(504, "Runner startup timed out"),
    "runner_scheduling_failure": Failure(503, "No runner is available at the moment"),
    "runner_connection_timeout": Failure(503, "Connection to the runner timed out"),
    "runner_disconnected": Failure(503, "The runner disconnected"),
    "runner_connection_refused": Failure(503, "The runner refused the connection"),
    "runner_connection_error": Failure(503, "The connection to the runner failed"),
    "runner_incomplete_response": Failure(502, "The runner's response was incomplete"),
    "runner_server_error": Failure(500, "The runner had a server error"),
    "internal_server_error": Failure(500, "Internal server error", by_model=True),
    "generation_timeout": Failure(504, "Generation timed out", by_model=True),
    "downstream_service_unavailable": Failure(500, "Downstream service unavailable", by_model=True),
    "downstream_service_error": Failure(400, "Downstream service error", by_model=True),
    "no_media_generated": Failure(422, "No media was generated", by_model=True),
}


def refusal(status: int, detail: str, error_type: str | None = None) -> Answer:
    """An error of the platform (fal, request errors)."""
    if error_type is None:
        return Answer(status, {"detail": detail})
    return Answer(status, {"detail": detail, "error_type": error_type}, headers={"x-fal-error-type": error_type})


def failed(error_type: str, *, needs_retry: bool) -> Answer:
    """The result of a request that failed in this way; the model's own errors have another form (fal, errors)."""
    failure = FAILURES[error_type]
    hint = {"x-fal-needs-retry": str(int(needs_retry))} if failure.may_be_retried else {}
    if failure.by_model:
        return Answer(failure.status, {"detail": [Complaint(error_type, failure.message).at("body")]}, hint)
    answer = refusal(failure.status, failure.message, error_type)
    return Answer(answer.status, answer.body, {**answer.headers, **hint, **WHOSE_TIMEOUT.get(error_type, {})})


# fal, common parameters: so ends a request whose own time to start has run out; its clients then do not ask again.
WHOSE_TIMEOUT: Mapping[str, Mapping[str, str]] = {"request_timeout": {"x-fal-request-timeout-type": "user"}}


SERVER_ERRORS: Mapping[int, Answer] = {
    FAILURES[error_type].status: refusal(FAILURES[error_type].status, FAILURES[error_type].message, error_type)
    for error_type in ("internal_error", "runner_incomplete_response", "runner_scheduling_failure", "request_timeout")
}
"""fal's own words for each status of a server error."""
