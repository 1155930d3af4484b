"""Faults of the answer: another status, another body, another host, another date, and who is charged then."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clock import VIRTUAL_START
from omniflash_sandbox.fault_kinds import KINDS
from tests.sandbox.clients import ACCEPTED, APP, LONG_ENOUGH_S, PROVIDERS, Fal, PixelDojo, calls, keeps, readable


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


STATUSES = pytest.mark.parametrize("status", [500, 502, 503, 504])


@PROVIDERS
@ACCEPTED
@STATUSES
def test_a_server_error_may_be_the_vendors_own(
    sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo, accepted: bool, status: int
) -> None:
    sandbox.arm("unavailable", status=status, accepted=accepted)
    answer = vendor.submit()
    assert answer.status_code == status
    assert keeps({"fal": "fal-request-error", "pixeldojo": "pixeldojo-error"}[provider], answer.json())
    assert ("x-fal-request-id" in answer.headers) is (provider == "fal")
    assert len(sandbox.charges()) == accepted


@PROVIDERS
@ACCEPTED
@pytest.mark.parametrize("status", [200, 500, 502, 503, 504])
def test_a_gateway_may_answer_in_the_vendors_place(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool, status: int
) -> None:
    sandbox.arm("gateway-html", status=status, accepted=accepted)
    answer = vendor.submit()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert "nginx" in answer.text
    assert not [name for name in answer.headers if name.startswith("x-fal")]
    assert len(sandbox.charges()) == accepted


@PROVIDERS
def test_a_gateway_may_answer_any_call(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("gateway-html", provider=provider, call=call)
        assert (make().status_code, make().status_code < 500) == (502, True)


def test_fals_result_may_time_out_and_then_be_there(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    sandbox.arm("unavailable", call="result", status=504)
    timed_out, result = fal.result(request_id), fal.result(request_id)
    assert (timed_out.status_code, timed_out.json()["error_type"]) == (504, "request_timeout")
    assert result.json()["video"]["url"]
    assert [line["state"] for line in sandbox.charges()] == ["billed"]


# --- another host -----------------------------------------------------------------------------------------------------


@PROVIDERS
@ACCEPTED
@pytest.mark.parametrize("status", [302, 307])
def test_a_call_may_be_redirected_to_a_stranger(
    sandbox: Sandbox, vendor: Fal | PixelDojo, accepted: bool, status: int
) -> None:
    sandbox.arm("redirect", status=status, accepted=accepted)
    answer = vendor.submit()
    assert answer.status_code == status
    assert answer.headers["location"] == f"{sandbox.asset_url}/stranger{answer.request.url.path}"
    assert len(sandbox.charges()) == accepted


@PROVIDERS
def test_any_call_may_be_redirected(sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo) -> None:
    for call, make in calls(vendor).items():
        sandbox.arm("redirect", provider=provider, call=call)
        assert make().headers["location"].startswith(f"{sandbox.asset_url}/stranger/{provider}/")


def test_a_redirect_keeps_the_query(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("redirect", call="status")
    request_id = fal.request()
    answer = fal.http.get(f"/{APP}/requests/{request_id}/status?logs=0&logs=1")
    assert answer.headers["location"].endswith("/status?logs=0&logs=1")


@PROVIDERS
@pytest.mark.parametrize("with_key", [True, False])
def test_the_stranger_answers_anything_and_a_key_that_comes_there_is_a_leak(
    sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo, with_key: bool
) -> None:
    sandbox.arm("redirect")
    there = vendor.submit().headers["location"]
    headers = {"Authorization": vendor.http.headers["authorization"]} if with_key else {}
    answer = httpx.post(there, json={"prompt": "A cat"}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"stranger": "this is not the vendor"})
    assert not [name for name in answer.headers if name.startswith("x-fal")]
    entry = sandbox.journal()[-1]
    assert (entry["provider"], entry["call"], entry["key_leaked"]) == (provider, "stranger", with_key)
    assert sandbox.charges() == []


@PROVIDERS
def test_a_client_that_drops_its_key_on_the_way_to_another_host_leaks_none(
    sandbox: Sandbox, vendor: Fal | PixelDojo
) -> None:
    sandbox.arm("redirect", call="status")
    job = vendor.request()
    vendor.http.follow_redirects = True
    assert vendor.status(job).json() == {"stranger": "this is not the vendor"}
    assert [(entry["call"], entry["key_leaked"]) for entry in sandbox.journal()] == [
        ("submit", False), ("status", False), ("stranger", False),
    ]  # fmt: skip


def test_fals_answers_may_name_a_strangers_urls(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("foreign-urls")
    submitted = fal.submit().json()
    assert keeps("fal-submitted", submitted)
    urls = [submitted[name] for name in ("status_url", "response_url", "cancel_url")]
    assert all(url.startswith(f"{sandbox.asset_url}/stranger/fal/queue/{APP}/requests/") for url in urls)
    assert fal.status(submitted["request_id"]).json()["status_url"].startswith(sandbox.url)
    sandbox.arm("foreign-urls", call="status")
    assert fal.status(submitted["request_id"]).json()["status_url"] == submitted["status_url"]
    assert len(sandbox.charges()) == 1


def test_pixeldojos_answer_may_name_a_strangers_url(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("foreign-urls")
    submitted = pixeldojo.submit().json()
    assert keeps("pixeldojo-submitted", submitted)
    assert submitted["statusUrl"] == f"{sandbox.asset_url}/stranger/pixeldojo/api/v1/jobs/{submitted['jobId']}"


# --- another word -----------------------------------------------------------------------------------------------------


@PROVIDERS
def test_a_fresh_job_may_be_unknown_at_first(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    job = vendor.request()
    sandbox.arm("unknown-job", times=2)
    looks = [vendor.status(job) for _ in range(3)]
    assert [look.status_code < 300 for look in looks] == [False, False, True]
    assert looks[0].json() == vendor.status("no-such-job").json()
    assert looks[0].status_code == 404
    assert len(sandbox.charges()) == 1


def test_fals_dates_may_be_off(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    right = fal.status(request_id, logs="1").json()["logs"]
    sandbox.arm("clock-skew", seconds=-86_400, times=None)
    answer = fal.status(request_id, logs="1")
    told = [date(line["timestamp"]) for line in answer.json()["logs"]]
    assert told == [date(line["timestamp"]) - timedelta(days=1) for line in right]
    assert parsedate_to_datetime(answer.headers["date"]) == VIRTUAL_START + timedelta(seconds=LONG_ENOUGH_S, days=-1)


def test_pixeldojos_dates_may_be_off(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.switch("pixeldojo.expires_at", "on")
    right = pixeldojo.submit().json()["expiresAt"]
    sandbox.arm("clock-skew", provider="pixeldojo", seconds=90)
    assert date(pixeldojo.submit().json()["expiresAt"]) == date(right) + timedelta(seconds=90)
    assert pixeldojo.submit().json()["expiresAt"] == right


def test_a_clock_that_is_off_keeps_no_other_fault_away(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("clock-skew", times=None)
    sandbox.arm("unavailable", accepted=True)
    assert [fal.submit().status_code for _ in range(2)] == [503, 200]
    assert [entry["fault"] for entry in sandbox.journal()] == ["unavailable, clock-skew", "clock-skew"]


def date(text: str) -> datetime:
    return datetime.fromisoformat(text)
