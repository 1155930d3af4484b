"""Faults on demand: each one with each vendor, before and after the request is accepted, and who is charged then."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.assets import ASSET
from omniflash_sandbox.fault_kinds import CALLS, KINDS
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.vendors import VENDORS
from tests.sandbox.clients import APP, FAL_BODIES, PIXELDOJO_BODIES, Fal, PixelDojo, keeps, lost

PROVIDERS = pytest.mark.parametrize("provider", CALLS)
ACCEPTED = pytest.mark.parametrize("accepted", [True, False])


@pytest.fixture
def vendor(provider: str, fal: Fal, pixeldojo: PixelDojo) -> Fal | PixelDojo:
    """The client of the vendor that a test is about."""
    return fal if provider == "fal" else pixeldojo


def calls(vendor: Fal | PixelDojo) -> dict[str, Callable[[], httpx.Response]]:
    """Every call of a vendor, on a job that is over."""
    job = vendor.finished()
    video = vendor.video_url(job)
    common = {"submit": vendor.submit, "status": lambda: vendor.status(job), "asset": lambda: httpx.get(video)}
    if isinstance(vendor, PixelDojo):
        return common
    return common | {"result": lambda: vendor.result(job), "cancel": lambda: vendor.cancel(job)}


def readable(answer: httpx.Response) -> bool:
    try:
        answer.json()
    except json.JSONDecodeError:
        return False
    return True


@PROVIDERS
def test_every_call_of_a_vendor_can_be_struck(provider: str) -> None:
    (vendor,) = (vendor for vendor in VENDORS if vendor.name == provider)
    assert {operation.call for operation in (*vendor.operations, *vendor.files, ASSET)} == set(CALLS[provider])


# --- without an answer, or with another -----------------------------------------------------------------------------


@PROVIDERS
@ACCEPTED
def test_a_response_is_lost_after_the_job_was_accepted_or_before(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool
) -> None:
    sandbox.arm("lose-response", accepted=accepted)
    assert lost(vendor.submit)
    assert len(sandbox.charges()) == accepted
    (entry,) = sandbox.journal()
    assert (entry["status"], entry["answer"], entry["fault"]) == (None, None, "lose-response")
    assert (entry["job"] in [line["job"] for line in sandbox.charges()]) is accepted


@PROVIDERS
def test_a_response_to_any_call_can_be_lost(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("lose-response", provider=provider, call=call)
        assert lost(make)
        assert not lost(make)


@PROVIDERS
@pytest.mark.parametrize(("options", "wait"), [({}, "3"), ({"seconds": 30}, "30")])
def test_too_many_requests_are_refused_with_the_time_to_wait(
    sandbox: Sandbox, vendor: Fal | PixelDojo, options: dict[str, Any], wait: str
) -> None:
    sandbox.arm("rate-limit", **options)
    answer = vendor.submit()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, wait)
    assert sandbox.charges() == []
    assert vendor.submit().is_success


@PROVIDERS
@ACCEPTED
def test_a_503_may_come_before_or_after_the_job_was_accepted(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool
) -> None:
    sandbox.arm("unavailable", accepted=accepted)
    assert vendor.submit().status_code == 503
    assert len(sandbox.charges()) == accepted


def test_429_and_503_are_in_the_vendors_own_form(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    for fault in ("rate-limit", "unavailable"):
        sandbox.arm(fault, times=2)
        assert keeps("fal-request-error", fal.submit().json())
        assert keeps("pixeldojo-error", pixeldojo.submit().json())


@PROVIDERS
@ACCEPTED
def test_an_answer_may_be_half_its_json(sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool) -> None:
    sandbox.arm("malformed-json", accepted=accepted)
    answer = vendor.submit()
    assert answer.is_success
    assert not readable(answer)
    assert len(sandbox.charges()) == accepted


@PROVIDERS
@pytest.mark.parametrize(("fault", "status"), [("rate-limit", 429), ("unavailable", 503), ("malformed-json", None)])
def test_any_call_can_be_answered_otherwise(
    sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo, fault: str, status: int | None
) -> None:
    for call, make in calls(vendor).items():
        if call in KINDS[fault].calls:
            sandbox.arm(fault, provider=provider, call=call)
            answer = make()
            assert answer.status_code == status if status else not readable(answer)
            assert make().status_code != status


@PROVIDERS
@pytest.mark.parametrize(("options", "status"), [({}, "UNDER_REVIEW"), ({"status": "asleep"}, "asleep")])
def test_a_status_may_be_one_that_stands_in_no_document(
    sandbox: Sandbox, vendor: Fal | PixelDojo, options: dict[str, Any], status: str
) -> None:
    job = vendor.request()
    sandbox.arm("unknown-status", times=2, **options)
    assert [vendor.status(job).json()["status"] for _ in range(2)] == [status, status]
    assert vendor.status(job).json()["status"] in ("IN_QUEUE", "pending")


@PROVIDERS
@pytest.mark.parametrize(("options", "received"), [({}, 1_000), ({"bytes": 70_000}, 70_000), ({"bytes": 0}, 0)])
def test_a_download_may_be_cut(
    sandbox: Sandbox, vendor: Fal | PixelDojo, options: dict[str, Any], received: int
) -> None:
    url = vendor.video_url(vendor.finished())
    sandbox.arm("cut-download", **options)
    assert cut_after(url) == received
    whole = httpx.get(url)
    assert len(whole.content) == int(whole.headers["content-length"])


def cut_after(url: str) -> int:
    """How many bytes arrive before the connection is closed too early."""
    with httpx.stream("GET", url) as answer:
        assert int(answer.headers["content-length"]) > 100_000
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        return answer.num_bytes_downloaded


# --- another ending -------------------------------------------------------------------------------------------------

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


# --- whom a fault strikes, and how often ----------------------------------------------------------------------------


def test_a_fault_strikes_the_vendor_and_call_it_was_armed_for(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    sandbox.arm("unavailable", provider="pixeldojo", call="status")
    request_id, job_id = fal.request(), pixeldojo.request()
    assert fal.status(request_id).status_code == 202
    assert pixeldojo.status(job_id).status_code == 503
    assert pixeldojo.status(job_id).status_code == 200


@pytest.mark.parametrize(("times", "struck"), [(1, 1), (3, 3), (None, 5)])
def test_a_fault_strikes_as_often_as_it_was_armed_for(
    sandbox: Sandbox, fal: Fal, times: int | None, struck: int
) -> None:
    sandbox.arm("unavailable", times=times)
    assert [fal.submit().status_code for _ in range(5)] == [503] * struck + [200] * (5 - struck)


def test_faults_strike_in_the_order_in_which_they_were_armed(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    sandbox.arm("rate-limit")
    assert [fal.submit().status_code for _ in range(3)] == [503, 429, 200]


def test_of_many_requests_at_once_exactly_one_is_struck(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: fal.submit().status_code, range(16)))
    assert sorted(answers) == [200] * 15 + [503]
    assert len(sandbox.charges()) == 15


def test_a_wrong_key_spends_no_fault(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    assert fal.submit(Authorization="Key wrong:key").status_code == 401
    assert fal.submit().status_code == 503


def test_a_job_may_have_a_fault_of_its_ending_and_its_answer_another(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("lose-response")
    sandbox.arm("no-video")
    assert lost(fal.submit)
    (entry,) = sandbox.journal()
    assert entry["fault"] == "lose-response, no-video"


@PROVIDERS
def test_a_request_can_bring_its_own_fault(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    answer = vendor.submit(X_Sandbox_Fault="rate-limit; seconds=7")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert vendor.submit(X_Sandbox_Fault="unavailable;accepted=true").status_code == 503
    assert lost(lambda: vendor.submit(X_Sandbox_Fault="lose-response"))
    assert vendor.submit().is_success
    assert len(sandbox.charges()) == 3


def test_a_request_can_bring_the_ending_of_its_job(fal: Fal) -> None:
    request_id = fal.finished(endpoint=f"{APP}/edit", X_Sandbox_Fault="region")
    assert fal.result(request_id).status_code == 422


def test_a_fault_that_is_none_of_its_calls_passes_a_request_by(fal: Fal) -> None:
    assert fal.submit(X_Sandbox_Fault="cut-download; bytes=5").is_success


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("explode", "there is no fault 'explode'"),
        ("rate-limit; hours=1", "rate-limit has no option hours"),
        ("rate-limit; seconds=soon", "seconds must be a whole number"),
        ("lose-response; accepted=maybe", "accepted must be true or false"),
        ("rate-limit; 5", "'5' is no option=value"),
        ("", "there is no fault ''"),
    ],
)
def test_a_header_that_names_no_fault_is_a_400_and_nothing_happens(
    sandbox: Sandbox, fal: Fal, header: str, reason: str
) -> None:
    answer = fal.submit(X_Sandbox_Fault=header)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)
    assert sandbox.charges() == []


@pytest.mark.parametrize(
    ("fault", "fields", "reason"),
    [
        ("explode", {}, "there is no fault 'explode', only lose-response, "),
        ("rate-limit", {"hours": 1}, "rate-limit has no option hours, only seconds"),
        ("region", {"shape": "null"}, "region has no option shape, only none"),
        ("rate-limit", {"seconds": -1}, "seconds must be a whole number of 0 or more, not -1"),
        ("rate-limit", {"seconds": True}, "seconds must be a whole number of 0 or more, not True"),
        ("rate-limit", {"seconds": "9" * 5_000}, "seconds must be a whole number of 0 or more, not "),
        ("no-video", {"shape": "round"}, "shape must be one of absent, null, empty, not 'round'"),
        ("unknown-status", {"status": ""}, "status must be a text, not ''"),
        ("unavailable", {"provider": "runway"}, "there is no provider 'runway', only fal, pixeldojo"),
        ("unavailable", {"call": "credits"}, "unavailable can strike submit, status, result, cancel, "),
        ("unavailable", {"call": "cancel", "provider": "pixeldojo"}, "unavailable can strike submit, status, asset,"),
        ("cut-download", {"call": "submit"}, "cut-download can strike asset, not 'submit'"),
        ("unavailable", {"times": 0}, "times must be a whole number of 1 or more, or null for every time, not 0"),
        ("unavailable", {"times": True}, "times must be a whole number of 1 or more"),
        ("unavailable", {"times": "2"}, "times must be a whole number of 1 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_armed_is_refused_in_one_line_by_both_ways(
    sandbox: Sandbox, fault: str, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError) as refusal:
        sandbox.arm(fault, **fields)
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json={"fault": fault, **fields})
    assert answer.status_code == 400
    assert answer.json() == {"error": str(refusal.value)}
    assert str(refusal.value).startswith(reason)
    assert "\n" not in str(refusal.value)
    assert fal_is_well(sandbox)


def fal_is_well(sandbox: Sandbox) -> bool:
    client = Fal(sandbox)
    with client.http:
        return client.submit(FAL_BODIES[APP]).is_success


def test_what_is_armed_can_be_seen(sandbox: Sandbox) -> None:
    sandbox.arm("rate-limit", provider="fal", times=2, seconds=5)
    shown = httpx.get(f"{sandbox.url}/_sandbox/faults").json()
    assert shown["armed"] == [
        {"name": "rate-limit", "provider": "fal", "calls": ["submit"], "times": 2, "options": {"seconds": 5}}
    ]
    assert set(shown["known"]) == set(KINDS)
    assert shown["known"]["rate-limit"]["options"] == {"seconds": 3}
