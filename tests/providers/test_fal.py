"""fal's answers, each documented shape read into the taxonomy (ERR-*, JOB-STATES, JOB-CANCEL, JOB-EMPTY)."""

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import errors
from omniflash.accounts import Account
from omniflash.adapter import Outcome
from omniflash.effects import Call, Response
from omniflash.errors import Money, OmniflashError
from omniflash.flows.attempt import TRIES
from omniflash.flows.wait import cancel, status, wait
from omniflash.jobs import Cancelled, Charge, Clip, Job, State, Status
from omniflash.spec import Mode
from omniflash_fal import ADAPTER, Options
from omniflash_fal.errors import BY_TYPE
from tests.stage import Stage, answer, in_turn

ACCOUNT = Account("fal", ADAPTER, "id:secret-half", ADAPTER.hosts)
JOB = Job("fal", "1.0", Mode.EDIT, "764cabcf-b745-4b3e-ae38-1200304cf45b", "order-1")
FILM = "https://v3b.fal.media/files/a.mp4"
COMPLETED = answer(200, {"status": "COMPLETED", "request_id": JOB.handle, "logs": None, "metrics": {}})


def looked(*answers: object) -> Status:
    return Stage(in_turn(*answers)).run(status(ACCOUNT, JOB, until=100.0))


def read(name: str, response: Response) -> OmniflashError:
    reading = ADAPTER.read(Call(name, "GET", "queue:/"), response)
    assert reading.error is not None
    return reading.error


def model_error(kind: str, message: str = "no", where: tuple[str, ...] = ("body", "prompt")) -> dict[str, object]:
    return {
        "detail": [{"loc": list(where), "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors/#{kind}"}]
    }


# Model errors stand on fal's "Errors" page, the others on its "Request errors" page.
DOCUMENTED: list[tuple[str, type[OmniflashError]]] = [
    ("content_policy_violation", errors.ContentRejected),
    ("no_media_generated", errors.EmptyResult),
    ("feature_not_supported", errors.UnsupportedFeature),
    ("client_disconnected", errors.JobCancelled),
    ("client_cancelled", errors.JobCancelled),
    ("bad_request", errors.InvalidRequest),
    *(
        (kind, errors.GenerationFailed)
        for kind in (
            *("internal_server_error", "generation_timeout", "downstream_service_error"),
            *("downstream_service_unavailable", "request_timeout", "startup_timeout", "runner_scheduling_failure"),
            *("runner_connection_timeout", "runner_disconnected", "runner_connection_refused"),
            *("runner_connection_error", "runner_incomplete_response", "runner_server_error", "internal_error"),
        )
    ),
]


