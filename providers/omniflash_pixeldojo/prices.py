"""What PixelDojo says it asks now: its discovery is said to be public, is shown without a key, and asked without one.

Source: PixelDojo's api-docs: the models of its list have a `creditCost`, an object of `default`, `type` and `amount`.
That a model asked for by itself has it too is an assumption: that example breaks off before.
"""

from collections.abc import Iterable

from attrs import evolve

from omniflash.adapter import Offer, Posted
from omniflash.answers import Answer, number
from omniflash.effects import Call, Flow, call
from omniflash.money.quotes import Rate

from .offers import PROVIDER

CREDIT = "credit"
FIXED = "fixed"  # the only type that a page shows; others must be there, as some models are priced by the second


def prices(offers: Iterable[Offer]) -> Flow[tuple[Posted, ...]]:
    """PixelDojo's price of each model."""
    found: list[Posted] = []
    for endpoint in dict.fromkeys(offer.endpoint for offer in offers):
        asked = Call("prices", "GET", f"api:/models/{endpoint}", keyed=False)
        response = yield from call(asked)
        found.append(posted(endpoint, Answer.of(PROVIDER, asked, response)))
    return tuple(found)


def posted(endpoint: str, answer: Answer) -> Posted:
    """What a model says of its price. Raises ProtocolError where it says nothing."""
    cost = answer.member("creditCost")
    if cost is None:
        raise answer.lacks("creditCost")
    kind, amount = str(cost.body.get("type")), number(cost.body.get("amount"))
    said = Posted(endpoint=endpoint, amount=amount, currency="credits", per=kind, unit=CREDIT)
    if amount is None:
        return evolve(said, note="that is no number of credits")
    if kind != FIXED:
        return evolve(said, note="no page of PixelDojo's says how that counts")
    return evolve(said, rate=Rate(per_clip=amount))
