"""The model's limits, one row per version: the only place where they stand.

Errors, documentation, strategies and the command line read them from here. Adding a version of the model is adding a
row.
"""

from collections.abc import Mapping

from attrs import frozen


@frozen
class Span:
    """A closed range of whole numbers, written "3 to 10"."""

    minimum: int
    maximum: int

    def __contains__(self, number: int) -> bool:
        return self.minimum <= number <= self.maximum

    def __str__(self) -> str:
        return f"{self.minimum:,} to {self.maximum:,}"

    def nearest(self, number: int) -> int:
        return min(max(number, self.minimum), self.maximum)


@frozen(kw_only=True)
class Limits:
    """What one version of the model accepts.

    Durations are in seconds, the prompt in characters. `duration_default` and `aspect_ratio_default` are what an unset
    field stands for: they are shown to the caller and written into no request.
    """

    version: str
    prompt: Span
    duration: Span
    duration_default: int
    aspect_ratios: tuple[str, ...]
    aspect_ratio_default: str
    references: Span
    references_editing: Span
    seed: Span
    output_formats: tuple[str, ...]
    output_format_default: str
    image_types: tuple[str, ...]
    video_types: tuple[str, ...]
    source: str


_ROWS = (
    Limits(
        version="1.0",
        prompt=Span(1, 20_000),
        duration=Span(3, 10),
        duration_default=8,
        aspect_ratios=("16:9", "9:16"),
        aspect_ratio_default="16:9",
        references=Span(1, 7),
        references_editing=Span(0, 5),
        seed=Span(0, 2**31 - 1),
        output_formats=("mp4", "webm", "mov"),
        output_format_default="mp4",
        image_types=("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"),
        video_types=(
            "video/mp4",
            "video/quicktime",
            "video/webm",
            "video/mpeg",
            "video/x-flv",
            "video/x-ms-wmv",
            "video/3gpp",
        ),
        source=(
            "fal's and PixelDojo's model pages; media types: Google's page for the preview model; the prompt's cap (a"
            " third party's probe) and the seed's range (another host's) are assumptions: neither page states one"
        ),
    ),
)

LIMITS: Mapping[str, Limits] = {row.version: row for row in _ROWS}
LATEST: Limits = _ROWS[-1]
