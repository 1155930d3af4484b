"""Pictures and videos as a request holds them: public URLs, and data URIs whose first bytes are what they claim."""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.spec import LATEST, Data, Limits, Media, Span, Url

from .plain import plain

# How a file of each type begins.
HEADS: Mapping[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1",
    "image/webp": b"RIFF\x1a\0\0\0WEBPVP8L",
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "image/heif": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix",
    "video/mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp42",
    "video/quicktime": b"\0\0\0\x14ftypqt  \0\0\2\0qt  ",
    "video/webm": b"\x1aE\xdf\xa3\x87B\x82\x84webm",
    "video/mpeg": b"\0\0\1\xba\x44\0\4\0\4\1",
    "video/x-flv": b"FLV\1\5\0\0\0\x09\0\0\0\0",
    "video/x-ms-wmv": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c",
    "video/3gpp": b"\0\0\0\x14ftyp3gp4\0\0\0\x003gp4",
}
_HOSTS = ("https://example.com", "https://cdn.example.org:8443/a/b", "http://203.0.113.7", "https://EXAMPLE.com")
_QUERIES = ("", "?v=2", "?X-Signature=a%2Fb%3D&Expires=1", "?q=%E7%8C%AB+1", "#t=1")
_ENDINGS = {"image": ("", ".png", ".jpg"), "video": ("", ".mp4", ".mov")}
MOST = 2**16 - 1  # of the numbers that inputs are made of

Fits = Callable[[Media], bool]
# Each gives an input of its kind to a number, another to every number: one draw is enough for one input.
Makers = tuple[Callable[[int], Media], ...]
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=8)


def images(*, kinds: Collection[type[Media]] = (Url, Data), limits: Limits = LATEST) -> SearchStrategy[Media]:
    """Pictures, as a URL or inside a data URI."""
    return one(of_kinds(limits.image_types, kinds))


def videos(*, kinds: Collection[type[Media]] = (Url, Data), limits: Limits = LATEST) -> SearchStrategy[Media]:
    """Videos, as a URL or inside a data URI."""
    return one(of_kinds(limits.video_types, kinds))


def of_kinds(types: tuple[str, ...], kinds: Collection[type[Media]]) -> Makers:
    return makers(types, lambda medium: type(medium) in kinds)


def makers(types: tuple[str, ...], fits: Fits) -> Makers:
    """What makes inputs of these types of which `fits` says that they will do, short and long ones."""
    inline = tuple(name for name in types if all(fits(_data((name,), number)) for number in (0, MOST)))
    url = partial(_url, types[0].partition("/")[0])
    found = ((url, fits(url(0))), (partial(_data, inline), bool(inline)))
    return tuple(maker for maker, fit in found if fit)


def _url(kind: str, number: int) -> Media:
    host, ending, query = (parts[number % len(parts)] for parts in (_HOSTS, _ENDINGS[kind], _QUERIES))
    return Url(f"{host}/{number}{ending}{query}")


def _data(types: tuple[str, ...], number: int) -> Media:
    media_type = types[number % len(types)]
    return Data.of(HEADS[media_type] + number.to_bytes(2, "big") + bytes(number % 16), media_type)


def one(of: Makers) -> SearchStrategy[Media]:
    """One input."""
    return plain(st.integers(0, MOST), partial(_made, of)) if of else st.nothing()


def several(of: Makers, span: Span) -> SearchStrategy[tuple[Media, ...]]:
    """As many inputs as a range says, the fewest and the most often; now and then all are the same."""
    if not of:
        return st.just(()) if span.minimum == 0 else st.nothing()
    sizes = st.sampled_from((*range(span.minimum, span.maximum + 1), span.minimum, span.maximum))
    return plain(st.tuples(sizes, st.integers(0, MOST), st.sampled_from((1, 1, 7, 0))), partial(_row, of))


def _row(of: Makers, chosen: tuple[int, int, int]) -> tuple[Media, ...]:
    size, first, step = chosen
    return tuple(_made(of, (first + step * place) % MOST) for place in range(size))


def _made(of: Makers, number: int) -> Media:
    rest, which = divmod(number, len(of))
    return of[which](rest)
