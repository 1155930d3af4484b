"""What PixelDojo sells of Gemini Omni Flash: one endpoint whose mode is told by which fields are there.

Source of every row: PixelDojo's model page of google-gemini-omni-flash. Its id names no model version: 1.0 is assumed.
"""

from datetime import date
from decimal import Decimal

from omniflash.adapter import Field, MediaKind, Offer
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.spec import Mode

PROVIDER = "pixeldojo"
MODEL = "google-gemini-omni-flash"
READ_ON = date(2026, 11, 20)

# The page declares URLs; nothing says that data URIs are taken, and no REST upload is documented.
MEDIA = frozenset({MediaKind.URL})

PROMPT = {"prompt": Field(wire="prompt")}
TIMING = {"duration": Field(wire="duration"), "aspect_ratio": Field(wire="aspect_ratio")}
REFERENCES = {"references": Field(wire="reference_images", kinds=MEDIA)}
OPEN = {"output_format": Field(wire="output_format"), "seed": Field(wire="seed")}

PRICE = PriceRow(
    rate=Rate(per_clip=Decimal(16)),
    bound=Rate(per_second=Decimal(2)),  # PixelDojo's documentation prices video by the second: 16 credits are 2 × 8 s
    kind=Kind.APPROXIMATE,
    unit="credit",
    usd_per_unit=Decimal("0.0625"),
    unit_source="the dearest subscription, $10 for 160 credits, as a third party lists it; top-up prices are not known",
    source="pixeldojo.ai, the model's page: 16 credits per video",
    as_of=READ_ON,
)


def _offer(mode: Mode, fields: dict[str, Field]) -> Offer:
    return Offer(
        provider=PROVIDER,
        version="1.0",
        mode=mode,
        endpoint=MODEL,
        fields=PROMPT | fields | OPEN,
        price=PRICE,
        expected_s=60.0,  # PixelDojo says that video takes 30 to 120 s
        as_of=READ_ON,
        assumed=True,
    )


# No duration and no aspect ratio where a clip is changed: the page says that the output matches the source, and that a
# video_id goes on at its length.
OFFERS = (
    _offer(Mode.TEXT_TO_VIDEO, TIMING),
    _offer(Mode.IMAGE_TO_VIDEO, {"image": Field(wire="image", kinds=MEDIA)} | TIMING),
    _offer(Mode.REFERENCE_TO_VIDEO, REFERENCES | TIMING),
    _offer(Mode.EDIT, {"video": Field(wire="video", kinds=MEDIA)} | REFERENCES),
    _offer(Mode.REFINE, {"previous": Field(wire="video_id")} | REFERENCES),
)
