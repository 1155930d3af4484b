"""The sandbox's own API under `/_sandbox`: time, faults, switches, webhooks, the bill and the journal.

An action takes the fields of a JSON object and answers with JSON; what it cannot take is a ValueError, and over HTTP a
400 with that one line. `Sandbox`'s methods are the same actions, without HTTP.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypedDict

from attrs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from omniflash_sandbox import chaos as seeds
from omniflash_sandbox import ledger
from omniflash_sandbox.accounts import own_key
from omniflash_sandbox.clock import iso
from omniflash_sandbox.fault_kinds import KINDS, Kind
from omniflash_sandbox.fault_script import faults_in
from omniflash_sandbox.faults import fault_from
from omniflash_sandbox.messages import JSON, parsed
from omniflash_sandbox.vendor import calls_of
from omniflash_sandbox.world import World

SITE_VERSION = 1

Given = Mapping[str, JSON]
Action = Callable[[World, Given], Mapping[str, object]]


class SiteData(TypedDict):
    """What a client needs to use a sandbox.

    `hosts` are base URLs by provider and by the vendor's name for a host; `uploads` are the origins, by provider, to
    which files are put without a key; `state` is the folder that keeps what is to outlive the server.
    """

    omniflash_sandbox: int
    url: str
    speed: float
    virtual: bool
    hosts: dict[str, dict[str, str]]
    uploads: dict[str, list[str]]
    keys: dict[str, str]
    state: str


class Site(SiteData):
    """The same within the process: `sleep` is what to wait with under the virtual clock, and None under any other."""

    sleep: Callable[[float], None] | None


def show_site(world: World, given: Given) -> SiteData:
    return SiteData(
        omniflash_sandbox=SITE_VERSION,
        url=world.url,
        speed=world.clock.speed,
        virtual=world.clock.virtual,
        hosts={
            vendor.name: {host: world.url + path for host, path in vendor.hosts.items()} for vendor in world.vendors
        },
        uploads={vendor.name: [world.asset_url] for vendor in world.vendors if vendor.files},
        keys={vendor.name: own_key(vendor.name) for vendor in world.vendors},
        state=str(world.folder),
    )


def show_clock(world: World, given: Given) -> Mapping[str, object]:
    return {"now": iso(world.clock.now()), "speed": world.clock.speed, "virtual": world.clock.virtual}


def advance(world: World, given: Given) -> Mapping[str, object]:
    seconds = given.get("seconds")
    if set(given) != {"seconds"} or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(f'needs {{"seconds": a number}}, not {dict(given)!r}')
    world.clock.advance(seconds)
    world.webhooks.bell.set()
    return show_clock(world, {})


def show_faults(world: World, given: Given) -> Mapping[str, object]:
    """What is armed, what a seed draws from, and what there is: by name, all that the catalogue says of it."""
    chaos = world.faults.chaos()
    armed = [asdict(fault) for fault in world.faults.armed()]
    return {"armed": armed, "chaos": chaos and asdict(chaos), "known": dict(KNOWN)}


def arm(world: World, given: Given) -> Mapping[str, object]:
    """One fault, or with `script` the rows of a script: all of them, or where one is wrong none."""
    if set(given) == {"script"}:
        script = faults_in(given["script"], calls_of(world.vendors))
        world.faults.arm(*script)
        return {"armed": [asdict(fault) for fault in script]}
    fault = fault_from(given, calls_of(world.vendors))
    world.faults.arm(fault)
    return asdict(fault)


def begin_chaos(world: World, given: Given) -> Mapping[str, object]:
    if not {"seed"} <= set(given) <= {"seed", "rate", "faults"}:
        raise ValueError(f'needs {{"seed": a whole number}}, and may have rate and faults, not {dict(given)!r}')
    chaos = seeds.chaos(given["seed"], given.get("rate", seeds.RATE), given.get("faults"))
    world.faults.begin(chaos)
    return asdict(chaos)


def _known(kind: Kind) -> dict[str, JSON]:
    accepted: JSON = "option" if "accepted" in kind.options else kind.accepted
    return {
        "happens": kind.happens,
        "calls": [*kind.calls],
        "usual_calls": [*kind.usual_calls],
        "options": {option: row.default for option, row in kind.options.items()},
        "accepted": accepted,
        "refuses": kind.refuses if "submit" in kind.calls else None,
    }


KNOWN: Given = {name: _known(kind) for name, kind in KINDS.items()}
"""The catalogue. `accepted`: whether the vendor hears of the request, or that an option says so; `refuses`: whether a
client can know from it that a paid call was not accepted, null where it strikes no paid call."""


def show_switches(world: World, given: Given) -> Mapping[str, object]:
    return dict(world.switches.values())


def turn(world: World, given: Given) -> Mapping[str, object]:
    match given:
        case {"name": str(name), "value": str(value)} if len(given) == 2:
            world.switches.turn(name, value)
            world.webhooks.bell.set()
            return show_switches(world, {})
        case _:
            raise ValueError(f'needs {{"name": …, "value": …}}, both texts, not {dict(given)!r}')


def show_prices(world: World, given: Given) -> Mapping[str, object]:
    return {"prices": world.prices.lines()}


def set_price(world: World, given: Given) -> Mapping[str, object]:
    """What is posted from now on, and billed for what is accepted from now on."""
    match given:
        case {"provider": str(provider), "endpoint": str(endpoint), "amount": int() | float() as amount, **rest}:
            unit = rest.pop("unit", None)
            if not rest and (unit is None or isinstance(unit, str)) and not isinstance(amount, bool):
                world.prices.set(provider, endpoint, Decimal(str(amount)), unit)
                return show_prices(world, {})
    needs = '{"provider": …, "endpoint": …, "amount": a number}, and may have unit'
    raise ValueError(f"needs {needs}, not {dict(given)!r}")


def show_ledger(world: World, given: Given) -> Mapping[str, object]:
    lines = world.ledger.lines()
    return {"lines": lines, "totals": ledger.totals(lines)}


def show_journal(world: World, given: Given) -> Mapping[str, object]:
    return {"exchanges": world.journal.exchanges()}


def show_webhooks(world: World, given: Given) -> Mapping[str, object]:
    return {"deliveries": world.webhooks.deliveries()}


def deliver(world: World, given: Given) -> Mapping[str, object]:
    match given:
        case {"job": str(job)} if len(given) == 1:
            world.webhooks.repeat(job)
            return {"job": job}
        case _:
            raise ValueError(f'needs {{"job": an id}}, not {dict(given)!r}')


def rotate(world: World, given: Given) -> Mapping[str, object]:
    return {"key": world.signing.rotate()}


def reset(world: World, given: Given) -> Mapping[str, object]:
    world.store.clear()
    world.webhooks.forget()
    return {"reset": True}


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("GET", "/_sandbox"): show_site,
    ("GET", "/_sandbox/clock"): show_clock,
    ("POST", "/_sandbox/clock/advance"): advance,
    ("GET", "/_sandbox/faults"): show_faults,
    ("POST", "/_sandbox/faults"): arm,
    ("POST", "/_sandbox/chaos"): begin_chaos,
    ("GET", "/_sandbox/switches"): show_switches,
    ("POST", "/_sandbox/switches"): turn,
    ("GET", "/_sandbox/prices"): show_prices,
    ("POST", "/_sandbox/prices"): set_price,
    ("GET", "/_sandbox/ledger"): show_ledger,
    ("GET", "/_sandbox/journal"): show_journal,
    ("GET", "/_sandbox/webhooks"): show_webhooks,
    ("POST", "/_sandbox/webhooks/deliver"): deliver,
    ("POST", "/_sandbox/webhooks/rotate"): rotate,
    ("POST", "/_sandbox/reset"): reset,
}


def routes(world: World) -> list[Route]:
    return [_route(world, method, path, action) for (method, path), action in ACTIONS.items()]


def _route(world: World, method: str, path: str, action: Action) -> Route:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            return JSONResponse(action(world, _fields(await request.body())))
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, status_code=400)

    return Route(path, endpoint, methods=[method])


def _fields(content: bytes) -> Given:
    match parsed(content or b"{}"):
        case dict(fields):
            return fields
        case other:
            raise ValueError(f"the body must be a JSON object, not {other!r}")
