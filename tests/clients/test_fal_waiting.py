"""fal's official clients where an answer takes as long as the request: the stream of its status, the direct run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from omniflash_sandbox import Sandbox
from tests.clients.asking import APP, ENDPOINTS
from tests.clients.conftest import Did
from tests.clients.javascript_client import JavaScript, Node
from tests.clients.official import Official, Refused, Told
from tests.clients.test_fal_queue import passing_time
from tests.sandbox.clients import FAL_BODIES as BODIES

STEP_S = 10.0
RUN = "/fal/run"

endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS)


@endpoints
def test_javascript_subscribes_to_the_stream_of_a_status(endpoint: str, sandbox: Sandbox, node: Node, did: Did) -> None:
    client, seen = JavaScript(node, sandbox.site), list[Told]()
    result = client.subscribe(endpoint, BODIES[endpoint], passing_time(sandbox, seen), mode="streaming")
    assert [status["status"] for status in seen] == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert len(seen[-1]["logs"]) == 5  # they come bit by bit, and the client puts them together
    assert [each["call"] for each in sandbox.journal()] == ["submit", "stream", "result"]
    assert sandbox.journal()[0]["job"] in result["video"]["url"]
    assert [line["state"] for line in sandbox.charges()] == ["billed"]
    did(client.name, "subscribe, streaming", endpoint, "IN_QUEUE, IN_PROGRESS, COMPLETED in one answer, a video")


@contextmanager
def time_going_on(sandbox: Sandbox, accepted: Callable[[], object]) -> Iterator[None]:
    """Lets time pass while somebody waits for an answer, from when the sandbox has `accepted` what it is about."""
    over = Event()

    def go_on() -> None:
        while not over.wait(0.01):
            if accepted():
                sandbox.advance(STEP_S)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@endpoints
def test_a_direct_run_answers_with_the_result(client: Official, endpoint: str, sandbox: Sandbox, did: Did) -> None:
    with time_going_on(sandbox, sandbox.charges):
        result = client.run(endpoint, BODIES[endpoint])
    (run,) = sandbox.journal()
    assert (run["call"], run["path"], run["status"]) == ("run", f"{RUN}/{endpoint}", 200)
    assert str(run["job"]) in result["video"]["url"]
    assert [line["state"] for line in sandbox.charges()] == ["billed"]
    did(client.name, "run", endpoint, "a video in the one answer, billed once")


def test_a_direct_run_tells_what_is_wrong_at_once(client: Official, sandbox: Sandbox, did: Did) -> None:
    with time_going_on(sandbox, sandbox.charges), pytest.raises(Refused) as told:
        client.run(APP, {"prompt": "Too long", "duration": 11})
    assert told.value.status == 422
    assert told.value.says["detail"][0]["type"] == "less_than_equal"
    did(client.name, "run, bad input", APP, "422 less_than_equal")
