"""Where the key goes, what may repeat it, and what a broken connection means (MAP-KEY, MAP-ORIGIN, ERR-SECRET)."""

import contextlib
import logging
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    Client,
    Clip,
    ConfigurationError,
    DeadlineExceeded,
    DownloadFailed,
    Job,
    Mode,
    OmniflashError,
    Pace,
    ProtocolError,
    Provider,
    ProviderUnavailable,
    RateLimited,
    SubmissionUncertain,
)
from omniflash.accounts import resolve
from omniflash.drive.network import address, request_of, troubles
from omniflash.effects import Call, NoAnswerTrouble, NotSentTrouble
from tests.drive.fronts import FRONTS, perform
from tests.drive.servers import http, raw

fronts = pytest.mark.parametrize("front", FRONTS)
KEY = "the-id-of-the-key:the-secret-half-of-it"
JOB = Job("fal", "1.0", Mode.TEXT_TO_VIDEO, "r1", "order-1")
RUNNING = http("202 Accepted", b'{"status": "IN_PROGRESS"}')
SUBMITTED = http("200 OK", b'{"request_id": "r1"}')


def fal(url: str) -> Provider:
    return Provider("fal", key=KEY, hosts={"queue": url})


async def look(client: Any) -> Any:
    return await client.status(JOB)


async def pay(client: Any) -> Any:
    return await client.submit(await client.plan("A cat"))


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def drop(connection: socket.socket) -> None:
    connection.close()


def half(connection: socket.socket) -> None:
    connection.sendall(SUBMITTED[:-10])


def stall(connection: socket.socket) -> None:
    time.sleep(0.4)


@fronts
def test_a_paid_call_that_never_left_is_not_uncertain(front: str, hasty: None) -> None:
    with pytest.raises(ProviderUnavailable, match="ConnectError"):
        perform(front, pay, fal(closed_port()))


@fronts
@pytest.mark.parametrize("answer", [drop, half, stall], ids=["dropped", "half an answer", "stalled"])
def test_a_paid_call_whose_answer_is_lost_is_uncertain_and_sent_once(front: str, answer: Any) -> None:
    with raw(answer) as server, pytest.raises(SubmissionUncertain) as caught:
        perform(front, pay, fal(server.url), timeout=0.2)
    assert len(server.seen) == 1
    assert caught.value.order.request.prompt == "A cat"


@fronts
def test_a_paid_call_is_never_sent_on_an_idle_connection(front: str) -> None:
    async def scenario(client: Any) -> Any:
        await look(client)
        return await pay(client)

    with raw(RUNNING, SUBMITTED, close_after_each=False) as server:
        assert perform(front, scenario, fal(server.url)).handle == "r1"
    assert server.connections == 2


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b" " * 65_536)


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)