class TestStatus:
    @pytest.mark.parametrize(
        ("body", "state", "position"),
        [
            ({"status": "IN_QUEUE", "queue_position": 2}, State.QUEUED, 2),
            ({"status": "IN_QUEUE"}, State.QUEUED, None),
            ({"status": "IN_PROGRESS", "logs": None}, State.RUNNING, None),
        ],
    )
    def test_each_word_is_a_state(self, body: object, state: State, position: int | None) -> None:
        seen = looked(answer(202, body))
        assert seen == Status(JOB, state, body["status"], True, position)  # type: ignore[index]

    @given(st.text(min_size=1).filter(lambda word: word not in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")))
    def test_an_unknown_word_counts_as_running(self, word: str) -> None:
        seen = looked(answer(200, {"status": word}))
        assert (seen.state, seen.word, seen.known) == (State.RUNNING, word, False)

    @pytest.mark.parametrize("body", [[], "IN_QUEUE", {}, {"status": 5}, {"status": None}])
    def test_an_answer_without_a_word_is_nonsense(self, body: object) -> None:
        with pytest.raises(errors.ProtocolError, match=r"^fal answered 'status' with") as caught:
            looked(answer(200, body))
        assert "GET queue:/google/gemini-omni-flash/requests" in caught.value.exchange

    @pytest.mark.parametrize("kind", ["runner_scheduling_failure", "internal_error", "client_disconnected"])
    def test_a_look_that_fails_in_fals_own_words_says_nothing_of_the_job(self, kind: str) -> None:
        """However often: a quarter of a minute without a runner for looks is not the end of a paid job."""
        down = answer(503, {"detail": "No runner is available at the moment", "error_type": kind})
        stage = Stage(in_turn(*[down] * 3 * TRIES, COMPLETED, answer(200, {"video": {"url": FILM}})))
        assert stage.run(wait(ACCOUNT, JOB, 45.0, 1200.0)).url == FILM


class TestResult:
    def test_a_clip_with_all_that_fal_says_of_it(self) -> None:
        video = {"url": FILM, "content_type": "video/mp4", "file_name": "../../x", "file_size": 4404019}
        seen = looked(COMPLETED, answer(200, {"video": video}, x_fal_billable_units="1.00"))
        assert seen.state is State.SUCCEEDED
        assert seen.clip is not None
        assert (seen.clip.url, seen.clip.media_type, seen.clip.size) == (FILM, "video/mp4", 4404019)
        assert (seen.clip.job, seen.clip.handle, "../" in repr(seen.clip)) == (JOB.token, None, False)
        assert seen.charge is not None
        assert (seen.charge.amount, seen.charge.source) == (Decimal("1.00"), "x-fal-billable-units")

    def test_a_finished_job_is_told_whole(self) -> None:
        job = evolve(JOB, account="work")
        found = answer(200, {"video": {"url": FILM, "content_type": "video/mp4"}}, x_fal_billable_units="2")
        clip = Clip(FILM, "fal", "video/mp4", account="work", job=job.token)
        charge = Charge(Decimal(2), "unit", "x-fal-billable-units")
        seen = Stage(in_turn(COMPLETED, found)).run(ADAPTER.status(job))
        assert seen == Status(job, State.SUCCEEDED, "COMPLETED", clip=clip, charge=charge)
        uncharged = Stage(in_turn(COMPLETED, answer(200, {"video": {"url": FILM}}))).run(ADAPTER.status(job))
        assert uncharged == Status(job, State.SUCCEEDED, "COMPLETED", clip=evolve(clip, media_type=None))

    def test_a_job_without_a_video_is_told_with_its_charge_and_the_answers_words(self) -> None:
        found = answer(200, {"message": "filtered"}, x_fal_billable_units="1", x_fal_request_id="req-1")
        seen = looked(COMPLETED, found)
        assert (seen.job, seen.word, seen.clip) == (JOB, "COMPLETED", None)
        assert seen.charge == Charge(Decimal(1), "unit", "x-fal-billable-units")
        assert seen.error is not None
        assert seen.error.words == errors.VendorWords(None, "filtered", "req-1", 200)
        assert str(seen.error).startswith("fal completed the job without a video")

    @pytest.mark.parametrize(
        "body", [{}, {"video": None}, {"video": {}}, {"video": {"url": ""}}, {"video": {"url": "file:///etc/passwd"}}]
    )
    def test_completed_without_a_video_is_a_failure_of_its_own(self, body: object) -> None:
        seen = looked(COMPLETED, answer(200, body))
        assert seen.state is State.FAILED
        assert isinstance(seen.error, errors.EmptyResult)

    def test_a_video_of_another_shape_is_nonsense(self) -> None:
        with pytest.raises(errors.ProtocolError):
            looked(COMPLETED, answer(200, {"video": FILM}))

    def test_the_types_that_are_known_are_those_of_fals_pages(self) -> None:
        assert {kind for kind, _ in DOCUMENTED} | {"concurrent_requests_limit"} == set(BY_TYPE)

    @pytest.mark.parametrize(("kind", "expected"), DOCUMENTED)
    def test_each_documented_type_ends_the_job_with_its_error(self, kind: str, expected: type[OmniflashError]) -> None:
        for body in (model_error(kind), {"detail": "in words", "error_type": kind}):
            seen = looked(COMPLETED, answer(500, body))
            assert type(seen.error) is expected
            assert seen.error.words is not None
            assert seen.error.words.code == kind
            assert (seen.job, seen.word) == (JOB, "COMPLETED")
            assert seen.state is (State.CANCELLED if expected is errors.JobCancelled else State.FAILED)

    @pytest.mark.parametrize(
        "kind", ["missing", "value_error.missing", "image_too_small", "greater_than_equal", "brand_new"]
    )
    def test_a_422_of_any_other_type_says_that_the_request_does_not_fit(self, kind: str) -> None:
        seen = looked(COMPLETED, answer(422, model_error(kind, "field required"), x_fal_request_id="req-1"))
        assert type(seen.error) is errors.InvalidRequest
        assert seen.error.words == errors.VendorWords(kind, "body.prompt: field required", "req-1", 422)

    def test_every_problem_of_a_422_is_told(self) -> None:
        body = {
            "detail": model_error("missing", "first")["detail"]
            + model_error("missing", "second", ("body", "x"))["detail"]
        }  # type: ignore[operator]
        seen = looked(COMPLETED, answer(422, body))
        assert "body.prompt: first; body.x: second" in str(seen.error)

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ("Request blocked due to safety violations (harmful content).", errors.ContentRejected),
            ("it violated Google's Generative AI Prohibited Use policy", errors.ContentRejected),
            ("not available for users in the European Economic Area (EEA), Switzerland", errors.RegionRestricted),
        ],
    )
    def test_the_models_own_sentences_are_known(self, message: str, expected: type[OmniflashError]) -> None:
        seen = looked(COMPLETED, answer(422, model_error("unknown_type", message)))
        assert type(seen.error) is expected

    @pytest.mark.parametrize(
        "early",
        [
            answer(504),
            answer(502, b"<html>nginx</html>"),
            answer(400, {"detail": "Request is still in progress"}),
            answer(429),
        ],
    )
    def test_a_passing_fault_of_the_result_is_no_failed_generation(self, early: object) -> None:
        seen = looked(COMPLETED, early, early, answer(200, {"video": {"url": FILM}}))
        assert seen.state is State.SUCCEEDED

    def test_a_typed_gateway_error_of_the_result_call_passes_unless_the_status_told_of_it(self) -> None:
        timed_out = answer(504, {"detail": "Request timed out", "error_type": "request_timeout"})
        video = answer(200, {"video": {"url": FILM}})
        assert looked(COMPLETED, timed_out, video).state is State.SUCCEEDED
        told = {"status": "COMPLETED", "logs": None, "error": "Request timed out", "error_type": "request_timeout"}
        assert looked(answer(200, told), timed_out, video).state is State.FAILED
        assert looked(COMPLETED, timed_out).state is State.FAILED  # asked six times, it stays with that

    def test_a_typed_gateway_error_that_there_is_no_time_to_ask_about_again_is_not_the_jobs_end(self) -> None:
        timed_out = answer(504, {"detail": "Request timed out", "error_type": "request_timeout"}, retry_after="900")
        with pytest.raises(errors.ProviderUnavailable, match=r"no time to ask again.*504") as caught:
            looked(COMPLETED, timed_out)
        assert caught.value.words == errors.VendorWords("request_timeout", "Request timed out", None, 504)

    @pytest.mark.parametrize(
        ("response", "money"),
        [
            (answer(500, model_error("internal_server_error")), Money.NO),
            (answer(422, model_error("content_policy_violation"), x_fal_billable_units="0"), Money.NO),
            (answer(422, model_error("content_policy_violation"), x_fal_billable_units="1"), Money.MAYBE),
            (answer(422, model_error("content_policy_violation")), Money.MAYBE),
        ],
    )
    def test_what_may_have_been_billed_is_told(self, response: object, money: Money) -> None:
        seen = looked(COMPLETED, response)
        assert seen.error is not None
        assert seen.error.money is money


