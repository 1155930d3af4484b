"""An id of the client's own, where the vendor takes one: doubt is resolved by asking again with it (JOB-DEDUP)."""

from contextlib import suppress

from ..bench import ClientBench
from ..case import Needs, Profile, case
from ..means.breaking_in import ctrl_c
from ..means.same_id import ids_sent, vendor_takes_ids
from ..subject import Offers
from ..verdicts import Lax, NotDeclared, expect, expect_equal
from .keyed import KEY
from .paying import RELIABLE, SILENT_S


def _ids(bench: ClientBench) -> tuple[str, ...]:
    return ids_sent(bench.contract, bench.exchanges("submit"))


def _needs_ids(bench: ClientBench) -> None:
    if not vendor_takes_ids(bench.contract):
        raise NotDeclared(f"{bench.provider} takes no id of the client's for a job")


@case("JOB-DEDUP-1", "a paid call in doubt is made again with the same id, and one job comes of it", **RELIABLE)
def doubt_is_resolved(bench: ClientBench) -> None:
    _needs_ids(bench)
    for fault in ("lose-response", "unavailable", "malformed-json"):
        bench.afresh()
        bench.arm(fault, call="submit", accepted=True)
        with bench.opened() as client:
            told = bench.refusal(lambda: client.submit(bench.least()))
        _one_id(bench)
        if told is not None:
            raise Lax(
                f"gives up in doubt ({fault}), as {told.kind}, and asking again with the same id would resolve it"
            )


def _one_id(bench: ClientBench) -> None:
    ids = _ids(bench)
    expect(all(ids), f"{sum(not each for each in ids)} of {len(ids)} paid calls have no id of the client's")
    expect_equal(len(set(ids)), 1, f"in {len(ids)} sendings of one order, the number of ids")
    expect_equal(bench.bought(), 1, "the number of jobs bought")


@case("JOB-DEDUP-2", "two orders have two ids", needs=Needs.SERVER, profile=Profile.RELIABILITY)
def two_orders_are_two(bench: ClientBench) -> None:
    _needs_ids(bench)
    for _ in range(2):
        with bench.opened() as client:
            client.submit(bench.least())
    expect_equal(len(set(_ids(bench))), 2, "in two orders, the number of ids")
    expect_equal(bench.bought(), 2, "for two orders, the number of jobs bought")


@case("JOB-DEDUP-3", "the id outlives the process that chose it", **RELIABLE)
def the_id_is_kept(bench: ClientBench) -> None:
    _needs_ids(bench)
    bench.needs(Offers.KEY)
    bench.arm("stall", call="submit", seconds=SILENT_S)
    with bench.opened() as client, suppress(KeyboardInterrupt, Exception), ctrl_c(lambda: bench.submits() > 0):
        client.submit(bench.least(), key=KEY)
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(bench.least(), key=KEY))
    _one_id(bench)
    if told is not None:
        raise Lax(
            f"a paid call that was interrupted stays in doubt ({told.kind}), and asking with its id would resolve it"
        )
