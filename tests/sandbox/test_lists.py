"""Lists of past requests: when a job is in them, for whom, with what of its input and output, and how to page."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.fal_failures import FAILURES
from omniflash_sandbox.history import LARGEST_INPUT, LATE_S
from omniflash_sandbox.pixeldojo import RECENT
from omniflash_sandbox.switches import SWITCHES
from tests.sandbox.clients import APP, FAL_BODIES, LONG_ENOUGH_S, PIXELDOJO_BODIES, Fal, PixelDojo, keeps

DAY_S = 86_400
BAD: dict[str, Any] = {"prompt": 3}  # it ends in an error, and needs no clip
STRANGERS_KEY = "stranger-id:stranger-secret"


def date(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [str(item["request_id"]) for item in items]


@pytest.fixture
def strangers(sandbox: Sandbox) -> Iterator[Fal]:
    """Somebody else's client of fal."""
    client = Fal(sandbox, key=STRANGERS_KEY)
    with client.http:
        yield client


# --- when a job is listed -------------------------------------------------------------------------------------------


def test_fal_lists_a_request_half_a_minute_late(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    sandbox.advance(LATE_S - 0.001)
    assert fal.listing().json() == {"items": [], "next_cursor": None, "has_more": False}
    sandbox.advance(0.001)
    assert ids(fal.listed()) == [request_id]


def test_lateness_is_in_the_jobs_own_time(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=1_000) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = client.request(BAD)
            time.sleep(LATE_S / 1_000)
            assert ids(client.listed()) == [request_id]


@pytest.mark.parametrize(("how", "after_s", "shown"), [("at-once", 0, True), ("never", DAY_S / 2, False)])
def test_lateness_is_a_switch(sandbox: Sandbox, fal: Fal, how: str, after_s: float, shown: bool) -> None:
    request_id = fal.request()
    sandbox.switch("lists.delay", how)
    sandbox.advance(after_s)
    assert ids(fal.listed()) == [request_id] * shown
    sandbox.switch("lists.delay", SWITCHES["lists.delay"].values[0])
    sandbox.advance(LATE_S)
    assert ids(fal.listed()) == [request_id]


def test_a_lost_submit_is_listed(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("lose-response")
    with pytest.raises(httpx.RemoteProtocolError):
        fal.submit()
    sandbox.advance(LATE_S)
    (item,) = fal.listed(expand="payloads")
    assert item["json_input"] == FAL_BODIES[APP]
    assert item["request_id"] == sandbox.charges()[0]["job"]


def test_a_later_server_lists_an_earlier_ones_requests(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = client.finished(BAD)
            sandbox.restart()
            before = client.listed(expand="payloads")
    with Sandbox(state=tmp_path, speed=0) as later:
        client = Fal(later)
        with client.http:
            assert client.listed(expand="payloads") == before
    assert ids(before) == [request_id]


def test_a_reset_forgets_past_requests(sandbox: Sandbox, fal: Fal) -> None:
    fal.finished(BAD)
    sandbox.reset()
    assert fal.finished(BAD)  # the same id again, whose input is kept anew
    (item,) = fal.listed(expand="payloads")
    assert item["json_input"] == BAD


# --- what fal tells of each -----------------------------------------------------------------------------------------


def test_fal_tells_how_far_a_request_is(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.switch("lists.delay", "at-once")
    before = datetime.now(UTC)
    request_id = fal.request()
    (waiting,) = fal.listed()
    assert waiting == {
        "request_id": request_id,
        "endpoint_id": APP,
        "started_at": waiting["sent_at"],
        "sent_at": waiting["sent_at"],
    }
    sandbox.advance(6)
    (running,) = fal.listed()
    assert fal.status(request_id).json()["status"] == "IN_PROGRESS"
    assert (running["sent_at"], running["started_at"] > running["sent_at"]) == (waiting["sent_at"], True)
    assert "ended_at" not in running
    sandbox.advance(LONG_ENOUGH_S)
    (over,) = fal.listed()
    assert over == running | {"ended_at": over["ended_at"], "status_code": 200, "duration": over["duration"]}
    took = (date(over["ended_at"]) - date(over["sent_at"])).total_seconds()
    assert over["duration"] == pytest.approx(took, abs=0.002)
    assert before - timedelta(milliseconds=1) <= date(over["sent_at"]) <= datetime.now(UTC)


@pytest.mark.parametrize("advanced_s", [0, DAY_S * 100])
def test_dates_are_the_walls_so_that_a_client_can_hold_them_against_its_own(
    sandbox: Sandbox, fal: Fal, advanced_s: float
) -> None:
    sandbox.advance(advanced_s)
    before = datetime.now(UTC)
    request_id = fal.request(BAD)
    after = datetime.now(UTC)
    sandbox.advance(LATE_S)
    assert ids(fal.listed(start=before.isoformat(), end=after.isoformat())) == [request_id]


@pytest.mark.parametrize("endpoint", FAL_BODIES)
def test_fal_tells_input_and_output_only_when_they_are_asked_for(fal: Fal, endpoint: str) -> None:
    request_id = fal.finished(endpoint=endpoint)
    (bare,), (whole,) = fal.listed(endpoint), fal.listed(endpoint, expand="payloads")
    assert bare["endpoint_id"] == endpoint
    assert whole == bare | {"json_input": FAL_BODIES[endpoint], "json_output": fal.result(request_id).json()}


def test_before_the_end_there_is_no_output(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.switch("lists.delay", "at-once")
    fal.request()
    (item,) = fal.listed(expand="payloads")
    assert item["json_input"] == FAL_BODIES[APP]
    assert "json_output" not in item


@pytest.mark.parametrize(
    "body", [{"prompt": "ü 😀", "seed": 7, "nested": [{"a": None}]}, {"prompt": "\ud83d"}, [1, 2.5], "text"]
)
def test_fal_gives_a_body_back_as_it_was_sent(fal: Fal, body: Any) -> None:
    fal.http.post(f"/{APP}", content=json.dumps(body)).raise_for_status()
    fal.sandbox.advance(LATE_S)
    (item,) = fal.listed(expand="payloads")
    assert item["json_input"] == body


@pytest.mark.parametrize("store_io", ["0", "1"])
def test_fal_keeps_no_payloads_where_it_is_asked_not_to(fal: Fal, store_io: str) -> None:
    fal.finished(BAD, X_Fal_Store_IO=store_io)
    (item,) = fal.listed(expand="payloads")
    assert ("json_input" in item, "json_output" in item) == (store_io == "1", store_io == "1")


def test_an_input_that_is_very_large_is_not_kept(fal: Fal) -> None:
    fal.finished({"prompt": "A" * LARGEST_INPUT})
    (item,) = fal.listed(expand="payloads")
    assert "json_input" not in item


@pytest.mark.parametrize("fault", ["no-video", "content-rejected", *FAILURES])
def test_the_status_code_is_that_of_the_result(sandbox: Sandbox, fal: Fal, fault: str) -> None:
    if fault in FAILURES:
        sandbox.arm("job-failed", error_type=fault)
    else:
        sandbox.arm(fault)
    result = fal.result(fal.finished())
    (item,) = fal.listed(expand="payloads")
    assert (item["status_code"], item["json_output"]) == (result.status_code, result.json())


def test_a_refused_edit_and_a_cancelled_request_are_listed_too(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("region")
    refused = fal.finished(endpoint=f"{APP}/edit")
    cancelled = fal.request()
    fal.cancel(cancelled)
    sandbox.advance(LATE_S)
    items = {item["request_id"]: item for item in fal.listed(APP, f"{APP}/edit")}
    assert (items[refused]["status_code"], items[cancelled]["status_code"]) == (422, 499)
    assert items[cancelled]["started_at"] == items[cancelled]["ended_at"]


# --- which fal lists ------------------------------------------------------------------------------------------------


def test_fal_lists_the_endpoints_that_are_named_once_or_often_or_with_commas(fal: Fal) -> None:
    made = {endpoint: fal.finished(BAD, endpoint) for endpoint in FAL_BODIES}
    one, other, *_ = made
    assert ids(fal.listed(other)) == [made[other]]
    assert set(ids(fal.listed(one, other))) == set(ids(fal.listed(f"{one},{other}"))) == {made[one], made[other]}
    assert set(ids(fal.listed(*made))) == set(made.values())


def test_each_account_has_its_own_list(fal: Fal, strangers: Fal) -> None:
    ours, theirs = fal.request(BAD), strangers.request(BAD)
    fal.sandbox.advance(LATE_S)
    assert ids(fal.listed()) == [ours]
    assert ids(strangers.listed()) == [theirs]
    assert fal.listed(request_id=theirs) == []


def test_without_a_start_the_last_day_is_listed_and_by_id_the_last_ninety(sandbox: Sandbox, fal: Fal) -> None:
    old = fal.finished(BAD)
    sandbox.advance(DAY_S - LONG_ENOUGH_S)
    assert ids(fal.listed()) == [old]
    sandbox.advance(1)
    assert fal.listed() == []
    assert ids(fal.listed(start="2000-01-01")) == [old]
    sandbox.advance(89 * DAY_S - 1)
    assert ids(fal.listed(request_id=old.upper())) == [old]
    sandbox.advance(1)
    assert fal.listed(request_id=old) == []
    assert ids(fal.listed(request_id=old, start="2000-01-01T00:00:00Z")) == [old]


def test_start_is_in_the_window_and_end_is_not(fal: Fal) -> None:
    first = fal.request(BAD)
    time.sleep(0.005)
    second = fal.finished({"prompt": 4})
    sent = {item["request_id"]: item["sent_at"] for item in fal.listed()}
    assert ids(fal.listed(start=sent[second])) == [second]
    assert ids(fal.listed(start=sent[first], end=sent[second])) == [first]
    assert fal.listed(end=sent[first]) == fal.listed(start="2999-01-01") == []
    assert ids(fal.listed(start=sent[second].replace("Z", "+00:00"))) == [second]


def test_fal_lists_by_how_requests_ended(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("job-failed")
    made = {"error": fal.request(), "user_error": fal.request(BAD), "success": fal.finished()}
    sandbox.switch("lists.delay", "at-once")
    waiting = fal.request()
    assert {status: ids(fal.listed(status=status)) for status in made} == {
        status: [request_id] for status, request_id in made.items()
    }
    assert ids(fal.listed())[0] == waiting


def test_the_last_to_end_comes_first_or_the_longest(fal: Fal) -> None:
    quick, slow = fal.request(BAD), fal.request({"prompt": "A cat", "duration": 10})
    time.sleep(0.002)
    middle = fal.finished({"prompt": "A cat", "duration": 3})
    assert ids(fal.listed()) == ids(fal.listed(sort_by="duration")) == [slow, middle, quick]
    assert ids(fal.listed(sort_by="ended_at")) == [slow, middle, quick]


def test_fal_gives_pages(fal: Fal) -> None:
    made = [fal.request(BAD) for _ in range(5)]
    fal.sandbox.advance(LONG_ENOUGH_S)
    cursor: dict[str, str] = {}
    pages = []
    for _ in range(3):
        page = fal.listing(limit=2, **cursor).json()
        assert keeps("fal-requests", page)
        assert page["has_more"] is (page["next_cursor"] is not None)
        pages.append(ids(page["items"]))
        cursor = {"cursor": page["next_cursor"]}
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(request_id for page in pages for request_id in page) == sorted(made)
    assert fal.listing(limit=2).json()["next_cursor"] == "Mg=="
    assert fal.listing(limit=2, cursor="OQ==").json() == {"items": [], "next_cursor": None, "has_more": False}


def test_a_page_has_fifty_items_unless_another_number_is_named(fal: Fal) -> None:
    for _ in range(51):
        fal.request(BAD)
    fal.sandbox.advance(LONG_ENOUGH_S)
    assert (len(fal.listed()), len(fal.listed(limit=100)), len(fal.listed(cursor="Mg=="))) == (50, 51, 1)


# --- what fal refuses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"endpoint_id": ""}, "endpoint_id must be 1 to 50 ids"),
        ({"endpoint_id": ",".join([APP] * 51)}, "endpoint_id must be 1 to 50 ids"),
        ({"start": "yesterday"}, "start must be a date in ISO 8601"),
        ({"start": "2026-01-01T00:00:00"}, "start must be a date in ISO 8601"),
        ({"end": "2026-13-01"}, "end must be a date in ISO 8601"),
        ({"end": ""}, "end must be a date in ISO 8601"),
        ({"status": "failed"}, "status must be one of success, user_error, error"),
        ({"request_id": "7"}, "request_id must be a UUID"),
        ({"sort_by": "sent_at"}, "sort_by must be one of ended_at, duration"),
        ({"limit": "0"}, "limit must be a whole number from 1 to 100"),
        ({"limit": "101"}, "limit must be a whole number from 1 to 100"),
        ({"limit": "many"}, "limit must be a whole number from 1 to 100"),
        ({"cursor": "2"}, "cursor must be one that was given"),
        ({"cursor": "MA=="}, "cursor must be one that was given"),
        ({"cursor": "é"}, "cursor must be one that was given"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused(fal: Fal, query: dict[str, str], problem: str) -> None:
    answer = fal.listing(**query)
    assert answer.status_code == 400
    assert keeps("fal-platform-error", answer.json())
    assert answer.json()["error"]["type"] == "validation_error"
    assert answer.json()["error"]["message"].startswith(f"Invalid request parameters: {problem}")


@pytest.mark.parametrize(
    ("authorization", "status", "message"),
    [
        ("", 401, "Authentication required"),
        ("Bearer id:secret", 401, "Authentication required"),
        ("Key wrong:key", 401, "Authentication required"),
        ("Key poor:key", 403, "Access denied"),
    ],
)
def test_a_key_that_is_wrong_is_refused(fal: Fal, authorization: str, status: int, message: str) -> None:
    fal.http.headers["Authorization"] = authorization
    answer = fal.listing()
    assert (answer.status_code, answer.json()) == (
        status,
        {"error": {"type": "authorization_error", "message": message}},
    )
    assert keeps("fal-platform-error", answer.json())


def test_what_is_not_there_is_told_in_the_platforms_words(sandbox: Sandbox, fal: Fal) -> None:
    told = {"error": {"type": "not_found", "message": "Resource not found"}}
    for answer in (
        fal.listing("fal-ai/flux/dev"),
        fal.listing(APP, "fal-ai/flux/dev"),
        fal.http.get(f"{sandbox.site['hosts']['fal']['api']}/v1/models/usage"),
    ):
        assert (answer.status_code, answer.json()) == (404, told)
        assert keeps("fal-platform-error", answer.json())
    assert fal.http.get("/nothing").json() == {"detail": "Path /nothing not found"}


@pytest.mark.parametrize(
    ("fault", "options", "status", "kind"),
    [("rate-limit", {"seconds": 9}, 429, "rate_limited")]
    + [("unavailable", {"status": status}, status, "server_error") for status in (500, 502, 503, 504)],
)
def test_faults_are_in_the_platforms_words(
    sandbox: Sandbox, fal: Fal, fault: str, options: dict[str, Any], status: int, kind: str
) -> None:
    sandbox.arm(fault, provider="fal", call="list", **options)
    answer = fal.listing()
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert answer.headers.get("retry-after") == ("9" if status == 429 else None)
    assert keeps("fal-platform-error", answer.json())
    assert fal.listing().is_success


def test_dates_in_a_list_may_be_off(sandbox: Sandbox, fal: Fal) -> None:
    fal.finished(BAD)
    (right,) = fal.listed()
    sandbox.arm("clock-skew", call="list", seconds=3_600)
    (wrong,) = fal.listed()
    for name in ("sent_at", "started_at", "ended_at"):
        assert date(wrong[name]) - date(right[name]) == timedelta(hours=1)


def test_a_list_is_in_the_journal_by_its_name(sandbox: Sandbox, fal: Fal) -> None:
    answer = fal.listing(APP, f"{APP}/edit", limit=5)
    entry = sandbox.journal()[-1]
    assert (entry["provider"], entry["call"], entry["path"]) == (
        "fal",
        "list",
        "/fal/api/v1/models/requests/by-endpoint",
    )
    assert entry["query"] == {"endpoint_id": f"{APP},{APP}/edit", "limit": "5"}
    assert (entry["answer"], entry["job"], entry["key_leaked"]) == (answer.json(), None, False)


# --- PixelDojo's list, of which everything is an assumption ---------------------------------------------------------


def test_pixeldojo_lists_a_job_half_a_minute_late(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    job_id = pixeldojo.request()
    sandbox.advance(LATE_S - 0.001)
    assert pixeldojo.listing().json() == {"jobs": []}
    sandbox.advance(0.001)
    assert [job["jobId"] for job in pixeldojo.listed()] == [job_id]


@pytest.mark.parametrize(("how", "shown"), [("at-once", True), ("never", False)])
def test_the_switch_is_pixeldojos_too(sandbox: Sandbox, pixeldojo: PixelDojo, how: str, shown: bool) -> None:
    sandbox.switch("lists.delay", how)
    job_id = pixeldojo.request()
    assert [job["jobId"] for job in pixeldojo.listed()] == [job_id] * shown


@pytest.mark.parametrize("mode", PIXELDOJO_BODIES)
def test_pixeldojo_tells_of_each_what_a_poll_tells_and_what_was_asked_for(pixeldojo: PixelDojo, mode: str) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    job_id = pixeldojo.finished(PIXELDOJO_BODIES[mode] | {"webhook_url": "http://127.0.0.1:1/hook?token=secret"})
    (job,) = pixeldojo.listed()
    assert before <= date(job["createdAt"]) <= datetime.now(UTC)
    assert job == pixeldojo.status(job_id).json() | {
        "model": "google-gemini-omni-flash",
        "createdAt": job["createdAt"],
        "input": PIXELDOJO_BODIES[mode],
    }
    assert keeps("pixeldojo-jobs", {"jobs": [job]})
    assert keeps("pixeldojo-job", job)


def test_pixeldojos_newest_job_comes_first_and_only_so_many_are_shown(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.switch("lists.delay", "at-once")
    made = [pixeldojo.request() for _ in range(RECENT + 1)]
    answer = pixeldojo.listing().json()
    assert [job["jobId"] for job in answer["jobs"]] == made[:0:-1]
    assert keeps("pixeldojo-jobs", answer)


def test_an_input_of_pixeldojos_that_is_very_large_is_not_kept(pixeldojo: PixelDojo) -> None:
    pixeldojo.finished({"prompt": "A" * LARGEST_INPUT})
    (job,) = pixeldojo.listed()
    assert "input" not in job


def test_each_account_and_each_vendor_has_its_own_list(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    other = PixelDojo(sandbox, key="pd_stranger")
    with other.http:
        made = [fal.request(BAD), pixeldojo.request(), other.request()]
        sandbox.advance(LATE_S)
        shown = [ids(fal.listed()), *([job["jobId"] for job in client.listed()] for client in (pixeldojo, other))]
    assert shown == [[job_id] for job_id in made]


def test_a_later_server_lists_an_earlier_ones_jobs(tmp_path: Path) -> None:
    lists = []
    for _ in range(2):
        with Sandbox(state=tmp_path, speed=0) as sandbox:
            client = PixelDojo(sandbox)
            with client.http:
                lists.append(client.listed() or (client.request(), sandbox.advance(LATE_S), client.listed())[-1])
    for job in (*lists[0], *lists[1]):
        job.pop("output", None)  # its URL is that of the day
    assert lists[0] == lists[1] != []


@pytest.mark.parametrize("authorization", ["", "Key pd_sandbox_omniflash", "Bearer wrong"])
def test_pixeldojo_lists_nothing_without_a_good_key(pixeldojo: PixelDojo, authorization: str) -> None:
    pixeldojo.http.headers["Authorization"] = authorization
    answer = pixeldojo.listing()
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert keeps("pixeldojo-error", answer.json())


@pytest.mark.parametrize(
    ("fault", "status", "code"), [("rate-limit", 429, "rate_limited"), ("unavailable", 503, "internal_error")]
)
def test_faults_of_a_list_are_in_pixeldojos_words(
    sandbox: Sandbox, pixeldojo: PixelDojo, fault: str, status: int, code: str
) -> None:
    sandbox.arm(fault, provider="pixeldojo", call="list")
    answer = pixeldojo.listing()
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert keeps("pixeldojo-error", answer.json())
    assert sandbox.journal()[-1]["call"] == "list"
    assert pixeldojo.listing().is_success