class TestReading:
    """What each answer means for sending the call again, and the words that are kept of it."""

    @pytest.mark.parametrize(
        ("status", "body", "outcome"),
        [
            (499, {"detail": "?", "error_type": "internal_error"}, Outcome.FINAL),
            (500, {"detail": "?", "error_type": "internal_error"}, Outcome.UNCLEAR),
            (500, model_error("internal_server_error"), Outcome.FINAL),
            (500, model_error("brand_new"), Outcome.UNCLEAR),
            (404, {"detail": "not found"}, Outcome.UNCLEAR),
            (422, model_error("brand_new"), Outcome.FINAL),
            (422, {"detail": []}, Outcome.UNCLEAR),
            (429, {"detail": "too fast"}, Outcome.REFUSED),
            (400, {"detail": "Request is still in progress"}, Outcome.REFUSED),
        ],
    )
    def test_a_result_is_asked_for_again_unless_its_answer_is_the_jobs_end(
        self, status: int, body: object, outcome: Outcome
    ) -> None:
        reading = ADAPTER.read(Call("result", "GET", "queue:/"), answer(status, body))
        assert reading.outcome is outcome
        assert str(reading.error).startswith(f"fal answered 'result' with HTTP {status}")

    def test_a_result_that_is_asked_for_too_early_is_not_there_yet(self) -> None:
        body = {"detail": "Request is still in progress"}
        error = read("result", answer(400, body, x_fal_request_id="req-1"))
        assert type(error) is errors.ProviderUnavailable
        assert error.words == errors.VendorWords(None, "Request is still in progress", "req-1", 400)

    def test_a_gateways_page_keeps_what_is_known_of_the_request(self) -> None:
        error = read("result", answer(502, b"<html>", x_fal_request_id="req-1"))
        assert error.words == errors.VendorWords(None, None, "req-1", 502)

    def test_a_5xx_of_any_other_call_says_nothing_of_a_job(self) -> None:
        for broken in (500, 501, 599):
            error = read("submit", answer(broken, model_error("content_policy_violation")))
            assert type(error) is errors.ProviderUnavailable
        assert type(read("submit", answer(499, model_error("content_policy_violation")))) is errors.ContentRejected

    def test_a_success_that_is_no_json_is_unclear_and_shown(self) -> None:
        page = answer(200, b"<html>", x_fal_request_id="req-1")
        reading = ADAPTER.read(Call("submit", "POST", "queue:/"), page)
        assert reading.outcome is Outcome.UNCLEAR
        assert isinstance(reading.error, errors.ProtocolError)
        assert str(reading.error).startswith("fal answered 'submit' with something that is no JSON")
        assert reading.error.exchange == "POST queue:/\n200 no content type\n<html>"
        assert reading.error.words == errors.VendorWords(None, None, "req-1", 200)

    def test_the_store_behind_an_upload_says_all_by_its_status(self) -> None:
        stored = ADAPTER.read(Call("upload", "PUT", "https://store.example/"), answer(200, b"<ok/>"))
        assert (stored.outcome, stored.error) == (Outcome.FINE, None)
        reading = ADAPTER.read(Call("upload", "PUT", "https://store.example/"), answer(403, {"detail": "expired"}))
        assert reading.outcome is Outcome.FINAL
        assert type(reading.error) is errors.ProviderUnavailable
        assert str(reading.error).startswith("fal answered 'upload' with HTTP 403")
        assert reading.error.words == errors.VendorWords(None, "expired", None, 403)

    @pytest.mark.parametrize("call", ["submit", "result"])
    @pytest.mark.parametrize(
        ("told", "again"), [("1", True), ("true", True), ("TRUE", True), ("yes", True), ("0", False), ("no", False)]
    )
    def test_fals_hint_says_if_trying_again_helps(self, call: str, told: str, again: bool) -> None:
        for header in ("x_fal_needs_retry", "x_fal_retryable"):
            response = answer(422, model_error("generation_timeout"), **{header: told})
            assert read(call, response).retry_helps is again
        both = answer(422, {}, x_fal_needs_retry=told, x_fal_retryable="no" if again else "yes")
        assert read("submit", both).retry_helps is again

    @pytest.mark.parametrize(
        ("body", "code", "message"),
        [
            ({}, None, None),
            ([], None, None),
            ({"detail": "no"}, None, "no"),
            ({"detail": "no", "error_type": "t", "message": "m", "error": "e"}, "t", "no"),
            ({"error_type": "t", "status": "S", "message": "m", "error": "e"}, "t", "m"),
            ({"status": "NOT_FOUND", "error": "e"}, "NOT_FOUND", "e"),
            ({"status": 404}, "404", None),
            ({"error": {"type": "t", "message": "m"}, "message": "x"}, "t", "m"),
            ({"error": {}}, None, None),
            ({"detail": []}, None, None),
            ({"detail": [5, {"msg": "m"}]}, None, "m"),
            (
                {"detail": [{"msg": "m", "loc": "body"}, {"type": "t", "msg": "n", "loc": ["body", 0]}]},
                "t",
                "m; body.0: n",
            ),
        ],
    )
    def test_its_words_are_found_in_each_shape(self, body: object, code: str | None, message: str | None) -> None:
        assert read("submit", answer(400, body)).words == errors.VendorWords(code, message, None, 400)


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "expected"),
        [
            (401, {"detail": "No user found for Key ID and Secret"}, errors.AuthenticationFailed),
            (
                403,
                {"detail": "User is locked. Reason: Exhausted balance. Top up your balance"},
                errors.InsufficientCredits,
            ),
            (403, {"detail": "User is locked. Reason: User budget is exceeded."}, errors.InsufficientCredits),
            (403, {"detail": "User is locked. Reason: Please add a payment method"}, errors.InsufficientCredits),
            (403, {"detail": "User is locked. Reason: Admin lock."}, errors.AuthenticationFailed),
            (404, {"status": "NOT_FOUND"}, errors.NotFound),
            (404, {"error": "Error", "message": "Path /quality not found"}, errors.NotFound),
            (429, {"detail": "too many", "error_type": "concurrent_requests_limit"}, errors.RateLimited),
            (429, {"error": {"type": "rate_limited", "message": "Rate limit exceeded"}}, errors.RateLimited),
            (503, b"<html>", errors.ProviderUnavailable),
            (418, {}, errors.ProtocolError),
        ],
    )
    def test_each_documented_shape(self, status: int, body: object, expected: type[OmniflashError]) -> None:
        error = read("submit", answer(status, body))
        assert type(error) is expected
        assert str(error).startswith(f"fal answered 'submit' with HTTP {status}")
        assert error.words is not None
        assert error.words.status == status

    @pytest.mark.parametrize(
        ("headers", "again"),
        [
            ({"x_fal_needs_retry": "1"}, True),
            ({"x_fal_retryable": "false"}, False),
            ({"x_fal_needs_retry": "0"}, False),
            ({}, True),
        ],
    )
    def test_both_names_of_the_retry_header_are_read(self, headers: dict[str, str], again: bool) -> None:
        assert read("submit", answer(503, {}, **headers)).retry_helps is again

    @given(st.integers(500, 599), st.binary(max_size=50))
    def test_no_5xx_on_submit_says_that_nothing_was_created(self, status: int, body: bytes) -> None:
        assert ADAPTER.read(Call("submit", "POST", "queue:/"), answer(status, body)).outcome is Outcome.UNCLEAR

    @given(
        st.integers(200, 599),
        st.recursive(
            st.none() | st.text() | st.integers() | st.booleans(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["detail", "error", "type", "msg", "loc", "status", "error_type", "message"]), inner
                )
            ),
        ),
    )
    def test_whatever_comes_is_read_into_the_taxonomy(self, status: int, body: object) -> None:
        for name in ("submit", "status", "result", "cancel"):
            reading = ADAPTER.read(Call(name, "GET", "queue:/"), answer(status, body))
            assert (reading.error is None) is (reading.outcome is Outcome.FINE)


