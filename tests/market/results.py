"""What came of all scenarios, and the tables of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import frozen

from docs.derived import table
from tests.market.judge import SUCCESS, Figures
from tests.market.people import FULL_CROWD, HOURS
from tests.market.scenarios import NOTICED_S, Scenario
from tests.market.servers import MISHAP
from tests.market.vendors import VENDORS

TEMPLATE = Path(__file__).with_name("page.md")
OURS, THEIRS = "omniflash", "LiteLLM Router"


@frozen
class Result:
    """One scenario: what all requests came to with us, and what fewer came to with us and with LiteLLM."""

    scenario: Scenario
    ours: Figures
    few: Figures | None = None
    theirs: Figures | None = None

    @property
    def slug(self) -> str:
        return self.scenario.name.replace(" ", "-")

    @property
    def sides(self) -> Mapping[str, Figures]:
        """Whom to show, by name: the same requests on both sides, where there are two."""
        if self.few is None or self.theirs is None:
            return {OURS: self.ours}
        return {OURS: self.few, THEIRS: self.theirs}

    @property
    def missed(self) -> Sequence[str]:
        """The marks that ours misses."""
        return [f"{self.scenario.name}: {told}" for told in self.ours.missed(self.scenario)]


COLUMNS: Mapping[str, Callable[[Figures], str]] = {
    "cost ÷ optimum": lambda one: f"{one.cost:.3f}",
    "success": lambda one: f"{one.success:.2%}",
    "uncertain": lambda one: f"{one.uncertain:,}",
    "median, s": lambda one: f"{one.median_s:.0f} ({one.best_median_s:.0f})",
    "p95, s": lambda one: f"{one.p95_s:.0f} ({one.best_p95_s:.0f})",
    "wrong sends": lambda one: str(one.wrong),
    "paid again in doubt": lambda one: str(one.twice),
    "begun where open": lambda one: str(one.begun_resting),
}


def rows(results: Sequence[Result]) -> Iterator[list[str]]:
    """Ours, with all requests."""
    for one in results:
        mark = f" (≤ {one.scenario.mark:.2f})"
        cells = [of(one.ours) for of in COLUMNS.values()]
        yield [one.scenario.name, cells[0] + mark, *cells[1:], "missed" if one.missed else "met"]


def beside(results: Sequence[Result]) -> Iterator[list[str]]:
    """Both sides, with the same requests."""
    columns = [of for name, of in COLUMNS.items() if name != "begun where open"]
    for one in results:
        for name, figures in one.sides.items():
            yield [one.scenario.name, name, *(of(figures) for of in columns)]


def tables(results: Sequence[Result]) -> Mapping[str, str]:
    """Both tables, as Markdown."""
    few = [name for name in COLUMNS if name != "begun where open"]
    return {"ours": table(["", *COLUMNS, "marks"], rows(results)), "beside": table(["", "", *few], beside(results))}


def page(results: Sequence[Result], *, seed: int, today: date, versions: str, caught: Sequence[str]) -> str:
    """The page of it."""
    first = results[0]
    return TEMPLATE.read_text("utf-8").format(
        **tables(results),
        seed=seed,
        today=today,
        versions=versions,
        requests=f"{first.ours.requests:,}",
        few=f"{first.few.requests:,}" if first.few else "0",
        full=f"{FULL_CROWD:,}",
        hours=f"{HOURS:g}",
        success=f"{SUCCESS:.1%}",
        mishap=f"{MISHAP:.1%}",
        noticed=f"{NOTICED_S / 60:g}",
        scenarios=table(["", "what happens"], ([one.scenario.name, one.scenario.told] for one in results)),
        vendors=table(
            ["", "price", "modes", "lengths", "seed, formats"],
            (
                [
                    vendor.name,
                    vendor.source,
                    ", ".join(mode.value.replace("_", " ") for mode in vendor.modes),
                    ", ".join(map(str, vendor.lengths)) if len(vendor.lengths) < 8 else "3 to 10",
                    ", ".join([*["seed"] * vendor.seed, *vendor.formats]) or "–",
                ]
                for vendor in VENDORS
            ),
        ),
        caught="\n".join(f"- a router that {told}" for told in caught),
    )
