"""The scenarios: what goes wrong, who asks for what, and how near to the optimum the cost has to be."""

from collections.abc import Sequence

from attrs import frozen

from tests.market.people import HOUR, HOURS, Mix
from tests.market.vendors import VENDORS
from tests.market.weather import Kind, Spell, flapping

END = (HOURS + 2.0) * HOUR
CALM, OUTAGE = 1.02, 1.10
NOTICED_S = 600.0  # after a change of price, until the rows are written anew
MINUTE = 60.0


@frozen(kw_only=True)
class Scenario:
    """What happens, in words and in spells; `mark` is the most that the cost may be, as a share of the least."""

    name: str
    told: str
    mark: float = OUTAGE
    spells: Sequence[Spell] = ()
    mix: Mix = Mix()  # noqa: RUF009 - a frozen value

    @property
    def prices(self) -> Sequence[Spell]:
        """The changes of price."""
        return [spell for spell in self.spells if spell.kind is Kind.PRICED]


TURNS = (Kind.REFUSED, Kind.FULL, Kind.LOCKED, Kind.FAILING, Kind.REFUSED, Kind.FULL)
NAMES = [vendor.name for vendor in VENDORS]
SCENARIOS: Sequence[Scenario] = (
    Scenario(name="calm", told="nothing goes wrong, but for one job in 500 that fails", mark=CALM),
    Scenario(
        name="capabilities",
        told="half of the requests are such as few can make: a seed, a format, edits, some of them from the EEA",
        mark=CALM,
        mix=Mix((25, 20, 20, 20, 15), seed=0.3, formats=0.2, europe=0.4),
    ),
    Scenario(
        name="one down",
        told="the cheapest refuses connections for three of the six hours",
        spells=(Spell("buckets", Kind.REFUSED, HOUR, 4 * HOUR),),
    ),
    Scenario(
        name="rolling",
        told="each in turn is out for 45 minutes: refuses connections, answers 503 or 403, fails its jobs",
        spells=tuple(
            Spell(name, kind, (0.5 + 0.75 * n) * HOUR, (1.25 + 0.75 * n) * HOUR)
            for n, (name, kind) in enumerate(zip(NAMES, TURNS, strict=True))
        ),
    ),
    Scenario(
        name="flapping",
        told="the two cheapest are down for one minute and up for three, over and over",
        spells=(
            *flapping("buckets", 3 * MINUTE, MINUTE, HOUR, 5 * HOUR),
            *flapping("plain", 3 * MINUTE, MINUTE, 2 * HOUR, 5 * HOUR),
        ),
    ),
    Scenario(
        name="limits",
        told="the two cheapest take 6 orders a minute and answer 429 with Retry-After to more",
        spells=tuple(Spell(name, Kind.LIMITED, 0.0, END, 6) for name in ("plain", "buckets")),
    ),
    Scenario(
        name="brown-out",
        told="for two hours, 30 % of the orders at the cheapest get a gateway's 503, half of them accepted; it is slow",
        spells=(
            Spell("buckets", Kind.DOUBTFUL, 2 * HOUR, 4 * HOUR, 0.3),
            Spell("buckets", Kind.SLOW, 2 * HOUR, 4 * HOUR, 3.0),
        ),
    ),
    Scenario(
        name="prices",
        told="the cheapest doubles its price after two hours, another halves it after four; rows follow in ten minutes",
        spells=(
            Spell("buckets", Kind.PRICED, 2 * HOUR, END, 2.0),
            Spell("tokens", Kind.PRICED, 4 * HOUR, END, 0.5),
        ),
    ),
)
