"""The clips: real files of the asked length and aspect, with sound, that any player plays; and how they are served."""

import asyncio
import base64
import math
import os
import subprocess
import sys
import time
from array import array
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Event

import av
import httpx
import imageio_ffmpeg  # type: ignore[import-untyped]  # it ships no types
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clips import FORMATS, FPS, Footage, Recipe
from omniflash_sandbox.rendering import measure, render
from omniflash_sandbox.sources import content_of
from omniflash_sandbox.studio import Studio
from tests.sandbox.clients import APP, IMAGE, LONG_ENOUGH_S, VIDEO, Fal, PixelDojo, path_of

CONTAINERS = pytest.mark.parametrize("container", FORMATS)
CODECS = {"mp4": ("h264", "aac"), "mov": ("h264", "aac"), "webm": ("vp9", "opus")}


def made(
    folder: Path, container: str = "mp4", frames: int = 3 * FPS, *, portrait: bool = False, key: str = "k"
) -> Path:
    path = folder / f"{key}-{frames}-{portrait}.{container}"
    render(Recipe(key, Footage(frames, portrait), container), path)
    return path


def footage(clip: bytes) -> Footage:
    """What a clip turned out to be."""
    with av.open(BytesIO(clip), "r") as source:
        picture = source.streams.video[0]
        return Footage(sum(1 for _ in source.decode(video=0)), portrait=picture.height > picture.width)


# --- what a clip is -------------------------------------------------------------------------------------------------


@CONTAINERS
@pytest.mark.parametrize("portrait", [False, True])
@pytest.mark.parametrize("frames", [3 * FPS, 10 * FPS, 101, 1])
def test_a_clip_has_the_asked_container_codecs_size_rate_and_length(
    tmp_path: Path, container: str, portrait: bool, frames: int
) -> None:
    with av.open(made(tmp_path, container, frames, portrait=portrait), "r") as clip:
        video, audio = clip.streams.video[0], clip.streams.audio[0]
        assert container in clip.format.name
        assert (video.codec_context.name.removeprefix("lib"), audio.codec_context.name) == CODECS[container]
        assert (video.width, video.height) == ((720, 1280) if portrait else (1280, 720))
        assert video.average_rate == FPS
        assert clip.duration is not None
        assert clip.duration / av.time_base == pytest.approx(frames / FPS, abs=0.002)
        assert sum(1 for _ in clip.decode(video=0)) == frames


@CONTAINERS
def test_a_clip_can_be_heard_to_its_end(tmp_path: Path, container: str) -> None:
    with av.open(made(tmp_path, container)) as clip:
        heard = array("f")
        for frame in clip.decode(audio=0):  # mono floats, packed or planar, which is the same for one channel
            heard.frombytes(bytes(frame.planes[0])[: frame.samples * heard.itemsize])
    seconds = [heard[start : start + 48_000] for start in range(0, len(heard), 48_000)]
    loudness = [math.sqrt(sum(sample * sample for sample in second) / len(second)) for second in seconds]
    assert len(heard) / 48_000 == pytest.approx(3, abs=0.1)
    assert all(0.15 < level < 0.3 for level in loudness)


@CONTAINERS
def test_a_clip_moves(tmp_path: Path, container: str) -> None:
    with av.open(made(tmp_path, container)) as clip:
        pictures = [bytes(frame.planes[0]) for frame in clip.decode(video=0)]
    assert all(one != next_one for one, next_one in pairwise(pictures))


@CONTAINERS
def test_a_clip_says_that_it_is_synthetic(tmp_path: Path, container: str) -> None:
    with av.open(made(tmp_path, container)) as clip:
        said = {name.lower(): value for name, value in clip.metadata.items()}
    assert said["title"] == "Synthetic clip"
    assert "no model made it" in said["comment"]


@CONTAINERS
@pytest.mark.parametrize("frames", [3 * FPS, 101, 1])
def test_ffmpeg_decodes_a_clip_without_a_word(tmp_path: Path, container: str, frames: int) -> None:
    clip = made(tmp_path, container, frames)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", clip, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout + done.stderr == b""


RENDERER = """
import sys
from pathlib import Path
from omniflash_sandbox.clips import Footage, Recipe
from omniflash_sandbox.rendering import render
for container in ("mp4", "mov", "webm"):
    render(Recipe("key", Footage(72), container), Path(sys.argv[1]) / f"clip.{container}")
"""


def test_two_processes_make_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        subprocess.run([sys.executable, "-c", RENDERER, folder], check=True)
    for container in FORMATS:
        one, two = ((folder / f"clip.{container}").read_bytes() for folder in folders)
        assert one == two


def test_another_request_gives_another_clip(tmp_path: Path) -> None:
    assert made(tmp_path, key="one").read_bytes() != made(tmp_path, key="two").read_bytes()


