"""Asking the vendors what they ask now. One that cannot be asked is told with its reason; it spoils no plan."""

from collections.abc import Iterable

from ..accounts import Account
from ..adapter import Offer, Priced
from ..effects import Flow, now
from ..errors import OmniflashError
from ..money.posted import OnlinePrices, reckoned, unknown
from ..redact import one_line
from .attempt import Attempt

PATIENCE_S = 20.0  # for each vendor: there is a price without it


def prices(wanted: Iterable[tuple[Account, tuple[Offer, ...]]]) -> Flow[tuple[OnlinePrices, ...]]:
    """What each account's vendor says of the prices of these offers."""
    found: list[OnlinePrices] = []
    for account, offers in wanted:
        found.append((yield from _asked(account, offers)))
    return tuple(found)


def _asked(account: Account, offers: tuple[Offer, ...]) -> Flow[OnlinePrices]:
    moment = yield from now()
    adapter = account.adapter
    if not (adapter.features.prices and isinstance(adapter, Priced)):
        return unknown(account.name, moment.at, offers, f"not asked online: {adapter.name} posts no prices")
    attempt = Attempt(account, moment.ticks + PATIENCE_S)
    try:
        posted = yield from attempt.run(adapter.prices(offers))
    except OmniflashError as problem:
        return unknown(account.name, moment.at, offers, one_line(f"asked online in vain: {problem.message}"))
    return reckoned(account.name, moment.at, offers, posted)
