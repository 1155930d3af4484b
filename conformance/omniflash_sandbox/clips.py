"""What a clip is made of: footage, recipe, and the containers it can come in."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

from attrs import asdict, frozen

FPS = 24  # Google, Gemini Omni Flash: 720p at 24 frames a second, always with sound
DEFAULT_SECONDS = 8  # fal's pages and PixelDojo's model page
STYLE = 1  # to be raised when the same recipe comes to give other bytes


@frozen
class Footage:
    """How long a video is, in frames at 24 a second, and which way up; without an argument: 8 s at 16:9."""

    frames: int = DEFAULT_SECONDS * FPS
    portrait: bool = False

    @property
    def seconds(self) -> float:
        return self.frames / FPS

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels."""
        return (720, 1280) if self.portrait else (1280, 720)


STANDARD = Footage()


@frozen
class Recipe:
    """All that a clip is made from. `key` stands for the request: it chooses colour and pitch. `silent`: no sound."""

    key: str
    footage: Footage = STANDARD
    container: str = "mp4"
    silent: bool = False

    @property
    def digest(self) -> str:
        """64 hex digits; equal recipes give equal bytes."""
        return sha256(json.dumps([STYLE, asdict(self)]).encode()).hexdigest()


@frozen
class Format:
    """What fills a container: encoders with their settings, and what media type the file has."""

    media_type: str
    video: Literal["libx264", "libvpx-vp9"]
    video_options: Mapping[str, str]
    audio: Literal["aac", "libopus"]
    sample_format: str
    container_options: Mapping[str, str]


H264 = {"preset": "ultrafast", "tune": "zerolatency", "bf": "0", "crf": "30"}
VP9 = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "crf": "40", "b:v": "0"}
REPEATABLE = {"fflags": "+bitexact"}  # no version, no random ids, no date
STREAMABLE = {**REPEATABLE, "movflags": "+faststart"}
FORMATS: Mapping[str, Format] = {
    "mp4": Format("video/mp4", "libx264", H264, "aac", "fltp", STREAMABLE),
    "mov": Format("video/quicktime", "libx264", H264, "aac", "fltp", STREAMABLE),
    "webm": Format("video/webm", "libvpx-vp9", VP9, "libopus", "flt", REPEATABLE),
}

LABEL = {
    "title": "Synthetic clip",
    "comment": "Made by omniflash_sandbox, which stands in for vendors in tests: no model made it, nobody paid for it.",
}
"""What every clip says of itself, in its container's metadata."""
