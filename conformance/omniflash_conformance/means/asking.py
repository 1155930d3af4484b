"""The fixed requests of the cases: the shortest and cheapest that an offer takes, with inputs that everybody has."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from omniflash import Clip, Data, File, Request
from omniflash.adapter import Field, MediaKind, Offer
from omniflash.spec import LIMITS, REQUESTS, Media, Mode, Previous, Url

PROMPT, NIGHT, TURN = "A lighthouse at dusk", "Make it night", "She turns"
# The smallest PNG there is: one pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
FILM = bytes.fromhex("0000001866747970697336380000020069736f6d69736f32")
PICTURE_URL, STYLE_URL = "https://example.com/portrait.png", "https://example.com/style.png"
FILM_URL = "https://example.com/film.mp4"
NOBODYS = Previous(handle="vid_of_nobody")


def least(
    offer: Offer, picture: File, previous: Clip | None = None, fields: Mapping[str, object] | None = None
) -> Request:
    """The least that there is to ask for. `picture` is what to give where only files are taken."""
    timing = {"duration": LIMITS[offer.version].duration.minimum} if "duration" in offer.fields else {}
    given = {**_inputs(offer, picture, previous), **timing, **(fields or {})}
    return REQUESTS[offer.mode](PROMPT, **given)  # type: ignore[arg-type]  # the fields of its mode


# What the plain request of a mode says beside its prompt, as far as it is offered: the recordings hold these.
PLAIN: Mapping[Mode, Mapping[str, object]] = {
    Mode.TEXT_TO_VIDEO: {"duration": 3, "aspect_ratio": "9:16"},
    Mode.IMAGE_TO_VIDEO: {"duration": 3},
    Mode.REFERENCE_TO_VIDEO: {"references": (Url(PICTURE_URL), Url(STYLE_URL)), "aspect_ratio": "9:16"},
    Mode.EDIT: {},
    Mode.REFINE: {},
}


def plain(offer: Offer, picture: File, previous: Clip | None = None) -> Request:
    """The plain request of a mode, which is always the same."""
    said = {name: value for name, value in PLAIN[offer.mode].items() if _takes(offer, name, value)}
    given = {**_inputs(offer, picture, previous), **said}
    prompt = NIGHT if offer.mode is Mode.REFINE else PROMPT
    return REQUESTS[offer.mode](prompt, **given)  # type: ignore[arg-type]  # the fields of its mode


def changed(request: Request, fields: Mapping[str, Any]) -> Request:
    """The request with other values in some of its fields; what its mode has not is passed over."""
    return evolve(request, **{name: value for name, value in fields.items() if hasattr(request, name)})


UNTIMED: Mapping[str, object] = {"duration": None, "aspect_ratio": None}


def _takes(offer: Offer, name: str, value: object) -> bool:
    declared = offer.fields.get(name)
    if declared is None or declared.kinds:
        return declared is not None and MediaKind.URL in declared.kinds
    return not declared.values or value in declared.values


def _inputs(offer: Offer, picture: File, previous: Clip | None) -> Mapping[str, object]:
    match offer.mode:
        case Mode.IMAGE_TO_VIDEO:
            return {"image": _picture(offer.fields["image"], picture)}
        case Mode.REFERENCE_TO_VIDEO:
            return {"references": [_picture(offer.fields["references"], picture)]}
        case Mode.EDIT:
            return {"video": _film(offer.fields["video"])}
        case Mode.REFINE:
            return {"previous": previous or NOBODYS}
        case _:
            return {}


def _picture(declared: Field, picture: File) -> Media:
    ways: Mapping[MediaKind, Callable[[], Media]] = {
        MediaKind.URL: lambda: Url(PICTURE_URL),
        MediaKind.DATA: lambda: Data.of(PICTURE, "image/png"),
        MediaKind.UPLOAD: lambda: picture,
    }
    return next(ways[kind]() for kind in ways if kind in declared.kinds)


def _film(declared: Field) -> Media:
    return Url(FILM_URL) if MediaKind.URL in declared.kinds else Data.of(FILM, "video/mp4")
