"""A ledger on a PostgreSQL server: what goes wrong between machines that does not in a file (JOB-ONCE, JOB-KEY)."""

import re
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from omniflash import Client, ConfigurationError, Ledger, SubmissionUncertain
from omniflash.money import ledger as ledgers
from omniflash.money import servers
from omniflash.money.database import writing
from omniflash.money.entries import Accepted, Busy, Entry, Intended, New, Unsettled, Watching
from omniflash.money.records import OrderState
from omniflash_sandbox import Sandbox
from tests.money.places import SERVED, Place, server
from tests.money.server import PASSWORD, QUOTED, Server
from tests.money.test_ledger import RACE, ROOT, WITH_TESTS, accepted, made_long_ago, numbered

pytestmark = pytest.mark.skipif(not SERVED, reason="`nox -s postgres` runs them on a server")
AWAY = "see that the server runs, has this database and lets you in, then do it again"
PROCESSES, KEYS, OUTAGES = 8, 12, 4


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    made = Ledger(place)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that may be stopped: nobody else is at it."""
    made = Server.started()
    yield made
    made.throw_away()


@pytest.fixture
def shaky(own: Server) -> Iterator[Ledger]:
    made = Ledger(own.database())
    yield made
    made.close()


def one_clear_line(problem: BaseException) -> str:
    """What an error says; no password in it, nor in anything that a log would show beside it."""
    assert "\n" not in str(problem)
    shown = "".join(traceback.format_exception(problem, chain=True)) + repr(problem)
    assert not any(word in shown for word in (PASSWORD, QUOTED, "GEHEIM"))
    return str(problem)


class TestPlaces:
    @pytest.mark.parametrize("kind", ["postgresql", "postgres", "postgresql+psycopg"])
    def test_a_url_may_leave_the_driver_open(self, kind: str, place: Place) -> None:
        Ledger(str(place).replace("postgresql+psycopg", kind)).close()

    def refused(self, url: str, told: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            Ledger(url)
        assert re.search(told, one_clear_line(caught.value))

    def test_a_wrong_password(self) -> None:
        told = f"127.0.0.1:{server().port}/postgres cannot be used: .*password authentication failed .*; {AWAY}"
        self.refused(server().url("postgres", "GEHEIM"), told)

    def test_no_such_database(self) -> None:
        self.refused(server().url("nowhere"), f'database "nowhere" does not exist; {AWAY}')

    def test_no_such_server(self) -> None:
        self.refused("postgresql://u:GEHEIM@127.0.0.1:1/d", f"Connection refused.*; {AWAY}")
        self.refused("postgresql://u:GEHEIM@nowhere.invalid/d", f"nowhere.invalid.*; {AWAY}")

    def test_an_option_that_there_is_not(self) -> None:
        self.refused("postgresql://u@127.0.0.1/d?pasword=GEHEIM", "pasword")

    def test_one_that_may_only_be_read(self, place: Place, omniflash_sandbox: Sandbox) -> None:
        Ledger(place).close()
        url = f"{place}%20-cdefault_transaction_read_only%3Don"
        with Client("fal", sandbox=omniflash_sandbox.site, ledger=url) as client:
            plan = client.plan("A cat", duration=3)
            with pytest.raises(ConfigurationError, match="read-only transaction") as caught:
                client.submit(plan)
        one_clear_line(caught.value)
        assert omniflash_sandbox.journal() == []


def settings_of(ledger: Ledger, *names: str) -> list[object]:
    with writing(ledger._engine) as connection:
        return [connection.execute(text(f"SHOW {name}")).scalar() for name in names]


class TestSharing:
    def test_it_does_not_go_by_what_the_server_is_set_to(self, ledger: Ledger) -> None:
        assert settings_of(ledger, "transaction_isolation", "synchronous_commit") == ["read committed", "on"]

    def test_who_waited_for_another_sees_what_that_one_wrote(self, ledger: Ledger, place: Place) -> None:
        """Whatever isolation is usual at the server: of two with one key, one pays."""
        other, came = Ledger(place), []
        with writing(ledger._engine) as connection:
            page = ledger._page(connection)
            waiting = threading.Thread(
                target=lambda: came.append(other.record(Intended(numbered(2), "order-123"))), daemon=True
            )
            waiting.start()
            until_somebody_waits()
            assert ledgers.WRITERS[Intended](page, Intended(numbered(1), "order-123")) == New()
        waiting.join()
        other.close()
        assert came == [Unsettled("order-1", under_way=True)]

    def test_the_servers_clock_goes_for_everybody(self, place: Place) -> None:
        """By this machine's, a day ahead of the server's, order and lease would be long over."""
        schema = str(place).rpartition("%3D")[2]
        behind = "SELECT pg_catalog.clock_timestamp() - interval '1 day'"
        server().told(
            f"CREATE FUNCTION {schema}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ {behind} $$"
        )
        ledger = Ledger(f"{place},pg_catalog", gone=lambda holder: False)
        ((yesterday,),) = server().told("SELECT (now() AT TIME ZONE 'UTC' - interval '1 day')::date")
        ledger.record(Intended(numbered(1), "order-123"))
        found = ledger.find("order-1")
        assert (found.state, found.intended_at.date()) == (OrderState.INTENDED, yesterday)
        assert ledger.record(Intended(numbered(2), "order-123")) == Unsettled("order-1", under_way=True)
        ledger.record(Accepted(accepted()))
        ledger.record(Watching(accepted(), "theirs", 300.0))
        assert isinstance(ledger.record(Watching(accepted(), "mine", 300.0)), Busy)
        assert ledger.unfinished() == ()
        ledger.close()

    def test_an_older_one_is_brought_up_to_date_by_all_at_once(self, place: Place) -> None:
        made_long_ago(place)
        command = [sys.executable, "-c", RACE, str(place)]
        racers = [
            subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=WITH_TESTS)
            for n in range(1, 5)
        ]
        said = [racer.communicate(timeout=120)[0].strip() for racer in racers]
        assert sorted(said) == ["New", *["Unsettled"] * 3]


def until_somebody_waits() -> None:
    """Until somebody waits for the ledger's lock at the server."""
    for _ in range(2_000):
        if server().told("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            return
    raise AssertionError("nobody waits for the lock")


class TestSilence:
    """Somebody has the lock and says no more: a machine that sleeps, a cable that is cut."""

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def short(setting: str) -> str:
            return setting.replace("30s", "300ms").replace("60s", "1s")

        monkeypatch.setattr(servers, "SETTINGS", tuple(map(short, servers.SETTINGS)))
        monkeypatch.setattr(ledgers, "PAUSES_S", (0.2,) * 20)

    def test_it_is_waited_for_no_longer_than_for_a_file(self, place: Place, impatient: None) -> None:
        ledger, other = Ledger(place), Ledger(place)
        ledger.record(Intended(numbered(1)))
        with writing(other._engine) as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            with pytest.raises(ConfigurationError, match=f"lock timeout; {AWAY}"):
                ledger.record(Intended(numbered(2)))
        assert ledger.record(Intended(numbered(2))) == New()
        ledger.close()
        other.close()

    def test_the_server_ends_it_and_the_next_goes_on(self, place: Place, impatient: None) -> None:
        ledger, other = Ledger(place), Ledger(place)
        ledger.record(Intended(numbered()))

        def fall_silent() -> None:
            with writing(other._engine) as connection:
                connection.execute(text("UPDATE omniflash_orders SET state = 'refused'"))
                assert ledger.record(Accepted(accepted())) == New()  # once the silent one is thrown out

        with pytest.raises(ConfigurationError, match="cannot be used"):
            fall_silent()
        assert ledger.find("order-1").state is OrderState.ACCEPTED
        ledger.close()
        other.close()


class TestOutages:
    @pytest.mark.parametrize("how", ["fast", "immediate"])
    def test_one_between_two_writes_goes_unnoticed(
        self, how: str, own: Server, shaky: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ledgers, "PAUSES_S", ())
        shaky.record(Intended(numbered(), "order-123"))
        own.stop(how)
        own.start()
        assert shaky.record(Accepted(accepted())) == New()
        assert shaky.find("order-123").state is OrderState.ACCEPTED

    def test_while_it_lasts_nothing_is_begun_and_no_outcome_is_lost(self, own: Server, shaky: Ledger) -> None:
        shaky.record(Intended(numbered()))
        own.stop()
        with pytest.raises(ConfigurationError, match=AWAY) as caught:
            shaky.record(Intended(numbered(2)))
        one_clear_line(caught.value)
        back = threading.Timer(0.3, own.start)
        back.start()
        assert shaky.record(Accepted(accepted())) == New()
        back.join()
        assert [(record.id, record.state) for record in shaky.records()] == [("order-1", OrderState.ACCEPTED)]

    def test_one_in_the_midst_of_a_write_leaves_nothing_of_it(self, own: Server, shaky: Ledger) -> None:
        shaky.record(Intended(numbered()))

        def write() -> None:
            with writing(shaky._engine) as connection:
                page = shaky._page(connection)
                page.change(1, state=OrderState.REFUSED)
                own.told("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                page.step(1, "refused")

        with pytest.raises(ConfigurationError, match=AWAY) as caught:
            write()
        one_clear_line(caught.value)
        assert shaky.find("order-1").state is OrderState.INTENDED
        assert len(shaky.trail(shaky.find("order-1"))) == 1

    def test_one_that_outlasts_the_paid_call_loses_no_job_and_pays_none_twice(
        self, own: Server, omniflash_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(ledgers, "PAUSES_S", ())

        class Struck(Ledger):
            def record(self, entry: Entry) -> object:  # type: ignore[override]
                if isinstance(entry, Accepted):
                    own.stop("immediate")
                return super().record(entry)

        place = own.database()
        ledger = Struck(place)
        with Client("fal", sandbox=omniflash_sandbox.site, ledger=ledger) as client:
            plan = client.plan("A cat", duration=3)
            job = client.submit(plan, key="order-123")
            assert job.handle == omniflash_sandbox.charges()[0]["job"]
            assert "accepted could not be written down: the ledger" in caplog.text
            with pytest.raises(ConfigurationError, match=AWAY):
                client.submit(plan, key="order-124")
        own.start()
        ledger.close()
        after = Ledger(place, gone=lambda holder: True)
        with Client("fal", sandbox=omniflash_sandbox.site, ledger=after) as client:
            with pytest.raises(SubmissionUncertain):
                client.submit(client.plan("A cat", duration=3), key="order-123")
            assert [record.state for record in after.records()] == [OrderState.UNCERTAIN]
        after.close()
        assert len(omniflash_sandbox.charges()) == 1


# Every process wants every key, and then to be the one who is at the job: a file shows whether it is the only one.
# Who cannot write an order down sends nothing, and takes it back: it may stand there all the same.
CROWD = """
import sys, time
from pathlib import Path
from omniflash import ConfigurationError, Ledger
from omniflash.jobs import State, Status
from omniflash.money.entries import *
from tests.money.test_ledger import accepted, numbered

place, folder, me, keys = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

def until_it_works(what):
    while True:
        try:
            return what()
        except ConfigurationError:
            time.sleep(0.05)

def told(entry):
    return until_it_works(lambda: ledger.record(entry))

def bought(number, key):
    try:
        answer = ledger.record(Intended(numbered(number), f"key-{key}"))
    except ConfigurationError:
        answer = told(Refused(numbered(number), None)) and None
    if answer == New():
        (folder / f"paid-{key}").touch(exist_ok=False)
        told(Accepted(accepted(number)))
        return accepted(number)
    return answer.job if isinstance(answer, Taken) else None

ledger, number = until_it_works(lambda: Ledger(place)), 1_000 * me
for key in range(keys):
    job = None
    while job is None:
        time.sleep(0.01)
        number += 1
        job = bought(number, key)
    while isinstance(told(Watching(job, str(me), 300.0)), Busy):
        time.sleep(0.01)
    busy = folder / f"busy-{key}"
    busy.touch(exist_ok=False)
    told(Finished(Status(job, State.SUCCEEDED, "done")))
    busy.unlink()
    told(Left(job, str(me)))
ledger.close()
"""


@contextmanager
def crowd(place: str, folder: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Eight processes, which are waited for; afterwards, every key is paid, and every job is whole."""
    command = [sys.executable, "-c", CROWD, place, str(folder)]
    made = [subprocess.Popen([*command, str(n), str(KEYS)], cwd=ROOT, env=WITH_TESTS) for n in range(PROCESSES)]
    try:
        yield made
        assert [one.wait(timeout=300) for one in made] == [0] * PROCESSES
    finally:
        for one in made:
            one.kill()
    assert {path.name for path in folder.iterdir()} == {f"paid-{key}" for key in range(KEYS)}
    ledger = Ledger(place)
    records = [record for record in ledger.records() if record.state is not OrderState.REFUSED]
    assert sorted(record.key or "" for record in records) == sorted(f"key-{key}" for key in range(KEYS))
    assert {record.state for record in records} == {OrderState.FINISHED}
    for record in records:
        assert [step.entry for step in ledger.trail(record)] == ["intended", "accepted", "finished"]
    ledger.close()


def test_of_eight_processes_each_key_is_paid_once_and_each_job_is_one_ones_at_a_time(
    place: Place, tmp_path: Path
) -> None:
    with crowd(str(place), tmp_path):
        pass


def test_so_it_is_when_the_server_is_killed_again_and_again(own: Server, tmp_path: Path) -> None:
    with crowd(own.database(), tmp_path) as made:
        outages = 0
        while any(one.poll() is None for one in made):
            time.sleep(0.5)
            if outages < OUTAGES and any(tmp_path.iterdir()):
                own.stop("immediate")
                own.start()
                outages += 1
    assert outages
