"""Faults of the clip: cut, redirected, expired, of another size or length than was said, or without sound."""

from io import BytesIO
from typing import Any

import av
import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.clips import FORMATS, FPS
from tests.sandbox.clients import PROVIDERS, Fal, PixelDojo


@PROVIDERS
@pytest.mark.parametrize(("options", "received"), [({}, 1_000), ({"bytes": 70_000}, 70_000), ({"bytes": 0}, 0)])
def test_a_download_may_be_cut(
    sandbox: Sandbox, vendor: Fal | PixelDojo, options: dict[str, Any], received: int
) -> None:
    url = vendor.video_url(vendor.finished())
    sandbox.arm("cut-download", **options)
    assert cut_after(url) == received
    whole = httpx.get(url)
    assert len(whole.content) == int(whole.headers["content-length"])


def cut_after(url: str) -> int:
    """How many bytes arrive before the connection is closed too early."""
    with httpx.stream("GET", url) as answer:
        assert int(answer.headers["content-length"]) > 100_000
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        return answer.num_bytes_downloaded


@PROVIDERS
@pytest.mark.parametrize("more", [1, 1_000])
def test_more_bytes_may_be_announced_than_there_are(sandbox: Sandbox, vendor: Fal | PixelDojo, more: int) -> None:
    url = vendor.video_url(vendor.finished())
    whole = httpx.get(url).content
    sandbox.arm("overstated-length", bytes=more)
    with httpx.stream("GET", url) as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        assert int(answer.headers["content-length"]) == len(whole) + more
        assert answer.num_bytes_downloaded == len(whole)
    assert httpx.get(url, headers={"Range": f"bytes={len(whole)}-"}).status_code == 416


def test_fals_result_may_state_another_size(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    sandbox.arm("wrong-file-size", bytes=5)
    wrong, right = (fal.result(request_id).json()["video"] for _ in range(2))
    assert wrong == {**right, "file_size": right["file_size"] + 5}
    assert len(httpx.get(wrong["url"]).content) == right["file_size"]


def test_a_clips_name_may_lead_out_of_its_folder(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    sandbox.arm("hostile-name", times=None)
    video = fal.result(request_id).json()["video"]
    assert video["file_name"] == "../../hostile.mp4"
    answer = httpx.get(video["url"])
    assert answer.headers["content-disposition"] == 'attachment; filename="../../hostile.mp4"'
    assert len(answer.content) == video["file_size"]


@PROVIDERS
@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("times", [1, None])
def test_a_clips_url_may_redirect_to_the_clip(
    sandbox: Sandbox, vendor: Fal | PixelDojo, status: int, times: int | None
) -> None:
    url = vendor.video_url(vendor.finished())
    whole = httpx.get(url).content
    sandbox.arm("asset-redirect", status=status, times=times)
    followed = httpx.get(url, follow_redirects=True)
    assert [hop.status_code for hop in (*followed.history, followed)] == [status, 200]
    assert followed.content == whole
    assert not [entry for entry in sandbox.journal() if entry["key_leaked"]]


@PROVIDERS
@pytest.mark.parametrize("status", [403, 410])
def test_a_clips_url_may_expire_and_the_job_tells_another(
    sandbox: Sandbox, vendor: Fal | PixelDojo, status: int
) -> None:
    job = vendor.finished()
    first = vendor.video_url(job)
    whole = httpx.get(first).content
    sandbox.arm("asset-expired", status=status)
    assert [httpx.get(first).status_code for _ in range(2)] == [status, status]
    second = vendor.video_url(job)
    assert second not in (first, "")
    assert second.rpartition("/")[2] == first.rpartition("/")[2]
    assert httpx.get(second).content == whole
    assert httpx.get(second.replace("/later/1/", "/later/2/")).status_code == 404
    assert len(sandbox.charges()) == 1


def test_a_clip_may_expire_again_and_again_and_each_url_is_gone(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.finished()
    sandbox.arm("asset-expired", times=2)
    urls = []
    for _ in range(3):
        urls.append(fal.video_url(request_id))
        httpx.get(urls[-1])
    assert [httpx.get(url).status_code for url in urls] == [403, 403, 200]


def test_a_clip_that_is_not_there_cannot_expire(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    sandbox.arm("asset-expired", times=None)
    assert httpx.get(f"{sandbox.asset_url}/fal/{request_id}.mp4").status_code == 404


@PROVIDERS
def test_a_clip_may_be_half_as_long_as_was_asked_for_and_costs_as_much(
    sandbox: Sandbox, vendor: Fal | PixelDojo
) -> None:
    sandbox.arm("short-clip")
    short, right = (clip_of(vendor, vendor.finished({"prompt": "A cat", "duration": 4})) for _ in range(2))
    assert [frames(clip) for clip in (short, right)] == [2 * FPS, 4 * FPS]
    assert [bool(sound(clip)) for clip in (short, right)] == [True, True]
    one, other = sandbox.charges()
    assert (one["usd"], one["state"]) == (other["usd"], other["state"])


@PROVIDERS
def test_a_clip_may_have_no_sound_and_is_the_same_each_time(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    sandbox.arm("silent-clip", times=2)
    silent, again, right = (clip_of(vendor, vendor.finished({"prompt": "A cat", "duration": 3})) for _ in range(3))
    assert [sound(clip) for clip in (silent, right)] == [0, 1]
    assert frames(silent) == frames(right) == 3 * FPS
    assert silent == again
    assert [line["state"] for line in sandbox.charges()] == ["billed"] * 3


@pytest.mark.parametrize("container", FORMATS)
def test_a_silent_clip_is_whole_in_every_container(sandbox: Sandbox, pixeldojo: PixelDojo, container: str) -> None:
    sandbox.arm("silent-clip")
    clip = clip_of(pixeldojo, pixeldojo.finished({"prompt": "A cat", "duration": 3, "output_format": container}))
    with av.open(BytesIO(clip), "r") as source:
        assert container in source.format.name
        assert source.duration is not None
        assert source.duration / av.time_base == pytest.approx(3, abs=0.002)
    assert (frames(clip), sound(clip)) == (3 * FPS, 0)


def test_a_flawed_clip_is_refined_as_what_it_is(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    sandbox.arm("short-clip")
    first = pixeldojo.finished({"prompt": "A cat", "duration": 4})
    refined = pixeldojo.finished({"prompt": "Night", "video_id": pixeldojo.video_id(first)})
    assert frames(clip_of(pixeldojo, refined)) == 2 * FPS


def clip_of(vendor: Fal | PixelDojo, job: str) -> bytes:
    return httpx.get(vendor.video_url(job)).content


def frames(clip: bytes) -> int:
    with av.open(BytesIO(clip), "r") as source:
        return sum(1 for _ in source.decode(video=0))


def sound(clip: bytes) -> int:
    """How many streams of sound a clip has."""
    with av.open(BytesIO(clip), "r") as source:
        return len(source.streams.audio)
