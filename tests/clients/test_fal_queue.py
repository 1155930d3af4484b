"""fal's official clients through the queue of the sandbox, on every endpoint: they find all that they expect."""

from collections.abc import Callable

import pytest

from omniflash_sandbox import Sandbox
from tests.clients.asking import APP, ENDPOINTS
from tests.clients.conftest import Did
from tests.clients.official import Official, Refused, Told
from tests.sandbox.clients import FAL_BODIES as BODIES

QUEUE = "/fal/queue"
LONG_ENOUGH_S = 120.0
QUEUED_S = 5.0  # no request waits longer

endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS)


def calls(sandbox: Sandbox) -> list[tuple[str, str, int | None]]:
    """What the sandbox was asked: method, path and the status of its answer."""
    return [(each["method"], each["path"].removeprefix(QUEUE), each["status"]) for each in sandbox.journal()]


def passing_time(sandbox: Sandbox, seen: list[Told]) -> Callable[[Told], None]:
    """Keeps each new status that a waiting client sees, and lets time pass: until it is processed, then to its end."""

    def update(status: Told) -> None:
        if seen and status["status"] == seen[-1]["status"]:
            return
        seen.append(status)
        sandbox.advance(QUEUED_S if status["status"] == "IN_QUEUE" else LONG_ENOUGH_S)

    return update


@endpoints
def test_subscribe_waits_with_logs_and_hands_over_the_video(
    client: Official, endpoint: str, sandbox: Sandbox, did: Did
) -> None:
    seen: list[Told] = []
    result = client.subscribe(endpoint, BODIES[endpoint], passing_time(sandbox, seen))
    assert [status["status"] for status in seen] == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert [log["message"] for log in seen[1]["logs"]] == ["Generating… 0 %"]
    assert len(seen[2]["logs"]) == 5
    assert seen[2]["metrics"]["inference_time"] > 0
    (line,) = sandbox.charges()
    assert (line["mode"], line["state"]) == (mode_of(endpoint), "billed")
    submitted = sandbox.journal()[0]
    assert (submitted["path"], submitted["body"]) == (f"{QUEUE}/{endpoint}", BODIES[endpoint])
    assert result["video"]["url"].endswith(f"{submitted['job']}.mp4")
    assert {each["status"] for each in sandbox.journal()} == {200, 202}
    did(client.name, "subscribe", endpoint, "IN_QUEUE, IN_PROGRESS, COMPLETED, a video, billed once")


def mode_of(endpoint: str) -> str:
    return (endpoint.removeprefix(APP).lstrip("/") or "text-to-video").replace("-", "_")


@endpoints
def test_submit_status_and_result_one_by_one(client: Official, endpoint: str, sandbox: Sandbox, did: Did) -> None:
    request_id = client.submit(endpoint, BODIES[endpoint])
    assert client.status(endpoint, request_id)["status"] == "IN_QUEUE"
    sandbox.advance(QUEUED_S)
    assert client.status(endpoint, request_id)["logs"] is None
    assert client.status(endpoint, request_id, logs=True)["logs"] != []
    sandbox.advance(LONG_ENOUGH_S)
    assert client.status(endpoint, request_id)["status"] == "COMPLETED"
    assert client.result(endpoint, request_id)["video"]["content_type"] == "video/mp4"
    asked = f"/{APP}/requests/{request_id}"
    assert calls(sandbox)[:5] == [
        ("POST", f"/{endpoint}", 200),
        *[("GET", f"{asked}/status", code) for code in (202, 202, 202, 200)],
    ]
    assert calls(sandbox)[-1] == ("GET", asked, 200)
    did(client.name, "submit, status, logs, result", endpoint, "each as fal describes it")


@endpoints
@pytest.mark.parametrize(
    ("when", "seconds", "answer", "bill"), [("queued", 0.0, 200, "refunded"), ("running", QUEUED_S, 202, "billed")]
)
def test_a_cancel_is_heard_and_the_request_ends_as_cancelled(
    client: Official, endpoint: str, when: str, seconds: float, answer: int, bill: str, sandbox: Sandbox, did: Did
) -> None:
    request_id = client.submit(endpoint, BODIES[endpoint])
    sandbox.advance(seconds)
    client.cancel(endpoint, request_id)
    assert calls(sandbox)[-1] == ("PUT", f"/{APP}/requests/{request_id}/cancel", answer)
    assert client.status(endpoint, request_id)["status"] == "COMPLETED"
    with pytest.raises(Refused) as told:
        client.result(endpoint, request_id)
    assert (told.value.status, told.value.request_id) == (499, request_id)
    assert told.value.says["error_type"] == "client_cancelled"
    assert [line["state"] for line in sandbox.charges()] == [bill]
    did(client.name, f"cancel, {when}", endpoint, f"{answer}; the result is 499 client_cancelled")


@endpoints
def test_a_cancel_that_comes_too_late_is_an_error_to_the_clients(
    client: Official, endpoint: str, sandbox: Sandbox, did: Did
) -> None:
    request_id = client.submit(endpoint, BODIES[endpoint])
    sandbox.advance(LONG_ENOUGH_S)
    with pytest.raises(Refused) as told:
        client.cancel(endpoint, request_id)
    assert told.value.status == 400
    assert "ALREADY_COMPLETED" in str(told.value.says)
    assert client.status(endpoint, request_id)["status"] == "COMPLETED"
    assert [line["state"] for line in sandbox.charges()] == ["billed"]
    did(client.name, "cancel, finished", endpoint, "400 ALREADY_COMPLETED")