@fronts
@pytest.mark.parametrize(("answer", "told"), [(endless, "longer than 1,000,000 bytes"), (dripping, "took too long")])
def test_an_answer_without_end_is_no_answer(
    front: str, answer: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omniflash.drive.network.MOST_BYTES", 1_000_000)
    with raw(answer) as server, pytest.raises(SubmissionUncertain, match=told):
        perform(front, pay, fal(server.url), timeout=0.3)
    assert len(server.seen) == 1


@fronts
def test_free_calls_share_a_connection(front: str) -> None:
    async def scenario(client: Any) -> None:
        await look(client)
        await look(client)

    with raw(RUNNING, close_after_each=False) as server:
        perform(front, scenario, fal(server.url))
    assert (server.connections, len(server.seen)) == (1, 2)


@fronts
def test_a_redirect_is_not_followed_with_the_key(front: str, hasty: None) -> None:
    with raw(RUNNING) as stranger, raw(http("307 Temporary Redirect", b"{}", f"Location: {stranger.url}/x")) as server:
        with pytest.raises(ProtocolError):
            perform(front, look, fal(server.url))
        with pytest.raises(SubmissionUncertain):
            perform(front, pay, fal(server.url))
    assert stranger.seen == []


@fronts
def test_a_clip_is_fetched_through_a_redirect_and_without_the_key(front: str, tmp_path: Path) -> None:
    async def scenario(client: Any) -> None:
        await client.save(Clip(f"{server.url}/a.mp4", "fal"), tmp_path / "clip.mp4")

    with raw(http("200 OK", b"film")) as store, raw(http("302 Found", b"", f"Location: {store.url}/b.mp4")) as server:
        perform(front, scenario, fal("http://127.0.0.1:9"))
    assert (tmp_path / "clip.mp4").read_bytes() == b"film"
    assert not any(b"authorization" in seen.lower() for seen in server.seen + store.seen)


@fronts
def test_an_answer_that_repeats_the_key_is_blotted_out(front: str, hasty: None) -> None:
    body = f'{{"detail": "No user found for {KEY} or the-secret-half-of-it"}}'.encode()
    with (
        raw(http("401 Unauthorized", body, f"x-fal-request-id: {KEY}")) as server,
        pytest.raises(OmniflashError) as caught,
    ):
        perform(front, look, fal(server.url))
    shown = f"{caught.value} {caught.value.words!r} {caught.value.words}"
    assert "No user found for ***" in shown
    assert "the-secret-half-of-it" not in shown


@fronts
def test_nonsense_is_shown_without_secrets(front: str, hasty: None) -> None:
    body = b'["' + KEY.encode() + b'", "https://cdn.example/a?sig=SECRET"]'
    with raw(http("200 OK", body)) as server, pytest.raises(ProtocolError) as caught:
        perform(front, look, fal(server.url))
    assert "https://cdn.example/a?…" in caught.value.exchange
    assert "SECRET" not in caught.value.exchange
    assert "secret-half" not in caught.value.exchange


@fronts
def test_no_log_line_shows_a_signature_or_the_key(front: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(client: Any) -> None:
        await look(client)
        await client.save(Clip(f"{server.url}/a.mp4?X-Signature=SECRET", "fal"), tmp_path / "clip.mp4")

    caplog.set_level(logging.DEBUG)
    moved = http("302 Found", b"", "Location: /b.mp4?X-Signature=SECRET")
    with raw(RUNNING, moved, http("200 OK", b"film")) as server:
        perform(front, scenario, fal(server.url))
    assert any(record.name == "httpx" for record in caplog.records)
    assert "SECRET" not in caplog.text
    assert "the-secret-half-of-it" not in caplog.text


def test_other_peoples_log_lines_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    caplog.set_level(logging.INFO, "httpx")
    with raw(RUNNING) as server:
        perform("sync", look, fal(server.url))
        httpx.get(f"{server.url}/?theirs=1")
    assert "theirs=1" in caplog.text


def test_the_key_is_not_sent_to_a_host_that_is_not_the_vendors() -> None:
    account = resolve(fal("https://queue.fal.run"))
    with pytest.raises(ProtocolError, match="not its own"):
        request_of(account, Call("status", "GET", "https://evil.example/requests/1?x=1"))
    assert "authorization" in request_of(account, Call("status", "GET", "https://queue.fal.run/requests/1")).headers
    for near in (
        "https://queue.fal.run:8443/",
        "http://queue.fal.run/",
        "https://queue.fal.run.evil.example/",
        "https://queue.fal.run@evil.example/",
    ):
        with pytest.raises(ProtocolError):
            request_of(account, Call("status", "GET", near))


def test_a_host_that_an_adapter_does_not_name_is_told() -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        address(resolve(fal("https://queue.fal.run")), Call("status", "GET", "nowhere:/x"))


def test_tls_that_fails_has_sent_nothing(hasty: None) -> None:
    with (
        raw(lambda connection: connection.sendall(b"no tls")) as server,
        pytest.raises(ProviderUnavailable, match="Connect"),
    ):
        perform("sync", pay, fal(server.url.replace("http:", "https:")), timeout=1.0)


@pytest.mark.parametrize(("problem", "trouble"), [(ssl.SSLError(), None), (ValueError("x"), None)])
def test_what_is_no_trouble_of_the_network_goes_on(problem: Exception, trouble: None) -> None:
    with pytest.raises(type(problem)), troubles(resolve(fal("https://queue.fal.run"))):
        raise problem


def test_the_two_troubles_are_told_apart() -> None:
    import httpx

    account = resolve(fal("https://queue.fal.run"))
    with pytest.raises(NotSentTrouble), troubles(account):
        raise httpx.ConnectTimeout("x")
    for kind in (httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        with pytest.raises(NoAnswerTrouble), troubles(account):
            raise kind("x")


@fronts
def test_a_transport_and_a_timeout_can_be_set(front: str) -> None:
    import httpx

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == 7.0
        return httpx.Response(202, json={"status": "IN_QUEUE", "queue_position": 3})

    seen = perform(front, look, fal("https://queue.fal.run"), transport=httpx.MockTransport(answer), timeout=7.0)
    assert seen.position == 3


@fronts
def test_a_proxy_can_be_set(front: str) -> None:
    with raw(RUNNING) as proxy:
        perform(front, look, fal("http://queue.fal.run"), proxy=proxy.url)
    assert proxy.seen[0].startswith(b"GET http://queue.fal.run/google/gemini-omni-flash/requests/r1/status ")


@fronts
@pytest.mark.parametrize("told", ["bytes 9-12/13", "nonsense"])
def test_a_resumed_download_that_leaves_a_hole_starts_over(front: str, told: str, tmp_path: Path, hasty: None) -> None:
    async def scenario(client: Any) -> None:
        await client.save(Clip(f"{server.url}/a.mp4", "fal"), tmp_path / "clip.mp4")

    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n0123")

    hole = http("206 Partial Content", b"9abc", f"Content-Range: {told}")
    rest = http("206 Partial Content", b"456789abc", "Content-Range: bytes 4-12/13")
    with raw(cut, hole, rest) as server:
        perform(front, scenario, fal("http://127.0.0.1:9"))
    assert (tmp_path / "clip.mp4").read_bytes() == b"0123456789abc"


@fronts
@pytest.mark.parametrize("place", ["mailto:x", "foo:bar", "http://[", "//", "http://\x80/", "x" * 70_000])
def test_an_odd_redirect_of_a_paid_call_is_uncertain_and_not_sent_again(front: str, place: str) -> None:
    moved = http("302 Found", b"", f"Location: {place}")
    with raw(moved) as server, pytest.raises(SubmissionUncertain):
        perform(front, pay, fal(server.url))
    assert len(server.seen) == 1


@fronts
def test_a_gateway_that_repeats_fals_word_for_too_early_is_no_refusal_of_a_submit(front: str) -> None:
    early = http("504 Gateway Timeout", b'{"detail": "Request is still in progress"}')
    with raw(early) as server, pytest.raises(SubmissionUncertain):
        perform(front, pay, fal(server.url))
    assert len(server.seen) == 1


@fronts
def test_a_wait_does_not_outlast_its_deadline_because_an_answer_does(front: str) -> None:
    def silent(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.recv(1)
        gone.append("the client left")

    async def scenario(client: Any) -> None:
        with pytest.raises(DeadlineExceeded):
            await client.wait(JOB, timeout=0.5)

    gone: list[str] = []
    with raw(silent) as server:
        perform(front, scenario, fal(server.url), timeout=3_600.0)
    assert len(server.seen) == 1


@fronts
def test_a_clip_that_cannot_be_had_still_carries_its_job(front: str, tmp_path: Path) -> None:
    done = http("200 OK", b'{"status": "COMPLETED"}')
    with raw(http("404 Not Found", b"gone")) as store:
        result = http("200 OK", f'{{"video": {{"url": "{store.url}/a.mp4"}}}}'.encode())

        async def scenario(client: Any) -> None:
            with pytest.raises(DownloadFailed, match="404") as caught:
                await client.generate("A cat", save_as=tmp_path / "clip.mp4")
            assert caught.value.job is not None
            assert caught.value.job.handle == "r1"

        with raw(SUBMITTED, done, result) as server:
            perform(front, scenario, fal(server.url))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("handle", ["\ud800", "a\nb"])
def test_what_http_has_no_words_for_is_not_sent(handle: str) -> None:
    with pytest.raises(NotSentTrouble):
        request_of(resolve(fal("https://queue.fal.run")), Call("status", "GET", f"https://queue.fal.run/{handle}"))


def test_a_key_that_the_vendor_repeats_in_a_header_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with raw(http("202 Accepted", b'{"status": "IN_PROGRESS"}', f"x-echo: {KEY}")) as server:
        perform("sync", look, fal(server.url))
    assert "x-echo" in caplog.text
    assert "the-secret-half-of-it" not in caplog.text


def test_threads_that_share_a_new_client_share_its_pace() -> None:
    with raw(RUNNING) as server:
        slow = Provider("fal", key=KEY, hosts={"queue": server.url}, pace=Pace(1, 3_600.0))
        with Client(slow) as client, ThreadPoolExecutor(8) as threads:
            looks = [threads.submit(client.status, JOB) for _ in range(8)]
            refused = [look.exception() for look in looks]
    assert len(server.seen) == 1
    assert sum(isinstance(problem, RateLimited) for problem in refused) == 7
