"""Paying once, by a whole client: every way in which a paid call can go wrong (JOB-ONCE)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

from ..bench import ClientBench
from ..case import Needs, Profile, case
from ..means.breaking_in import ctrl_c
from ..means.same_id import vendor_takes_ids
from ..subject import Offers, Told
from ..verdicts import Broken, NotRun, expect, expect_equal

Variants: TypeAlias = tuple[Mapping[str, Any], ...]

SHORT_S = 0.5  # of wall time, for one answer
SILENT_S = 30  # of wall time: whoever waits for it is interrupted long before
PAUSE_S = 3  # what a refusal asks for
RELIABLE: Mapping[str, Any] = {"needs": Needs.FAULTS, "profile": Profile.RELIABILITY}
HEARD, UNHEARD = {"accepted": True}, {"accepted": False}

# What happens, by which fault, with which options: first as if the vendor had accepted the job, so that a second call
# shows on its bill.
DOUBTS: Mapping[int, tuple[str, str, Variants]] = {
    1: ("whose answer was lost", "lose-response", (HEARD, UNHEARD)),
    2: ("whose connection was reset", "reset", (HEARD, {**HEARD, "head": True}, {**HEARD, "bytes": 20}, UNHEARD)),
    3: ("of whose answer half came", "half-answer", (HEARD,)),
    4: ("whose answer is no JSON", "malformed-json", (HEARD,)),
    5: (
        "that a gateway answered",
        "gateway-html",
        ({**HEARD, "status": 502}, {**HEARD, "status": 504}, {**HEARD, "status": 200}, UNHEARD),
    ),
    6: (
        "that ended in a server's error",
        "unavailable",
        tuple({**HEARD, "status": status} for status in (500, 502, 503, 504)) + (UNHEARD,),
    ),
    7: ("that was answered with a redirect", "redirect", ({**HEARD, "status": 307}, {**HEARD, "status": 302}, UNHEARD)),
}


def _in_doubt(fault: str, variants: Variants, bench: ClientBench) -> None:
    for options in variants:
        bench.afresh()
        bench.arm(fault, call="submit", **options)
        _bought_once(bench)


def _bought_once(bench: ClientBench, **place: Any) -> None:
    with bench.opened(**place) as client:
        tickets: list[object] = []
        told = bench.refusal(lambda: tickets.append(client.submit(bench.least())))
        _not_sent_again(bench)
        if told is None:
            expect(bench.bought(), "nobody could read an answer, and submit returned as if a job had been accepted")
            lost = bench.refusal(lambda: client.status(tickets[0]))
            expect(
                lost is None,
                f"submit returned as if all were well, and a look by its ticket ends as {lost and lost.kind}",
            )
        elif bench.bought():
            _says_so(bench, told)
    bench.note(told=told.kind if told else None)


def _not_sent_again(bench: ClientBench) -> None:
    expect(bench.bought() <= 1, f"{bench.bought()} jobs were bought by one submit")
    if not vendor_takes_ids(bench.contract):
        expect_equal(bench.submits(), 1, "the number of paid calls sent")


def _says_so(bench: ClientBench, told: Told) -> None:
    expect(told.may_have_paid is not False, f"{told.kind} says that nothing was paid, and a job was bought")
    if bench.has(Offers.UNCERTAIN):
        expect(told.uncertain, f"it ends as {told.kind}, which does not say that nobody knows")
        expect(told.retry_helps is not True, f"{told.kind} says that trying again helps, and a job was bought")


for _number, (_which, _fault, _variants) in DOUBTS.items():
    case(f"JOB-ONCE-{_number}", f"a paid call {_which} is not sent again", **RELIABLE)(
        partial(_in_doubt, _fault, _variants)
    )


@case("JOB-ONCE-8", "a paid call whose answer takes too long is not sent again", **RELIABLE)
def a_late_answer_is_not_bought_again(bench: ClientBench) -> None:
    bench.needs(Offers.PATIENCE)
    bench.arm("stall", call="submit", seconds=5)
    _bought_once(bench, answer_s=SHORT_S)


@case("JOB-ONCE-9", "a paid call that was refused may be sent again, later", **RELIABLE)
def a_refusal_is_no_purchase(bench: ClientBench) -> None:
    bench.arm("rate-limit", call="submit", seconds=1 if bench.rate > 1 else PAUSE_S)
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(bench.least()))
    if told is None:
        expect_equal(bench.bought(), 1, "after a refusal that passed, the number of jobs bought")
        return
    expect_equal(bench.bought(), 0, f"submit failed as {told.kind}, and the number of jobs bought")
    expect(told.uncertain is not True, f"{told.kind} says that nobody knows, and the vendor had refused")
    expect(told.retry_helps is not False, f"{told.kind} says that trying again is of no use, and the vendor said when")


@case("JOB-ONCE-10", "a refusal that does not pass is told, and nothing is bought", **RELIABLE)
def a_lasting_refusal_is_told(bench: ClientBench) -> None:
    if not bench.virtual:
        raise NotRun("takes an hour by the wall's clock")
    bench.arm("rate-limit", call="submit", times=None, seconds=3_600)
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(bench.least()))
    expect(told, "every paid call was refused, and submit returned as if a job had been accepted")
    expect_equal(bench.bought(), 0, "the number of jobs bought")


@case("JOB-ONCE-11", "where nobody listens nothing is bought, and that is certain", **RELIABLE)
def nothing_is_bought_where_nobody_listens(bench: ClientBench) -> None:
    with bench.opened(unreachable=True) as client:
        told = bench.refusal(lambda: client.submit(bench.least()))
    if told is None:
        raise Broken("no connection was ever made, and submit returned as if a job had been accepted")
    expect(told.uncertain is not True, f"{told.kind} says that nobody knows, and no connection was ever made")
    with bench.opened() as client:
        client.submit(bench.least())
    expect_equal(bench.bought(), 1, "once it can be reached, the number of jobs bought")


@case("JOB-ONCE-12", "Ctrl-C in a paid call stops the client, and nothing is sent again", **RELIABLE)
def an_interruption_buys_nothing_more(bench: ClientBench) -> None:
    bench.arm("stall", call="submit", seconds=SILENT_S)
    with bench.opened() as client:
        try:
            with ctrl_c(lambda: bench.submits() > 0):
                client.submit(bench.least())
        except KeyboardInterrupt:
            pass
        except Exception as problem:  # noqa: BLE001 - whatever it makes of it, it stopped
            _says_so(bench, bench.told(problem))
        else:
            raise Broken("Ctrl-C was pressed in the paid call, and submit returned as if nothing had happened")
    _not_sent_again(bench)


ENDINGS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("job-failed", {"needs_retry": True}),
    ("no-video", {}),
    ("content-rejected", {}),
)


@case("JOB-ONCE-13", "a wait that ends without a clip is not followed by another submit", **RELIABLE)
def a_failed_job_is_not_bought_again(bench: ClientBench) -> None:
    bench.needs(Offers.WAIT)
    for fault, options in ENDINGS:
        bench.afresh()
        bench.arm(fault, call="submit", **options)
        with bench.opened() as client:
            ticket = client.submit(bench.least())
            bench.stand.advance(200)
            told = bench.refusal(partial(bench.waited, client, ticket))
        expect_equal(bench.bought(), 1, f"after {fault}, the number of jobs bought")
        expect(told, f"after {fault}, waiting gave a clip")


@case("JOB-ONCE-14", "trouble while waiting is not followed by another submit", **RELIABLE)
def trouble_in_looking_buys_nothing(bench: ClientBench) -> None:
    bench.needs(Offers.WAIT)
    for fault in ("unavailable", "lose-response", "malformed-json", "gateway-html", "unknown-job"):
        bench.afresh()
        with bench.opened() as client:
            ticket = client.submit(bench.least())
            bench.stand.advance(200)
            bench.arm(fault, call="status", times=2)
            bench.refusal(partial(bench.waited, client, ticket))
        expect_equal(bench.bought(), 1, f"after {fault} in a look, the number of jobs bought")
