"""`omniflash providers`: who is installed, and what each can do, drawn from the adapters' own declarations."""

from collections.abc import Iterator

from attrs import asdict
from rich.table import Table

from ..adapter import Adapter, Field, Offer
from ..codec import plain
from ..discovery import PROVIDERS, adapter, installed
from ..money.quotes import Quote, quote
from ..spec.limits import LIMITS
from ..spec.requests import Mode
from ..types import JSON
from . import show
from .options import Json


def providers(*, json: Json = False) -> int:
    """The capability matrix: which provider offers which mode, with which fields, for how much."""
    adapters = [adapter(name) for name in installed(PROVIDERS)]
    if json:
        show.result_json([_facts(found) for found in adapters])
        return 0
    table = Table(show_lines=True)
    table.add_column("", style="bold")
    for found in adapters:
        table.add_column(found.name, overflow="fold")
    for mode in Mode:
        table.add_row(mode.value, *("\n\n".join(_offered(found, mode)) for found in adapters))
    table.add_row("features", *(_features(found) for found in adapters))
    table.add_row("key", *(" or ".join(" and ".join(names) for names in found.credentials) for found in adapters))
    show.table(table)
    return 0


def _offered(found: Adapter, mode: Mode) -> Iterator[str]:
    rows = [offer for offer in found.offers if offer.mode is mode]
    for offer in rows:
        assumed = " (assumed)" if offer.assumed else ""
        fields = "\n".join(_field(name, field) for name, field in offer.fields.items())
        yield f"{offer.endpoint}\nversion {offer.version}{assumed}, {typical(offer)} at {_longest(offer)} s\n{fields}"
    if not rows:
        yield f"no: {found.absent.get(mode, 'not offered')}"


def _field(name: str, field: Field) -> str:
    if field.wire is None:
        return f"{name}: {', '.join(map(str, field.values))} only"
    ways = f" ({', '.join(sorted(field.kinds))})" if field.kinds else ""
    return f"{name} → {field.wire}{ways}"


def typical(offer: Offer) -> Quote:
    """What an offer asks for its longest clip."""
    return quote(offer.price, _longest(offer))


def _longest(offer: Offer) -> int:
    return LIMITS[offer.version].duration.maximum


def _features(found: Adapter) -> str:
    there = [name for name, is_there in asdict(found.features).items() if is_there]
    has = ["find (assumed)" if name == "find" and found.features.find_assumed else name for name in there]
    pace = f"{found.pace.requests} requests in {found.pace.seconds:g} s" if found.pace else "no stated request rate"
    return f"{', '.join(name for name in has if name != 'find_assumed') or 'none'}\n{pace}"


def _facts(found: Adapter) -> dict[str, JSON]:
    return {
        "name": found.name,
        "hosts": dict(found.hosts),
        "credentials": [list(names) for names in found.credentials],
        "features": plain(found.features),
        "pace": plain(found.pace),
        "offers": [plain(offer) for offer in found.offers],
        "absent": {mode.value: remedy for mode, remedy in found.absent.items()},
    }
