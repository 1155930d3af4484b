"""How often a client looks at a job: seldom enough, and soon enough (JOB-POLL)."""

from collections.abc import Sequence
from itertools import pairwise

from ..bench import ClientBench
from ..case import Needs, case
from ..subject import Client, Offers
from ..verdicts import Broken, Lax, NotRun, expect
from .paying import RELIABLE

RUDE_S, POLITE_S = 0.05, 1.0  # between two looks, on the average
SOON_S, LATE_S = 20.0, 60.0  # between two looks: so late may the end be noticed
LONG_S = 600.0
MOST_IN_LONG = 120  # one in five seconds
ASKED_PAUSE_S = 20


@case("JOB-POLL-1", "a job is not looked at without a pause", needs=Needs.SERVER)
def looks_are_apart(bench: ClientBench) -> None:
    gaps = _gaps(_looks_at_a_job(bench))
    mean = sum(gaps) / len(gaps) / bench.rate if gaps else POLITE_S
    bench.note(looks=len(gaps) + 1)
    expect(mean >= RUDE_S, f"looks {len(gaps) + 1} times at one job, {mean:.3f} s apart")
    if mean < POLITE_S:
        raise Lax(f"looks {len(gaps) + 1} times at one job, {mean:.2f} s apart")


@case("JOB-POLL-2", "the end of a job is noticed soon after it came", needs=Needs.SERVER)
def the_end_is_noticed(bench: ClientBench) -> None:
    gaps = _gaps(_looks_at_a_job(bench))
    longest = max(0.0, max(gaps, default=0.0) - bench.slack) / bench.rate
    expect(longest <= LATE_S, f"may notice the end of a job {longest:.0f} s late")
    if longest > SOON_S:
        raise Lax(f"may notice the end of a job {longest:.0f} s late")


def _looks_at_a_job(bench: ClientBench) -> list[float]:
    bench.needs(Offers.WAIT)
    with bench.opened() as client:
        bench.waited(client, client.submit(bench.least()))
    return _looks(bench)


def _looks(bench: ClientBench) -> list[float]:
    return [bench.at(exchange) for exchange in bench.exchanges("status")]


def _gaps(looks: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(looks)]


@case("JOB-POLL-3", "a job that takes long is looked at less and less", **RELIABLE)
def looks_get_rarer(bench: ClientBench) -> None:
    bench.needs(Offers.DEADLINE)
    if not bench.virtual:
        raise NotRun("takes ten minutes by the wall's clock")
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.arm("unknown-status", call="status", times=None)
        bench.refusal(lambda: bench.waited(client, ticket, timeout=LONG_S))
    gaps = _gaps(_looks(bench))
    if not gaps:
        raise Broken(f"does not look at a job again within {LONG_S:.0f} s")
    bench.note(looks=len(gaps) + 1)
    if len(gaps) > MOST_IN_LONG:
        raise Broken(f"looks {len(gaps) + 1} times in {LONG_S:.0f} s at a job that takes long")
    if max(gaps) <= min(gaps):
        raise Lax(f"looks every {gaps[0]:.0f} s at a job, however long it takes")


@case("JOB-POLL-4", "a vendor that asks for a pause gets it", **RELIABLE)
def a_pause_is_kept(bench: ClientBench) -> None:
    bench.needs(Offers.WAIT)
    pause = 2 if bench.rate > 1 else ASKED_PAUSE_S
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.arm("rate-limit", call="status", seconds=pause)
        _wait_once(bench, client, ticket)
    looks = bench.exchanges("status")
    if len(looks) < 2:
        raise NotRun("there was no second look")
    waited = (bench.at(looks[1]) - bench.at(looks[0])) / bench.rate
    expect(waited >= pause / 2, f"looks again after {waited:.1f} s, and the vendor had asked for {pause} s")
    if waited < pause * 0.99:
        raise Lax(f"looks again after {waited:.1f} s, and the vendor had asked for {pause} s")


def _wait_once(bench: ClientBench, client: Client, ticket: object) -> None:
    told = bench.refusal(lambda: bench.waited(client, ticket))
    if told is not None:
        raise Lax(f"gives up waiting at the first refusal, as {told.kind}")
