"""Paying once, by a whole client: a lost answer, a refusal, a caller's own key (JOB-ONCE, JOB-KEY)."""

from ..bench import ClientBench
from ..case import Needs, Profile, case
from ..subject import Offers
from ..verdicts import Broken, expect, expect_equal


@case(
    "JOB-ONCE-1",
    "a paid call whose answer was lost is not sent again",
    needs=Needs.FAULTS,
    profile=Profile.RELIABILITY,
)
def a_lost_answer_is_not_bought_again(bench: ClientBench) -> None:
    bench.sandbox.arm("lose-response", provider=bench.provider, call="submit")
    with bench.opened() as client:
        try:
            client.submit(bench.least())
        except Exception as problem:  # noqa: BLE001 - a peer may raise anything here
            told = bench.told(problem)
        else:
            raise Broken("the answer was lost, and submit returned as if it had come")
    expect_equal(bench.submits(), 1, "the number of paid calls sent")
    expect(bench.bought() <= 1, f"{bench.bought()} jobs were bought")
    if Offers.UNCERTAIN in bench.kind.offers:
        expect(told.uncertain, f"it ends as {told.kind}, which does not say that nobody knows")
        expect(told.retry_helps is not True, f"{told.kind} says that trying again helps")
