"""Adapters that declare what does not work on the wire (CAP-TRUTH)."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from omniflash.adapter import Adapter, Field, MediaKind, Offer
from omniflash.discovery import adapter
from omniflash.spec import Mode

from .altered import Altered
from .making import Calling, declaring, offering, with_fields
from .mishearing import Mistelling
from .specimen import broken

CLAUSE = "CAP-TRUTH"
MEDIA = ("image", "video", "references")


def _also_by(offer: Offer, kind: MediaKind, **limits: Any) -> Offer:
    """The offer with one more way in for its media."""
    fields = {
        name: evolve(one, kinds=one.kinds | {kind}, **limits) for name, one in offer.fields.items() if name in MEDIA
    }
    return with_fields(offer, **fields)


@broken(CLAUSE, "takes data URIs that its vendor refuses", provider="pixeldojo")
def data_that_is_refused() -> Adapter:
    return offering(adapter("pixeldojo"), lambda offer: _also_by(offer, MediaKind.DATA, inline_limit=1_000_000))


@broken(CLAUSE, "takes uploads, and has nowhere to put them", provider="pixeldojo")
def uploads_to_nowhere() -> Adapter:
    features = evolve(adapter("pixeldojo").features, upload=True)
    return offering(
        adapter("pixeldojo"),
        lambda offer: _also_by(offer, MediaKind.UPLOAD, upload_limit=1_000_000),
        features=features,
    )


@broken(CLAUSE, "declares a cancel that its vendor has not", provider="pixeldojo")
def a_cancel_that_is_not_there() -> Adapter:
    return declaring(adapter("pixeldojo"), features=evolve(adapter("pixeldojo").features, cancel=True))


@broken(CLAUSE, "takes webhooks, and tells nobody their URL")
def a_webhook_that_is_lost() -> Adapter:
    return Calling(adapter("fal"), lambda call: evolve(call, query={}))


@broken(CLAUSE, "misspells an endpoint")
def a_misspelt_endpoint() -> Adapter:
    return offering(
        adapter("fal"),
        lambda offer: evolve(offer, endpoint=offer.endpoint.replace("-to-", "_to_")),
        Mode.IMAGE_TO_VIDEO,
    )


@frozen
class Bearing(Altered):
    """Writes the key as most vendors want it, and not as this one does."""

    def authorize(self, key: str) -> Mapping[str, str]:
        return {"X-Api-Key": key}


@broken(CLAUSE, "writes its key into another header than the vendor's")
def another_header() -> Adapter:
    return Bearing(adapter("fal"))


@broken(CLAUSE, "takes a seed that its vendor does not know")
def a_seed_for_nobody() -> Adapter:
    return offering(adapter("fal"), lambda offer: with_fields(offer, seed=Field(wire="seed")))


@broken(CLAUSE, "offers to refine clips, and reads no handle of any", provider="pixeldojo")
def no_handle_to_refine() -> Adapter:
    return Mistelling(
        adapter("pixeldojo"), lambda seen: evolve(seen, clip=seen.clip and evolve(seen.clip, handle=None))
    )


@broken(CLAUSE, "takes WebM, and its vendor calls it otherwise", provider="pixeldojo")
def webm_by_another_name() -> Adapter:
    def misnamed(offer: Offer) -> Offer:
        return with_fields(offer, output_format=Field(wire="format"))

    return offering(adapter("pixeldojo"), misnamed)
