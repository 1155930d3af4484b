"""The caller's own key: one job for it, whichever process asks (JOB-KEY)."""

from contextlib import suppress
from functools import partial
from threading import Barrier

from ..bench import ClientBench
from ..case import Needs, Profile, case
from ..means.breaking_in import Work, ctrl_c
from ..subject import Client, Offers
from ..verdicts import expect, expect_equal
from .paying import RELIABLE, SILENT_S

KEY = "order-17"


@case("JOB-KEY-1", "the same key gives the same job", needs=Needs.SERVER, profile=Profile.RELIABILITY)
def one_key_is_one_job(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    with bench.opened() as client:
        tickets = [client.submit(bench.least(), key=KEY) for _ in range(2)]
        _one_job(bench, client, *tickets)


@case(
    "JOB-KEY-2", "the same key gives the same job in another process", needs=Needs.SERVER, profile=Profile.RELIABILITY
)
def one_key_is_one_job_everywhere(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    with bench.opened() as client:
        first = client.submit(bench.least(), key=KEY)
    with bench.opened() as client:
        _one_job(bench, client, first, client.submit(bench.least(), key=KEY))


def _one_job(bench: ClientBench, client: Client, *tickets: object) -> None:
    expect_equal(bench.bought(), 1, "with one key, the number of jobs bought")
    expect_equal(bench.submits(), 1, "with one key, the number of paid calls sent")
    if bench.has(Offers.RESUME):
        expect_equal(len({client.token(ticket) for ticket in tickets}), 1, "with one key, the number of tokens")


@case("JOB-KEY-3", "a key that stands for another request is refused", needs=Needs.SERVER, profile=Profile.RELIABILITY)
def another_request_is_refused(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    with bench.opened() as client:
        client.submit(bench.least(), key=KEY)
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(bench.least(duration=5), key=KEY))
    expect_equal(bench.submits(), 1, "after the same key with another request, the number of paid calls sent")
    expect(told, "the same key with another request gave a job, which is not what was asked for")


@case("JOB-KEY-4", "a key whose paid call is in doubt is not paid for again", **RELIABLE)
def doubt_keeps_its_key(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    bench.arm("lose-response", call="submit")
    for _ in range(2):
        with bench.opened() as client:
            bench.refusal(partial(client.submit, bench.least(), key=KEY))
    expect_equal(
        bench.bought(), 1, "after a lost answer and the same key in another process, the number of jobs bought"
    )


@case("JOB-KEY-5", "a key whose paid call was refused can be used again", **RELIABLE)
def a_refusal_frees_the_key(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    with bench.opened(unreachable=True) as client:
        bench.refusal(lambda: client.submit(bench.least(), key=KEY))
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(bench.least(), key=KEY))
    expect(told is None, f"nothing was ever sent, and the same key is refused: {told and told.kind}")
    expect_equal(bench.bought(), 1, "the number of jobs bought")


@case("JOB-KEY-6", "a key whose paid call was interrupted is not paid for again", **RELIABLE)
def an_interruption_keeps_its_key(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    bench.arm("stall", call="submit", seconds=SILENT_S)
    with bench.opened() as client, suppress(KeyboardInterrupt, Exception), ctrl_c(lambda: bench.submits() > 0):
        client.submit(bench.least(), key=KEY)
    with bench.opened() as client:
        bench.refusal(lambda: client.submit(bench.least(), key=KEY))
    expect_equal(bench.bought(), 1, "after Ctrl-C and the same key in another process, the number of jobs bought")


@case("JOB-KEY-7", "two that use one key at once get one job", needs=Needs.SERVER, profile=Profile.RELIABILITY)
def a_race_for_one_key(bench: ClientBench) -> None:
    bench.needs(Offers.KEY)
    start, request = Barrier(2), bench.least()

    def submit(client: Client) -> None:
        start.wait()
        bench.refusal(lambda: client.submit(request, key=KEY))

    with bench.opened() as one, bench.opened() as other:
        for work in [Work(partial(submit, client)) for client in (one, other)]:
            work.join()
    expect_equal(bench.bought(), 1, "with one key in two clients at once, the number of jobs bought")
