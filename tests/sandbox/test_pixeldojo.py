"""PixelDojo's jobs, each answer held to its contract; what no page says is called assumed in the test's name."""

from collections.abc import Mapping
from itertools import pairwise

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.messages import JSON
from tests.sandbox.clients import IMAGE, LONG_ENOUGH_S, PIXELDOJO_BODIES, VIDEO, PixelDojo, keeps, path_of

MODES = pytest.mark.parametrize("mode", PIXELDOJO_BODIES)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal that keeps its contract."""
    assert keeps("pixeldojo-error", answer.json())
    return answer.status_code, answer.json()["error"]["code"]


@MODES
def test_a_submit_is_accepted_with_202_and_all_its_fields(pixeldojo: PixelDojo, mode: str) -> None:
    answer = pixeldojo.submit(PIXELDOJO_BODIES[mode])
    assert answer.status_code == 202
    assert keeps("pixeldojo-submitted", answer.json())
    assert path_of(answer.json()["statusUrl"]) == f"/pixeldojo/api/v1/jobs/{answer.json()['jobId']}"


@MODES
def test_a_job_is_pending_then_processing_then_completed(sandbox: Sandbox, pixeldojo: PixelDojo, mode: str) -> None:
    job_id = pixeldojo.request(PIXELDOJO_BODIES[mode])
    seen = []
    for _ in range(LONG_ENOUGH_S):
        answer = pixeldojo.status(job_id)
        assert keeps("pixeldojo-job", answer.json())
        seen.append((answer.status_code, answer.json()["status"]))
        sandbox.advance(1)
    in_order = [first for first, second in pairwise([*seen, None]) if first != second]
    assert in_order == [(200, "pending"), (200, "processing"), (200, "completed")]


@MODES
def test_the_ledger_knows_each_mode_by_the_fields_of_its_body(
    sandbox: Sandbox, pixeldojo: PixelDojo, mode: str
) -> None:
    pixeldojo.request(PIXELDOJO_BODIES[mode])
    assert [line["mode"] for line in sandbox.charges()] == [mode]


def test_a_completed_job_has_its_video_as_the_page_shows_and_assumed_an_id(pixeldojo: PixelDojo) -> None:
    job = pixeldojo.status(pixeldojo.finished()).json()
    assert httpx.get(job["output"]["video"]).headers["content-type"] == "video/mp4"
    assert isinstance(job["outputs"]["videoId"], str)
    assert job["creditCost"] == 16


OUTPUTS = {
    "page": {"output": {"video": "URL"}, "outputs": {"videoId": "ID"}},
    "outputs": {"outputs": {"video": "URL", "videoId": "ID"}},
    "assets": {"assets": [{"url": "URL"}], "outputs": {"videoId": "ID"}},
    "object": {"output": {"video": {"url": "URL"}}, "outputs": {"videoId": "ID"}},
    "no_video_id": {"output": {"video": "URL"}},
}


@pytest.mark.parametrize("shape", OUTPUTS)
def test_the_other_shapes_of_an_output_are_a_switch(sandbox: Sandbox, pixeldojo: PixelDojo, shape: str) -> None:
    job_id = pixeldojo.finished()
    named = {pixeldojo.video_url(job_id): "URL", pixeldojo.video_id(job_id): "ID"}
    sandbox.switch("pixeldojo.output", shape)
    job = pixeldojo.status(job_id).json()
    assert keeps("pixeldojo-job", job)
    assert (
        renamed({name: job[name] for name in job if name in ("output", "outputs", "assets")}, named) == OUTPUTS[shape]
    )


def renamed(value: JSON, names: Mapping[str, str]) -> JSON:
    match value:
        case dict():
            return {name: renamed(item, names) for name, item in value.items()}
        case list():
            return [renamed(item, names) for item in value]
        case _:
            return names[str(value)]


def test_an_expiry_is_told_only_when_switched_on(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    plain = pixeldojo.submit().json()
    sandbox.switch("pixeldojo.expires_at", "on")
    dated = pixeldojo.submit().json()
    assert "expiresAt" not in plain
    assert keeps("pixeldojo-submitted", dated)
    assert dated["expiresAt"].endswith("Z")


# --- refining -------------------------------------------------------------------------------------------------------


def test_a_finished_clip_can_be_refined_by_its_id(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    first = pixeldojo.video_id(pixeldojo.finished())
    again = pixeldojo.finished({"prompt": "Make it night", "video_id": first, "reference_images": [IMAGE] * 5})
    assert keeps("pixeldojo-job", pixeldojo.status(again).json())
    assert [line["mode"] for line in sandbox.charges()] == ["text_to_video", "refine"]
    assert pixeldojo.video_id(again) != first


def test_a_clip_that_is_not_finished_cannot_be_refined_yet(pixeldojo: PixelDojo) -> None:
    job_id = pixeldojo.request()
    answer = pixeldojo.submit({"prompt": "Make it night", "video_id": job_id.replace("job_", "vid_")})
    assert refused(answer) == (400, "invalid_request")


def test_an_id_that_names_no_clip_of_this_account_is_invalid(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    theirs = pixeldojo.video_id(pixeldojo.finished())
    stranger = PixelDojo(sandbox, key="pd_somebody_else")
    with stranger.http:
        for video_id in (theirs, "vid_0", "job_0", ""):
            answer = stranger.submit({"prompt": "Make it night", "video_id": video_id})
            assert refused(answer) == (400, "invalid_request")


# --- what is wrong with a request -----------------------------------------------------------------------------------

BAD_BODIES = [
    ({}, "prompt"),
    ({"prompt": 3}, "prompt"),
    ({"prompt": "A cat", "duration": 2}, "duration"),
    ({"prompt": "A cat", "duration": "8"}, "duration"),
    ({"prompt": "A cat", "aspect_ratio": "4:3"}, "aspect_ratio"),
    ({"prompt": "A cat", "output_format": "avi"}, "output_format"),
    ({"prompt": "A cat", "seed": 1.5}, "seed"),
    ({"prompt": "A cat", "image": "data:image/png;base64,AAAA"}, "image"),
    ({"prompt": "A cat", "image_url": IMAGE}, "image_url"),
    ({"prompt": "A cat", "reference_images": [IMAGE] * 8}, "reference_images"),
    ({"prompt": "A cat", "video": VIDEO, "reference_images": [IMAGE] * 6}, "reference_images"),
    ({"prompt": "A cat", "video_id": "vid_0", "reference_images": [IMAGE] * 6}, "reference_images"),
    ({"prompt": "A cat", "video_id": "vid_0", "image": IMAGE}, "image"),
    ({"prompt": "A cat", "video_id": "vid_0", "video": VIDEO}, "video"),
    ({"prompt": "A cat", "video_id": "vid_0", "duration": 8}, "duration"),
    (["A cat"], "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
def test_a_bad_body_is_refused_at_once_by_the_name_of_the_field(
    sandbox: Sandbox, pixeldojo: PixelDojo, body: JSON, field: str
) -> None:
    answer = pixeldojo.http.post("/models/google-gemini-omni-flash/run", json=body)
    assert refused(answer) == (400, "invalid_request")
    assert answer.json()["error"]["message"].startswith(f"{field} ")
    assert sandbox.charges() == []


@pytest.mark.parametrize("content", [b"", b"no json", b"\xff\xfe", b'{"a":' * 5_000])
def test_what_is_no_json_is_refused_too(pixeldojo: PixelDojo, content: bytes) -> None:
    answer = pixeldojo.http.post("/models/google-gemini-omni-flash/run", content=content)
    assert refused(answer) == (400, "invalid_request")


def test_another_model_is_not_found(pixeldojo: PixelDojo) -> None:
    answer = pixeldojo.http.post("/models/google-gemini-omni-flash-2/run", json={"prompt": "A cat"})
    assert refused(answer) == (404, "model_not_found")


def test_an_unknown_job_has_an_assumed_code_of_its_own(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    stranger = PixelDojo(sandbox, key="pd_somebody_else")
    with stranger.http:
        assert refused(stranger.status(pixeldojo.request())) == (404, "job_not_found")
    assert refused(pixeldojo.status("{job_id}")) == (404, "job_not_found")


def test_a_path_that_is_none_has_an_assumed_code_too(pixeldojo: PixelDojo) -> None:
    assert refused(pixeldojo.http.get("/credits")) == (404, "not_found")


# --- accounts and the bill ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer", "Key a:b", "pd_abc", "Bearer pd_wrong"])
def test_a_key_of_another_form_or_a_wrong_one_is_unauthorized(pixeldojo: PixelDojo, header: str) -> None:
    assert refused(pixeldojo.submit(Authorization=header)) == (401, "unauthorized")


def test_an_account_without_credit_is_told_so(sandbox: Sandbox) -> None:
    client = PixelDojo(sandbox, key="pd_poor")
    with client.http:
        assert refused(client.submit()) == (402, "insufficient_credits")
    assert sandbox.charges() == []


@pytest.mark.parametrize("duration", [3, 10])
def test_a_video_costs_sixteen_credits_whatever_its_length(pixeldojo: PixelDojo, duration: int) -> None:
    answer = pixeldojo.submit({"prompt": "A cat", "duration": duration}).json()
    assert answer["creditCost"] == 16


def test_credits_go_down_by_what_is_charged_and_come_back_for_a_failed_job(
    sandbox: Sandbox, pixeldojo: PixelDojo
) -> None:
    sandbox.arm("content-rejected")
    failing = pixeldojo.submit().json()["creditsRemaining"]
    while_it_runs = pixeldojo.submit().json()["creditsRemaining"]
    sandbox.advance(LONG_ENOUGH_S)
    after = pixeldojo.submit().json()["creditsRemaining"]
    assert [failing - while_it_runs, failing - after] == [16, 16]
    assert [line["state"] for line in sandbox.charges()] == ["refunded", "billed", "billed"]


def test_credit_runs_out(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    remaining = pixeldojo.submit().json()["creditsRemaining"]
    assert remaining > 10_000 * 16
    assert remaining % 16 == 0
