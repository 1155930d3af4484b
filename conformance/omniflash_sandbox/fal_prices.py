"""fal's price list and its estimates, on the Platform API.

Source: https://api.fal.ai/v1/openapi.json, getPricing and estimatePricing.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from omniflash_sandbox.contracts import violations
from omniflash_sandbox.fal import MODELS, NAME, cost
from omniflash_sandbox.fal_platform import API, DIALECT, NOT_FOUND, endpoints_in, invalid
from omniflash_sandbox.messages import JSON, Answer, Ask, number
from omniflash_sandbox.vendor import Operation
from omniflash_sandbox.world import World

PRICING = f"{API}/v1/models/pricing"
USUAL_S = Decimal(8)  # assumption: a past call's clip was as long as one is that no length was asked for


async def pricing(world: World, ask: Ask) -> Answer:
    """Unit pricing for the endpoints that are asked for. All are on one page, as there are four."""
    try:
        endpoints = endpoints_in(ask)
    except ValueError as problem:
        return invalid(problem)
    if not set(endpoints) <= set(MODELS):
        return NOT_FOUND  # assumption: so is an endpoint that there is not
    rows: list[JSON] = [row(world, endpoint) for endpoint in endpoints]
    return Answer(200, {"prices": rows, "next_cursor": None, "has_more": False})


def row(world: World, endpoint: str) -> JSON:
    price = world.prices.of(NAME, endpoint)
    return {"endpoint_id": endpoint, "unit_price": number(price.amount), "unit": price.unit, "currency": "USD"}


async def estimate(world: World, ask: Ask) -> Answer:
    """What so many calls, or so many units, come to: one sum for all endpoints."""
    try:
        body = ask.body
    except ValueError as problem:
        return invalid(problem)
    if broken := violations("fal-estimate", body):
        return invalid(f"{'.'.join(map(str, broken[0].place)) or 'body'} breaks {broken[0].keyword}")
    match body:
        case {"estimate_type": str(kind), "endpoints": dict(endpoints)}:
            return estimated(world, kind, endpoints)
        case _:
            return invalid("body")


def estimated(world: World, kind: str, endpoints: Mapping[str, JSON]) -> Answer:
    if not set(endpoints) <= set(MODELS):
        return NOT_FOUND
    name, each = KINDS[kind]
    asked = {endpoint: quantity for endpoint, quantity in endpoints.items() if isinstance(quantity, dict)}
    total = sum((each(world, endpoint) * Decimal(str(asked[endpoint][name])) for endpoint in asked), Decimal(0))
    return Answer(200, {"estimate_type": kind, "total_cost": number(total), "currency": "USD"})


def of_a_call(world: World, endpoint: str) -> Decimal:
    """Assumption: what a call has cost on average is what a clip of the usual length costs now."""
    return cost(MODELS[endpoint], world.prices.of(NAME, endpoint), USUAL_S)


def of_a_unit(world: World, endpoint: str) -> Decimal:
    return world.prices.of(NAME, endpoint).amount


KINDS: Mapping[str, tuple[str, Callable[[World, str], Decimal]]] = {
    "historical_api_price": ("call_quantity", of_a_call),
    "unit_price": ("unit_quantity", of_a_unit),
}
"""What is counted, and what each of it costs."""

OPERATIONS = (
    Operation("prices", "GET", PRICING, pricing, dialect=DIALECT),
    Operation("estimate", "POST", f"{PRICING}/estimate", estimate, dialect=DIALECT),
)
