"""What may be shown of a URL or a text that might carry a secret (ERR-SECRET)."""

import re

HIDDEN = "***"
_URL = re.compile(r"""(?P<url>[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>\\?#]*)[?#][^\s"'<>\\]*""")
_USERINFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@\"'<>]+@")
_CREDENTIAL = re.compile(r"\b(?P<scheme>Key|Bearer|Basic)\s+[A-Za-z0-9._~+/:=-]{8,}")
_DATA_URI = re.compile(r"(?P<head>data:[\w.+/;=-]{0,60}),(?P<content>[A-Za-z0-9+/=%_-]{64,})")


def safe_url(url: str) -> str:
    """The URL without user information, query and fragment: those are where signatures and tokens travel."""
    return _URL.sub(r"\g<url>?…", _USERINFO.sub(r"\g<scheme>", url))


def safe_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Any text with our `secrets`, credentials of the usual schemes, URL queries and long inline data taken out."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _CREDENTIAL.sub(rf"\g<scheme> {HIDDEN}", text)
    text = _DATA_URI.sub(lambda found: f"{found['head']},… ({len(found['content']):,} characters)", text)
    return safe_url(text)
