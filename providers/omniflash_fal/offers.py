"""What fal sells of Gemini Omni Flash: four endpoints, the fields they take, and what they ask for.

Source of every row: fal's model pages of the four endpoints. They name no model version in their ids: 1.0 is assumed.
"""

from datetime import date
from decimal import Decimal

from omniflash.adapter import Field, MediaKind, Offer
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.spec import Mode

PROVIDER = "fal"
APP = "google/gemini-omni-flash"
READ_ON = date(2026, 11, 20)

# fal states no size limit for data URIs and advises against large ones; this cap is ours, an assumption.
INLINE_LIMIT = 8 * 1024 * 1024
# fal documents no limit for its storage; `@fal-ai/client` 1.10.1 sends up to this in one request.
UPLOAD_LIMIT = 90 * 1024 * 1024
MEDIA = frozenset({MediaKind.URL, MediaKind.DATA, MediaKind.UPLOAD})

PROMPT = {"prompt": Field(wire="prompt")}
TIMING = {"duration": Field(wire="duration"), "aspect_ratio": Field(wire="aspect_ratio")}
# No field chooses a container, and every answer seen holds an MP4: an assumption, the pages do not say it.
CONTAINER = {"output_format": Field(values=("mp4",), note="fal always makes MP4 (assumed)")}

TOKENS = "fal bills tokens, $21.875 a million out; no source states tokens a second"


def _price(endpoint: str, dollars_per_second: str) -> PriceRow:
    return PriceRow(
        rate=Rate(per_second=Decimal(dollars_per_second)),
        bound=Rate(
            per_second=Decimal("0.13")
        ),  # the dearest of the four pages' figures: all are rounded, one model is billed
        kind=Kind.APPROXIMATE,
        source=f"fal.ai/models/{endpoint}",
        as_of=READ_ON,
        note=TOKENS,
    )


def _offer(mode: Mode, path: str, fields: dict[str, Field], dollars_per_second: str) -> Offer:
    endpoint = APP + path
    return Offer(
        provider=PROVIDER,
        version="1.0",
        mode=mode,
        endpoint=endpoint,
        fields=PROMPT | fields | CONTAINER,
        price=_price(endpoint, dollars_per_second),
        expected_s=45.0,  # users of the model report about 40 s for 8 s of 720p; fal states nothing
        as_of=READ_ON,
        assumed=True,
    )


def _media(wire: str) -> Field:
    return Field(wire=wire, kinds=MEDIA, inline_limit=INLINE_LIMIT, upload_limit=UPLOAD_LIMIT)


OFFERS = (
    _offer(Mode.TEXT_TO_VIDEO, "", TIMING, "0.125"),
    _offer(Mode.IMAGE_TO_VIDEO, "/image-to-video", {"image": _media("image_url")} | TIMING, "0.13"),
    _offer(Mode.REFERENCE_TO_VIDEO, "/reference-to-video", {"references": _media("image_urls")} | TIMING, "0.13"),
    _offer(Mode.EDIT, "/edit", {"video": _media("video_url")}, "0.13"),
)

ABSENT = {
    Mode.REFINE: "fal gives no handle for its clips: Edit(video=clip.url) changes one, and counts as an uploaded video",
}
