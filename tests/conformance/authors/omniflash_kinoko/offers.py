"""What Kinoko sells of Gemini Omni Flash: one row for each mode. Source: docs.kinoko.example/reels."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from attrs import evolve

from omniflash.adapter import Field, MediaKind, Offer
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.spec import Mode

PROVIDER = "kinoko"
READ_ON = date(2026, 11, 20)
LARGEST = 50_000_000  # bytes of a basket

RATE = Rate(per_clip=Decimal(6), per_second=Decimal(2))
PRICE = PriceRow(
    rate=RATE,
    bound=RATE,
    kind=Kind.EXACT,
    unit="spore",
    usd_per_unit=Decimal("0.02"),
    unit_source="docs.kinoko.example/prices",
    source="docs.kinoko.example/reels: 6 spores a reel and 2 per beat",
    as_of=READ_ON,
)
# A reel that is grown again is as long as it was, so that nobody knows its price but that of the longest.
AS_LONG = evolve(PRICE, kind=Kind.MAX)


def _pictures(wire: str) -> Field:
    return Field(wire=wire, kinds=frozenset({MediaKind.URL, MediaKind.UPLOAD}), upload_limit=LARGEST)


TEXT = {"prompt": Field(wire="script"), "seed": Field(wire="spore")}
TIMING = {"duration": Field(wire="beats", vendor_default=6), "aspect_ratio": Field(wire="frame")}
CAST = {"references": _pictures("cast")}


def _offer(mode: Mode, endpoint: str, fields: Mapping[str, Field], price: PriceRow = PRICE) -> Offer:
    return Offer(
        provider=PROVIDER,
        version="1.0",
        mode=mode,
        endpoint=endpoint,
        fields={**TEXT, **fields},
        price=price,
        expected_s=60.0,
        as_of=READ_ON,
        assumed=True,
    )


OFFERS = (
    _offer(Mode.TEXT_TO_VIDEO, "reels", TIMING),
    _offer(Mode.IMAGE_TO_VIDEO, "reels", {"image": _pictures("first")} | TIMING),
    _offer(Mode.REFERENCE_TO_VIDEO, "reels", CAST | TIMING),
    _offer(Mode.REFINE, "regrow", {"previous": Field(wire="print")} | CAST, AS_LONG),
)

# What to do instead, for each mode that there is no row of.
ABSENT: Mapping[Mode, str] = {Mode.EDIT: "Kinoko edits no films of your own; refine a reel that it made"}
