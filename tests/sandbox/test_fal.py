"""fal's queue protocol, operation by operation, each answer held to its contract."""

import uuid
from itertools import pairwise

import httpx
import pytest

from omniflash_sandbox import Sandbox
from tests.sandbox.clients import APP, FAL_BODIES, IMAGE, LONG_ENOUGH_S, Fal, keeps, path_of

ENDPOINTS = pytest.mark.parametrize("endpoint", FAL_BODIES)


@ENDPOINTS
def test_a_submit_is_answered_with_all_five_fields_and_the_position(fal: Fal, endpoint: str) -> None:
    answer = fal.submit(endpoint=endpoint)
    accepted = answer.json()
    assert answer.status_code == 200
    assert keeps("fal-submitted", accepted)
    assert str(uuid.UUID(accepted["request_id"])) == accepted["request_id"]


@ENDPOINTS
def test_the_urls_of_a_request_name_owner_and_app_only(fal: Fal, endpoint: str) -> None:
    accepted = fal.submit(endpoint=endpoint).json()
    request = f"/fal/queue/{APP}/requests/{accepted['request_id']}"
    assert path_of(accepted["response_url"]) == request
    assert path_of(accepted["status_url"]) == f"{request}/status"
    assert path_of(accepted["cancel_url"]) == f"{request}/cancel"


@ENDPOINTS
def test_a_request_is_queued_then_processed_then_completed(sandbox: Sandbox, fal: Fal, endpoint: str) -> None:
    request_id = fal.request(endpoint=endpoint)
    seen = []
    for _ in range(LONG_ENOUGH_S):
        answer = fal.status(request_id)
        assert keeps("fal-status", answer.json())
        seen.append((answer.status_code, answer.json()["status"]))
        sandbox.advance(1)
    in_order = [first for first, second in pairwise([*seen, None]) if first != second]
    assert in_order == [(202, "IN_QUEUE"), (202, "IN_PROGRESS"), (200, "COMPLETED")]


@ENDPOINTS
def test_the_result_is_the_models_output_and_nothing_around_it(fal: Fal, endpoint: str) -> None:
    answer = fal.result(fal.finished(endpoint=endpoint))
    assert answer.status_code == 200
    assert keeps("fal-result", answer.json())
    assert list(answer.json()) == ["video"]


def test_the_result_says_type_name_and_size_of_the_clip(fal: Fal) -> None:
    video = fal.result(fal.finished()).json()["video"]
    clip = httpx.get(video["url"])
    assert video["content_type"] == clip.headers["content-type"] == "video/mp4"
    assert video["file_name"].endswith(".mp4")
    assert video["file_size"] == len(clip.content)


def test_the_queue_shortens_while_a_request_waits(sandbox: Sandbox, fal: Fal) -> None:
    accepted = fal.submit().json()
    positions = [accepted["queue_position"]]
    while "queue_position" in (status := fal.status(accepted["request_id"]).json()):
        positions.append(status["queue_position"])
        sandbox.advance(0.5)
    assert positions == sorted(positions, reverse=True)
    assert positions[-1] == 0


@pytest.mark.parametrize(("asked", "shown"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_logs_are_there_when_asked_for_and_their_key_always(fal: Fal, asked: str, shown: bool) -> None:
    status = fal.status(fal.finished(), logs=asked).json()
    assert keeps("fal-status", status)
    assert bool(status["logs"]) is shown
    assert "logs" in status


def test_the_key_logs_is_there_when_nobody_asks(fal: Fal) -> None:
    assert fal.status(fal.request()).json()["logs"] is None


def test_every_answer_has_a_request_id_and_the_requests_own_where_there_is_one(fal: Fal) -> None:
    request_id = fal.finished()
    answers = [fal.status(request_id), fal.result(request_id), fal.cancel(request_id)]
    assert {answer.headers["x-fal-request-id"] for answer in answers} == {request_id}
    made_up = [fal.status("unknown"), fal.submit(Authorization="none")]
    assert len({uuid.UUID(answer.headers["x-fal-request-id"]) for answer in made_up}) == 2


@pytest.mark.parametrize("form", ["{id}", "{id}/", "{id}/response", "{id}/response/"])
@pytest.mark.parametrize("endpoint", [APP, f"{APP}/edit"])
def test_older_forms_of_the_result_url_are_understood(fal: Fal, endpoint: str, form: str) -> None:
    request_id = fal.finished(endpoint=f"{APP}/edit")
    answer = fal.http.get(f"/{endpoint}/requests/{form.format(id=request_id)}")
    assert keeps("fal-result", answer.json())


def test_a_trailing_slash_makes_no_difference(fal: Fal) -> None:
    accepted = fal.http.post(f"/{APP}/", json=FAL_BODIES[APP]).json()
    with_slash = fal.http.get(f"/{APP}/requests/{accepted['request_id']}/status/", params={"logs": "1"})
    assert with_slash.json() == fal.status(accepted["request_id"], logs="1").json()


def test_a_result_that_is_asked_for_too_early_is_a_400(fal: Fal) -> None:
    answer = fal.result(fal.request())
    assert answer.status_code == 400
    assert keeps("fal-request-error", answer.json())
    assert answer.json() == {"detail": "Request is still in progress"}


def test_an_unknown_request_is_not_found_whatever_is_asked_of_it(fal: Fal) -> None:
    for answer in (fal.status("unknown"), fal.result("unknown"), fal.cancel("unknown")):
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})


