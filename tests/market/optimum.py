"""The clairvoyant: for each request, as it comes, the cheapest who can make it, is up, takes it, and will make it.

It knows everything that is going to happen, asks once, never waits, and keeps to the same limits by a count of its own.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from tests.market.people import Asked
from tests.market.servers import ANSWER_S, Limit, Server


@frozen
class Best:
    """What the clairvoyant does with one request; no vendor where nobody would take it at that moment."""

    vendor: str | None = None
    cost: float = 0.0
    seconds: float = 0.0


def optimum(crowd: Sequence[Asked], servers: Mapping[str, Server]) -> Sequence[Best]:
    """What would have been best, request by request."""
    return tuple(_each(crowd, servers))


def _each(crowd: Sequence[Asked], servers: Mapping[str, Server]) -> Iterator[Best]:
    limits = {name: Limit() for name in servers}
    for asked in crowd:
        number, at = asked.number, asked.at
        able = [server for name, server in servers.items() if server.takes(number, at, limits[name])]
        if not able:
            yield Best()
            continue
        best = min(able, key=lambda server: (server.bill(number, at), server.seconds(number, at)))
        limits[best.vendor.name].take(at)
        yield Best(best.vendor.name, best.bill(number, at), best.seconds(number, at) + ANSWER_S)
