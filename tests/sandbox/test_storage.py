"""fal's storage: the ways in which its two clients upload files, the real fal_client among them, and what it is for."""

import logging
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client
import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clips import FPS, Footage, Recipe
from omniflash_sandbox.rendering import render
from tests.sandbox.clients import APP, FAL_BODIES, IMAGE, Fal, PixelDojo, keeps
from tests.sandbox.test_clips import footage

FILE = {"content_type": "video/mp4", "file_name": "clip.mp4"}
TYPED = {"Content-Type": "video/mp4"}
V3 = {"storage_type": "fal-cdn-v3"}


class Storage:
    """fal's storage, as the code of its clients uses it."""

    def __init__(self, fal: Fal) -> None:
        hosts = fal.sandbox.site["hosts"]["fal"]
        self.rest, self.cdn, self.keyed = hosts["rest"], hosts["cdn"], fal.http

    def initiate(self, body: Any = None, how: str = "initiate", **query: str) -> httpx.Response:
        return self.keyed.post(f"{self.rest}/storage/upload/{how}", json=body or FILE, params=query or V3)

    def announced(self, how: str = "initiate") -> tuple[str, str]:
        """Where to put a file, and where it will be."""
        told = self.initiate(how=how).raise_for_status().json()
        return told["upload_url"], told["file_url"]

    def uploaded(self, content: bytes) -> str:
        """The URL of a file that was put as @fal-ai/client puts it."""
        upload_url, file_url = self.announced()
        httpx.put(upload_url, content=content, headers=TYPED).raise_for_status()
        return file_url

    def token(self) -> dict[str, str]:
        """The header for the CDN, as fal_client makes it."""
        told = self.keyed.post(f"{self.rest}/storage/auth/token", params=V3, json={}).raise_for_status().json()
        assert keeps("fal-upload-token", told)
        return {"Authorization": f"{told['token_type']} {told['token']}"}


@pytest.fixture
def storage(fal: Fal) -> Storage:
    return Storage(fal)


def leaks(sandbox: Sandbox) -> set[str]:
    """The calls in which a key came to where none is asked for."""
    return {entry["call"] for entry in sandbox.journal() if entry["key_leaked"]}


def below(url: str, end: str) -> str:
    """The address of a part, as @fal-ai/client makes it: the path goes on, the query stays."""
    path, _, query = url.partition("?")
    return f"{path}/{end}?{query}"


# --- a file put at an address that was asked for: @fal-ai/client ----------------------------------------------------


def test_a_file_is_put_without_a_key_on_another_origin_and_can_be_had_there(sandbox: Sandbox, storage: Storage) -> None:
    answer = storage.initiate()
    told = answer.json()
    assert keeps("fal-upload-initiated", told)
    assert answer.headers["x-fal-request-id"]
    assert all(told[name].startswith(f"{sandbox.asset_url}/") for name in ("upload_url", "file_url"))
    assert httpx.get(told["file_url"]).status_code == 404
    assert httpx.put(told["upload_url"], content=b"bytes", headers=TYPED).is_success
    file = httpx.get(told["file_url"])
    assert (file.content, file.headers["content-type"]) == (b"bytes", "video/mp4")
    assert leaks(sandbox) == set()


def test_the_name_of_a_file_ends_its_url_as_far_as_a_path_can_have_it(storage: Storage) -> None:
    named = [storage.initiate({**FILE, "file_name": name}).json()["file_url"] for name in ("a b/../ü.mp4", "")]
    assert [url.rpartition("/")[2] for url in named] == ["a_b_.._.mp4", "_"]


def test_a_type_that_no_header_can_have_is_none(storage: Storage) -> None:
    told = storage.initiate({**FILE, "content_type": "video/mp4\r\nx: y"}).json()
    httpx.put(told["upload_url"], content=b"bytes")
    assert httpx.get(told["file_url"]).headers["content-type"] == "application/octet-stream"


def test_a_part_of_an_uploaded_file_can_be_had_and_its_head(storage: Storage) -> None:
    url = storage.uploaded(b"0123456789")
    part, head = httpx.get(url, headers={"Range": "bytes=2-4"}), httpx.head(url)
    assert (part.status_code, part.content) == (206, b"234")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "10")
    assert httpx.get(url, headers={"If-None-Match": head.headers["etag"]}).status_code == 304
    assert httpx.get(f"{url}/").content == b"0123456789"


