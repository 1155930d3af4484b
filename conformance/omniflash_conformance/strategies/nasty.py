"""Values that nobody expects in an answer, and how one is put into JSON: what strategies and fuzzers share."""

from collections.abc import Mapping, Sequence

from omniflash.types import JSON

Path = tuple[str | int, ...]

STRANGE = (
    "\0",
    "\n",
    "\r\n",
    " ",
    "\t",
    "é",
    "ÿ",
    "²",
    "\u2028",
    "\u212a",
    "\ud800",
    "😀",
    "%00",
    "{",
    '"',
    "\\",
    ",",
    "a",
)
STATUSES = (
    200, 201, 202, 204, 206, 301, 302, 304, 400, 401, 402, 403, 404, 408, 409, 410, 413, 415, 422, 425, 429, 500, 502,
    503, 504, 520, 524, 530,
)  # fmt: skip
DATES = tuple(f"Fri, 20 Nov {year} 12:00:05 {zone}" for year in (2026, 99999) for zone in ("GMT", "-0000", "-9999"))
HEADERS: Mapping[str, Sequence[str]] = {
    "retry-after": (*("0", "5", "86400", "-1", "1.5", "²", "nan", "9" * 30, "Fri, 99"), *DATES),
    "date": ("", "yesterday", *DATES),
    "content-type": ("text/html", "application/json; charset=utf-16", "", "\xff"),
    "x-request-id": ("r1", "", "\x85"),
}
VALUES: tuple[JSON, ...] = (
    None, True, 0, -1, 10**30, 1e308, float("nan"),
    float("inf"), "", " ", "\ud800", "\x1b[2J", "a\nb", "../x",
    "x" * 5_000, [], {}, [[[]]], [None], {"url": 5}, {"": ""},
    "http://", "https://a b/", "file:///etc/passwd", "COMPLETED", "completed",
)  # fmt: skip
# Bodies with nothing in them that was asked for, and texts that are no plain number.
RAW = (b"", b"null", b"[]", b"{}", b"{", b"<html>502 Bad Gateway</html>", b"\xff\xfe", b"[" * 60_000, b"1" * 5_000)
NO_JSON = (*RAW, b" ", b"not json", b"0", b'""', b'{"a":' * 20_000, b"{" + b'"' * 9)
NO_NUMBERS = (
    "", "soon", "²", "٣", "-1", "+1", "1e9", "1.0", " 1", "0x1", "9" * 12, "9" * 13, "9" * 4_400, "nan", "inf", "1_0",
)  # fmt: skip


def places(value: JSON, path: Path = ()) -> list[Path]:
    """Where something stands in a JSON value, itself included."""
    inner: list[tuple[str | int, JSON]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, held in inner for place in places(held, (*path, key)))]


def at(value: JSON, path: Sequence[str | int]) -> JSON:
    """What stands at a place."""
    for key in path:
        value = value[key]  # type: ignore[index]  # `places` says that it is there
    return value


def put(value: JSON, path: Sequence[str | int], new: JSON) -> JSON:
    """The same value with another one at a place; unchanged where there is no such place."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(held, path[1:], new) if key == path[0] else held for key, held in value.items()}
    if isinstance(value, list):
        return [put(held, path[1:], new) if n == path[0] else held for n, held in enumerate(value)]
    return value


def without(value: JSON, name: str) -> JSON:
    """The same value without what stands under a name, wherever that is."""
    if isinstance(value, dict):
        return {key: without(held, name) for key, held in value.items() if key != name}
    return [without(held, name) for held in value] if isinstance(value, list) else value