def test_a_request_of_another_key_is_not_found(sandbox: Sandbox, fal: Fal) -> None:
    stranger = Fal(sandbox, key="another:one")
    with stranger.http:
        assert stranger.status(fal.request()).status_code == 404


def test_an_unknown_endpoint_is_not_found_and_costs_nothing(sandbox: Sandbox, fal: Fal) -> None:
    answer = fal.http.post(f"/{APP}/v9/edit", json={"prompt": "A cat"})
    assert answer.status_code == 404
    assert keeps("fal-request-error", answer.json())
    assert sandbox.charges() == []


# --- cancel ---------------------------------------------------------------------------------------------------------


def test_a_queued_request_is_removed_and_costs_nothing(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    answer = fal.cancel(request_id)
    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]


def test_a_running_request_is_told_to_stop_and_costs_what_it_costs(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    sandbox.advance(6)
    answer = fal.cancel(request_id)
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert [line["state"] for line in sandbox.charges()] == ["billed"]


@pytest.mark.parametrize("age", [0, 6])
def test_a_cancelled_request_is_completed_with_an_error_and_without_a_result(
    sandbox: Sandbox, fal: Fal, age: float
) -> None:
    request_id = fal.request()
    sandbox.advance(age)
    fal.cancel(request_id)
    status, result = fal.status(request_id), fal.result(request_id)
    assert keeps("fal-status", status.json())
    assert status.status_code == 200
    assert status.json()["error_type"] == "client_cancelled"
    assert keeps("fal-request-error", result.json())
    assert (result.status_code, result.headers["x-fal-error-type"]) == (499, "client_cancelled")


def test_a_completed_request_cannot_be_cancelled(fal: Fal) -> None:
    request_id = fal.finished()
    answer = fal.cancel(request_id)
    assert (answer.status_code, answer.json()) == (400, {"status": "ALREADY_COMPLETED"})
    assert fal.result(request_id).status_code == 200


def test_a_running_request_may_also_be_made_to_ignore_a_cancel(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.switch("fal.running_cancel", "ignored")
    request_id = fal.request()
    sandbox.advance(6)
    assert fal.cancel(request_id).status_code == 202
    sandbox.advance(LONG_ENOUGH_S)
    assert keeps("fal-result", fal.result(request_id).json())


# --- what is wrong with a request -----------------------------------------------------------------------------------

IMAGES, EDIT = f"{APP}/reference-to-video", f"{APP}/edit"
RATIOS = {"expected": "'16:9' or '9:16'"}
BAD_BODIES = [
    (APP, {}, ["prompt"], "missing", None),
    (APP, {"prompt": 3}, ["prompt"], "string_type", None),
    (APP, {"prompt": "A cat", "duration": 2}, ["duration"], "greater_than_equal", {"ge": 3}),
    (APP, {"prompt": "A cat", "duration": 11}, ["duration"], "less_than_equal", {"le": 10}),
    (APP, {"prompt": "A cat", "duration": 8.5}, ["duration"], "int_from_float", None),
    (APP, {"prompt": "A cat", "duration": "8s"}, ["duration"], "int_parsing", None),
    (APP, {"prompt": "A cat", "duration": True}, ["duration"], "int_type", None),
    (APP, {"prompt": "A cat", "duration": None}, ["duration"], "int_type", None),
    (APP, {"prompt": "A cat", "aspect_ratio": "4:3"}, ["aspect_ratio"], "literal_error", RATIOS),
    (APP, ["A cat"], [], "model_attributes_type", None),
    (f"{APP}/image-to-video", {"prompt": "A cat"}, ["image_url"], "missing", None),
    (f"{APP}/image-to-video", {"prompt": "A cat", "image_url": "cat.png"}, ["image_url"], "file_download_error", None),
    (EDIT, {"prompt": "A cat", "video_url": "ftp://x/y"}, ["video_url"], "file_download_error", None),
    (IMAGES, {"prompt": "A cat", "image_urls": []}, ["image_urls"], "sequence_too_short", {"min_length": 1}),
    (IMAGES, {"prompt": "A cat", "image_urls": IMAGE}, ["image_urls"], "list_type", None),
    (IMAGES, {"prompt": "A cat", "image_urls": [IMAGE, 5]}, ["image_urls", 1], "string_type", None),
]


@pytest.mark.parametrize(("endpoint", "body", "loc", "kind", "ctx"), BAD_BODIES)
def test_a_bad_body_is_accepted_and_the_result_says_what_is_wrong(
    fal: Fal, endpoint: str, body: object, loc: list[str | int], kind: str, ctx: object
) -> None:
    accepted = fal.http.post(f"/{endpoint}", json=body)
    assert keeps("fal-submitted", accepted.json())
    fal.sandbox.advance(LONG_ENOUGH_S)
    result = fal.result(accepted.json()["request_id"])
    (complaint,) = result.json()["detail"]
    assert result.status_code == 422
    assert keeps("fal-model-error", result.json())
    assert (complaint["loc"], complaint["type"], complaint.get("ctx")) == (["body", *loc], kind, ctx)


def test_all_that_is_wrong_is_said_at_once(fal: Fal) -> None:
    result = fal.result(fal.finished({"duration": 11, "aspect_ratio": "4:3"}))
    assert {tuple(item["loc"]) for item in result.json()["detail"]} == {
        ("body", "prompt"),
        ("body", "duration"),
        ("body", "aspect_ratio"),
    }


def test_a_bad_body_costs_nothing_and_its_status_shows_no_error(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished({"prompt": 3})
    assert keeps("fal-status", fal.status(request_id).json())
    assert "error" not in fal.status(request_id).json()
    assert fal.result(request_id).headers["x-fal-billable-units"] == "0"
    assert [(line["state"], line["amount"]) for line in sandbox.charges()] == [("refunded", "0")]


@pytest.mark.parametrize(
    "content", [b"", b"no json", b"\xff\xfe", b"[" * 5_000, b'{"prompt": NaN}', b'{"prompt": 1e999}']
)
def test_what_is_no_json_is_accepted_too(fal: Fal, content: bytes) -> None:
    accepted = fal.http.post(f"/{APP}", content=content).json()
    fal.sandbox.advance(LONG_ENOUGH_S)
    result = fal.result(accepted["request_id"])
    assert result.status_code == 422
    assert result.json()["detail"][0]["type"] == "json_invalid"


def test_a_field_that_the_page_does_not_name_is_ignored(fal: Fal) -> None:
    request_id = fal.finished({**FAL_BODIES[APP], "resolution": "4k"})
    assert keeps("fal-result", fal.result(request_id).json())


# --- accounts and the bill ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Key", "Key abc", "Key :secret", "Key id:", "Bearer a:b", "a:b"])
def test_a_key_of_another_form_is_refused_in_fals_own_words(fal: Fal, header: str) -> None:
    answer = fal.submit(Authorization=header)
    assert answer.status_code == 401
    assert keeps("fal-request-error", answer.json())
    assert answer.json()["detail"] == ("Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.")


def test_a_wrong_key_is_nobodys(sandbox: Sandbox) -> None:
    client = Fal(sandbox, key="wrong:key")
    with client.http:
        answer = client.submit()
    assert (answer.status_code, answer.json()) == (401, {"detail": "No user found for Key ID and Secret"})
    assert sandbox.charges() == []


def test_an_account_without_credit_is_locked(sandbox: Sandbox) -> None:
    client = Fal(sandbox, key="poor:key")
    with client.http:
        answer = client.submit()
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("User is locked. Reason: Exhausted balance.")
    assert sandbox.charges() == []


@pytest.mark.parametrize(
    ("endpoint", "units"),
    [(APP, "0.37500000"), (f"{APP}/image-to-video", "0.39000000"), (f"{APP}/edit", "1.04000000")],
)
def test_the_result_says_what_was_billed_and_the_ledger_agrees(
    sandbox: Sandbox, fal: Fal, endpoint: str, units: str
) -> None:
    answer = fal.result(fal.finished(endpoint=endpoint))
    (line,) = sandbox.charges()
    assert answer.headers["x-fal-billable-units"] == units
    assert float(str(line["usd"])) == float(units)


def test_documented_headers_and_query_are_taken_and_written_down(sandbox: Sandbox, fal: Fal) -> None:
    headers = {
        "x-fal-request-timeout": "30.0",
        "x-fal-queue-priority": "low",
        "x-fal-runner-hint": "abc",
        "x-fal-store-io": "0",
        "x-fal-no-retry": "1",
    }
    answer = fal.http.post(
        f"/{APP}", json=FAL_BODIES[APP], headers=headers, params={"fal_webhook": "https://me.example/hook?a=1"}
    )
    (entry,) = sandbox.journal()
    assert answer.status_code == 200
    assert entry["query"] == {"fal_webhook": "https://me.example/hook?a=1"}
    assert headers.items() <= entry["headers"].items()
