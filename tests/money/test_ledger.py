"""The ledger: what is written down about a paid call, whose key it is, how it is found again (JOB-ONCE, JOB-KEY)."""

import base64
import os
import re
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine, select, text

from omniflash import ConfigurationError, Data, Ledger, ReferenceToVideo, TextToVideo
from omniflash.adapter import Order, Outcome
from omniflash.errors import ContentRejected, ProviderUnavailable
from omniflash.jobs import Charge, Job, State, Status
from omniflash.money.entries import (
    Accepted,
    Asking,
    Attempted,
    Conflict,
    Consulting,
    Delivered,
    Finished,
    Found,
    Intended,
    Known,
    Left,
    New,
    Refused,
    Sending,
    Settled,
    Taken,
    Uncertain,
    Unsettled,
    Watching,
)
from omniflash.money.quotes import quote
from omniflash.money.records import OrderState
from omniflash.redact import one_line
from tests.money.places import Place, all_kept, anew, execute, files_only, url_of
from tests.stage import DAY, PRICE, job, order

ROOT = Path(__file__).parents[2]
WITH_TESTS = {**os.environ, "PYTHONPATH": str(ROOT)}


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = DAY

    def __call__(self) -> object:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: Place, clock: Clock) -> Iterator[Ledger]:
    made = Ledger(place, now=clock)  # type: ignore[arg-type]
    yield made
    made.close()


def numbered(number: int = 1, prompt: str = "A cat") -> Order:
    return evolve(order(TextToVideo(prompt)), id=f"order-{number}")


def accepted(number: int = 1) -> Job:
    return evolve(job(f"j{number}", f"order-{number}"), request=TextToVideo("A cat"))


def test_an_order_goes_from_intended_to_delivered(ledger: Ledger, tmp_path: Path) -> None:
    made = numbered()
    assert ledger.record(Intended(made, None, quote(PRICE, 8))) == New()
    assert ledger.find("order-1").state is OrderState.INTENDED
    ledger.record(Attempted(made, 1, Outcome.FINE))
    ledger.record(Accepted(accepted()))
    assert ledger.find("j1").state is OrderState.ACCEPTED
    ledger.record(Finished(Status(accepted(), State.SUCCEEDED, "done", charge=Charge(Decimal("0.8"), "unit", "x"))))
    ledger.record(Delivered(accepted().token, tmp_path / "clip.mp4"))
    found = ledger.find(accepted().token)
    assert (found.state, found.outcome, found.job) == (OrderState.FINISHED, State.SUCCEEDED, accepted())
    assert (found.quote, found.bound, found.charge, found.charge_unit) == (
        Decimal("0.8"), Decimal("0.8"), Decimal("0.8"), "unit",
    )  # fmt: skip
    assert (found.request, found.file) == (TextToVideo("A cat"), str(tmp_path / "clip.mp4"))
    assert [step.entry for step in ledger.trail(found)] == [
        "intended",
        "attempted",
        "accepted",
        "finished",
        "delivered",
    ]


def test_a_key_gives_the_job_it_gave_before(ledger: Ledger) -> None:
    ledger.record(Intended(numbered(1), "order-123"))
    assert ledger.record(Intended(numbered(2), "order-123")) == Unsettled("order-1", under_way=True)
    ledger.record(Accepted(accepted()))
    assert ledger.record(Intended(numbered(2), "order-123")) == Taken(accepted())
    assert isinstance(ledger.record(Intended(numbered(3, "A dog"), "order-123")), Conflict)
    assert [record.id for record in ledger.records()] == ["order-1"]


def test_a_key_whose_call_was_refused_is_free_again(ledger: Ledger) -> None:
    ledger.record(Intended(numbered(1), "order-123"))
    ledger.record(Refused(numbered(1), ProviderUnavailable("never reached")))
    assert ledger.record(Intended(numbered(2), "order-123")) == New()
    assert ledger.find("order-123").id == "order-2"
    assert ledger.find("order-1").told == "never reached"


def test_a_key_whose_call_is_uncertain_is_not_paid_again(ledger: Ledger) -> None:
    ledger.record(Intended(numbered(1), "order-123"))
    ledger.record(Uncertain(numbered(1), "the answer was lost"))
    assert ledger.record(Intended(numbered(2), "order-123")) == Unsettled("order-1", under_way=False)


