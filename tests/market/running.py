"""Runs a scenario with our client."""

from collections.abc import Callable, Mapping
from functools import partial

from tests.market.clients import Client, Run, Schedule
from tests.market.judge import Market
from tests.market.optimum import optimum
from tests.market.people import crowd
from tests.market.scenarios import END, NOTICED_S, Scenario
from tests.market.servers import Server, servers

Maker = Callable[[Schedule, Mapping[str, Server], int], Client]


def run(scenario: Scenario, seed: int, many: int, make: Maker = Client) -> Market:
    """What our client makes of it, or another that `make` gives."""
    asked = crowd(seed, many, scenario.mix)
    there = servers(scenario.spells, asked, seed)
    schedule = Schedule()
    client = make(schedule, there, seed)
    for spell in scenario.prices:
        schedule.after(spell.begin + NOTICED_S, partial(_repriced, client, spell.vendor), spell.much)
        if spell.end < END:
            schedule.after(spell.end + NOTICED_S, partial(_repriced, client, spell.vendor), 1.0)
    ended = Run(client, schedule).of(asked)
    sent = next(iter(there.values())).sent
    return Market(scenario, asked, ended, sent, optimum(asked, there))


def _repriced(client: Client, vendor: str, factor: float) -> None:
    client.reprice(vendor, factor)
