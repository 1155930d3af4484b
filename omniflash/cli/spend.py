"""`omniflash spend`: what the ledger says was quoted, and what the vendors say they charged."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from ..codec import plain
from ..errors import ConfigurationError
from ..money.quotes import dollars
from ..money.spending import BY, Spending, spending
from ..spec.violations import did_you_mean
from . import show
from .generate import ANY_GROUND
from .options import Ground, Json

EVERYTHING = 1_000_000


def spend(
    *,
    by: Annotated[str, Parameter(help="day, provider, account or mode")] = "day",
    ground: Ground = ANY_GROUND,
    json: Json = False,
) -> int:
    """What was quoted and what was charged, line by line."""
    if by not in BY:
        raise ConfigurationError(f"--by cannot be {by!r}", remedy=did_you_mean(by, BY))
    with ground.ledger() as ledger:
        lines = spending(ledger.records(provider=ground.provider, limit=EVERYTHING), by)
    if json:
        show.result_json([plain(line) for line in lines])
        return 0
    for line in lines:
        show.result(", ".join(_told(line)))
    return 0


def _told(line: Spending) -> Iterator[str]:
    yield f"{line.label}: {line.made} of {line.jobs} made"
    yield f"quoted ≈{dollars(line.quoted)}"
    amounts = " and ".join(f"{amount.normalize():f} {unit}s" for unit, amount in sorted(line.charged.items()))
    yield f"charged {amounts or 'nothing that was told'} for {line.told}"
    if line.charged_usd:
        yield f"which is {dollars(line.charged_usd)} for what was quoted ≈{dollars(line.quoted_for_that)}"
    if line.at_risk:
        yield f"up to {dollars(line.at_risk)} uncertain"
