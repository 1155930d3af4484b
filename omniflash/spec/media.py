"""Pictures and videos that go into a request: a URL, inline data, or a local file (REQ-MEDIA)."""

import base64
import binascii
import re
from os import PathLike
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from attrs import field, frozen

from ..redact import safe_url

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DATA_URI = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?P<parameters>(?:;[\w.+-]+=[^;,]*)*)(?P<base64>;base64)?,", re.IGNORECASE
)


@frozen
class Url:
    """A public address that the vendor fetches by itself. No repr shows its query: it may be a signature."""

    url: str = field(repr=safe_url)

    def __str__(self) -> str:
        return safe_url(self.url)


def _shortened(uri: str) -> str:
    head, _, content = uri.partition(",")
    return f"'{head[:60]},… ({len(content):,} characters)'"


@frozen
class Data:
    """Content carried inside the request, as a data URI (RFC 2397)."""

    uri: str = field(repr=_shortened)

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Data":
        """The data URI of `content`; `media_type` is for example "image/png"."""
        return cls(f"data:{media_type};base64,{base64.b64encode(content).decode()}")

    def __str__(self) -> str:
        return _shortened(self.uri).strip("'")

    @property
    def media_type(self) -> str | None:
        """The type that the URI names, in lower case, or None when it is not a data URI or names none."""
        match = _DATA_URI.match(self.uri)
        return match["type"].lower() if match and match["type"] else None

    def content(self) -> bytes:
        """The bytes inside. Raises ValueError when the URI is none, or its base64 is broken."""
        match = _DATA_URI.match(self.uri)
        if match is None:
            raise ValueError("not a data URI")
        encoded = self.uri[match.end() :]
        if not match["base64"]:
            return unquote_to_bytes(encoded)
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error as problem:
            raise ValueError(f"its base64 is broken: {problem}") from problem


@frozen
class File:
    """A file on this machine. What it holds is told from its first bytes, never from its name."""

    path: Path = field(converter=Path)

    def __str__(self) -> str:
        return str(self.path)


Media: TypeAlias = Url | Data | File
MediaLike: TypeAlias = Url | Data | File | str | PathLike[str]


@frozen
class FileFacts:
    """What one look at a local file tells: `size` in bytes, the `media_type` its first bytes give, or the `problem`."""

    size: int = 0
    media_type: str | None = None
    problem: str | None = None


def media(source: MediaLike) -> Media:
    """Read what a caller wrote: text with a scheme is a URL, `data:…` is inline, all other text and paths are files.

    What is none of these is handed back as it came, for REQ-MEDIA to name.
    """
    if isinstance(source, str):
        if source[:5].lower() == "data:":
            return Data(source)
        return Url(source) if _SCHEME.match(source) else File(source)
    return File(source) if isinstance(source, PathLike) else source


def media_list(sources: object) -> tuple[Media, ...]:
    """Several of them; a single one is a list of one."""
    if isinstance(sources, list | tuple):
        return tuple(media(source) for source in sources)
    return (media(sources),)  # type: ignore[arg-type]  # whatever it is, the check names it


# offset, signature, media type: enough to name what people really pass, not a file-type library.
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF", "application/pdf"),
    (4, b"ftypqt  ", "video/quicktime"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftyphev", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypmsf1", "image/heif"),
    (4, b"ftypavi", "image/avif"),
    (4, b"ftyp3g", "video/3gpp"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
)
HEAD_BYTES = 64  # what `sniff` needs to see


def sniff(head: bytes) -> str | None:
    """The media type that a file's first bytes give, or None when they give none of those known here."""
    for offset, signature, media_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            matroska = media_type == "video/webm" and b"webm" not in head[:HEAD_BYTES]
            return "video/x-matroska" if matroska else media_type
    return None