@pytest.mark.parametrize("url", ["{path}", "{path}?signature=", "{path}?signature=0123"])
def test_an_address_without_its_signature_is_refused(storage: Storage, url: str) -> None:
    upload_url, file_url = storage.announced()
    answer = httpx.put(url.format(path=upload_url.partition("?")[0]), content=b"bytes")
    assert answer.status_code == 403
    assert keeps("fal-request-error", answer.json())
    assert httpx.get(file_url).status_code == 404


def test_nothing_can_be_put_where_nothing_was_announced(sandbox: Sandbox) -> None:
    answer = httpx.put(f"{sandbox.asset_url}/fal/uploads/unknown?signature=0123", content=b"bytes")
    assert answer.status_code == 404
    assert keeps("fal-request-error", answer.json())


def test_a_key_that_comes_with_a_file_is_leaked(sandbox: Sandbox, fal: Fal, storage: Storage) -> None:
    fal.http.put(storage.announced()[0], content=b"bytes")
    assert leaks(sandbox) == {"upload"}


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [({"file_name": "a"}, V3, 422), ({**FILE, "content_type": 5}, V3, 422), (FILE, {"storage_type": "s3"}, 400)],
)
def test_an_upload_that_cannot_be_is_refused(storage: Storage, body: Any, query: dict[str, str], status: int) -> None:
    assert storage.initiate(body, **query).status_code == status


def test_nobody_uploads_without_a_key(storage: Storage) -> None:
    storage.keyed.headers["Authorization"] = "Key wrong:key"
    assert storage.initiate().status_code == 401
    assert storage.keyed.post(f"{storage.rest}/storage/auth/token", params=V3, json={}).status_code == 401


def test_the_older_kind_of_storage_can_be_refused(sandbox: Sandbox, storage: Storage) -> None:
    assert storage.initiate(storage_type="gcs").is_success
    sandbox.switch("fal.storage_gcs", "refused")
    assert storage.initiate(storage_type="gcs").status_code == 400
    assert storage.initiate().is_success


def test_a_large_file_is_put_in_parts_and_joined(sandbox: Sandbox, storage: Storage) -> None:
    upload_url, file_url = storage.announced("initiate-multipart")
    parts = [httpx.put(below(upload_url, str(n)), content=part).json() for n, part in ((1, b"one,"), (2, b"two"))]
    assert all(keeps("fal-upload-part", part) for part in parts)
    assert httpx.get(file_url).status_code == 404
    assert keeps("fal-upload-complete", {"parts": parts})
    assert httpx.post(below(upload_url, "complete"), json={"parts": parts}).is_success
    assert httpx.get(file_url).content == b"one,two"
    assert leaks(sandbox) == set()


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([{"partNumber": 1, "etag": '"another"'}], 400),
        ([{"partNumber": 2, "etag": '"x"'}], 400),
        ([{"partNumber": 1}], 422),
        ([], 422),
        ("1", 422),
    ],
)
def test_parts_that_are_not_there_are_not_joined(storage: Storage, parts: object, status: int) -> None:
    upload_url, file_url = storage.announced("initiate-multipart")
    httpx.put(below(upload_url, "1"), content=b"one")
    assert httpx.post(below(upload_url, "complete"), json={"parts": parts}).status_code == status
    assert httpx.get(file_url).status_code == 404


@pytest.mark.parametrize("number", ["0", "x", "10001", "²"])
def test_a_part_has_a_number(storage: Storage, number: str) -> None:
    assert httpx.put(below(storage.announced("initiate-multipart")[0], number), content=b"one").status_code == 404


@pytest.mark.parametrize("end", ["1", "complete"])
def test_parts_need_the_signature_too(storage: Storage, end: str) -> None:
    url = below(storage.announced("initiate-multipart")[0].partition("?")[0], end)
    method = "POST" if end == "complete" else "PUT"
    assert httpx.request(method, url).status_code == 403


# --- a file put with a token: fal_client ----------------------------------------------------------------------------