def test_a_process_that_is_gone_leaves_an_uncertain_order(ledger: Ledger, clock: Clock) -> None:
    ledger.record(Intended(numbered(1), "order-123"))
    clock.now += timedelta(minutes=6)
    (found,) = ledger.records(OrderState.UNCERTAIN)
    assert "its process ended" in (found.told or "")
    assert ledger.records(OrderState.INTENDED) == ()
    assert ledger.record(Intended(numbered(2), "order-123")) == Unsettled("order-1", under_way=False)


def test_uncertain_ones_come_first_then_the_newest(ledger: Ledger) -> None:
    for number in range(1, 5):
        ledger.record(Intended(numbered(number)))
    ledger.record(Uncertain(numbered(2), "lost"))
    assert [record.id for record in ledger.records()] == ["order-2", "order-4", "order-3", "order-1"]
    assert [record.id for record in ledger.records(limit=2)] == ["order-2", "order-4"]
    assert ledger.records(provider="nobody") == ()


def test_what_came_in_an_orders_place_is_found_with_it_and_nothing_else(ledger: Ledger) -> None:
    for name in ("47", "472", "47-2", "47-3-9f3c", "4-7", "47a"):
        ledger.record(Intended(evolve(numbered(), id=name)))
    for name in ("47", "47-3-9f3c"):
        assert [record.id for record in ledger.errand(name)] == ["47", "47-2", "47-3-9f3c"]


def test_a_step_is_dated_as_its_order_is(ledger: Ledger) -> None:
    ledger.record(Intended(numbered()))
    found = ledger.find("order-1")
    (step,) = ledger.trail(found)
    assert (step.at, step.at.utcoffset()) == (found.intended_at, timedelta(0))
    assert found.intended_at == DAY


@pytest.mark.parametrize("said", ["half a letter \ud800", "nothing \x00", "two\nlines"])
def test_whatever_was_said_is_kept_in_one_line(ledger: Ledger, said: str) -> None:
    ledger.record(Intended(numbered()))
    assert ledger.record(Uncertain(numbered(), said)) == New()
    assert ledger.find("order-1").told == one_line(said)


def test_a_charge_of_any_length_is_kept(ledger: Ledger) -> None:
    ledger.record(Intended(numbered()))
    ledger.record(Accepted(accepted()))
    charge = Charge(Decimal("0." + "1" * 90), "USD", "x")
    ledger.record(Finished(Status(accepted(), State.SUCCEEDED, "done", charge=charge)))
    assert ledger.find("order-1").charge == Decimal("0." + "1" * 28)


