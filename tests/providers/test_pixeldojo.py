"""PixelDojo's answers, in every shape that a source shows or hints at (ERR-KIND, JOB-STATES, JOB-EMPTY, RES-VIDEO)."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import errors
from omniflash.accounts import Account
from omniflash.adapter import Outcome
from omniflash.effects import Call
from omniflash.errors import OmniflashError, VendorWords
from omniflash.flows.wait import cancel, status
from omniflash.jobs import Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.spec import Mode
from omniflash_pixeldojo import ADAPTER
from omniflash_pixeldojo.adapter import STATES
from tests.stage import Stage, answer, in_turn

ACCOUNT = Account("pixeldojo", ADAPTER, "pd_secret-key", ADAPTER.hosts)
JOB = Job("pixeldojo", "1.0", Mode.REFINE, "job_abc123", "order-1")
FILM = "https://temp.pixeldojo.ai/pixeldojotemp/1705930123-456789.mp4"


def looked(body: object, status_code: int = 200) -> Status:
    return Stage(in_turn(answer(status_code, body))).run(status(ACCOUNT, JOB, until=100.0))


def completed(**more: object) -> Status:
    return looked({"jobId": "job_abc123", "status": "completed", **more})


class TestOutput:
    @pytest.mark.parametrize(
        "more",
        [
            {"output": {"video": FILM}},
            {"output": {"video": {"url": FILM}}},
            {"outputs": {"video": FILM}},
            {"output": {"videos": [FILM]}},
            {"outputs": {"videos": [{"url": FILM}]}},
            {"assets": [{"url": FILM}]},
            {"assets": [{"type": "image", "url": "https://e.com/a.png"}, {"type": "video/mp4", "url": FILM}]},
            {"output": {"video": None}, "assets": [{"url": FILM}]},
        ],
    )
    def test_every_place_that_a_source_names_is_read(self, more: dict[str, object]) -> None:
        seen = completed(**more)
        assert seen.state is State.SUCCEEDED
        assert seen.clip is not None
        assert seen.clip.url == FILM

    @pytest.mark.parametrize(
        "more",
        [
            {"outputs": {"videoId": "vid_1"}, "output": {"video": FILM}},
            {"output": {"video": FILM, "videoId": "vid_1"}},
            {"outputs": {"video": FILM, "video_id": "vid_1"}},
        ],
    )
    def test_the_handle_for_refining_is_found(self, more: dict[str, object]) -> None:
        clip = completed(**more).clip
        assert clip is not None
        assert clip.handle == "vid_1"

    def test_of_several_places_the_model_pages_own_comes_first(self) -> None:
        others = [f"https://e.com/{n}.mp4" for n in range(4)]
        output, outputs = {"video": FILM, "videos": [others[1]]}, {"video": others[0], "videos": [others[2]]}
        told: dict[str, object] = {"output": output, "outputs": outputs, "assets": [{"url": others[3]}]}
        for url, place, name in (
            (FILM, output, "video"),
            (others[0], outputs, "video"),
            (others[1], output, "videos"),
            (others[2], outputs, "videos"),
            (others[3], told, "assets"),
        ):
            clip = completed(**told).clip
            assert clip is not None
            assert clip.url == url
            del place[name]

    def test_of_several_handles_the_described_one_comes_first(self) -> None:
        outputs, output = {"videoId": "1", "video_id": "3"}, {"videoId": "2", "video_id": "4", "video": FILM}
        for handle, place, name in (
            ("1", outputs, "videoId"),
            ("2", output, "videoId"),
            ("3", outputs, "video_id"),
            ("4", output, "video_id"),
        ):
            clip = completed(output=output, outputs=outputs).clip
            assert clip is not None
            assert clip.handle == handle
            del place[name]

    @pytest.mark.parametrize("handle", [None, "", 5, {"url": "x"}])
    def test_a_clip_without_a_handle_is_still_a_clip(self, handle: object) -> None:
        seen = completed(output={"video": FILM}, outputs={"videoId": handle})
        assert seen.state is State.SUCCEEDED
        assert seen.clip is not None
        assert seen.clip.handle is None

    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"output": None},
            {"output": {}},
            {"output": {"video": ""}},
            {"output": []},
            {"assets": []},
            {"assets": [5]},
            {"output": {"video": "javascript:1"}},
            {"output": {"videos": []}},
            {"output": {"video": 5}},
            {"output": {"videos": [[FILM]]}},
        ],
    )
    def test_completed_without_a_video_is_a_failure_of_its_own(self, more: dict[str, object]) -> None:
        seen = completed(**more)
        assert seen.state is State.FAILED
        assert isinstance(seen.error, errors.EmptyResult)

    @pytest.mark.parametrize(
        ("told", "when"),
        [
            ("2025-01-23T12:00:00Z", datetime(2025, 1, 23, 12, tzinfo=UTC)),
            ("soon", None),
            ("2025-01-23T12:00:00", None),
            (None, None),
        ],
    )
    def test_an_expiry_is_told_where_there_is_one(self, told: object, when: datetime | None) -> None:
        clip = completed(output={"video": FILM}, expiresAt=told).clip
        assert clip is not None
        assert clip.expires_at == when

    @pytest.mark.parametrize(
        ("cost", "charge"),
        [
            (16, Decimal(16)),
            (1.5, Decimal("1.5")),
            ("16", Decimal(16)),
            ({"default": 1}, None),
            (True, None),
            (None, None),
            ("nan", None),
        ],
    )
    def test_the_charge_is_what_the_vendor_says(self, cost: object, charge: Decimal | None) -> None:
        seen = completed(output={"video": FILM}, creditCost=cost)
        assert seen.charge == (None if charge is None else Charge(charge, "credit", "creditCost"))


def test_a_finished_job_is_told_whole() -> None:
    """Whose it is, the vendor's word, the clip with what refining needs, and what it cost."""
    about = {"output": {"video": FILM}, "outputs": {"videoId": "vid_1"}, "creditCost": 16}
    job = evolve(JOB, account="work")
    body = {"status": "completed", "expiresAt": "2025-01-23T12:00:00Z", **about}
    seen = Stage(in_turn(answer(200, body))).run(ADAPTER.status(job))
    when = datetime(2025, 1, 23, 12, tzinfo=UTC)
    clip = Clip(FILM, "pixeldojo", expires_at=when, handle="vid_1", account="work", job=job.token)
    charge = Charge(Decimal(16), "credit", "creditCost")
    assert seen == Status(job, State.SUCCEEDED, "completed", clip=clip, charge=charge)


