"""A lost order is known again in its vendor's list by what was sent and when, or it stays lost (JOB-ONCE)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from omniflash import Ledger
from omniflash.adapter import Features, Listed, Lost
from omniflash.effects import NoAnswerTrouble
from omniflash.errors import OmniflashError, ProviderUnavailable, RateLimited, UnsupportedFeature
from omniflash.flows.reconcile import AFTER, BEFORE, reconcile
from omniflash.jobs import Job
from omniflash.money.entries import Accepted, Found, Intended, Refused, Taken, Uncertain, Unsettled
from omniflash.money.matching import digests, is_same
from omniflash.money.records import OrderState, Record
from omniflash.spec import Mode
from tests.money.test_ledger import Clock, numbered
from tests.stage import DAY, Acme, Stage, account, answer, in_turn, job, raising

SENT = {"text": "A cat", "seconds": 5}
EARLIEST, LATEST = DAY - BEFORE, DAY + AFTER
LOST = Lost("flash", Mode.TEXT_TO_VIDEO, EARLIEST, LATEST)

inside = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)).map(
    lambda at: at.replace(tzinfo=DAY.tzinfo)
)
outside = st.sampled_from([EARLIEST - timedelta(seconds=1), LATEST + timedelta(seconds=1), DAY - timedelta(days=1)])
bodies = st.sampled_from(
    [
        None,
        {},
        {"text": "A cat"},
        {"text": "A dog", "seconds": 5},
        {"text": "A cat", "seconds": 6},
        {"text": "A cat", "seconds": "5"},
        {"text": "a cat", "seconds": 5},
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


class TestMatching:
    @given(st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=4), st.dictionaries(st.text(), values))
    def test_a_body_is_known_again_also_beside_the_vendors_own_defaults(
        self, sent: dict[str, Any], defaults: dict[str, Any]
    ) -> None:
        assert is_same(digests(sent), Listed("j1", DAY, {**defaults, **sent}), LOST)

    @given(st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=4), st.data())
    def test_one_field_that_is_missing_or_another_makes_it_another(
        self, sent: dict[str, Any], data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(sorted(sent)))
        other = data.draw(values.filter(lambda value: digests({name: value}) != digests({name: sent[name]})))
        assert not is_same(digests(sent), Listed("j1", DAY, {**sent, name: other}), LOST)
        assert not is_same(digests(sent), Listed("j1", DAY, {k: v for k, v in sent.items() if k != name}), LOST)

    @pytest.mark.parametrize("at", [EARLIEST, DAY, LATEST])
    def test_the_window_has_room_for_a_clock_that_is_off_and_a_submit_that_took_long(self, at: datetime) -> None:
        assert is_same(digests(SENT), Listed("j1", at, SENT), LOST)

    @given(outside | st.none())
    def test_what_was_sent_at_another_time_is_another(self, at: datetime | None) -> None:
        assert not is_same(digests(SENT), Listed("j1", at, SENT), LOST)

    def test_without_a_payload_nothing_is_known(self) -> None:
        assert not is_same(digests(SENT), Listed("j1", DAY, None), LOST)

    def test_an_order_whose_body_was_not_written_down_matches_nothing(self) -> None:
        assert not is_same({}, Listed("j1", DAY, SENT), LOST)

    def test_nothing_can_be_read_in_a_digest(self) -> None:
        assert "cat" not in str(digests(SENT))


def lost_order(*, sent: Mapping[str, Any] = SENT, handles: tuple[str, ...] = ()) -> tuple[Ledger, Record]:
    """A ledger with an uncertain order, and the jobs that others of its orders have become."""
    ledger = Ledger("sqlite://", now=Clock())  # type: ignore[arg-type]
    for number, handle in enumerate(handles, 2):
        ledger.record(Intended(numbered(number)))
        ledger.record(Accepted(job(handle, f"order-{number}")))
    ledger.record(Intended(numbered(), "order-123", sent=digests(sent)))
    ledger.record(Uncertain(numbered(), "its answer was lost"))
    return ledger, ledger.find("order-1")


def listing(*jobs: Listed) -> Any:
    shown = [{"id": one.handle, "at": (one.at or DAY).isoformat(), "sent": one.sent} for one in jobs]
    return answer(200, {"jobs": shown})


def looked_for(ledger: Ledger, record: Record, *jobs: Listed) -> Job | None:
    stage = Stage(in_turn(listing(*jobs)), ledger=ledger.record)
    found = stage.run(reconcile(account(), record))
    assert stage.calls == ["list"], "a list is looked at, and nothing is paid for"
    return found


ours = st.builds(Listed, st.uuids().map(str), inside, st.just({**SENT, "seed": 7}))
strangers = st.builds(Listed, st.uuids().map(str), inside, bodies) | st.builds(
    Listed, st.uuids().map(str), outside, st.just(SENT)
)


class TestSettling:
    @settings(max_examples=20)
    @given(st.lists(ours, max_size=3), st.lists(strangers, max_size=5), st.integers(0, 3), st.randoms())
    def test_exactly_one_that_nobody_else_has_settles_it(
        self, matching: list[Listed], others: list[Listed], claimed: int, chance: Any
    ) -> None:
        theirs = matching[:claimed]
        ledger, record = lost_order(handles=tuple(one.handle for one in theirs))
        shown = [*matching, *others]
        chance.shuffle(shown)
        found = looked_for(ledger, record, *shown)
        free = matching[claimed:]
        after = ledger.find("order-1")
        if len(free) == 1:
            assert found is not None
            assert (found.handle, after.state) == (free[0].handle, OrderState.ACCEPTED)
            assert after.job is not None
            assert after.job.token == found.token
        else:
            assert (found, after.state) == (None, OrderState.UNCERTAIN)
        ledger.close()

    def test_the_same_job_listed_twice_is_one(self) -> None:
        ledger, record = lost_order()
        found = looked_for(ledger, record, *[Listed("j9", DAY, SENT)] * 2)
        assert found is not None
        assert found.handle == "j9"
        assert [step.entry for step in ledger.trail(ledger.find("order-1"))][-2:] == ["found", "accepted"]

    @pytest.mark.parametrize("handle", ["", "../x", "a b", "x" * 300])
    def test_what_is_no_job_id_settles_nothing(self, handle: str) -> None:
        ledger, record = lost_order()
        assert looked_for(ledger, record, Listed(handle, DAY, SENT)) is None

    def test_its_key_gives_the_job_that_was_found(self) -> None:
        ledger, record = lost_order()
        found = looked_for(ledger, record, Listed("j9", DAY, SENT))
        again = ledger.record(Intended(numbered(5), "order-123"))
        assert isinstance(again, Taken)
        assert found is not None
        assert again.job.handle == found.handle

    def test_an_order_that_was_settled_meanwhile_stays_as_it_is(self) -> None:
        ledger, record = lost_order()
        ledger.settle(record, "by-hand")
        assert ledger.record(Found("order-1", ("j9",))) == Taken(ledger.find("order-1").job)  # type: ignore[arg-type]
        ledger, record = lost_order()
        ledger.settle(record, None)
        assert ledger.record(Found("order-1", ("j9",))) == Unsettled("order-1", under_way=False)
        assert ledger.find("order-1").state is OrderState.REFUSED

    def test_two_orders_of_one_request_are_told_apart_by_nobody(self) -> None:
        """Two lost orders, one job: the first who asks has it, and the other stays uncertain, as one of them is."""
        ledger, first = lost_order()
        ledger.record(Intended(numbered(2), sent=digests(SENT)))
        ledger.record(Uncertain(numbered(2), "lost too"))
        assert looked_for(ledger, first, Listed("j9", DAY, SENT)) is not None
        assert looked_for(ledger, ledger.find("order-2"), Listed("j9", DAY, SENT)) is None


class TestTrouble:
    def test_a_vendor_without_a_list_says_what_a_person_can_do(self) -> None:
        ledger, record = lost_order()
        with pytest.raises(UnsupportedFeature, match="look at acme's dashboard, then `omniflash jobs resolve order-1`"):
            Stage(ledger=ledger.record).run(reconcile(account(Acme(features=Features())), record))

    @pytest.mark.parametrize(
        ("world", "raised"),
        [
            (raising(NoAnswerTrouble("reset")), ProviderUnavailable),
            (in_turn(answer(503)), ProviderUnavailable),
            (in_turn(answer(429, retry_after="999")), RateLimited),
        ],
    )
    def test_a_list_that_cannot_be_had_settles_nothing(self, world: Any, raised: type[OmniflashError]) -> None:
        ledger, record = lost_order()
        with pytest.raises(raised):
            Stage(world, ledger=ledger.record).run(reconcile(account(), record))
        assert ledger.find("order-1").state is OrderState.UNCERTAIN

    def test_one_that_never_was_an_order_is_no_trouble(self) -> None:
        ledger, record = lost_order()
        ledger.record(Refused(numbered(1), None))
        assert looked_for(ledger, evolve(record, id="nobody"), Listed("j9", DAY, SENT)) is None
