"""`--dry-run`: the request that would leave, just as it would but for the key."""

import json
import re

from ..codec import plain
from ..house import Preview
from . import show

_LONG_DATA = re.compile(r"(data:[^,\"]{1,80}),([^\"]{200,})")


def show_request(preview: Preview, *, as_json: bool) -> int:
    """Print it: head and body, or one JSON value."""
    if as_json:
        sent = {"method": preview.method, "url": preview.url, "headers": preview.headers}
        show.result_json({**sent, "body": json.loads(preview.body), "dispositions": plain(preview.dispositions)})
        return 0
    show.result(f"{preview.method} {preview.url}")
    for name, value in preview.headers.items():
        show.result(f"{name.title()}: {value}")
    show.result(f"\n{_LONG_DATA.sub(_shortened, preview.body.decode())}")
    return 0


def _shortened(found: re.Match[str]) -> str:
    return f"{found[1]},… ({len(found[2]):,} characters)"
