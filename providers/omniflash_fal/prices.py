"""What fal says it asks now: its price list, and what a call has cost in the past.

Source: fal, platform API, "models/pricing" and "models/pricing/estimate" (https://api.fal.ai/v1/openapi.json). Both
need a key, and tell the prices of its account, discounts and all.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from attrs import evolve

from omniflash.adapter import Offer, Posted
from omniflash.answers import Answer, number
from omniflash.effects import Flow
from omniflash.errors import OmniflashError, ProviderUnavailable
from omniflash.money.quotes import USD, Rate
from omniflash.types import JSON

from .calls import ask

PRICES, ESTIMATE = "api:/v1/models/pricing", "api:/v1/models/pricing/estimate"
MOST_PAGES = 20  # one call may ask for 50 endpoints: what is more than this is not the answer to four
HISTORY = "historical_api_price"


def _per_clip(price: Decimal) -> Rate:
    return Rate(per_clip=price)


def _per_second(price: Decimal) -> Rate:
    return Rate(per_second=price)


# What a clip comes to, by fal's words for a unit. "video" is the description's own word, beside 'image' and "compute
# unit". The others are assumed: its pricing page says that video is charged by the second of it or by the video, and
# users of the list have read them there. Whatever is not here is not reckoned with: "units", as a third party has read
# for this model, is a quantity that no page explains, and no source tells the tokens in a second.
RATES: Mapping[str, Callable[[Decimal], Rate]] = {
    "video": _per_clip,
    "videos": _per_clip,  # assumed
    "second": _per_second,  # assumed
    "seconds": _per_second,  # assumed
}
UNKNOWN = "no page of fal's says how many a clip has"


def prices(offers: Iterable[Offer]) -> Flow[tuple[Posted, ...]]:
    """fal's price of each endpoint, and beside one that cannot be reckoned with what a call has cost in the past."""
    wanted = tuple(dict.fromkeys(offer.endpoint for offer in offers))
    found: list[Posted] = []
    for row in (yield from _listed(wanted)):
        one = posted(row)
        if one is not None and one.endpoint in wanted:
            found.append(one if one.rate else (yield from _with_history(one)))
    return tuple(found)


def _listed(endpoints: tuple[str, ...]) -> Flow[list[JSON]]:
    asked, rows = {"endpoint_id": ",".join(endpoints)}, list[JSON]()
    for _ in range(MOST_PAGES):
        answer = yield from ask("prices", "GET", PRICES, query=asked)
        page = answer.body.get("prices")
        if not isinstance(page, list):
            raise answer.lacks("prices")
        rows += page
        cursor = answer.optional("next_cursor")
        if not cursor:
            return rows
        asked = {**asked, "cursor": cursor}
    raise ProviderUnavailable("fal's price list is too long to be read whole", remedy="look at fal.ai/pricing")


def posted(row: JSON) -> Posted | None:
    """What a row of the list says, or None where it names no endpoint."""
    endpoint = row.get("endpoint_id") if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or not isinstance(endpoint, str):
        return None
    price, per, currency = number(row.get("unit_price")), str(row.get("unit")), str(row.get("currency"))
    said = Posted(endpoint=endpoint, amount=price, currency=currency, per=per)
    if price is None or currency != USD:
        return evolve(said, note="only a number of US dollars can be reckoned with")
    rate = RATES.get(per.strip().lower())
    return evolve(said, rate=rate(price)) if rate else evolve(said, note=UNKNOWN)


def _with_history(one: Posted) -> Flow[Posted]:
    """The same, with what a call has cost: that knows no duration, so that it is told and never a quote."""
    asked: JSON = {"estimate_type": HISTORY, "endpoints": {one.endpoint: {"call_quantity": 1}}}
    try:
        answer = yield from ask("estimate", "POST", ESTIMATE, json=asked)
    except OmniflashError as problem:
        return evolve(one, note=f"{one.note}; what a call has cost is not to be had: {problem.message}")
    return evolve(one, note=f"{one.note}; {_history(answer)}")


def _history(answer: Answer) -> str:
    cost, currency = number(answer.body.get("total_cost")), answer.optional("currency")
    if cost is None or cost < 0 or currency != USD:
        return "what a call has cost is not told in US dollars"
    return f"a call has cost {cost} {currency} in the past, of whatever length"
