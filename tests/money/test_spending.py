"""What was spent: quoted against charged, with what nobody knows in plain sight."""

from decimal import Decimal

from attrs import evolve

from omniflash import Ledger
from omniflash.errors import ContentRejected, Money, ProviderUnavailable
from omniflash.jobs import Charge, State, Status
from omniflash.money.entries import Accepted, Finished, Intended, Refused, Uncertain
from omniflash.money.quotes import quote
from omniflash.money.spending import BY, spending
from tests.money.places import Place
from tests.money.test_ledger import accepted, numbered
from tests.stage import PRICE


def test_lines_hold_what_may_have_been_billed(place: Place) -> None:
    ledger = Ledger(place)
    for number in range(1, 5):
        ledger.record(Intended(numbered(number), None, quote(PRICE, 8)))
    ledger.record(Accepted(accepted(1)))
    ledger.record(Finished(Status(accepted(1), State.SUCCEEDED, "done", charge=Charge(Decimal("0.9"), "unit", "x"))))
    ledger.record(Accepted(accepted(2)))
    ledger.record(Finished(Status(accepted(2), State.FAILED, "failed")))
    ledger.record(Uncertain(numbered(3), "lost"))
    ledger.record(Refused(numbered(4), ProviderUnavailable("no")))
    (line,) = spending(ledger.records(), "provider")
    assert (line.label, line.jobs, line.made, line.told) == ("acme", 3, 1, 1)
    assert (line.quoted, line.at_risk, line.charged) == (Decimal("2.4"), Decimal("0.8"), {"unit": Decimal("0.9")})
    for by in BY:
        assert sum(found.jobs for found in spending(ledger.records(), by)) == 3
    ledger.close()


def test_what_failed_unbilled_was_not_quoted_for_anything(place: Place) -> None:
    ledger = Ledger(place)
    for number, money in enumerate((Money.NO, Money.MAYBE), 1):
        ledger.record(Intended(numbered(number), None, quote(PRICE, 8)))
        ledger.record(Accepted(accepted(number)))
        failed = Status(accepted(number), State.FAILED, "failed", error=ContentRejected("no", money=money))
        ledger.record(Finished(failed))
    (line,) = spending(ledger.records(), "provider")
    assert (line.jobs, line.made, line.quoted) == (2, 0, Decimal("0.8"))
    ledger.close()


def test_lines_are_parted_by_what_is_asked_for(place: Place) -> None:
    ledger = Ledger(place)
    for number, name in enumerate(("main", "other", "main"), 1):
        order = evolve(numbered(number), account=name)
        ledger.record(Intended(order, None, quote(PRICE, number)))
        ledger.record(Uncertain(order, "lost"))
    lines = spending(ledger.records(), "account")
    assert [(line.label, line.jobs, line.quoted) for line in lines] == [
        ("main", 2, Decimal("0.4")),
        ("other", 1, Decimal("0.2")),
    ]
    ledger.close()
