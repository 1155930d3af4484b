"""The vendors' own lists, in which a lost order is looked for: what is asked, what is read, what is not believed."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from omniflash import errors
from omniflash.accounts import Account
from omniflash.adapter import Adapter, Listed, Lost
from omniflash.effects import Call, Response
from omniflash.flows.attempt import TRIES, Attempt
from omniflash.spec import Mode
from omniflash_fal import ADAPTER as FAL
from omniflash_pixeldojo import ADAPTER as PIXELDOJO
from omniflash_sandbox import contracts
from tests.stage import DAY, Stage, answer, in_turn

LOST = Lost("google/gemini-omni-flash", Mode.TEXT_TO_VIDEO, DAY, DAY + timedelta(minutes=3))
AT = "2026-11-20T12:00:00.500Z"
SENT = {"prompt": "A cat", "duration": 3}
WHEN = datetime.fromisoformat(AT)


def found(adapter: Adapter, *answers: object) -> tuple[tuple[Listed, ...], Stage]:
    stage = Stage(in_turn(*answers))
    at = Account(adapter.name, adapter, "id:secret-half", adapter.hosts)
    return stage.run(Attempt(at, 60.0).run(adapter.find(LOST))), stage


def item(handle: str = "r1", **more: Any) -> dict[str, Any]:
    about = {"request_id": handle, "endpoint_id": LOST.endpoint, "started_at": AT, "sent_at": AT}
    return {**about, "json_input": SENT, **more}


def page(*items: object, cursor: str | None = None) -> Response:
    body = {"items": list(items), "next_cursor": cursor, "has_more": cursor is not None}
    return answer(200, body)


class TestFal:
    def test_the_answers_here_are_of_the_shape_that_fal_describes(self) -> None:
        whole = item("764cabcf-b745-4b3e-ae38-1200304cf45b")
        for told in (page(), page(whole), page(whole, cursor="Mg==")):
            assert contracts.violations("fal-requests", json.loads(told.body)) == []

    def test_it_is_asked_for_the_endpoint_the_time_and_the_payloads(self) -> None:
        listed, stage = found(FAL, page(item()))
        assert listed == (Listed("r1", WHEN, SENT),)
        (asked,) = stage.of(Call)
        assert (asked.method, asked.url, asked.keyed) == ("GET", "api:/v1/models/requests/by-endpoint", True)
        assert asked.query == {
            "endpoint_id": LOST.endpoint,
            "start": "2026-11-20T12:00:00+00:00",
            "end": "2026-11-20T12:03:00+00:00",
            "expand": "payloads",
            "limit": "100",  # fal's own limit
        }

    def test_every_page_is_read(self) -> None:
        listed, stage = found(FAL, page(item("r1"), cursor="Mg=="), page(item("r2"), cursor="Mw=="), page(item("r3")))
        assert [one.handle for one in listed] == ["r1", "r2", "r3"]
        assert [asked.query.get("cursor") for asked in stage.of(Call)] == [None, "Mg==", "Mw=="]

    def test_a_list_without_an_end_is_given_up(self) -> None:
        """Part of a list would do worse than none: a second match may stand in the rest."""
        with pytest.raises(errors.ProviderUnavailable, match="too long to be read whole; look at fal's dashboard"):
            found(FAL, page(item(), cursor="Mg=="))
        stage = Stage(in_turn(page(item(), cursor="Mg==")))
        with pytest.raises(errors.ProviderUnavailable):
            stage.run(FAL.find(LOST))
        assert len(stage.calls) == 20

    @pytest.mark.parametrize(
        ("shown", "listed"),
        [
            (item(sent_at="yesterday"), Listed("r1", None, SENT)),
            (item(sent_at=5), Listed("r1", None, SENT)),
            (item(json_input=[1]), Listed("r1", WHEN, None)),
            ({"request_id": "r1"}, Listed("r1", None, None)),
            ({"request_id": None}, Listed("", None, None)),
        ],
    )
    def test_what_cannot_be_read_is_left_open(self, shown: Any, listed: Listed) -> None:
        assert found(FAL, answer(200, {"items": [shown]}))[0] == (listed,)

    def test_what_is_no_request_at_all_is_left_out(self) -> None:
        assert found(FAL, page(5, None, "x", [], item()))[0] == (Listed("r1", WHEN, SENT),)

    @pytest.mark.parametrize("body", [{}, {"items": None}, {"items": {}}, []])
    def test_an_answer_without_a_list_is_nonsense(self, body: object) -> None:
        with pytest.raises(
            errors.ProtocolError, match=r"^fal answered 'list' with(out a usable 'items'| no JSON)"
        ) as caught:
            found(FAL, answer(200, body))
        assert "api:/v1/models/requests/by-endpoint" in caught.value.exchange

    @pytest.mark.parametrize(
        ("status", "kind", "raised", "asked"),
        [
            (400, "validation_error", errors.InvalidRequest, 1),
            (401, "authorization_error", errors.AuthenticationFailed, 1),
            (403, "authorization_error", errors.AuthenticationFailed, 1),
            (404, "not_found", errors.NotFound, 1),
            (429, "rate_limited", errors.RateLimited, TRIES),
            (500, "server_error", errors.ProviderUnavailable, TRIES),
            (503, "server_error", errors.ProviderUnavailable, TRIES),
        ],
    )
    def test_errors_of_the_platform_are_in_the_taxonomy_with_its_words(
        self, status: int, kind: str, raised: type[errors.OmniflashError], asked: int
    ) -> None:
        body = {"error": {"type": kind, "message": "Rate limit exceeded"}}
        assert contracts.violations("fal-platform-error", body) == []
        stage = Stage(in_turn(answer(status, body)))
        with pytest.raises(raised) as caught:
            stage.run(Attempt(Account("fal", FAL, "id:secret-half", FAL.hosts), 60.0).run(FAL.find(LOST)))
        assert type(caught.value) is raised
        assert caught.value.words is not None
        assert (caught.value.words.code, caught.value.words.status) == (kind, status)
        assert len(stage.calls) == asked


class TestPixelDojo:
    """All of it an assumption, as the adapter and the sandbox's contract say."""

    def job(self, **more: Any) -> dict[str, Any]:
        about = {"jobId": "job_1", "status": "pending", "model": "google-gemini-omni-flash", "createdAt": AT}
        return {**about, "input": SENT, **more}

    def found(self, *jobs: object) -> tuple[Listed, ...]:
        lost = LOST.__class__("google-gemini-omni-flash", LOST.mode, LOST.begin, LOST.end)
        stage = Stage(in_turn(answer(200, {"jobs": list(jobs)})))
        listed: tuple[Listed, ...] = stage.run(PIXELDOJO.find(lost))
        (asked,) = stage.of(Call)
        assert (asked.method, asked.url, asked.query) == ("GET", "api:/jobs", {})
        return listed

    def test_a_job_of_the_list(self) -> None:
        assert contracts.violations("pixeldojo-jobs", {"jobs": [self.job()]}) == []
        assert self.found(self.job()) == (Listed("job_1", WHEN, SENT),)

    def test_another_models_jobs_are_left_out(self) -> None:
        assert self.found(self.job(model="flux"), 5, None) == ()

    @pytest.mark.parametrize("wrong", [{"createdAt": None}, {"createdAt": "x"}, {"input": "A cat"}, {"input": None}])
    def test_what_cannot_be_read_is_left_open(self, wrong: dict[str, Any]) -> None:
        (listed,) = self.found(self.job(**wrong))
        assert None in (listed.at, listed.sent)

    @pytest.mark.parametrize("body", [{}, {"jobs": None}, []])
    def test_an_answer_without_a_list_is_nonsense(self, body: object) -> None:
        lacks = r"^pixeldojo answered 'list' with(out a usable 'jobs'| no JSON)"
        with pytest.raises(errors.ProtocolError, match=lacks):
            Stage(in_turn(answer(200, body))).run(PIXELDOJO.find(LOST))

    def test_its_adapter_says_that_the_list_is_a_guess(self) -> None:
        assert PIXELDOJO.features.find_assumed
        assert not FAL.features.find_assumed
