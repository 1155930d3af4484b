"""`omniflash probe`: look whether a clip is what it should be."""

from pathlib import Path
from typing import Annotated

from attrs import asdict
from cyclopts import Parameter

from ..errors import ConfigurationError
from ..media.probe import Probe, differences
from ..media.probe import probe as look
from ..spec.limits import LATEST
from ..spec.violations import did_you_mean
from . import show
from .exits import AT_VENDOR
from .options import Json


def probe(
    clip: Path,
    /,
    *,
    duration: Annotated[int | None, Parameter(help="how many seconds it should have")] = None,
    aspect: Annotated[str | None, Parameter(help="which aspect ratio: 16:9 or 9:16")] = None,
    output_format: Annotated[str | None, Parameter(help="which container: mp4, webm or mov")] = None,
    json: Json = False,
) -> int:
    """Decode a clip, tell what it holds, and where it is not 720p with sound, or not what the options ask."""
    if aspect not in (None, *LATEST.aspect_ratios):
        raise ConfigurationError(f"--aspect cannot be {aspect!r}", remedy=did_you_mean(aspect, LATEST.aspect_ratios))
    found = look(clip)
    wrong = differences(found, duration=duration, aspect_ratio=aspect, output_format=output_format)
    if json:
        show.result_json({**asdict(found), "differences": [str(difference) for difference in wrong]})
    else:
        show.result(_told(found))
        for difference in wrong:
            show.note(f"omniflash: {difference}")
    return AT_VENDOR if wrong else 0


def _told(found: Probe) -> str:
    sound = f"{found.audio_codec}, peak {found.peak:.0%} of full scale" if found.audio_codec else "no sound"
    origin = "; synthetic, from a sandbox" if found.synthetic else ""
    picture = f"{found.width}×{found.height} at {found.fps:g} fps, {found.video_codec}, {found.frames} pictures"
    return f"{found.container}, {found.seconds:g} s, {picture}; {sound}{origin}"