class TestCancel:
    def asked(self, response: object) -> object:
        return Stage(in_turn(response)).run(cancel(ACCOUNT, JOB))

    @pytest.mark.parametrize(
        ("response", "result", "may_bill"),
        [
            (answer(200, {"status": "OK"}), Cancelled.CANCELLED, False),
            (answer(202, {"status": "CANCELLATION_REQUESTED"}), Cancelled.REQUESTED, True),
            (answer(200, {"success": True}), Cancelled.REQUESTED, True),
            (answer(400, {"status": "ALREADY_COMPLETED"}), Cancelled.TOO_LATE, True),
        ],
    )
    def test_each_answer(self, response: object, result: Cancelled, may_bill: bool) -> None:
        told = self.asked(response)
        assert (told.result, told.may_bill) == (result, may_bill)  # type: ignore[attr-defined]

    def test_an_unknown_job_is_not_found(self) -> None:
        with pytest.raises(errors.NotFound):
            self.asked(answer(404, {"status": "NOT_FOUND"}))


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        (Options(), {}),
        (Options(store_io=False, priority="low"), {"X-Fal-Store-IO": "0", "X-Fal-Queue-Priority": "low"}),
        (Options(store_io=True, start_timeout_s=30.0), {"X-Fal-Store-IO": "1", "X-Fal-Request-Timeout": "30.0"}),
        (Options(no_retry=True, no_fallback=True), {"X-Fal-No-Retry": "1", "x-app-fal-disable-fallback": "true"}),
        (Options(no_retry=False, no_fallback=False), {"X-Fal-No-Retry": "0", "x-app-fal-disable-fallback": "false"}),
    ],
)
def test_options_are_headers_and_only_those_that_are_set(options: Options, headers: dict[str, str]) -> None:
    assert options.headers() == headers


@pytest.mark.parametrize("status", [400, 413, 431])
def test_a_gateways_page_is_no_end_of_a_job(status: int) -> None:
    page = answer(status, b"<html>nginx</html>", content_type="text/html")
    assert looked(COMPLETED, page, page, answer(200, {"video": {"url": FILM}})).state is State.SUCCEEDED
    with pytest.raises(errors.ProviderUnavailable):
        looked(COMPLETED, page)
