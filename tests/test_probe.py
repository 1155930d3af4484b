"""Looking into clips (RES-PROBE): what is no clip is told, what differs is told with both values."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from attrs import evolve

from omniflash import Client, ConfigurationError
from omniflash.media.probe import Probe, differences, probe
from omniflash_sandbox import Sandbox

GOOD = Probe("mp4", 8.0, 1280, 720, 24.0, "h264", "aac", 0.5, 192)


def made(path: Path, *, sound: bool, picture: bool = True) -> Path:
    """A second of grey, with or without a sound track, or of silence alone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", 24) if picture else None
        audio = container.add_stream("aac", 44100) if sound else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
            for n in range(24):
                frame = av.VideoFrame(64, 36, "yuv420p")
                frame.pts, frame.time_base = n, Fraction(1, 24)
                container.mux(video.encode(frame))
            container.mux(video.encode())
        if audio is not None:
            frame = av.AudioFrame("fltp", "stereo", 1024)
            frame.rate = 44100
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


@pytest.mark.parametrize(
    ("changed", "asked", "told"),
    [
        ({}, {"duration": 8, "aspect_ratio": "16:9", "output_format": "mp4"}, []),
        ({"seconds": 8.5}, {"duration": 8}, []),
        ({"seconds": 8.51}, {"duration": 8}, ["duration: 8 s was asked for, and this is 8.51 s"]),
        ({"seconds": 7.4}, {"duration": 8}, ["duration: 8 s was asked for, and this is 7.4 s"]),
        ({"width": 720, "height": 1280}, {"aspect_ratio": "9:16"}, []),
        (
            {"width": 720, "height": 1280},
            {"aspect_ratio": "16:9"},
            ["aspect_ratio: 16:9 was asked for, and this is 720×1280"],
        ),
        ({"width": 1920, "height": 1080}, {}, ["height: 720p was asked for, and this is 1920×1080"]),
        ({"container": "webm"}, {"output_format": "mp4"}, ["container: mp4 was asked for, and this is webm"]),
        ({"audio_codec": None, "peak": None}, {}, ["audio: an audible track was asked for, and this is without sound"]),
        ({"peak": 0.0}, {}, ["audio: an audible track was asked for, and this is silent"]),
    ],
)
def test_each_difference_is_told_with_both_values(
    changed: dict[str, object], asked: dict[str, object], told: list[str]
) -> None:
    found = differences(evolve(GOOD, **changed), **asked)  # type: ignore[arg-type]
    assert [str(difference).removeprefix("RES-PROBE ") for difference in found] == told


def test_a_clip_without_sound_and_a_silent_one(tmp_path: Path) -> None:
    mute = probe(made(tmp_path / "mute.mp4", sound=False))
    assert (mute.audio_codec, mute.peak, mute.frames, mute.synthetic) == (None, None, 24, False)
    silent = probe(made(tmp_path / "silent.mp4", sound=True))
    assert (silent.audio_codec, silent.peak) == ("aac", 0.0)
    assert mute.seconds == pytest.approx(1.0, abs=0.1)


def test_what_is_no_clip_is_told(tmp_path: Path, omniflash_sandbox: Sandbox) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        whole = client.generate("A cat", duration=3).read()
    (tmp_path / "text.mp4").write_text("no clip")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    made(tmp_path / "sound.mp4", sound=True, picture=False)
    for name in ("text.mp4", "empty.mp4", "cut.mp4", "sound.mp4", "none.mp4", ""):
        with pytest.raises(ConfigurationError, match="no clip that can be played"):
            probe(tmp_path / name)
