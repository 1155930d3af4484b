"""What may be shown of a URL or a text that might carry a secret (ERR-SECRET)."""

import re

HIDDEN = "***"
_WORD = re.compile(r"""[^\s"'<>\\]+""")
_QUERY_MARK = re.compile(r"[?#]")
_BREAK = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CREDENTIAL = re.compile(r"\b(?P<scheme>Key|Bearer|Basic)\s+[A-Za-z0-9._~+/:=-]{8,}")
_DATA_URI = re.compile(r"(?P<head>data:[\w.+/;=-]{0,60}),(?P<content>[A-Za-z0-9+/=%_-]{64,})")


def safe_url(url: str) -> str:
    """The URL without user information, query and fragment: those are where signatures and tokens travel."""
    return _WORD.sub(_bare, url) if "://" in url else url


def _bare(found: re.Match[str]) -> str:
    if "://" not in found[0]:
        return found[0]
    # A vendor's text may be of any length and form: every step here looks at each letter once.
    scheme, _, rest = found[0].partition("://")
    place, *query = _QUERY_MARK.split(rest, maxsplit=1)
    shown = "://".join([scheme, *map(_nobodys, place.split("://"))])
    return f"{shown}?…" if query else shown


def _nobodys(place: str) -> str:
    authority, slash, path = place.partition("/")
    return authority.rpartition("@")[2] + slash + path


def one_line(text: str) -> str:
    """Any text as one line for a terminal: what would move its cursor or colour it is written out."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), _BREAK.sub(" ", text))


def safe_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Any text with our `secrets`, credentials of the usual schemes, URL queries and long inline data taken out."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _CREDENTIAL.sub(rf"\g<scheme> {HIDDEN}", text)
    text = _DATA_URI.sub(lambda found: f"{found['head']},… ({len(found['content']):,} characters)", text)
    return safe_url(text)
