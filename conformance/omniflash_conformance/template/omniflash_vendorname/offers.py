"""What vendorname sells of Gemini Omni Flash: one row for each mode. Say of each fact where it stands.

The body, the capabilities, the quotes and the reasons of a plan are all made from these rows.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from omniflash.adapter import Field, Offer
from omniflash.money.quotes import Kind, PriceRow, Rate
from omniflash.spec import Mode

PROVIDER = "vendorname"
READ_ON = date.max  # TODO CAP-DECLARE: the day on which you read the vendor's pages

PRICE = PriceRow(
    rate=Rate(),  # TODO COST-QUOTE: per_clip=Decimal(…), per_second=Decimal(…), or both, in the vendor's unit
    bound=Rate(),  # TODO COST-QUOTE: the dearest way to read its pages; the same as `rate` where there is only one
    kind=Kind.APPROXIMATE,  # EXACT where its pages leave nothing open, MAX where only the ceiling is known (refining)
    unit="",  # TODO CAP-DECLARE: "USD", or "credit"
    usd_per_unit=Decimal(0),  # TODO CAP-DECLARE: what a credit costs in USD; take it out where the unit is USD
    unit_source="",  # where that stands
    source="",  # TODO CAP-DECLARE: the page, and what it says
    as_of=READ_ON,
)

# The vendor's names. What a field has besides a name: `values` where the vendor takes fewer than the spec does, and
# `vendor_default` where its own default is not the spec's (8 seconds, 16:9). What it does not take is left out.
FIELDS: Mapping[str, Field] = {
    "prompt": Field(wire=""),  # TODO CAP-DECLARE
    "duration": Field(wire=""),  # TODO CAP-DECLARE
    "aspect_ratio": Field(wire=""),  # TODO CAP-DECLARE
}

# More modes are more rows, with their inputs as fields:
#   image_to_video      "image"
#   reference_to_video  "references", a list of URLs in the body
#   edit                "video", and "references" where it takes them
#   refine              "previous", the handle that a Clip was given
# An input says its ways in, `kinds`: MediaKind.URL, DATA with an `inline_limit`, UPLOAD with an `upload_limit`.
OFFERS = (
    Offer(
        provider=PROVIDER,
        version="1.0",
        mode=Mode.TEXT_TO_VIDEO,
        endpoint="",  # TODO CAP-DECLARE: the vendor's id of the model, or the path of the paid call
        fields=FIELDS,
        price=PRICE,
        expected_s=86_400.0,  # TODO CAP-DECLARE: how long a clip usually takes to make, in seconds
        as_of=READ_ON,
        assumed=True,  # the endpoint names no version of the model; False where it does
    ),
)

# What to do instead, for each mode that there is no row of.
ABSENT: Mapping[Mode, str] = {}
