"""What the vendor says it charged (COST-ACTUAL)."""

import re
from decimal import Decimal

from ..bench import RENDER_S, ClientBench
from ..case import Needs, case
from ..subject import Ended, Offers
from ..verdicts import Broken, expect

NUMBER = re.compile(r"\d+(?:\.\d+)?")


@case("COST-ACTUAL-1", "what the vendor says it charged is told", needs=Needs.SERVER)
def the_charge_is_told(bench: ClientBench) -> None:
    ended = _ended(bench)
    bench.note(charge=ended.charge)
    if ended.charge is None:
        raise Broken("a job is over, its vendor says what it charged, and no charge is told")
    (line,) = [line for line in bench.sandbox.charges() if line["provider"] == bench.provider]
    told = [Decimal(number) for number in NUMBER.findall(ended.charge)]
    expect(
        Decimal(line["amount"]) in told,
        f"the charge is told as {ended.charge!r}, and the vendor says {line['amount']} {line['unit']}",
    )


@case("COST-ACTUAL-2", "the charge is told beside the quote", needs=Needs.SERVER)
def the_charge_stands_beside_the_quote(bench: ClientBench) -> None:
    bench.needs(Offers.QUOTE)
    ended = _ended(bench)
    expect(ended.charge, "a job is over, its vendor says what it charged, and no charge is told")
    expect(ended.quote, "a charge is told, and no quote beside it")
    bench.note(quote=ended.quote)


def _ended(bench: ClientBench) -> Ended:
    bench.needs(Offers.STATUS, Offers.CHARGE)
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.stand.advance(RENDER_S)
        return client.status(ticket)