def test_a_user_settles_what_nobody_else_can(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.record(Intended(numbered(number), f"key-{number}"))
        ledger.record(Uncertain(numbered(number), "lost"))
    settled = ledger.settle(ledger.find("order-1"), "vendor-7")
    assert (settled.state, settled.job and settled.job.handle) == (OrderState.ACCEPTED, "vendor-7")
    assert isinstance(ledger.record(Intended(numbered(4), "key-1")), Taken)
    with pytest.raises(ConfigurationError, match="another order has"):
        ledger.settle(ledger.find("order-2"), "vendor-7")
    with pytest.raises(ConfigurationError, match="no job id"):
        ledger.settle(ledger.find("order-2"), "../x")
    assert ledger.settle(ledger.find("order-2"), None).state is OrderState.REFUSED
    assert ledger.record(Intended(numbered(5), "key-2")) == New()
    for state in ("order-1", "order-2"):
        with pytest.raises(ConfigurationError, match="not uncertain"):
            ledger.settle(ledger.find(state), "vendor-8")


def test_the_end_of_a_job_is_written_once(ledger: Ledger) -> None:
    ledger.record(Intended(numbered()))
    ledger.record(Accepted(accepted()))
    ledger.record(Finished(Status(accepted(), State.FAILED, "failed", error=ContentRejected("no"))))
    ledger.record(Finished(Status(accepted(), State.SUCCEEDED, "done")))
    found = ledger.find("order-1")
    assert (found.outcome, found.told) == (State.FAILED, "no")
    assert [step.entry for step in ledger.trail(found)].count("finished") == 1


def test_an_acceptance_that_is_told_twice_is_written_once(ledger: Ledger) -> None:
    """As by a flow that Ctrl-C broke in on while it was telling it."""
    ledger.record(Intended(numbered(), "order-123"))
    for _ in range(2):
        assert ledger.record(Accepted(accepted())) == New()
    assert [step.entry for step in ledger.trail(ledger.find("order-1"))] == ["intended", "accepted"]


def test_what_was_accepted_stays_so_whatever_is_told_later(ledger: Ledger) -> None:
    ledger.record(Intended(numbered(), "order-123"))
    ledger.record(Accepted(accepted()))
    for late in (Uncertain(numbered(), "lost"), Refused(numbered(), None)):
        ledger.record(late)
        assert (ledger.find("order-1").state, ledger.find("order-1").key) == (OrderState.ACCEPTED, "order-123")


@pytest.mark.parametrize("handle", [None, "vendor-7"])
def test_what_was_settled_while_its_process_slept_is_not_to_be_sent(
    ledger: Ledger, clock: Clock, handle: str | None
) -> None:
    """A laptop that is closed in the midst of a submit, and an impatient person at another machine."""
    ledger.record(Intended(numbered(), "order-123"))
    assert ledger.record(Sending(numbered())) == New()
    clock.now += timedelta(minutes=6)
    assert ledger.find("order-1").state is OrderState.UNCERTAIN
    assert ledger.record(Sending(numbered())) == Settled()
    ledger.settle(ledger.find("order-1"), handle)
    assert ledger.record(Sending(numbered())) == Settled()


@files_only
def test_whoever_only_looks_waits_for_no_writer(ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(Intended(numbered(1), "order-123"))
    ledger.record(Accepted(accepted()))
    ledger.record(Intended(numbered(2)))
    writer = sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)
    with closing(writer):
        writer.execute("BEGIN IMMEDIATE")  # a look that wanted to write, too, would fail after thirty seconds
        assert ledger.record(Asking("order-123", numbered().request)) == Taken(accepted())
        assert ledger.record(Sending(numbered(2))) == New()
        assert isinstance(ledger.record(Consulting(("acme",), spans=("day",))), Known)


def test_who_is_told_that_an_order_is_lost_can_rely_on_it(ledger: Ledger, clock: Clock) -> None:
    """Its process may only have been asleep: it finds out before it sends."""
    ledger.record(Intended(numbered(1), "order-123"))
    assert ledger.record(Asking("order-123", numbered().request)) == Unsettled("order-1", under_way=True)
    assert ledger.record(Sending(numbered(1))) == New()
    clock.now += timedelta(minutes=6)
    assert ledger.record(Asking("order-123", numbered().request)) == Unsettled("order-1", under_way=False)
    assert ledger.record(Sending(numbered(1))) == Settled()


def test_what_a_webhook_tells_of_an_order_that_lost_its_process_settles_it(ledger: Ledger, clock: Clock) -> None:
    ledger.record(Intended(numbered(1)))
    assert ledger.record(Found("order-1", ("j1",))) == Unsettled("order-1", under_way=True)
    clock.now += timedelta(minutes=6)
    answer = ledger.record(Found("order-1", ("j1",)))
    assert isinstance(answer, Taken)
    assert answer.job.handle == "j1"


def test_what_the_ledger_never_saw_is_no_trouble(ledger: Ledger, tmp_path: Path) -> None:
    for entry in (
        Accepted(accepted()),
        Finished(Status(accepted(), State.SUCCEEDED, "done")),
        Delivered(accepted().token, tmp_path),
        Delivered(None, tmp_path),
        Uncertain(numbered(), "lost"),
        Refused(numbered(), None),
        Attempted(numbered(), 1, Outcome.FINE),
        Sending(numbered()),
        Found("order-1", ("j1",)),
        Watching(accepted(), "me", 300.0),
        Left(accepted(), "me"),
    ):
        assert ledger.record(entry) == New()
    assert ledger.records() == ()


def test_secrets_and_signatures_are_not_written_down(ledger: Ledger, place: Place) -> None:
    ledger.record(Intended(numbered()))
    ledger.record(Uncertain(numbered(), "GET https://cdn.example/a.mp4?sig=SECRET with Key abcdefgh:SECRETSECRET"))
    ledger.close()
    assert b"SECRET" not in all_kept(place)


def test_it_is_found_again_by_another_process(place: Place) -> None:
    first = Ledger(place)
    first.record(Intended(numbered(), "order-123"))
    first.close()
    again = Ledger(url_of(place))
    assert again.find("order-123").id == "order-1"
    again.close()


RACE = """
import sys
from omniflash import Ledger
from omniflash.money.entries import Intended
from tests.money.test_ledger import numbered
ledger = Ledger(sys.argv[1])
print(type(ledger.record(Intended(numbered(int(sys.argv[2])), "order-123"))).__name__)
"""


def test_of_many_processes_at_once_one_gets_the_key(place: Place) -> None:
    """And the ledger is made by all of them at once, too."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(place), str(number)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=WITH_TESTS,
        )
        for number in range(1, 6)
    ]
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(said) == ["New", *["Unsettled"] * 4]


class TestBadPlaces:
    def refused(self, where: Place, told: str) -> None:
        """In one line, and no password in it, nor in anything that a log would show beside it."""
        with pytest.raises(ConfigurationError, match=told) as caught:
            Ledger(where)
        assert "\n" not in str(caught.value)
        assert not re.search("GEH|EIM", "".join(traceback.format_exception(caught.value, chain=True)))

    @files_only
    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"no database at all, but long enough to be looked into" * 50)
        self.refused(tmp_path / "x", "not a database")

    @files_only
    def test_a_folder(self, tmp_path: Path) -> None:
        self.refused(tmp_path, "unable to open")

    @files_only
    def test_a_place_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        self.refused(tmp_path / "file" / "ledger", "no ledger can be at")

    def test_a_ledger_of_a_newer_release(self, place: Place) -> None:
        Ledger(place).close()
        execute(place, "UPDATE omniflash_version SET version_num = '9999'")
        self.refused(place, "of version 9999")

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("nonsense://x", "no ledger can be at nonsense://x: of nonsense"),
            ("mysql://u:GEHEIM@h/d", "of mysql no ledger can be made; use PostgreSQL, or a file"),
            ("sqlite://nowhere/x", "cannot be used|Invalid SQLite URL"),
            ("://", "it is no URL"),
            ("postgresql://omniflash:GEHEIM", r"no ledger can be at postgresql://…: it is no URL; write postgresql://"),
            ("postgres://omniflash:GEHEIM@h:port/d", "it is no URL"),
            ("postgresql://omniflash:GEH@EIM@h/d", "with %40 for @ in a password"),
            ("postgresql+nonsense://u:GEHEIM@h/d", r"no ledger can be at postgresql\+nonsense://h/d: "),
        ],
    )
    def test_a_url_of_nobody(self, url: str, told: str) -> None:
        self.refused(url, told)

    @pytest.mark.parametrize(
        ("url", "remedy"),
        [
            ("postgresql://u:GEHEIM@h/d?password=GEHEIM", r"pip install 'omniflash\[postgres\]'"),
            ("postgresql+psycopg2://u:GEHEIM@h/d", "install psycopg2, or name another driver"),
        ],
    )
    def test_a_driver_that_is_not_installed(self, url: str, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("psycopg", "psycopg2"):
            monkeypatch.setitem(sys.modules, name, None)
        self.refused(url, rf"no ledger can be at postgresql\+psycopg2?://h/d.*: .*psycopg.*; {remedy}")

    def test_a_ledger_that_cannot_be_written_costs_nothing(self, ledger: Ledger, place: Place) -> None:
        execute(place, "DROP TABLE omniflash_trail", "DROP TABLE omniflash_orders")
        with pytest.raises(ConfigurationError, match="cannot be used"):
            ledger.record(Intended(numbered()))

    def test_another_table_in_the_same_database_is_left_alone(self, place: Place) -> None:
        execute(place, "CREATE TABLE theirs (n INTEGER)", "INSERT INTO theirs VALUES (7)")
        Ledger(place).close()
        engine = create_engine(url_of(place))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n FROM theirs")).all() == [(7,)]
        engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_knows(place: Place) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from omniflash.money.database import migrate
    from omniflash.money.tables import VERSION, metadata, version_table

    engine = create_engine(url_of(place))
    migrate(engine, None)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "none"})
        assert compare_metadata(context, metadata) == []
        assert connection.execute(select(version_table.c.version_num)).scalar() == VERSION
    engine.dispose()
    Ledger(place).close()


class Orders(RuleBasedStateMachine):
    """Whatever is written in whatever order: a key has at most one live order, and a settled one stays as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ledger = Ledger(anew(), now=self.clock)  # type: ignore[arg-type]
        self.number = 0
        self.states: dict[int, OrderState] = {}
        self.keys: dict[str, int] = {}

    @rule(key=st.sampled_from(["a", "b"]))
    def intend(self, key: str) -> None:
        self.number += 1
        answer = self.ledger.record(Intended(numbered(self.number), key))
        assert isinstance(answer, New) is (key not in self.keys)
        if isinstance(answer, New):
            self.keys[key] = self.number
            self.states[self.number] = OrderState.INTENDED

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), end=st.sampled_from(["accepted", "refused", "uncertain", "finished"]))
    def settle(self, data: st.DataObject, end: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.keys)))
        number, order_ = self.keys[key], numbered(self.keys[key])
        before = self.states[number]
        if end == "finished" and before is OrderState.ACCEPTED:
            self.ledger.record(Finished(Status(accepted(number), State.SUCCEEDED, "done")))
        elif end == "accepted" and before in (OrderState.INTENDED, OrderState.UNCERTAIN):
            self.ledger.record(Accepted(accepted(number)))
        elif end == "refused" and before is OrderState.INTENDED:
            self.ledger.record(Refused(order_, None))
            del self.keys[key]
        elif end == "uncertain" and before is OrderState.INTENDED:
            self.ledger.record(Uncertain(order_, "lost"))
        else:
            return
        self.states[number] = OrderState(end)

    @invariant()
    def nothing_is_lost(self) -> None:
        known = {record.id: record.state for record in self.ledger.records()}
        assert known == {f"order-{number}": state for number, state in self.states.items()}

    def teardown(self) -> None:
        self.ledger.close()


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)


