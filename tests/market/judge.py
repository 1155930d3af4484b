"""What a run comes to: cost and time beside the clairvoyant's, success, and what must never happen."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median, quantiles

from attrs import evolve, frozen

from tests.market.clients import Ended
from tests.market.optimum import Best
from tests.market.people import HOUR, Asked
from tests.market.scenarios import Scenario
from tests.market.servers import Sent
from tests.market.vendors import VENDORS

SUCCESS = 0.995
BIN_S = HOUR / 6.0
UNCERTAIN, NOBODY = "uncertain", "nobody"


@frozen
class Market:
    """One side's run of a scenario: who asked, how it ended, what the vendors saw, and what was best."""

    scenario: Scenario
    crowd: Sequence[Asked]
    ended: Sequence[Ended]
    sent: Sequence[Sent]
    best: Sequence[Best]

    def first(self, many: int) -> "Market":
        """The same, of its first requests alone."""
        return evolve(
            self,
            crowd=self.crowd[:many],
            ended=[one for one in self.ended if one.number < many],
            sent=[one for one in self.sent if one.number < many],
        )


@frozen(kw_only=True)
class Figures:
    """What a run comes to. `impossible` are requests that nobody at all can make."""

    requests: int
    impossible: int
    cost: float
    success: float
    uncertain: int
    median_s: float
    p95_s: float
    best_median_s: float
    best_p95_s: float
    wrong: int
    twice: int
    begun_resting: int
    share: Mapping[str, Sequence[float]]
    best_share: Mapping[str, Sequence[float]]
    said: Mapping[str, int]

    def missed(self, scenario: Scenario) -> Iterator[str]:
        """The marks that are missed."""
        if not self.cost <= scenario.mark:
            yield f"cost is {self.cost:.3f} × the optimum's, and may be {scenario.mark:.2f}"
        if not self.success >= SUCCESS:
            yield f"{self.success:.2%} succeed, and {SUCCESS:.1%} have to"
        if self.wrong:
            yield f"{self.wrong} orders were sent to vendors that cannot make them"
        if self.twice:
            yield f"{self.twice} orders were sent after an uncertain one"
        if self.begun_resting:
            yield f"{self.begun_resting} orders were begun where the circuit was open"


def figures(run: Market) -> Figures:
    """What a run comes to."""
    by_number = {one.number: one for one in run.ended}
    possible = {asked.number for asked in run.crowd if any(vendor.can(asked.request) for vendor in VENDORS)}
    up = {number for number in possible if run.best[number].vendor is not None}
    certain = [by_number[number] for number in sorted(up) if not by_number[number].uncertain]
    made = [one for one in certain if one.vendor is not None]
    times = [one.at - run.crowd[one.number].at for one in made]
    best_times = [run.best[one.number].seconds for one in made]
    return Figures(
        requests=len(run.crowd),
        impossible=len(run.crowd) - len(possible),
        cost=_cost(run, up),
        success=len(made) / len(certain) if certain else 1.0,
        uncertain=sum(one.uncertain for one in run.ended),
        median_s=median(times),
        p95_s=quantiles(times, n=20)[-1],
        best_median_s=median(best_times),
        best_p95_s=quantiles(best_times, n=20)[-1],
        wrong=sum(not sent.able for sent in run.sent),
        twice=_twice(run.sent),
        begun_resting=sum(sent.resting for sent in run.sent),
        share=_share((asked.at, _where(by_number[asked.number])) for asked in run.crowd),
        best_share=_share((asked.at, run.best[asked.number].vendor) for asked in run.crowd),
        said=Counter(one.said.partition(":")[0] for one in certain if one.vendor is None),
    )


def _cost(run: Market, up: set[int]) -> float:
    """All that was billed, over the clairvoyant's price of each request that was billed at all.

    A request that failed for us, and was not billed, is in neither; one that nobody would have taken as it came is not,
    either.
    """
    paid: dict[int, float] = defaultdict(float)
    for sent in run.sent:
        if sent.billed and sent.number in up:
            paid[sent.number] += sent.billed
    return sum(paid.values()) / sum(run.best[number].cost for number in paid)


def _twice(sent: Sequence[Sent]) -> int:
    """How many orders followed one of the same request that nobody knew the end of."""
    doubtful: set[int] = set()
    followed = 0
    for one in sent:
        followed += one.number in doubtful
        if not one.clear:
            doubtful.add(one.number)
    return followed


def _where(one: Ended) -> str | None:
    return UNCERTAIN if one.uncertain else one.vendor


def _share(made: Iterator[tuple[float, str | None]]) -> Mapping[str, Sequence[float]]:
    """Each vendor's share of the clips, by the time when they were asked for; of the rest, what became of it."""
    bins: dict[int, Counter[str]] = defaultdict(Counter)
    for at, vendor in made:
        bins[int(at // BIN_S)][vendor or NOBODY] += 1
    names = [*(vendor.name for vendor in VENDORS), UNCERTAIN, NOBODY]
    last = max(bins, default=0) + 1
    return {name: tuple(bins[n][name] / max(1, bins[n].total()) for n in range(last)) for name in names}
