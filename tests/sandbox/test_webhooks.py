"""Webhooks: what each vendor sends and when, how fal signs it, what is tried again, and what is never sent."""

import json
import math
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from queue import Empty

import fal_client
import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clock import Clock
from omniflash_sandbox.courier import LOOK_S
from omniflash_sandbox.jobs import Jobs
from omniflash_sandbox.store import Store
from omniflash_sandbox.switches import Switches
from omniflash_sandbox.webhooks import ATTEMPTS_S, LOST_S, WebhookDelivery, Webhooks
from tests.sandbox.clients import APP, FAL_BODIES, LONG_ENOUGH_S, PIXELDOJO_BODIES, Fal, PixelDojo, Wall, keeps
from tests.sandbox.receiver import Receiver, deliveries, published, receiving

CAT = {"prompt": "A cat", "duration": 3}
BAD = {"prompt": 3}  # it ends in an error, and needs no clip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def submitted(fal: Fal, url: str, body: object = BAD) -> str:
    """The id of a request whose end is to be told to a URL."""
    answer = fal.http.post(f"/{APP}", json=body, params={"fal_webhook": url}).raise_for_status()
    return str(answer.json()["request_id"])


def ended(fal: Fal, url: str, body: object = BAD) -> str:
    request_id = submitted(fal, url, body)
    fal.sandbox.advance(LONG_ENOUGH_S)
    return request_id


def seconds_between(one: WebhookDelivery, other: WebhookDelivery) -> float:
    return (datetime.fromisoformat(other["at"]) - datetime.fromisoformat(one["at"])).total_seconds()


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_fal_tells_a_good_end_with_the_models_output(fal: Fal, receiver: Receiver) -> None:
    request_id = ended(fal, receiver.url, CAT)
    came = receiver.next()
    told = json.loads(came.body)
    assert keeps("fal-webhook", told)
    assert told["payload"] == fal.result(request_id).json()
    assert (told["status"], told["error"]) == ("OK", None)
    assert told["request_id"] == told["gateway_request_id"] == request_id
    assert came.headers["Content-Type"] == "application/json"


def test_fal_tells_a_bad_end_with_its_status(fal: Fal, receiver: Receiver) -> None:
    request_id = ended(fal, receiver.url)
    told = json.loads(receiver.next().body)
    assert keeps("fal-webhook", told)
    assert (told["status"], told["error"]) == ("ERROR", "Invalid status code: 422")
    assert told["payload"] == fal.result(request_id).json()


def test_fal_tells_of_a_cancelled_request_at_once(fal: Fal, receiver: Receiver) -> None:
    fal.cancel(submitted(fal, receiver.url, CAT))
    assert json.loads(receiver.next().body)["error"] == "Invalid status code: 499"


def test_fal_writes_names_in_order_and_spaces_after_separators(fal: Fal, receiver: Receiver) -> None:
    ended(fal, receiver.url, CAT)
    body = receiver.next().body
    assert body == json.dumps(json.loads(body), sort_keys=True).encode()
    assert body.startswith(b'{"error": null, "gateway_request_id": "')


@pytest.mark.parametrize("body", [CAT, BAD])
def test_fal_may_send_no_payload_whatever_the_end(sandbox: Sandbox, fal: Fal, receiver: Receiver, body: object) -> None:
    sandbox.switch("fal.webhook_payload", "null")
    ended(fal, receiver.url, body)
    told = json.loads(receiver.next().body)
    assert keeps("fal-webhook", told)
    assert told["payload"] is None
    assert told["payload_error"].startswith("Response payload is not JSON serializable.")


def test_pixeldojo_sends_what_a_poll_is_told_as_assumed(pixeldojo: PixelDojo, receiver: Receiver) -> None:
    job_id = pixeldojo.finished({**PIXELDOJO_BODIES["text_to_video"], "webhook_url": receiver.url})
    came = receiver.next()
    assert keeps("pixeldojo-job", json.loads(came.body))
    assert json.loads(came.body) == pixeldojo.status(job_id).json()
    assert not [name for name in came.headers if "signature" in name.lower()]