def test_what_an_input_carries_is_not_written_down_either(ledger: Ledger, place: Place) -> None:
    signed = ReferenceToVideo(
        "A cat", references=["https://cdn.example/a.png?sig=SECRET", Data.of(b"SECRET" * 99, "image/png")]
    )
    made = evolve(order(signed), id="order-1")
    ledger.record(Intended(made, "order-123"))
    ledger.record(Accepted(evolve(job("j1", "order-1"), request=signed)))
    found = ledger.find("order-123")
    assert found.request == (found.job and found.job.request)
    assert str(found.request.references[0]) == "https://cdn.example/a.png?…"
    assert isinstance(ledger.record(Intended(evolve(made, id="order-2"), "order-123")), Taken)
    other = evolve(signed, references=["https://cdn.example/a.png?sig=OTHER", *signed.references[1:]])
    assert isinstance(ledger.record(Intended(evolve(made, id="order-3", request=other), "order-123")), Conflict)
    ledger.close()
    kept = all_kept(place)
    assert b"SECRET" not in kept
    assert base64.b64encode(b"SECRET" * 9) not in kept


FORKED = """
import os, sys
from attrs import evolve
from omniflash import Ledger, TextToVideo
from omniflash.money.entries import Intended
from tests.money.places import Place, all_kept, anew, execute, files_only, url_of
from tests.stage import order

def write(number):
    ledger.record(Intended(evolve(order(TextToVideo("A cat")), id=f"order-{number}")))

ledger = Ledger(sys.argv[1])
write(1)
child = os.fork()
write(2 if child else 3)
ledger.close()
if child:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_process_writes_into_the_same_ledger(place: Place) -> None:
    subprocess.run([sys.executable, "-c", FORKED, str(place)], check=True, timeout=60, cwd=ROOT, env=WITH_TESTS)
    ledger = Ledger(place)
    assert {record.id for record in ledger.records()} == {"order-1", "order-2", "order-3"}
    ledger.close()


def made_long_ago(place: Place) -> None:
    """A ledger of the first release, with one order in it."""
    from alembic import command
    from alembic.config import Config

    from omniflash.money import migrations

    engine = create_engine(url_of(place))
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO omniflash_orders (id, state, digest, request, account, provider, version, mode, endpoint,"
            " sandbox, charge, charge_unit, run, sent, intended_at) VALUES ('old', 'finished', 'd', '{}', 'fal', 'fal',"
            " '1.0', 'edit', 'e', FALSE, '0.40', 'USD', 'r', '{}', '2026-11-01 12:00:00')"
        )
    engine.dispose()


def test_an_older_ledger_is_brought_up_to_date_and_keeps_what_it_has(place: Place) -> None:
    made_long_ago(place)
    ledger = Ledger(place)
    assert ledger.find("old").charge_usd == Decimal("0.40")
    assert isinstance(ledger.record(Intended(numbered())), New)
    ledger.close()
