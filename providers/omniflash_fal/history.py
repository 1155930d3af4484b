"""fal's list of past requests, to find a lost submit in (fal, platform API, "models/requests/by-endpoint").

What only a live key can confirm: that the input stands there just as it was sent, and how late it comes.
"""

from collections.abc import Mapping

from omniflash.adapter import Listed, Lost
from omniflash.answers import listed
from omniflash.effects import Flow
from omniflash.errors import ProviderUnavailable

from .calls import ask

PATH = "api:/v1/models/requests/by-endpoint"
PAGE, MOST_PAGES = 100, 20  # fal's own limit of a page; and what is more than this is not one person's three minutes


def find(lost: Lost) -> Flow[tuple[Listed, ...]]:
    """Everything that was sent to the endpoint in that time."""
    asked = {
        "endpoint_id": lost.endpoint,
        "start": lost.begin.isoformat(),
        "end": lost.end.isoformat(),
        "expand": "payloads",
        "limit": str(PAGE),
    }
    found: list[Listed] = []
    for _ in range(MOST_PAGES):
        answer = yield from ask("list", "GET", PATH, query=asked)
        items = answer.body.get("items")
        if not isinstance(items, list):
            raise answer.lacks("items")
        rows = (item for item in items if isinstance(item, Mapping))
        found += [listed(row, handle="request_id", at="sent_at", sent="json_input") for row in rows]
        cursor = answer.optional("next_cursor")
        if not cursor:
            return tuple(found)
        asked = {**asked, "cursor": cursor}
    raise ProviderUnavailable("fal's list is too long to be read whole", remedy="look at fal's dashboard")
