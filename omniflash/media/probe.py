"""What a clip's file really holds, and where that is not what was asked for (RES-PROBE). Needs the extra `media`."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import ConfigurationError
from ..spec.media import HEAD_BYTES, sniff

if TYPE_CHECKING:
    from av.container import InputContainer

INSTALL = "pip install 'omniflash[media]'"
HEIGHT = 720  # the shorter side of every clip of this model version
TOLERANCE_S = 0.5
AUDIBLE = 0.001  # of full scale: what is quieter counts as silence
CONTAINERS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}


@frozen
class Probe:
    """A clip's facts: `seconds` long, `width` × `height` pixels, `fps`; `peak` is the loudest sample, 0 to 1, None
    unheard.

    `frames` is how many were decoded.
    """

    container: str
    seconds: float
    width: int
    height: int
    fps: float
    video_codec: str
    audio_codec: str | None
    peak: float | None
    frames: int
    synthetic: bool = False


@frozen
class Difference:
    """One thing that is not as it should be."""

    field: str
    asked: str
    found: str

    def __str__(self) -> str:
        return f"RES-PROBE {self.field}: {self.asked} was asked for, and this is {self.found}"


def probe(path: Path) -> Probe:
    """Decode a clip and tell its facts. Raises ConfigurationError when it is none, or PyAV is not installed."""
    try:
        import av
    except ModuleNotFoundError as missing:
        raise ConfigurationError("looking into clips needs PyAV", remedy=INSTALL) from missing
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
        with av.open(str(path)) as container:
            return _facts(container, CONTAINERS.get(kind or "", kind or "unknown"))
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or str(problem)).lower()
        raise ConfigurationError(
            f"{path} is no clip that can be played: {reason}", remedy="give a clip's file"
        ) from problem


def _facts(container: "InputContainer", kind: str) -> Probe:
    if not container.streams.video:
        raise ValueError("it has no picture")
    video = container.streams.video[0]
    audio = container.streams.audio[0] if container.streams.audio else None
    frames, end, peak = _decoded(container)
    return Probe(
        container=kind,
        seconds=round(end, 3),
        width=video.codec_context.width,
        height=video.codec_context.height,
        fps=float(video.average_rate or 0),
        video_codec=video.codec_context.name,
        audio_codec=audio.codec_context.name if audio else None,
        peak=round(peak, 4) if audio else None,
        frames=frames,
        synthetic="synthetic" in str(container.metadata).lower(),
    )


def _decoded(container: "InputContainer") -> tuple[int, float, float]:
    """How many pictures there are, when the last one ends, and how loud the loudest sound is."""
    from av import AudioFrame, AudioResampler, VideoFrame

    loudness = AudioResampler(format="s16", layout="mono")
    frames, end, peak = 0, 0.0, 0.0
    streams = [*container.streams.video[:1], *container.streams.audio[:1]]
    for frame in container.decode(streams):
        if isinstance(frame, VideoFrame):
            frames += 1
            end = max(end, (frame.time or 0.0) + float((frame.duration or 0) * (frame.time_base or 0)))
        elif isinstance(frame, AudioFrame):
            peak = max([peak, *(_peak(bytes(part.planes[0]), part.samples) for part in loudness.resample(frame))])
    return frames, end, peak


def _peak(content: bytes, samples: int) -> float:
    sound = array("h", content[: samples * 2])
    return max(max(sound), -min(sound)) / 32768 if sound else 0.0


def differences(
    found: Probe, *, duration: int | None = None, aspect_ratio: str | None = None, output_format: str | None = None
) -> tuple[Difference, ...]:
    """Where a clip is not what was asked for: None was not asked, 720p and an audible track always are."""
    return tuple(_differences(found, duration, aspect_ratio, output_format))


def _differences(
    found: Probe, duration: int | None, aspect_ratio: str | None, output_format: str | None
) -> Iterator[Difference]:
    if output_format is not None and found.container != output_format:
        yield Difference("container", output_format, found.container)
    if duration is not None and abs(found.seconds - duration) > TOLERANCE_S:
        yield Difference("duration", f"{duration} s", f"{found.seconds:g} s")
    if min(found.width, found.height) != HEIGHT:
        yield Difference("height", f"{HEIGHT}p", f"{found.width}×{found.height}")
    if aspect_ratio is not None and not _has_aspect(found, aspect_ratio):
        yield Difference("aspect_ratio", aspect_ratio, f"{found.width}×{found.height}")
    if found.audio_codec is None or (found.peak or 0.0) < AUDIBLE:
        yield Difference("audio", "an audible track", "without sound" if found.audio_codec is None else "silent")


def _has_aspect(found: Probe, aspect_ratio: str) -> bool:
    across, down = map(int, aspect_ratio.split(":"))
    return found.width * down == found.height * across
