"""Faults of the job: it is accepted, and ends without the clip that was asked for."""

from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.fal_failures import FAILURES
from omniflash_sandbox.messages import JSON
from tests.sandbox.clients import APP, PIXELDOJO_BODIES, Fal, PixelDojo, keeps

SHAPES = pytest.mark.parametrize("shape", ["absent", "null", "empty"])
FAL_SHAPES: dict[str, JSON] = {"absent": {}, "null": {"video": None}, "empty": {"video": {"url": ""}}}
PIXELDOJO_SHAPES: dict[str, JSON] = {"absent": None, "null": {"video": None}, "empty": {}}


@SHAPES
def test_a_fal_request_may_complete_without_a_video_and_assumed_without_a_charge(
    sandbox: Sandbox, fal: Fal, shape: str
) -> None:
    sandbox.arm("no-video", shape=shape)
    request_id = fal.finished()
    assert fal.status(request_id).json()["status"] == "COMPLETED"
    answer = fal.result(request_id)
    assert (answer.status_code, answer.json()) == (200, FAL_SHAPES[shape])
    assert answer.headers["x-fal-billable-units"] == "0"
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


@SHAPES
def test_a_pixeldojo_job_may_complete_without_a_video_and_is_charged(
    sandbox: Sandbox, pixeldojo: PixelDojo, shape: str
) -> None:
    sandbox.arm("no-video", shape=shape)
    job = pixeldojo.status(pixeldojo.finished()).json()
    assert job["status"] == "completed"
    assert job.get("output") == PIXELDOJO_SHAPES[shape]
    assert "outputs" not in job
    assert [line["state"] for line in sandbox.charges()] == ["billed"]


def test_fal_may_refuse_an_edit_for_the_region_in_an_assumed_form(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("region")
    result = fal.result(fal.finished(endpoint=f"{APP}/edit"))
    (complaint,) = result.json()["detail"]
    assert result.status_code == 422
    assert keeps("fal-model-error", result.json())
    assert (complaint["loc"], complaint["type"]) == (["body", "video_url"], "feature_not_supported")
    assert "European Economic Area (EEA), Switzerland, and the United Kingdom" in complaint["msg"]


def test_pixeldojo_may_refuse_an_edit_for_the_region_in_an_assumed_form(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("region")
    job = pixeldojo.status(pixeldojo.finished(PIXELDOJO_BODIES["edit"])).json()
    assert keeps("pixeldojo-job", job)
    assert job["status"] == "failed"
    assert "European Economic Area (EEA), Switzerland, and the United Kingdom" in job["error"]
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


def test_a_region_is_no_matter_for_what_is_no_edit_of_an_uploaded_video(
    sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo
) -> None:
    first = pixeldojo.video_id(pixeldojo.finished())
    sandbox.arm("region", times=None)
    assert fal.result(fal.finished()).is_success
    refined = pixeldojo.finished({"prompt": "Make it night", "video_id": first})
    assert pixeldojo.status(refined).json()["status"] == "completed"


def test_fal_may_reject_a_prompt(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("content-rejected")
    result = fal.result(fal.finished())
    (complaint,) = result.json()["detail"]
    assert result.status_code == 422
    assert keeps("fal-model-error", result.json())
    assert (complaint["loc"], complaint["type"]) == (["body", "prompt"], "content_policy_violation")
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


def test_pixeldojo_may_reject_a_prompt_in_an_assumed_form(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("content-rejected")
    job = pixeldojo.status(pixeldojo.finished()).json()
    assert keeps("pixeldojo-job", job)
    assert job["status"] == "failed"
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


def test_a_job_that_is_not_accepted_leaves_its_ending_for_the_next(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("no-video")
    assert pixeldojo.submit({"prompt": "A cat", "duration": 99}).status_code == 400
    assert "output" not in pixeldojo.status(pixeldojo.finished()).json()


def test_a_clip_that_never_was_is_not_served(sandbox: Sandbox, fal: Fal) -> None:
    url = fal.video_url(fal.finished())
    sandbox.arm("no-video")
    never = fal.finished()
    assert httpx.get(f"{url.rpartition('/')[0]}/{never}.mp4").status_code == 404


@pytest.mark.parametrize("error_type", FAILURES)
def test_a_fal_request_may_fail_with_an_error_of_its_type_and_cost_nothing(
    sandbox: Sandbox, fal: Fal, error_type: str
) -> None:
    sandbox.arm("job-failed", error_type=error_type)
    request_id = fal.finished()
    failure, status, result = FAILURES[error_type], fal.status(request_id), fal.result(request_id)
    assert keeps("fal-status", status.json())
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")
    assert (status.json()["error"], status.json()["error_type"]) == (failure.message, error_type)
    assert result.status_code == failure.status
    assert keeps("fal-model-error" if failure.by_model else "fal-request-error", result.json())
    assert error_type in result.text
    assert result.headers["x-fal-billable-units"] == "0"
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({}, "0"),
        ({"needs_retry": True}, "1"),
        ({"error_type": "generation_timeout", "needs_retry": True}, "1"),
        ({"error_type": "no_media_generated", "needs_retry": True}, None),
    ],
)
def test_fals_hint_to_retry_comes_with_5xx_alone(
    sandbox: Sandbox, fal: Fal, options: dict[str, Any], hint: str | None
) -> None:
    sandbox.arm("job-failed", **options)
    assert fal.result(fal.finished()).headers.get("x-fal-needs-retry") == hint


def test_a_pixeldojo_job_may_fail_with_an_object_in_place_of_a_text(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("job-failed")
    job = pixeldojo.status(pixeldojo.finished()).json()
    assert keeps("pixeldojo-job", job)
    assert (job["status"], job["error"]) == ("failed", {"code": "internal_error", "message": "Server error"})
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]
