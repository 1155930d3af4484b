"""The simulated market: a router that is sound meets every mark, and each broken one misses the one that is its own."""

from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash.effects import Moment
from tests.market.broken import ALL, Broken
from tests.market.clients import Schedule
from tests.market.judge import figures
from tests.market.people import Mix, crowd
from tests.market.results import OURS, THEIRS, Result, page
from tests.market.running import run
from tests.market.scenarios import OUTAGE, SCENARIOS, Scenario
from tests.market.servers import Limit, servers
from tests.market.weather import Kind
from tests.stage import DAY

FEW, SEED = 80, 1
NAMES = [one.name for one in SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_a_sound_router_meets_the_marks(scenario: Scenario) -> None:
    met = figures(run(scenario, SEED, FEW))
    assert list(met.missed(scenario)) == []
    assert met.requests == FEW


@pytest.mark.parametrize("broken", ALL, ids=[one.told for one in ALL])
def test_a_broken_router_is_caught(broken: Broken) -> None:
    missed = list(figures(run(broken.scenario, SEED, 2 * FEW, broken.make)).missed(broken.scenario))
    assert any(broken.caught in told for told in missed), missed


def test_the_same_seed_is_the_same_market() -> None:
    scenario = SCENARIOS[NAMES.index("rolling")]
    assert figures(run(scenario, SEED, 40)) == figures(run(scenario, SEED, 40))


def test_the_page_has_a_line_for_each_scenario_and_each_side() -> None:
    few = figures(run(SCENARIOS[0], SEED, 40))
    found = [Result(SCENARIOS[0], few, few, few), Result(SCENARIOS[2], evolve(few, cost=1.2), few, few)]
    made = page(found, seed=SEED, today=date(2026, 11, 22), versions="both", caught=["asks the dearest first"])
    assert made.count(f"\n| one down | {OURS} |") == made.count(f"\n| one down | {THEIRS} |") == 1
    assert "| met |" in made
    assert "| 1.200 (≤ 1.10) |" in made
    assert "| missed |" in made
    assert found[1].missed == ["one down: cost is 1.200 × the optimum's, and may be 1.10"]


def test_every_kind_of_trouble_has_its_turn() -> None:
    assert {spell.kind for one in SCENARIOS for spell in one.spells} == set(Kind)
    assert sum(one.mark < OUTAGE for one in SCENARIOS) >= 2
    assert len(SCENARIOS) >= 6


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 8))
def test_a_limit_lets_through_so_many_in_any_minute(times: list[int], much: int) -> None:
    limit, taken = Limit(), []
    for at in sorted(times):
        if not limit.wait(much, at):
            limit.take(at)
            taken.append(at)
    assert all(sum(at - 60.0 < other <= at for other in taken) <= much for at in taken)


def test_what_is_true_of_a_vendor_is_what_it_answers() -> None:
    asked = crowd(SEED, 60, Mix())
    for scenario in SCENARIOS:
        for server in servers(scenario.spells, asked, SEED).values():
            for one in asked:
                takes = server.takes(one.number, one.at, server.limit)
                bill, seconds = server.bill(one.number, one.at), server.seconds(one.number, one.at)
                said = server.order({"prompt": one.request.prompt}, one.at)
                sent = server.sent[-1]
                assert takes == (sent.clear and sent.billed > 0.0)
                assert sent.billed in (0.0, bill)
                if takes:
                    made = server.jobs[f"{server.vendor.name}-{one.number}-0"]
                    assert made.ready == pytest.approx(one.at + said.wait + seconds)


def test_a_schedule_goes_by_time_and_then_by_order() -> None:
    schedule, seen = Schedule(), []
    for number, seconds in enumerate((5.0, 1.0, 5.0)):
        schedule.after(seconds, seen.append, number)
    schedule.after(2.0, lambda _: seen.append(schedule.now()))
    schedule.run()
    assert seen == [1, Moment(seen[1].at, 2.0), 0, 2]
    assert (seen[1].at - DAY).total_seconds() == 2.0