def test_a_file_is_put_on_the_cdn_with_a_token(sandbox: Sandbox, storage: Storage) -> None:
    headers = {**storage.token(), **TYPED, "X-Fal-File-Name": "clip.mp4"}
    answer = httpx.post(f"{storage.cdn}/files/upload", content=b"bytes", headers=headers)
    assert keeps("fal-uploaded", answer.json())
    file = httpx.get(answer.json()["access_url"])
    assert (file.content, file.headers["content-type"]) == (b"bytes", "video/mp4")
    assert str(file.url).startswith(sandbox.asset_url)
    assert str(file.url).endswith("/clip.mp4")


@pytest.mark.parametrize("header", ["Key sandbox:omniflash", "Bearer sandbox:omniflash", "Bearer sandbox.0", ""])
def test_the_cdn_takes_a_token_and_no_key(storage: Storage, header: str) -> None:
    answer = httpx.post(f"{storage.cdn}/files/upload", content=b"bytes", headers={"Authorization": header})
    assert answer.status_code == 401
    assert keeps("fal-request-error", answer.json())


def test_parts_belong_to_the_account_that_began(fal: Fal, storage: Storage) -> None:
    began = httpx.post(f"{storage.cdn}/files/upload/multipart", headers=storage.token()).json()
    assert keeps("fal-upload-begun", began)
    session = f"{began['access_url']}/multipart/{began['uploadId']}"
    stranger = Fal(fal.sandbox, key="another:one")
    with stranger.http:
        theirs = Storage(stranger).token()
    for headers, status in ((storage.token(), 200), (theirs, 404)):
        assert httpx.put(f"{session}/1", content=b"one", headers=headers).status_code == status
    assert httpx.put(f"{session}x/1", content=b"one", headers=storage.token()).status_code == 404


# --- the real fal_client, to which only the hosts are told ----------------------------------------------------------


def calls(sandbox: Sandbox) -> list[tuple[str, int | None]]:
    return [(entry["call"], entry["status"]) for entry in sandbox.journal()]


def test_fal_client_uploads(
    sandbox: Sandbox, official: fal_client.SyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    url = official.upload(b"bytes", "video/mp4", "clip.mp4")
    assert httpx.get(url).content == b"bytes"
    assert calls(sandbox) == [("token", 200), ("upload", 200), ("asset", 200)]
    assert leaks(sandbox) == set()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_fal_client_uploads_a_large_file_in_parts(
    sandbox: Sandbox, official: fal_client.SyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fal_client.client, "MULTIPART_THRESHOLD", 1_000)
    monkeypatch.setattr(fal_client.client, "MULTIPART_CHUNK_SIZE", 1_000)
    content = bytes(n % 251 for n in range(9_500))
    (tmp_path / "clip.mp4").write_bytes(content)
    for url in (official.upload(content, "video/mp4", "clip.mp4"), official.upload_file(tmp_path / "clip.mp4")):
        assert httpx.get(url).content == content
    assert leaks(sandbox) == set()


def test_fal_client_falls_back_to_the_older_storage_and_leaks_its_key_there(
    sandbox: Sandbox, official: fal_client.SyncClient
) -> None:
    sandbox.arm("unavailable", provider="fal", call="upload")
    url = official.upload(b"bytes", "video/mp4", "clip.mp4")
    assert httpx.get(url).content == b"bytes"
    assert calls(sandbox) == [("token", 200), ("upload", 503), ("initiate", 200), ("upload", 200), ("asset", 200)]
    assert leaks(sandbox) == {"upload"}


# --- what uploads are for -------------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> bytes:
    """A video of four seconds, upright."""
    path = tmp_path / "source.mp4"
    render(Recipe("source", Footage(4 * FPS, portrait=True)), path)
    return path.read_bytes()


def test_an_edit_follows_an_uploaded_source(fal: Fal, pixeldojo: PixelDojo, storage: Storage, source: bytes) -> None:
    url = storage.uploaded(source)
    edits = [
        fal.video_url(fal.finished({"prompt": "Anime", "video_url": url}, f"{APP}/edit")),
        pixeldojo.video_url(pixeldojo.finished({"prompt": "Anime", "video": url})),
    ]
    assert [footage(httpx.get(edit).content) for edit in edits] == [Footage(4 * FPS, portrait=True)] * 2


def test_an_upload_outlives_its_server(tmp_path: Path, source: bytes) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox)
        with client.http:
            url = Storage(client).uploaded(source)
            old_origin = sandbox.asset_url
    with Sandbox(state=tmp_path, speed=0) as later:
        assert httpx.get(url.replace(old_origin, later.asset_url)).content == source
        client = Fal(later)
        with client.http:
            clip = client.video_url(client.finished({"prompt": "Anime", "video_url": url}, f"{APP}/edit"))
            assert footage(httpx.get(clip).content) == Footage(4 * FPS, portrait=True)