def test_a_job_without_a_video_is_told_with_its_charge_and_the_answers_words() -> None:
    body = {"status": "completed", "creditCost": 16, "message": "filtered"}
    seen = Stage(in_turn(answer(200, body, x_request_id="req-1"))).run(ADAPTER.status(JOB))
    assert (seen.job, seen.word, seen.charge) == (JOB, "completed", Charge(Decimal(16), "credit", "creditCost"))
    assert seen.error is not None
    assert seen.error.words == VendorWords(None, "filtered", "req-1", 200)
    assert str(seen.error).startswith("PixelDojo completed the job without a video")


class TestStatus:
    @pytest.mark.parametrize(("word", "state"), [pair for pair in STATES.items() if pair[0] != "completed"])
    def test_each_word_is_a_state(self, word: str, state: State) -> None:
        seen = looked({"status": word})
        assert (seen.job, seen.state, seen.word, seen.known) == (JOB, state, word, True)
        assert (seen.error is None) is (state is not State.FAILED)

    @given(st.text(min_size=1).filter(lambda word: word not in STATES))
    def test_an_unknown_word_counts_as_running(self, word: str) -> None:
        seen = looked({"status": word})
        assert (seen.state, seen.known) == (State.RUNNING, False)

    def test_the_words_that_are_known(self) -> None:
        """`pending`, `completed` and `failed` stand on the model page, the others are assumed."""
        assert {state: [word for word in STATES if STATES[word] is state] for state in State} == {
            State.QUEUED: ["pending"],
            State.RUNNING: ["processing"],
            State.SUCCEEDED: ["completed"],
            State.FAILED: ["failed", "timeout", "expired"],
            State.CANCELLED: ["cancelled", "canceled"],
        }

    @pytest.mark.parametrize("body", [[], {}, {"status": 1}, {"jobId": "x"}])
    def test_an_answer_without_a_word_is_nonsense(self, body: object) -> None:
        with pytest.raises(errors.ProtocolError, match=r"^pixeldojo answered 'status' with"):
            looked(body)

    @pytest.mark.parametrize(
        ("error", "expected", "words"),
        [
            ("it broke", errors.GenerationFailed, VendorWords(None, "it broke")),
            ({"code": "x", "message": "it broke"}, errors.GenerationFailed, VendorWords("x", "it broke")),
            (None, errors.GenerationFailed, VendorWords()),
            ("Input blocked: Sorry", errors.ContentRejected, VendorWords(None, "Input blocked: Sorry")),
            (
                "not available in your region",
                errors.RegionRestricted,
                VendorWords(None, "not available in your region"),
            ),
        ],
    )
    def test_a_failed_job_keeps_the_vendors_words_and_may_have_been_billed(
        self, error: object, expected: type[OmniflashError], words: VendorWords
    ) -> None:
        seen = looked({"status": "failed", "error": error})
        assert type(seen.error) is expected
        assert seen.error.words == words
        assert seen.error.money is errors.Money.MAYBE, "only a third party says that failed jobs are refunded"
        assert str(seen.error).startswith("PixelDojo says that the job failed")


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            (400, "invalid_request", errors.InvalidRequest),
            (401, "unauthorized", errors.AuthenticationFailed),
            (402, "insufficient_credits", errors.InsufficientCredits),
            (403, "insufficient_credits", errors.InsufficientCredits),
            (404, "model_not_found", errors.NotFound),
            (404, "job_not_found", errors.NotFound),
            (429, "rate_limited", errors.RateLimited),
            (500, "internal_error", errors.ProviderUnavailable),
            (413, None, errors.InvalidRequest),
        ],
    )
    def test_each_documented_code_in_every_likely_envelope(
        self, status: int, code: str | None, expected: type[OmniflashError]
    ) -> None:
        for body in ({"error": {"code": code, "message": "no"}}, {"code": code, "message": "no"}):
            reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(status, body))
            assert type(reading.error) is expected
            assert reading.error.words == VendorWords(code, "no", None, status)
            assert str(reading.error).startswith(f"pixeldojo answered 'submit' with HTTP {status}")

    def test_what_the_model_itself_says_comes_before_the_code(self) -> None:
        body = {"error": {"code": "invalid_request", "message": "Input blocked: sorry"}}
        reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(400, body, x_request_id="req-1"))
        assert type(reading.error) is errors.ContentRejected
        assert reading.error.words == VendorWords("invalid_request", "Input blocked: sorry", "req-1", 400)

    def test_a_code_alone_is_enough_and_may_be_a_number(self) -> None:
        reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(400, {"error": {"code": 17}}))
        assert reading.error is not None
        assert reading.error.words == VendorWords("17", None, None, 400)

    def test_a_success_that_is_no_json_is_unclear_and_shown(self) -> None:
        reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(200, b"<html>", x_request_id="req-1"))
        assert reading.outcome is Outcome.UNCLEAR
        assert isinstance(reading.error, errors.ProtocolError)
        assert str(reading.error).startswith("pixeldojo answered 'submit' with something that is no JSON")
        assert reading.error.exchange == "POST api:/\n200 no content type\n<html>"
        assert reading.error.words == VendorWords(status=200)

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("unauthorized", errors.AuthenticationFailed),
            ("insufficient_credits", errors.InsufficientCredits),
            ("invalid_request", errors.InvalidRequest),
            ("model_not_found", errors.NotFound),
            ("rate_limited", errors.RateLimited),
            ("internal_error", errors.ProviderUnavailable),
        ],
    )
    def test_a_code_says_more_than_the_status(self, code: str, kind: type[OmniflashError]) -> None:
        reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(418, {"error": {"code": code}}))
        assert type(reading.error) is kind

    def test_an_error_may_be_a_text_or_no_json(self) -> None:
        for body, message in (({"error": "no"}, "no"), (b"<html>", None), ([], None)):
            reading = ADAPTER.read(Call("submit", "POST", "api:/"), answer(400, body))
            assert reading.error is not None
            assert reading.error.words == VendorWords(None, message, None, 400)

    @given(
        st.integers(200, 599),
        st.recursive(
            st.none() | st.text() | st.integers() | st.booleans(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "message", "status"]), inner)
            ),
        ),
    )
    def test_whatever_comes_is_read_into_the_taxonomy(self, status: int, body: object) -> None:
        reading = ADAPTER.read(Call("status", "GET", "api:/"), answer(status, body))
        assert (reading.error is None) is (reading.outcome is Outcome.FINE)


