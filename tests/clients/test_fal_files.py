"""fal's official clients upload to the sandbox, each in its own ways, and what they uploaded is the input of a job."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from tests.clients import javascript_client, python_client
from tests.clients.asking import APP
from tests.clients.conftest import Did
from tests.clients.javascript_client import JavaScript, Node
from tests.clients.official import Official, Upload
from tests.clients.python_client import Python

LONG_ENOUGH_S = 120.0
I2V, EDIT = f"{APP}/image-to-video", f"{APP}/edit"
LARGE = 101 * 1024 * 1024  # above what either client sends in one piece

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """fal_client never closes the connection of an upload to the CDN: that is noticed here, and in no later test."""
    yield
    gc.collect()


@pytest.fixture
def python(sandbox: Sandbox) -> Iterator[Python]:
    with python_client.pointed(sandbox.site) as client:
        yield client


@pytest.fixture
def javascript(sandbox: Sandbox, node: Node) -> JavaScript:
    return JavaScript(node, sandbox.site)


@pytest.fixture
def large(tmp_path: Path) -> Upload:
    """A file that is uploaded in parts."""
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(LARGE)
        file.write(b"its first bytes")
    return Upload(path, "application/octet-stream")


def steps(sandbox: Sandbox) -> list[str]:
    """What the sandbox was asked, with the scheme of the key if there was one, and the status of its answer."""
    return [
        f"{each['call']} {each['method']} {each['headers'].get('authorization', 'none').split()[0]} {each['status']}"
        for each in sandbox.journal()
    ]


WHOLE = {
    python_client.NAME: ["token POST Key 200", "upload POST Bearer 200"],
    javascript_client.NAME: ["initiate POST Key 200", "upload PUT none 200"],
}
IN_PARTS = {
    python_client.NAME: [
        "token POST Key 200",
        "initiate POST Bearer 200",
        "upload PUT Bearer 200",
        "complete POST Bearer 200",
    ],
    javascript_client.NAME: ["initiate POST Key 200", "upload PUT none 200", "complete POST none 200"],
}
"""Each client's steps in order, a step that is repeated only once."""


def test_a_file_is_uploaded_and_had_again(client: Official, picture: Path, sandbox: Sandbox, did: Did) -> None:
    url = client.upload(Upload(picture, "image/png"))
    assert steps(sandbox) == WHOLE[client.name]
    answer = httpx.get(url)
    assert (answer.content, answer.headers["content-type"]) == (picture.read_bytes(), "image/png")
    did(client.name, "upload", "storage", ", ".join(WHOLE[client.name]))


def test_a_large_file_is_uploaded_in_parts_and_had_again(
    client: Official, large: Upload, sandbox: Sandbox, did: Did
) -> None:
    url = client.upload(large)
    assert list(dict.fromkeys(steps(sandbox))) == IN_PARTS[client.name]
    assert sum(each["call"] == "upload" for each in sandbox.journal()) == 11
    assert httpx.get(url).content == large.path.read_bytes()
    did(client.name, "upload, 11 parts", "storage", ", ".join(IN_PARTS[client.name]))


def test_an_uploaded_picture_is_animated(client: Official, picture: Path, sandbox: Sandbox, did: Did) -> None:
    body = {"prompt": "She turns", "image_url": client.upload(Upload(picture, "image/png")), "duration": 3}
    request_id = client.submit(I2V, body)
    sandbox.advance(LONG_ENOUGH_S)
    assert request_id in client.result(I2V, request_id)["video"]["url"]
    did(client.name, "upload, then submit", I2V, "a video")


def test_an_uploaded_clip_is_edited_at_its_own_length(
    client: Official, sandbox: Sandbox, tmp_path: Path, did: Did
) -> None:
    first = client.submit(APP, {"prompt": "A street at noon", "duration": 3})
    sandbox.advance(LONG_ENOUGH_S)
    film = tmp_path / "noon.mp4"
    film.write_bytes(httpx.get(client.result(APP, first)["video"]["url"]).content)
    client.submit(EDIT, {"prompt": "Make it night", "video_url": client.upload(Upload(film, "video/mp4"))})
    assert [line["amount"] for line in sandbox.charges()] == ["0.3750", "0.3900"]  # 3 s each, at 0.125 and 0.13
    did(client.name, "upload, then submit", EDIT, "billed for the length of what was uploaded")


def test_javascript_uploads_a_file_that_stands_in_the_input(
    javascript: JavaScript, picture: Path, sandbox: Sandbox, did: Did
) -> None:
    javascript.submit(I2V, {"prompt": "She turns"}, files={"image_url": Upload(picture, "image/png")})
    initiate, put, submit = sandbox.journal()
    assert (initiate["call"], put["call"], submit["call"]) == ("initiate", "upload", "submit")
    told: Any = initiate["answer"]
    assert submit["body"] == {"prompt": "She turns", "image_url": told["file_url"]}
    did(javascript.name, "submit a File", I2V, "uploaded first, its URL submitted")


def test_python_sends_the_key_along_where_it_uploads_to_a_signed_address(
    python: Python, picture: Path, sandbox: Sandbox, did: Did
) -> None:
    url = python.client.upload_file(picture, repository="fal", fallback_repository=[])
    assert steps(sandbox) == ["initiate POST Key 200", "upload PUT Key 200"]
    assert [each["key_leaked"] for each in sandbox.journal()] == [False, True]
    assert httpx.get(url).content == picture.read_bytes()
    did(python.name, 'upload, repository="fal"', "storage", "initiate, PUT with the key, where none is asked for")
