"""Sending local inputs over real sockets: streamed, with their length, without the key, only where that is allowed."""

import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    ConfigurationError,
    Data,
    File,
    InvalidRequest,
    OmniflashError,
    ProtocolError,
    Provider,
    ProviderUnavailable,
    SubmissionUncertain,
    Transfer,
)
from omniflash.accounts import resolve
from omniflash.adapter import Order
from omniflash.drive.files import PIECE_BYTES
from omniflash.drive.network import is_public, may_upload_to, upload_of
from omniflash.effects import Call, Send
from tests.drive.fronts import FRONTS, perform
from tests.drive.servers import Raw, http, raw

fronts = pytest.mark.parametrize("front", FRONTS)
KEY = "the-id-of-the-key:the-secret-half-of-it"
SUBMITTED = http("200 OK", b'{"request_id": "r1"}')


def fal(api: str, *uploads: str) -> Provider:
    return Provider("fal", key=KEY, hosts={"queue": api, "rest": api}, uploads=uploads)


def place(store: Raw) -> bytes:
    body = f'{{"upload_url": "{store.url}/put/1?sig=SECRET", "file_url": "{store.url}/files/1"}}'
    return http("200 OK", body.encode())


def uploading(image: Any, **more: Any) -> Callable[[Any], Any]:
    async def scenario(client: Any) -> Any:
        return await client.submit(await client.plan("A cat", image=image), **more)

    return scenario


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file that is sent in several pieces, and whose name says another type than its bytes."""
    path = tmp_path / "her portrait.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2 * PIECE_BYTES))
    return path


@fronts
def test_a_file_is_put_without_the_key_as_what_its_bytes_say(front: str, film: Path) -> None:
    seen: list[Transfer] = []
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        job = perform(front, uploading(film, on_upload=seen.append), fal(api.url, store.url))
    assert job.handle == "r1"
    (put,) = store.seen
    head, _, body = put.partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /put/1?sig=SECRET HTTP/1.1\r\n")
    assert body == film.read_bytes()
    told = head.lower()
    assert b"content-type: image/png" in told
    assert b"content-length: %d" % len(body) in told
    assert b"authorization" not in told
    assert b"chunked" not in told
    initiate, submit = api.seen
    assert initiate.startswith(b"POST /storage/upload/initiate?storage_type=fal-cdn-v3 ")
    assert initiate.endswith(b'{"content_type":"image/png","file_name":"image.png"}')
    assert b"portrait" not in initiate + put + submit
    assert f'"image_url":"{store.url}/files/1"'.encode() in submit
    assert [(step.field, step.size) for step in seen] == [("image", len(body))] * 3
    assert [step.sent for step in seen] == [PIECE_BYTES, 2 * PIECE_BYTES, len(body)]


@fronts
def test_large_content_in_memory_is_put_too(front: str) -> None:
    content = b"\xff\xd8\xff" + bytes(9 * 1024 * 1024)
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        perform(front, uploading(Data.of(content, "image/png")), fal(api.url, store.url))
    assert store.seen[0].endswith(content)
    assert b"image/jpeg" in store.seen[0]


@fronts
def test_a_watcher_may_be_a_coroutine_function(front: str, film: Path) -> None:
    seen: list[Transfer] = []

    async def watch(transfer: Transfer) -> None:
        seen.append(transfer)

    watcher = seen.append if front == "sync" else watch
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        perform(front, uploading(film, on_upload=watcher), fal(api.url, store.url))
    assert len(seen) == 3


def cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@fronts
def test_an_upload_that_breaks_is_begun_again(front: str, film: Path, hasty: None) -> None:
    with raw(cut, http("503 Slow Down", b"<xml/>"), http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        assert perform(front, uploading(film), fal(api.url, store.url)).handle == "r1"
    assert len(store.seen) == 3
    assert len({put.partition(b"\r\n\r\n")[2] for put in store.seen}) == 1
    assert len(api.seen) == 2


def early(connection: socket.socket) -> None:
    connection.sendall(http("403 Forbidden", b"<Error>expired</Error>"))


@fronts
def test_a_store_that_says_no_is_told_as_that_and_costs_nothing(front: str, film: Path, hasty: None) -> None:
    with raw(early) as store, raw(place(store), SUBMITTED) as api, pytest.raises(ProviderUnavailable, match="403"):
        perform(front, uploading(film), fal(api.url, store.url))
    assert len(api.seen) == 1


@fronts
def test_a_redirect_of_an_upload_is_not_followed(front: str, film: Path, hasty: None) -> None:
    with (
        raw(http("200 OK", b"")) as elsewhere,
        raw(http("307 Temporary Redirect", b"", f"Location: {elsewhere.url}/x")) as store,
        raw(place(store), SUBMITTED) as api,
        pytest.raises(ProviderUnavailable),
    ):
        perform(front, uploading(film), fal(api.url, store.url))
    assert elsewhere.seen == []


@fronts
def test_a_place_that_is_private_is_refused_unless_it_is_yours(front: str, film: Path) -> None:
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        with pytest.raises(ProtocolError, match=r"private or not https.*uploads=") as caught:
            perform(front, uploading(film), fal(api.url))
        assert "SECRET" not in str(caught.value)
        with pytest.raises(ProtocolError):
            perform(front, uploading(film), fal(api.url, "http://127.0.0.1:1"))
    assert store.seen == []
    assert not any(b"gemini" in seen for seen in api.seen)


@fronts
@pytest.mark.parametrize(
    "body", [b"{}", b'{"upload_url": 5}', b'{"upload_url": "https://e.com", "file_url": "ftp://x"}', b"[]"]
)
def test_a_place_that_is_none_is_nonsense(front: str, body: bytes, film: Path) -> None:
    with raw(http("200 OK", body)) as api, pytest.raises(ProtocolError):
        perform(front, uploading(film), fal(api.url))
    assert len(api.seen) == 1


@fronts
def test_a_file_that_shrinks_while_it_is_sent_costs_nothing(front: str, film: Path) -> None:
    def watch(transfer: Transfer) -> None:
        with film.open("rb+") as file:
            file.truncate(PIECE_BYTES)

    with (
        raw(http("200 OK", b"")) as store,
        raw(place(store), SUBMITTED) as api,
        pytest.raises(InvalidRequest, match=r"REQ-MEDIA image.*shorter while it was sent"),
    ):
        perform(front, uploading(film, on_upload=watch), fal(api.url, store.url))
    assert len(api.seen) == 1


@fronts
def test_an_upload_is_not_part_of_an_uncertain_paid_call(front: str, film: Path) -> None:
    with raw(http("200 OK", b"")) as store, raw(place(store), cut) as api, pytest.raises(SubmissionUncertain) as caught:
        perform(front, uploading(film), fal(api.url, store.url))
    assert (len(store.seen), len(api.seen)) == (1, 2)
    assert caught.value.order.media == {"image": f"{store.url}/files/1"}


def test_no_log_line_shows_the_place(film: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        perform("sync", uploading(film), fal(api.url, store.url))
    assert any("PUT" in record.getMessage() for record in caplog.records)
    assert "SECRET" not in caplog.text


PUBLIC = ["v3.fal.media", "storage.googleapis.com", "8.8.8.8", "[2606:4700::1111]", "example.com."]
PRIVATE = [
    "localhost", "printer", "nas.local", "db.internal", "x.localhost", "127.0.0.1", "10.1.2.3", "192.168.0.1",
    "0x7f.0x1", "0177.0.0.0x1", "nas.local.", "localhost.", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "169.254.169.254", "[::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_host_over_https_may_have_a_file(host: str) -> None:
    account = resolve(Provider("fal", key=KEY))
    assert may_upload_to(account, f"https://{host}/put?sig=1")
    assert not may_upload_to(account, f"http://{host}/put?sig=1")


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_host_may_not(host: str) -> None:
    account = resolve(Provider("fal", key=KEY))
    assert not may_upload_to(account, f"https://{host}/put")
    assert not may_upload_to(account, f"https://{host}:8443/put")


def test_what_is_no_url_may_not_and_the_users_own_origin_may() -> None:
    account = resolve(Provider("fal", key=KEY, uploads=("http://10.0.0.5:9000/",)))
    assert may_upload_to(account, "http://10.0.0.5:9000/bucket/1")
    for url in (
        "",
        "put",
        "https://",
        "file:///etc/passwd",
        "http://10.0.0.5:9001/x",
        "https://[/x",
        "queue:/x",
        "https://a.b/\ud800",
    ):
        assert not may_upload_to(account, url)
    assert not is_public("")


def test_an_upload_with_the_key_is_never_made() -> None:
    account = resolve(Provider("fal", key=KEY))
    with pytest.raises(ProtocolError):
        upload_of(account, Send(Call("upload", "PUT", "https://queue.fal.run/x"), File("a"), "image"), 3)


@fronts
def test_what_is_raised_just_before_paying_stops_everything(front: str, film: Path) -> None:
    orders: list[Order] = []

    def stop(order: Order) -> None:
        orders.append(order)
        raise InterruptedError

    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api, pytest.raises(InterruptedError):
        perform(front, uploading(film, on_paying=stop), fal(api.url, store.url))
    assert (len(store.seen), len(api.seen)) == (1, 1)
    assert orders[0].media == {"image": f"{store.url}/files/1"}


@fronts
def test_who_watches_the_payment_may_be_a_coroutine_function(front: str, film: Path) -> None:
    orders: list[Order] = []

    async def watch(order: Order) -> None:
        orders.append(order)

    watcher = orders.append if front == "sync" else watch
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        perform(front, uploading(film, on_paying=watcher), fal(api.url, store.url))
    assert len(orders) == 1


@fronts
def test_an_upload_that_takes_too_long_is_given_up(front: str, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniflash.flows.inputs.UPLOAD_PATIENCE_S", -1.0)
    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api, pytest.raises(OmniflashError):
        perform(front, uploading(film), fal(api.url, store.url))
    assert not any(b"gemini" in seen for seen in api.seen)


@pytest.mark.parametrize("uploads", [None, (5,), "http://10.0.0.5:9000", ("10.0.0.5:9000",)])
def test_origins_that_are_none_are_told_at_once(uploads: Any) -> None:
    with pytest.raises(ConfigurationError, match="list of origins"):
        resolve(Provider("fal", key=KEY, uploads=uploads))


@fronts
def test_a_file_that_grows_while_it_is_sent_is_sent_as_long_as_it_was(front: str, film: Path) -> None:
    size = film.stat().st_size

    def watch(transfer: Transfer) -> None:
        with film.open("ab") as file:
            file.write(b"more")

    with raw(http("200 OK", b"")) as store, raw(place(store), SUBMITTED) as api:
        perform(front, uploading(film, on_upload=watch), fal(api.url, store.url))
    assert len(store.seen[0].partition(b"\r\n\r\n")[2]) == size


@fronts
def test_a_place_is_shown_in_one_line(front: str, film: Path) -> None:
    odd = http("200 OK", b'{"upload_url": "nonsense \\n\\u001b[2J", "file_url": "https://e.com/a"}')
    with raw(odd) as api, pytest.raises(ProtocolError) as caught:
        perform(front, uploading(film), fal(api.url))
    assert str(caught.value).isprintable()
