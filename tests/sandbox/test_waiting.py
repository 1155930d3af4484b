"""fal's answers that take as long as the request: the stream of its status, and the synchronous run."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import fal_client
import httpx
import pytest

from omniflash_sandbox import Sandbox
from tests.sandbox.clients import APP, FAL_BODIES, LONG_ENOUGH_S, Fal, keeps
from tests.sandbox.receiver import PATIENCE_S


def stream(fal: Fal, request_id: str, endpoint: str = APP, **query: str) -> Iterator[Any]:
    """The statuses, each as soon as it comes."""
    url = f"/{endpoint}/requests/{request_id}/status/stream"
    headers = {"Accept": "application/json, text/event-stream"}  # as @fal-ai/client sends it
    with fal.http.stream("GET", url, params=query, headers=headers, timeout=PATIENCE_S) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-fal-request-id"] == request_id
        for line in answer.iter_lines():
            if line:
                assert line.startswith("data: ")
                yield json.loads(line.removeprefix("data: "))


def stepwise(fal: Fal, request_id: str, endpoint: str = APP, **query: str) -> Iterator[Any]:
    """The same, with time moved by half a second at once until there is something else to tell."""
    for status in stream(fal, request_id, endpoint, **query):
        yield status
        before = fal.status(request_id, **query).json()
        while before["status"] != "COMPLETED" and fal.status(request_id, **query).json() == before:
            fal.sandbox.advance(0.5)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def begun(sandbox: Sandbox) -> None:
    """Waits until a job is accepted."""
    deadline = time.monotonic() + PATIENCE_S
    while not sandbox.charges() and time.monotonic() < deadline:
        time.sleep(0.002)


# --- the stream -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [APP, f"{APP}/edit"])
def test_a_stream_tells_each_change_until_the_end(fal: Fal, endpoint: str) -> None:
    request_id = fal.request(endpoint=endpoint)
    told = list(stepwise(fal, request_id, endpoint))
    assert all(keeps("fal-status", status) for status in told)
    names = [status["status"] for status in told]
    in_order = [first for first, second in pairwise([*names, None]) if first != second]
    assert in_order == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert all(one != other for one, other in pairwise(told))
    assert told[-1] == fal.status(request_id).json()


def test_each_position_in_the_queue_is_told(fal: Fal) -> None:
    positions = [status.get("queue_position") for status in stepwise(fal, fal.request())]
    queued = [position for position in positions if position is not None]
    assert queued == list(range(queued[0], -1, -1))


@pytest.mark.parametrize("asked", ["1", "true"])
def test_logs_come_line_by_line_and_each_line_once(fal: Fal, asked: str) -> None:
    request_id = fal.request()
    logs = [status["logs"] for status in stepwise(fal, request_id, logs=asked)]
    assert [line for lines in logs for line in lines] == fal.status(request_id, logs="1").json()["logs"]
    assert max(len(lines) for lines in logs) == 1


@pytest.mark.parametrize("query", [{}, {"logs": "0"}, {"logs": "false"}])
def test_logs_are_null_unless_they_are_asked_for(fal: Fal, query: dict[str, str]) -> None:
    request_id = fal.finished()
    assert [status["logs"] for status in stream(fal, request_id, **query)] == [None]


def test_under_the_virtual_clock_a_stream_waits_for_whoever_moves_it(sandbox: Sandbox, fal: Fal) -> None:
    statuses = stream(fal, fal.request())
    assert next(statuses)["status"] == "IN_QUEUE"
    threading.Thread(target=sandbox.advance, args=(LONG_ENOUGH_S,)).start()
    assert next(statuses)["status"] == "COMPLETED"
    assert list(statuses) == []


def test_a_stream_tells_of_a_cancel(fal: Fal) -> None:
    request_id = fal.request()
    statuses = stream(fal, request_id)
    next(statuses)
    stranger = Fal(fal.sandbox)
    with stranger.http:
        stranger.cancel(request_id)
    assert next(statuses)["error_type"] == "client_cancelled"


def test_with_a_speed_a_stream_ends_by_itself(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=100) as sandbox:
        client = Fal(sandbox)
        with client.http:
            *_, last = stream(client, client.request({"prompt": 3}))
            assert last["status"] == "COMPLETED"


def test_there_is_no_stream_of_an_unknown_request(fal: Fal) -> None:
    answer = fal.http.get(f"/{APP}/requests/unknown/status/stream")
    assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})


def test_of_a_stream_the_journal_shows_its_type(sandbox: Sandbox, fal: Fal) -> None:
    list(stream(fal, fal.finished()))
    entry = sandbox.journal()[-1]
    assert (entry["call"], entry["status"], entry["answer"]) == ("stream", 200, {"content_type": "text/event-stream"})


def test_a_fault_can_strike_a_stream(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    sandbox.arm("unavailable", provider="fal", call="stream")
    assert fal.http.get(f"/{APP}/requests/{request_id}/status/stream").status_code == 503
    assert len(list(stream(fal, request_id))) == 1


# --- the synchronous run --------------------------------------------------------------------------------------------


def run(fal: Fal, body: object = None, endpoint: str = APP) -> httpx.Response:
    url = f"{fal.sandbox.site['hosts']['fal']['run']}/{endpoint}"
    return fal.http.post(url, json=body or FAL_BODIES[endpoint], timeout=PATIENCE_S)


def running(pool: ThreadPoolExecutor, fal: Fal, body: object = None, endpoint: str = APP) -> "Future[httpx.Response]":
    """The answer to come, of a run that was accepted."""
    answer = pool.submit(run, fal, body, endpoint)
    begun(fal.sandbox)
    return answer


@pytest.mark.parametrize("endpoint", FAL_BODIES)
def test_a_run_answers_with_the_models_output_when_time_has_passed(
    fal: Fal, pool: ThreadPoolExecutor, endpoint: str
) -> None:
    answer = running(pool, fal, endpoint=endpoint)
    assert not answer.done()
    fal.sandbox.advance(LONG_ENOUGH_S)
    told = answer.result()
    assert told.status_code == 200
    assert keeps("fal-result", told.json())
    assert httpx.get(told.json()["video"]["url"]).is_success


def test_a_run_is_billed_once_like_any_other_request(fal: Fal, pool: ThreadPoolExecutor) -> None:
    answer = running(pool, fal)
    fal.sandbox.advance(LONG_ENOUGH_S)
    (line,) = fal.sandbox.charges()
    assert (line["state"], line["amount"]) == ("billed", "0.3750")
    assert answer.result().headers["x-fal-request-id"] == line["job"]
    assert answer.result().headers["x-fal-billable-units"] == "0.37500000"


def test_a_run_answers_with_the_models_error(fal: Fal, pool: ThreadPoolExecutor) -> None:
    answer = running(pool, fal, {"prompt": 3})
    fal.sandbox.advance(LONG_ENOUGH_S)
    assert answer.result().status_code == 422
    assert keeps("fal-model-error", answer.result().json())


def test_a_run_that_cannot_be_is_refused_at_once(sandbox: Sandbox, fal: Fal) -> None:
    assert run(fal, {"prompt": "A cat"}, f"{APP}/v9/edit").status_code == 404
    poor = Fal(sandbox, key="poor:key")
    with poor.http:
        assert run(poor).status_code == 403
    assert sandbox.charges() == []


def test_a_run_ends_when_the_sandbox_is_reset(fal: Fal, pool: ThreadPoolExecutor) -> None:
    answer = running(pool, fal)
    fal.sandbox.reset()
    told = answer.result()
    assert told.status_code == 503
    assert keeps("fal-request-error", told.json())


def test_a_sandbox_stops_while_somebody_waits(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox)
        waiting = running(pool, client)
        request_id = client.request()
        statuses = stream(client, request_id)
        next(statuses)
    assert waiting.result().status_code == 503
    assert list(statuses) == []
    client.http.close()


# --- the real fal_client --------------------------------------------------------------------------------------------


def test_fal_client_runs(sandbox: Sandbox, official: fal_client.SyncClient, pool: ThreadPoolExecutor) -> None:
    result = pool.submit(official.run, APP, FAL_BODIES[APP], timeout=PATIENCE_S, start_timeout=30, hint="abc")
    begun(sandbox)
    sandbox.advance(LONG_ENOUGH_S)
    assert keeps("fal-result", result.result())
    assert sandbox.journal()[-1]["headers"]["x-fal-request-timeout"] == "30.0"


def test_fal_client_subscribes_and_polls_each_status(sandbox: Sandbox, official: fal_client.SyncClient) -> None:
    seen: list[fal_client.Status] = []

    def update(status: fal_client.Status) -> None:
        seen.append(status)
        sandbox.advance(4)

    result = official.subscribe(APP, FAL_BODIES[APP], with_logs=True, interval=0.001, on_queue_update=update)
    assert keeps("fal-result", result)
    assert {type(status) for status in seen} == {fal_client.Queued, fal_client.InProgress, fal_client.Completed}
    calls = [entry["call"] for entry in sandbox.journal()]
    assert calls == ["submit", *["status"] * (len(seen) + 1), "result"]


def test_fal_client_cancels_and_reads_the_error(sandbox: Sandbox, official: fal_client.SyncClient) -> None:
    handle = official.submit(f"{APP}/edit", FAL_BODIES[f"{APP}/edit"], priority="low")
    official.cancel(f"{APP}/edit", handle.request_id)
    status = official.status(f"{APP}/edit", handle.request_id)
    assert isinstance(status, fal_client.Completed)
    assert status.error_type == "client_cancelled"
    with pytest.raises(fal_client.FalClientHTTPError, match="cancelled by the client") as problem:
        handle.get()
    assert (problem.value.status_code, problem.value.error_type) == (499, "client_cancelled")


def test_fal_client_reads_what_is_wrong_with_a_request(sandbox: Sandbox, official: fal_client.SyncClient) -> None:
    handle = official.submit(APP, {"prompt": 3})
    sandbox.advance(LONG_ENOUGH_S)
    with pytest.raises(fal_client.FalClientHTTPError) as problem:
        handle.get()
    assert problem.value.status_code == 422
    detail: Any = problem.value.message  # a list, whatever the client declares
    assert detail[0]["loc"] == ["body", "prompt"]