FRAME, REFERENCES, EDIT = f"{APP}/image-to-video", f"{APP}/reference-to-video", f"{APP}/edit"
BROKEN = "data:image/png;base64,€"


@pytest.mark.parametrize(
    ("endpoint", "fields", "loc", "kind"),
    [
        (EDIT, {"video_url": "data:video/mp4;base64,A"}, ["video_url"], "file_download_error"),
        (EDIT, {"video_url": "data:,plain"}, ["video_url"], "file_download_error"),
        (FRAME, {"image_url": BROKEN}, ["image_url"], "image_load_error"),
        (REFERENCES, {"image_urls": [IMAGE, BROKEN]}, ["image_urls", 1], "image_load_error"),
        (EDIT, {"video_url": "{files}/never.mp4"}, ["video_url"], "file_download_error"),
        (FRAME, {"image_url": "{files}/never.png"}, ["image_url"], "file_download_error"),
    ],
)
def test_a_file_that_cannot_be_loaded_ends_the_request_and_costs_nothing(
    fal: Fal, endpoint: str, fields: Any, loc: list[str | int], kind: str
) -> None:
    files = f"{fal.sandbox.asset_url}/fal/files/0123"
    body = {"prompt": "A cat", **fields} | {
        name: url.format(files=files) for name, url in fields.items() if isinstance(url, str)
    }
    result = fal.result(fal.finished(body, endpoint))
    assert result.status_code == 422
    assert keeps("fal-model-error", result.json())
    (complaint,) = result.json()["detail"]
    assert (complaint["loc"], complaint["type"]) == (["body", *loc], kind)
    assert [line["state"] for line in fal.sandbox.charges()] == ["refunded"]


def test_an_announced_file_that_never_came_cannot_be_loaded_and_one_that_came_can(fal: Fal, storage: Storage) -> None:
    upload_url, file_url = storage.announced()
    body = {**FAL_BODIES[FRAME], "image_url": file_url}
    assert fal.result(fal.finished(body, FRAME)).status_code == 422
    httpx.put(upload_url, content=b"bytes")
    assert fal.result(fal.finished(body, FRAME)).status_code == 200


# --- what is kept of a file -----------------------------------------------------------------------------------------


def test_of_a_file_the_journal_shows_its_type_and_size(sandbox: Sandbox, storage: Storage) -> None:
    storage.uploaded(b'{"not": "read"}')
    assert sandbox.journal()[-1]["body"] == {"content_type": "video/mp4", "bytes": 15}


def test_a_reset_forgets_uploads(sandbox: Sandbox, storage: Storage) -> None:
    url = storage.uploaded(b"bytes")
    sandbox.reset()
    assert httpx.get(url).status_code == 404


def test_a_request_that_is_too_large_is_refused(
    sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omniflash_sandbox.messages.LARGEST", 1_000)
    upload_url, file_url = storage.announced()
    answers = [
        httpx.put(upload_url, content=bytes(1_001)),
        fal.submit({"prompt": "x" * 1_000}),
        pixeldojo.submit({"prompt": "x" * 1_000}),
    ]
    assert [answer.status_code for answer in answers] == [413] * 3
    assert keeps("fal-request-error", answers[1].json())
    assert keeps("pixeldojo-error", answers[2].json())
    assert httpx.get(file_url).status_code == 404
    assert sandbox.charges() == []
    assert httpx.put(upload_url, content=bytes(1_000)).is_success


def test_parts_that_are_too_large_together_are_not_joined(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniflash_sandbox.uploads.LARGEST", 7)
    upload_url, file_url = storage.announced("initiate-multipart")
    parts = [httpx.put(below(upload_url, str(n)), content=b"four").json() for n in (1, 2)]
    assert httpx.post(below(upload_url, "complete"), json={"parts": parts}).status_code == 400
    assert httpx.get(file_url).status_code == 404
