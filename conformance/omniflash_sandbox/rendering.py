"""How a clip is made, and how somebody's video is measured: the one place that uses PyAV.

A clip shows coloured bands that rise, and sounds one steady tone. The pattern moves by exactly its own height in a
second, so one second is encoded and repeated: ten seconds cost little more than one.
"""

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path
from typing import TypeAlias

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.stream import VideoStream

from omniflash_sandbox.clips import FORMATS, FPS, LABEL, Footage, Format, Recipe

FRAME = Fraction(1, FPS)
BAND = 10 * FPS  # lines, of which a whole number passes from one frame to the next
BRIGHTNESS = bytes(round(126 + 80 * math.sin(2 * math.pi * line / BAND)) for line in range(BAND))
SAMPLE_RATE = 48_000
LOUDNESS = 0.3
SILENT_END = 2_048  # samples left out, so that the picture, and not the last packet of sound, sets the clip's length
FILES_ONLY = {  # no playlist, which names URLs: nothing is ever fetched
    "format_whitelist": "mov,matroska,webm,avi,flv,mpeg,mpegts,asf",
    "protocol_whitelist": "none",
}
LONGEST_S = 10  # Google, Gemini Omni Flash: an edit's source, and so its result, has at most 10 s


AnyPacket: TypeAlias = "Packet[Stream]"


def render(recipe: Recipe, path: Path) -> None:
    """Writes the clip of a recipe to `path`: a few tenths of a second on one core, whatever its length."""
    form, traits = FORMATS[recipe.container], sha256(recipe.key.encode()).digest()
    with av.open(path, "w", format=recipe.container, container_options=dict(form.container_options)) as out:
        out.metadata.update(LABEL)
        video, audio = _video(out, form, recipe.footage), None if recipe.silent else _audio(out, form)
        tone = _tone(audio, recipe.footage, traits) if audio else ()
        out.mux(sorted([*_picture(video, recipe.footage, traits), *tone], key=_moment))


def measure(video: bytes) -> Footage | None:
    """The footage that an edit of this video gives, 10 s of it at most; None for bytes that are no video."""
    try:
        with av.open(BytesIO(video), "r", container_options=dict(FILES_ONLY)) as source:
            stream = source.streams.video[0]
            seconds = float((source.duration or 0) / av.time_base)
            portrait = stream.height > stream.width
    except (av.FFmpegError, IndexError):
        return None
    return Footage(round(min(seconds, LONGEST_S) * FPS), portrait) if seconds * FPS >= 1 else None


def _video(out: OutputContainer, form: Format, footage: Footage) -> VideoStream:
    stream = out.add_stream(form.video, rate=FPS, options=dict(form.video_options))
    stream.width, stream.height = footage.size
    stream.pix_fmt = "yuv420p"
    stream.gop_size = FPS
    stream.codec_context.thread_count = 1  # the bytes of more threads depend on who was first
    stream.codec_context.time_base = FRAME
    return stream


def _audio(out: OutputContainer, form: Format) -> AudioStream:
    return out.add_stream(form.audio, rate=SAMPLE_RATE, layout="mono", format=form.sample_format)


def _picture(stream: VideoStream, footage: Footage, traits: bytes) -> Iterator[AnyPacket]:
    """One second is encoded as a group of its own, then repeated with new times for as long as the clip is."""
    frames = [*(_frame(stream, number, traits) for number in range(FPS)), None]
    second = [(bytes(packet), packet.is_keyframe) for frame in frames for packet in stream.encode(frame)]
    for number, (content, is_key) in enumerate(islice(cycle(second), footage.frames)):
        packet = Packet(content)
        packet.stream, packet.is_keyframe = stream, is_key
        packet.time_base, packet.pts, packet.dts, packet.duration = FRAME, number, number, 1
        yield packet


def _frame(stream: VideoStream, number: int, traits: bytes) -> VideoFrame:
    frame = VideoFrame(stream.width, stream.height, "yuv420p")
    luma, *chroma = frame.planes
    luma.update(_bands(luma, number * BAND // FPS))
    for plane, trait in zip(chroma, traits, strict=False):
        plane.update(bytes([64 + trait // 2]) * plane.buffer_size)
    frame.pts, frame.time_base = number, FRAME
    return frame


def _bands(plane: VideoPlane, offset: int) -> bytes:
    """Diagonal bands: each line is the one above it, shifted by a pixel."""
    pattern = BRIGHTNESS * (plane.line_size // BAND + 2)
    lines = [pattern[start : start + plane.line_size] for start in ((offset + line) % BAND for line in range(BAND))]
    return b"".join(islice(cycle(lines), plane.height))


def _tone(stream: AudioStream, footage: Footage, traits: bytes) -> Iterator[AnyPacket]:
    """A sine of 220 to 600 Hz, whose period is a whole number of samples."""
    period = 80 + traits[-1] % 138
    wave = array("f", (LOUDNESS * math.sin(2 * math.pi * sample / period) for sample in range(period))).tobytes()
    length = footage.frames * SAMPLE_RATE // FPS
    frame = AudioFrame(stream.format.name, layout="mono", samples=max(length - SILENT_END, length // 2))
    frame.sample_rate = SAMPLE_RATE
    frame.planes[0].update((wave * (frame.samples // period + 1))[: frame.samples * len(wave) // period])
    frame.pts, frame.time_base = 0, Fraction(1, SAMPLE_RATE)
    for part in (frame, None):
        yield from stream.encode(part)


def _moment(packet: AnyPacket) -> Fraction:
    return (packet.dts or 0) * packet.time_base