def test_the_urls_own_query_is_sent_and_not_written_down(fal: Fal, receiver: Receiver) -> None:
    ended(fal, receiver.url.replace("//", "//user:secret@") + "?order=1&token=secret")
    assert receiver.next().path == "/hook?order=1&token=secret"
    (delivery,) = deliveries(fal.sandbox, 1)
    assert delivery["url"] == receiver.url


def test_fal_client_names_a_webhook(sandbox: Sandbox, official: fal_client.SyncClient, receiver: Receiver) -> None:
    handle = official.submit(APP, CAT, webhook_url=f"{receiver.url}?a=1&b=2")
    sandbox.advance(LONG_ENOUGH_S)
    came = receiver.next()
    assert came.path == "/hook?a=1&b=2"
    assert json.loads(came.body)["payload"] == handle.get()


# --- how fal signs --------------------------------------------------------------------------------------------------


def test_a_webhook_is_signed_by_a_key_that_is_published(fal: Fal, receiver: Receiver) -> None:
    request_id = ended(fal, receiver.url)
    came = receiver.next()
    (key,) = published(fal.sandbox)
    assert came.is_signed_by(key)
    assert came.headers["X-Fal-Webhook-Request-Id"] == request_id
    assert came.headers["X-Fal-Webhook-User-Id"] == "sandbox"
    assert abs(int(came.headers["X-Fal-Webhook-Timestamp"]) - time.time()) < 300


def test_keys_are_published_to_whoever_asks_and_a_key_that_comes_along_is_leaked(sandbox: Sandbox, fal: Fal) -> None:
    url = f"{sandbox.site['hosts']['fal']['rest']}/.well-known/jwks.json"
    assert keeps("fal-webhook-keys", httpx.get(url).json())
    fal.http.get(url)
    assert [(entry["call"], entry["key_leaked"]) for entry in sandbox.journal()] == [("keys", False), ("keys", True)]


def test_after_a_rotation_both_keys_are_published_and_after_another_the_first_is_not(
    fal: Fal, receiver: Receiver
) -> None:
    sandbox = fal.sandbox
    ended(fal, receiver.url)
    first = receiver.next()
    (oldest,) = published(sandbox)
    sandbox.rotate_keys()
    ended(fal, receiver.url, {"prompt": 4})
    second = receiver.next()
    newer, older = published(sandbox)
    assert older == oldest
    assert (second.is_signed_by(newer), second.is_signed_by(older)) == (True, False)
    httpx.post(f"{sandbox.url}/_sandbox/webhooks/rotate").raise_for_status()
    assert len(published(sandbox)) == 2
    assert not any(first.is_signed_by(key) for key in published(sandbox))


def test_a_run_that_is_repeated_has_the_same_keys(sandbox: Sandbox) -> None:
    sandbox.rotate_keys()
    before = published(sandbox)
    sandbox.reset()
    assert published(sandbox) == before[1:]
    sandbox.rotate_keys()
    assert published(sandbox) == before