class TestWebhooks:
    """PixelDojo documents no payload and no signature: whatever comes proves nothing."""

    def heard(self, body: bytes) -> Event:
        event: Event = Stage().run(ADAPTER.event({}, body))
        return event

    @given(st.dictionaries(st.text(), st.integers()))
    def test_it_is_a_hint_to_look_at_the_job_that_it_names(self, more: dict[str, int]) -> None:
        body = json.dumps({**more, "jobId": "job_abc123", "status": "completed"}).encode()
        assert self.heard(body) == Event("pixeldojo", "job_abc123", verified=False)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"", "the body is no JSON: .+"),
            (b"<html>", "the body is no JSON: .+"),
            (b"[" * 100_000, "the body is no JSON: it is nested too deeply"),
            (b"[]", "the body names no job"),
            (b"null", "the body names no job"),
            (b"{}", "the body names no job"),
            (b'{"jobId": 5}', "the body names no job"),
            (b'{"jobId": ""}', "the body names no job"),
            (b'{"jobId": "../jobs"}', "the body names no job"),
        ],
    )
    def test_what_names_no_job_is_refused(self, body: bytes, told: str) -> None:
        with pytest.raises(errors.InvalidWebhook, match=f"^{told}"):
            self.heard(body)


def test_there_is_no_cancel_and_that_is_told_without_a_call() -> None:
    stage = Stage()
    told = stage.run(cancel(ACCOUNT, JOB))
    assert (told.result, told.may_bill) == (Cancelled.UNSUPPORTED, True)
    assert stage.calls == []