# --- the length and aspect that were asked for, or that the source has ----------------------------------------------


@pytest.mark.parametrize(
    ("asked", "seconds", "portrait"),
    [
        ({}, 8, False),
        ({"duration": 3}, 3, False),
        ({"duration": 10, "aspect_ratio": "9:16"}, 10, True),
        ({"duration": 5.0}, 5, False),
    ],
)
def test_a_clip_has_the_length_and_aspect_that_were_asked_for(
    fal: Fal, asked: dict[str, float | str], seconds: int, portrait: bool
) -> None:
    clip = httpx.get(fal.video_url(fal.finished({"prompt": "A cat", **asked}))).content
    assert footage(clip) == Footage(seconds * FPS, portrait)


@CONTAINERS
def test_pixeldojo_makes_the_container_that_was_asked_for(pixeldojo: PixelDojo, container: str) -> None:
    job_id = pixeldojo.finished({"prompt": "A cat", "duration": 3, "output_format": container})
    answer = httpx.get(pixeldojo.video_url(job_id))
    assert answer.headers["content-type"] == FORMATS[container].media_type
    with av.open(BytesIO(answer.content)) as clip:
        assert container in clip.format.name


def data_uri(content: bytes) -> str:
    return f"data:video/mp4;base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(("frames", "portrait"), [(4 * FPS, True), (101, False)])
def test_an_edit_follows_a_source_that_comes_inline(tmp_path: Path, fal: Fal, frames: int, portrait: bool) -> None:
    source = made(tmp_path, frames=frames, portrait=portrait).read_bytes()
    request_id = fal.finished({"prompt": "Anime", "video_url": data_uri(source)}, f"{APP}/edit")
    clip = httpx.get(fal.video_url(request_id)).content
    assert footage(clip) == Footage(frames, portrait)
    (line,) = fal.sandbox.charges()
    assert float(str(line["usd"])) == pytest.approx(0.13 * frames / FPS, abs=1e-4)


def test_an_edit_follows_the_sandboxs_own_clip_under_any_port(fal: Fal) -> None:
    source = fal.video_url(fal.finished({"prompt": "A cat", "duration": 4, "aspect_ratio": "9:16"}))
    older = f"http://localhost:1{path_of(source)}"
    for url in (source, older):
        clip = httpx.get(fal.video_url(fal.finished({"prompt": "Anime", "video_url": url}, f"{APP}/edit"))).content
        assert footage(clip) == Footage(4 * FPS, True)


@pytest.mark.parametrize(
    "source",
    [
        VIDEO,
        "http://127.0.0.1:1/fal/unknown.mp4",
        "http://[",
        "data:video/mp4;base64,AAAA",
    ],
)
def test_an_edit_of_anything_else_has_eight_seconds_at_16_to_9(fal: Fal, source: str) -> None:
    clip = httpx.get(fal.video_url(fal.finished({"prompt": "Anime", "video_url": source}, f"{APP}/edit"))).content
    assert footage(clip) == Footage(8 * FPS, False)


def test_no_url_is_ever_fetched_not_even_one_inside_an_inline_source(sandbox: Sandbox, fal: Fal) -> None:
    there = f"{sandbox.asset_url}/fal/not-a-job.mp4"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{there}\n#EXT-X-ENDLIST\n"
    listing = f"ffconcat version 1.0\nfile '{there}'\n"
    for source in (there, data_uri(playlist.encode()), data_uri(listing.encode())):
        fal.finished({"prompt": "Anime", "video_url": source}, f"{APP}/edit")
    assert [entry["call"] for entry in sandbox.journal()] == ["submit"] * 3


def test_a_refined_clip_has_the_length_and_aspect_of_the_one_before(pixeldojo: PixelDojo) -> None:
    first = pixeldojo.finished({"prompt": "A cat", "duration": 4, "aspect_ratio": "9:16"})
    refined = pixeldojo.finished({"prompt": "Night", "video_id": pixeldojo.video_id(first), "output_format": "mov"})
    again = pixeldojo.finished({"prompt": "Snow", "video_id": pixeldojo.video_id(refined), "reference_images": [IMAGE]})
    for job_id in (refined, again):
        clip = httpx.get(pixeldojo.video_url(job_id)).content
        assert footage(clip) == Footage(4 * FPS, True)


def test_a_video_of_more_than_ten_seconds_gives_an_edit_of_ten(tmp_path: Path) -> None:
    assert measure(made(tmp_path, frames=12 * FPS).read_bytes()) == Footage(10 * FPS)


@pytest.mark.parametrize("content", [b"", b"no video", bytes(1_000)])
def test_what_is_no_video_has_no_measure(content: bytes) -> None:
    assert measure(content) is None