def test_a_webhook_may_be_forged_or_stale(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    ended(fal, receiver.url)
    receiver.next()
    came = {}
    for how in ("forged", "stale"):
        sandbox.switch("fal.webhook_signature", how)
        sandbox.deliver(deliveries(sandbox, 1)[0]["job"])
        came[how] = receiver.next()
    (key,) = published(sandbox)
    assert [came[how].is_signed_by(key) for how in ("forged", "stale")] == [False, True]
    assert time.time() - int(came["stale"].headers["X-Fal-Webhook-Timestamp"]) > 300


# --- when it is sent ------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_end(fal: Fal, receiver: Receiver) -> None:
    sandbox, request_id = fal.sandbox, submitted(fal, receiver.url, CAT)
    while fal.status(request_id).json()["status"] != "COMPLETED":
        assert sandbox.webhooks() == []
        sandbox.advance(1)
    assert json.loads(receiver.next().body)["request_id"] == request_id


def test_time_is_advanced_by_any_thread_or_over_http(fal: Fal, receiver: Receiver) -> None:
    sandbox = fal.sandbox
    submitted(fal, receiver.url)
    thread = threading.Thread(target=sandbox.advance, args=(LONG_ENOUGH_S,))
    thread.start()
    thread.join()
    receiver.next()
    submitted(fal, receiver.url)
    httpx.post(f"{sandbox.url}/_sandbox/clock/advance", json={"seconds": LONG_ENOUGH_S}).raise_for_status()
    receiver.next()


def test_with_a_speed_it_is_sent_by_itself(tmp_path: Path, receiver: Receiver) -> None:
    with Sandbox(state=tmp_path, speed=200) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = submitted(client, receiver.url)
            assert json.loads(receiver.next().body)["request_id"] == request_id


def test_an_end_that_came_while_no_server_was_alive_is_told_by_the_next(tmp_path: Path, receiver: Receiver) -> None:
    with Sandbox(state=tmp_path, speed=100) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = submitted(client, receiver.url)
    with Sandbox(state=tmp_path, speed=0):
        assert json.loads(receiver.next().body)["request_id"] == request_id


def test_two_servers_on_one_state_tell_an_end_once(tmp_path: Path, receiver: Receiver) -> None:
    with Sandbox(state=tmp_path, speed=0) as one, Sandbox(state=tmp_path, speed=0) as other:
        client = Fal(one)
        with client.http:
            ids = [submitted(client, receiver.url, {"prompt": n}) for n in range(5)]
        for sandbox in (one, other, one):
            sandbox.advance(LONG_ENOUGH_S)
        assert sorted(delivery["job"] for delivery in deliveries(one, 5)) == sorted(ids)


def test_an_attempt_that_is_under_way_keeps_another_server_from_the_next(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers.append(503)
    receiver.may_answer.clear()
    with Sandbox(state=tmp_path, speed=0) as one, Sandbox(state=tmp_path, speed=0) as other:
        client = Fal(one)
        with client.http:
            ended(client, receiver.url)
        receiver.next()
        other.advance(LONG_ENOUGH_S)
        with pytest.raises(Empty):
            receiver.came.get(timeout=LOOK_S / 2)
        receiver.may_answer.set()
        made = deliveries(one, 2)
    assert [(delivery["attempt"], delivery["status"]) for delivery in made] == [(1, 503), (2, 200)]


def test_an_attempt_that_went_down_with_its_server_keeps_the_next_for_so_long_and_no_longer(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = submitted(client, "http://127.0.0.1:1/hook")
    store, wall = Store(tmp_path), Wall()
    clock, jobs, switches = Clock(store, 0, wall), Jobs(store), Switches(store)
    killed, other = (Webhooks(store, clock, jobs, switches) for _ in range(2))
    clock.advance(LONG_ENOUGH_S)
    assert next(killed.errands()).attempt == 1
    clock.advance(LONG_ENOUGH_S)
    wall.ns += int((LOST_S - 1) * 1e9)
    assert (list(other.errands()), other.seconds_left()) == ([], math.inf)
    wall.ns += int(2e9)
    assert [(errand.job.id, errand.attempt) for errand in islice(other.errands(), 1)] == [(request_id, 2)]
    store.close()


# --- what is tried again --------------------------------------------------------------------------------------------


def test_what_is_not_acknowledged_is_tried_again_until_it_is(fal: Fal, receiver: Receiver) -> None:
    receiver.answers.extend([503, 0, 404, 204])
    ended(fal, receiver.url)
    made = deliveries(fal.sandbox, 4)
    assert [(delivery["attempt"], delivery["status"]) for delivery in made] == [(1, 503), (2, None), (3, 404), (4, 204)]
    assert [delivery["reason"] for delivery in made] == [
        "answered 503: it will be tried again",
        "no answer (RemoteProtocolError): it will be tried again",
        "answered 404: it will be tried again",
        None,
    ]
    assert len({receiver.next().body for _ in made}) == 1


def test_it_is_tried_ten_times_more_within_two_hours_and_never_again(fal: Fal, receiver: Receiver) -> None:
    receiver.answers.extend([500] * 11)
    ended(fal, receiver.url)
    fal.sandbox.advance(7_200)
    assert [delivery["status"] for delivery in deliveries(fal.sandbox, 11)] == [500] * 11
    fal.sandbox.advance(100_000)
    last = ended(fal, receiver.url, {"prompt": 4})
    assert [delivery["job"] for delivery in deliveries(fal.sandbox, 12)][11:] == [last]
    assert (len(ATTEMPTS_S) - 1, ATTEMPTS_S[-1]) == (10, 7_200)


def test_the_first_retry_comes_in_its_own_time(fal: Fal, receiver: Receiver) -> None:
    receiver.answers.append(500)
    request_id = submitted(fal, receiver.url)
    while fal.status(request_id).json()["status"] != "COMPLETED":
        fal.sandbox.advance(1)
    deliveries(fal.sandbox, 1)
    for _ in range(ATTEMPTS_S[1] + 1):
        fal.sandbox.advance(1)
    first, second = deliveries(fal.sandbox, 2)
    assert ATTEMPTS_S[1] - 1 <= seconds_between(first, second) <= ATTEMPTS_S[1] + 1


def test_a_redirect_is_a_permanent_failure_and_is_not_followed(fal: Fal, receiver: Receiver) -> None:
    receiver.answers.append(307)
    ended(fal, receiver.url)
    fal.sandbox.advance(7_200)
    last = ended(fal, receiver.url, {"prompt": 4})
    failed, other = deliveries(fal.sandbox, 2)
    assert (failed["status"], failed["reason"]) == (307, "answered 307: a permanent failure")
    assert other["job"] == last
    assert receiver.came.qsize() == 2


# --- what is never sent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.com/hook?secret=1", "the sandbox sends webhooks to this machine only: nothing was sent"),
        ("http://127.0.0.1.example.com/", "the sandbox sends webhooks to this machine only: nothing was sent"),
        ("http://192.168.0.1/hook", "the sandbox sends webhooks to this machine only: nothing was sent"),
        ("http://0.0.0.0:1/hook", "the sandbox sends webhooks to this machine only: nothing was sent"),
        ("ftp://127.0.0.1/hook", "this is no URL: nothing was sent"),
        ("http://[", "the sandbox sends webhooks to this machine only: nothing was sent"),
        ("http://127.0.0.1:port/hook", "this is no URL: nothing was sent"),
        ("hook", "this is no URL: nothing was sent"),
    ],
)
def test_nothing_is_sent_to_another_machine_nor_to_no_url(fal: Fal, url: str, reason: str) -> None:
    ended(fal, url)
    (delivery,) = deliveries(fal.sandbox, 1)
    assert (delivery["status"], delivery["reason"]) == (None, reason)
    assert "secret" not in delivery["url"]


def test_a_job_without_a_webhook_tells_nobody(fal: Fal, pixeldojo: PixelDojo, receiver: Receiver) -> None:
    fal.finished()
    fal.http.post(f"/{APP}", json=BAD, params={"fal_webhook": ""})
    pixeldojo.finished()
    last = ended(fal, receiver.url)
    assert [delivery["job"] for delivery in deliveries(fal.sandbox, 1)] == [last]


# --- once, twice, late, again ---------------------------------------------------------------------------------------


def test_a_webhook_may_come_twice_with_the_same_body(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    sandbox.switch("webhooks.delivery", "twice")
    ended(fal, receiver.url)
    one, other = receiver.next(), receiver.next()
    assert one.body == other.body
    assert [delivery["attempt"] for delivery in deliveries(sandbox, 2)] == [1, 2]


def test_a_webhook_may_come_a_minute_late_and_so_out_of_order(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    sandbox.switch("webhooks.delivery", "late")
    request_id = submitted(fal, receiver.url)
    sandbox.advance(59)
    assert fal.status(request_id).json()["status"] == "COMPLETED"
    assert sandbox.webhooks() == []
    sandbox.advance(60)
    assert [delivery["job"] for delivery in deliveries(sandbox, 1)] == [request_id]


def test_a_webhook_may_be_held_back(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo, receiver: Receiver) -> None:
    sandbox.switch("webhooks.delivery", "held")
    job_id = pixeldojo.finished({"prompt": "A cat", "duration": 3, "webhook_url": receiver.url})
    assert pixeldojo.status(job_id).json()["status"] == "completed"
    assert sandbox.webhooks() == []
    sandbox.switch("webhooks.delivery", "once")
    assert json.loads(receiver.next().body)["jobId"] == job_id


def test_a_webhook_is_sent_again_on_demand(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    request_id = ended(fal, receiver.url)
    deliveries(sandbox, 1)
    sandbox.deliver(request_id)
    deliveries(sandbox, 2)
    answer = httpx.post(f"{sandbox.url}/_sandbox/webhooks/deliver", json={"job": request_id})
    assert answer.json() == {"job": request_id}
    assert [delivery["attempt"] for delivery in deliveries(sandbox, 3)] == [1, 2, 3]
    assert len({receiver.next().body for _ in range(3)}) == 1


def test_what_cannot_be_sent_again_is_refused_in_one_line(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    silent, going_on = fal.finished(), submitted(fal, receiver.url)
    refused = {
        "unknown": "there is no job 'unknown' with a webhook",
        silent: f"there is no job '{silent}' with a webhook",
        going_on: f"job '{going_on}' is not over",
    }
    for job_id, reason in refused.items():
        with pytest.raises(ValueError, match=reason):
            sandbox.deliver(job_id)
        answer = httpx.post(f"{sandbox.url}/_sandbox/webhooks/deliver", json={"job": job_id})
        assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert httpx.post(f"{sandbox.url}/_sandbox/webhooks/deliver", json={"id": silent}).status_code == 400


# --- what is known of it afterwards ---------------------------------------------------------------------------------


def test_a_delivery_is_written_down_and_shown_over_http(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    request_id = ended(fal, receiver.url)
    (delivery,) = deliveries(sandbox, 1)
    assert delivery == {
        "n": 1,
        "at": "2026-01-01T00:02:00.000Z",
        "provider": "fal",
        "job": request_id,
        "url": receiver.url,
        "attempt": 1,
        "body": json.loads(receiver.next().body),
        "status": 200,
        "reason": None,
    }
    assert httpx.get(f"{sandbox.url}/_sandbox/webhooks").json() == {"deliveries": sandbox.webhooks()}


def test_a_reset_forgets_webhooks_and_what_is_under_way(sandbox: Sandbox, fal: Fal, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    ended(fal, receiver.url)
    receiver.next()
    sandbox.reset()
    receiver.may_answer.set()
    last = ended(fal, receiver.url, {"prompt": 4})
    assert [delivery["job"] for delivery in deliveries(sandbox, 1)] == [last]


def test_others_are_answered_while_a_receiver_takes_its_time(fal: Fal, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    request_id = ended(fal, receiver.url)
    receiver.next()
    assert fal.status(request_id).json()["status"] == "COMPLETED"
    assert fal.sandbox.webhooks() == []
    receiver.may_answer.set()
    assert deliveries(fal.sandbox, 1)[0]["status"] == 200


def test_what_was_under_way_when_a_server_ended_is_tried_again_by_the_next(tmp_path: Path, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox)
        with client.http:
            request_id = ended(client, receiver.url)
        receiver.next()
    receiver.may_answer.set()
    with Sandbox(state=tmp_path, speed=0) as later:
        later.advance(LONG_ENOUGH_S)
        assert json.loads(receiver.next().body)["request_id"] == request_id
        assert deliveries(later, 1)[0]["attempt"] == 2


def test_every_mode_may_have_a_webhook(fal: Fal, receiver: Receiver) -> None:
    ids = {
        fal.http.post(f"/{endpoint}", json=body, params={"fal_webhook": receiver.url}).json()["request_id"]
        for endpoint, body in FAL_BODIES.items()
    }
    fal.sandbox.advance(LONG_ENOUGH_S)
    assert {json.loads(receiver.next().body)["request_id"] for _ in ids} == ids
