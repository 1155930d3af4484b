"""Who is at an order or a job: one process at a time, and the next at once when it is gone (JOB-ONCE)."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from omniflash import Ledger
from omniflash.money.entries import Accepted, Busy, Intended, Left, New, Unsettled, Watching
from omniflash.money.holders import holder, in_words, is_gone
from omniflash.money.records import OrderState
from omniflash.money.writers import ABANDONED
from tests.money.places import Place, anew
from tests.money.test_ledger import ROOT, WITH_TESTS, Clock, accepted, numbered

ELSEWHERE = "another-machine/4711/1700000000/run"


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    made = Ledger(place)
    made.record(Intended(numbered(), "order-123"))
    made.record(Accepted(accepted()))
    yield made
    made.close()


SOMEBODY = """
import sys
from omniflash import Ledger
from omniflash.money.entries import Intended, Watching
from tests.money.places import Place, anew
from tests.money.test_ledger import accepted, numbered
ledger = Ledger(sys.argv[1])
print(ledger.record(eval(sys.argv[2])), flush=True)
input()
"""


@contextmanager
def somebody(ledger: Ledger, entry: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that writes an entry down and then lives on, doing nothing."""
    command = [sys.executable, "-c", SOMEBODY, ledger._engine.url.render_as_string(hide_password=False), entry]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, env=WITH_TESTS, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "New()\n"
        try:
            yield process
        finally:
            process.kill()


def test_whoever_lives_is_waited_for_and_a_killed_one_is_replaced_at_once(ledger: Ledger) -> None:
    mine = Watching(accepted(), "me", 300.0)
    with somebody(ledger, "Watching(accepted(), 'theirs', 300.0)") as process:
        assert ledger.record(mine) == Busy(f"process {process.pid}")
        assert ledger.unfinished() == ()
        process.kill()  # -9: it gives nothing back
        process.wait()
        assert [record.id for record in ledger.unfinished()] == ["order-1"]
        assert ledger.record(mine) == New()


def test_a_process_killed_while_paying_leaves_its_order_uncertain_at_once(ledger: Ledger) -> None:
    with somebody(ledger, "Intended(numbered(2), 'order-124')") as process:
        assert ledger.record(Intended(numbered(3), "order-124")) == Unsettled("order-2", under_way=True)
        process.kill()
        process.wait()
        assert ledger.record(Intended(numbered(3), "order-124")) == Unsettled("order-2", under_way=False)
        (found,) = ledger.records(OrderState.UNCERTAIN)
        assert (found.id, found.told) == ("order-2", "its process ended between sending it and reading the answer")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes leave no zombies here")
def test_a_process_that_ended_and_that_nobody_asked_after_is_gone_too() -> None:
    """In many a container nobody does: what is killed there stays in the table of processes."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        born = int(psutil.Process(process.pid).create_time())
        child = f"{platform.node()}/{process.pid}/{born}/"
        assert not is_gone(child)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(child)


@settings(max_examples=20)
@given(st.text(max_size=50))
def test_a_holder_is_its_process_whatever_its_name(name: str) -> None:
    assert not is_gone(holder(name))
    assert in_words(holder(name)) == f"process {os.getpid()}"


def test_a_process_id_that_came_again_is_somebody_else() -> None:
    machine, process, born, name = holder("me").split("/")
    assert is_gone("/".join([machine, process, str(int(born) - 3_600), name]))


def test_of_another_machine_nobody_knows() -> None:
    assert not is_gone(ELSEWHERE)
    assert in_words(ELSEWHERE) == "process 4711 on another-machine"


@settings(max_examples=15)
@given(st.floats(0, 2 * ABANDONED.total_seconds()))
def test_on_another_machine_an_order_is_taken_for_lost_after_five_minutes(seconds: float) -> None:
    clock = Clock()
    ledger = Ledger(anew(), now=clock, gone=lambda holder: False)  # type: ignore[arg-type]
    ledger.record(Intended(numbered(), "order-123"))
    clock.now += timedelta(seconds=seconds)
    lost = ledger.find("order-1").state is OrderState.UNCERTAIN
    assert lost is (timedelta(seconds=seconds) > timedelta(minutes=5))
    assert ledger.record(Intended(numbered(2), "order-123")) == Unsettled("order-1", under_way=not lost)
    ledger.close()


class Holders(RuleBasedStateMachine):
    """However they come and go, a job is at most one holder's who lives; and it is nobody's for longer than asked."""

    NAMES = st.sampled_from("abc")

    @initialize()
    def begin(self) -> None:
        self.clock, self.dead, self.holds = Clock(), set[str](), dict[str, float]()
        self.ledger = Ledger(anew(), now=self.clock, gone=lambda text: text[-1] in self.dead)  # type: ignore[arg-type]
        self.ledger.record(Intended(numbered()))
        self.ledger.record(Accepted(accepted()))

    def living(self) -> set[str]:
        now = self.clock.now.timestamp()
        return {name for name, until in self.holds.items() if until > now and name not in self.dead}

    @rule(name=NAMES, seconds=st.floats(1, 600))
    def watch(self, name: str, seconds: float) -> None:
        self.dead.discard(name)
        others = self.living() - {name}
        answer = self.ledger.record(Watching(accepted(), name, seconds))
        assert isinstance(answer, Busy if others else New)
        if not others:
            self.holds = {name: self.clock.now.timestamp() + seconds}

    @rule(name=NAMES)
    def leave(self, name: str) -> None:
        self.ledger.record(Left(accepted(), name))
        self.holds.pop(name, None)

    @rule(name=NAMES)
    def die(self, name: str) -> None:
        self.dead.add(name)

    @rule(seconds=st.floats(0, 600))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)

    @invariant()
    def it_is_unfinished_while_nobody_is_at_it(self) -> None:
        assert bool(self.ledger.unfinished()) is not bool(self.living())

    def teardown(self) -> None:
        self.ledger.close()


TestHolders = Holders.TestCase
TestHolders.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)