@pytest.mark.parametrize(
    ("uri", "content"),
    [("data:;base64,aGk=", b"hi"), ("data:,a%20b", b""), ("data:;base64,a", b""), ("data:;base64,€", b"")],
)
def test_a_data_uri_is_read_or_is_empty(uri: str, content: bytes) -> None:
    assert content_of(uri) == content


# --- how a clip is made ---------------------------------------------------------------------------------------------


def test_one_recipe_is_made_once_however_many_ask_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renders = []

    def slowly(recipe: Recipe, path: Path) -> None:
        renders.append(recipe)
        time.sleep(0.1)
        path.write_bytes(b"clip")

    monkeypatch.setattr("omniflash_sandbox.rendering.render", slowly)
    studio = Studio(tmp_path)

    async def ask() -> list[bytes]:
        return await asyncio.gather(*(studio.clip(Recipe("same")) for _ in range(10)), studio.clip(Recipe("other")))

    assert asyncio.run(ask()) == [b"clip"] * 11
    studio.close()
    assert sorted(recipe.key for recipe in renders) == ["other", "same"]


def test_a_clip_is_kept_and_the_longest_unasked_for_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniflash_sandbox.rendering.render", lambda recipe, path: path.write_bytes(bytes(100)))
    studio = Studio(tmp_path, shelf=250)
    first, second, third = (Recipe(name) for name in "abc")
    for moment, recipe in enumerate((first, second, first, third)):
        studio.begin(recipe).result()
        os.utime(tmp_path / f"{recipe.digest}.mp4", (moment, moment))
    studio.close()
    assert {path.stem for path in tmp_path.iterdir()} == {first.digest, third.digest}


def test_others_are_answered_while_a_clip_is_being_made(fal: Fal, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def slowly(recipe: Recipe, path: Path) -> None:
        begun.set()
        go_on.wait()
        path.write_bytes(b"clip")

    monkeypatch.setattr("omniflash_sandbox.rendering.render", slowly)
    request_id = fal.finished({"prompt": "Made in this test only"})
    with ThreadPoolExecutor() as pool:
        result = pool.submit(fal.result, request_id)
        begun.wait()
        assert fal.status(request_id).json()["status"] == "COMPLETED"
        assert not result.done()
        go_on.set()
        assert result.result().json()["video"]["file_size"] == len(b"clip")


# --- how a clip is served -------------------------------------------------------------------------------------------


@pytest.fixture
def url(fal: Fal) -> str:
    return fal.video_url(fal.finished())


def test_a_clip_is_served_from_another_origin_than_the_apis(sandbox: Sandbox, url: str) -> None:
    assert url.startswith(sandbox.asset_url)
    assert sandbox.asset_url != sandbox.url


def test_head_tells_all_but_the_clip(url: str) -> None:
    head, whole = httpx.head(url), httpx.get(url)
    assert head.headers == whole.headers
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(whole.content)
    assert head.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-100", slice(-100, None)),
        ("bytes=10-999999999", slice(10, None)),
        ("bytes=-999999999", slice(0, None)),
    ],
)
def test_a_part_of_a_clip_can_be_had(url: str, asked: str, part: slice) -> None:
    whole = httpx.get(url).content
    answer = httpx.get(url, headers={"Range": asked})
    start = range(len(whole))[part].start
    assert answer.status_code == 206
    assert answer.content == whole[part]
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(answer.content) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=20-10", "bytes=-0"])
def test_a_part_that_there_is_not_is_a_416(url: str, asked: str) -> None:
    answer = httpx.get(url, headers={"Range": asked})
    length = httpx.head(url).headers["content-length"]
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{length}")


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-6", "seconds=0-1", "bytes=a-b", f"bytes={'9' * 5_000}-"])
def test_a_range_of_another_kind_is_ignored(url: str, asked: str) -> None:
    assert httpx.get(url, headers={"Range": asked}).status_code == 200


def test_a_download_can_be_resumed_while_the_clip_is_the_same(url: str) -> None:
    tag = httpx.head(url).headers["etag"]
    same = httpx.get(url, headers={"Range": "bytes=5-", "If-Range": tag})
    changed = httpx.get(url, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    unchanged = httpx.get(url, headers={"If-None-Match": tag})
    assert [answer.status_code for answer in (same, changed, unchanged)] == [206, 200, 304]


def test_a_clip_is_not_there_before_its_job_is_over_nor_under_another_name(fal: Fal) -> None:
    request_id = fal.request()
    base = f"{fal.sandbox.asset_url}/fal/{request_id}"
    assert httpx.get(f"{base}.mp4").status_code == 404
    fal.sandbox.advance(LONG_ENOUGH_S)
    assert httpx.get(f"{base}.mp4").status_code == 200
    for other in (f"{base}.webm", f"{base}", base.replace("/fal/", "/pixeldojo/") + ".mp4", f"{base}x.mp4"):
        assert httpx.get(other).status_code == 404
