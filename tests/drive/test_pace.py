"""Keeping to what a provider bears, for all jobs of one key together: rate, rests, and second tries (JOB-POLL)."""

import threading

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from omniflash import Client, DeadlineExceeded, Pace, Provider, RateLimited, Site
from omniflash.accounts import Account
from omniflash.drive.clock import RealClock, VirtualClock
from omniflash.drive.pace import ANSWER_EARNS, KEPT, MOST_TRIES, TRY_COSTS, Pacing, Tries, Window, paces
from omniflash.drive.settings import Network
from omniflash.drive.sync import Driver
from omniflash.effects import Call, Hold, Turn
from omniflash.errors import AuthenticationFailed, ProviderUnavailable
from omniflash.flows.wait import status, wait
from omniflash_sandbox import Sandbox
from tests.flows.test_wait import DONE
from tests.stage import Acme, Stage, account, answer, in_turn, job

TICKS = RealClock(1_000.0)
FULL = int(MOST_TRIES / TRY_COSTS)  # second tries, before a good answer has earned another


def turn(call: str = "status", until: float = 1e9, *, again: bool = False) -> Turn:
    return Turn("acme", call, until, again)


class TestSharing:
    """Clients of one process that share a key share what it bears."""

    def of(self, at: Account, clock: RealClock = TICKS) -> Pacing:
        return paces({at.name: at}, clock)[at.name]

    def test_one_key_has_one_pace_whatever_the_accounts_are_called(self) -> None:
        one, other = self.of(account(key="key-1")), self.of(account(key="key-1", name="acme-eu"))
        assert one is other

    def test_other_keys_hosts_paces_and_times_do_not(self) -> None:
        first = account(key="key-1")
        kept = [
            self.of(first),
            self.of(account(key="key-2")),
            self.of(evolve(first, hosts={"api": "https://elsewhere.example"})),
            self.of(evolve(first, pace=Pace(7))),
            self.of(first, RealClock(20.0)),
        ]
        assert len(set(map(id, kept))) == len(kept)

    def test_a_pace_outlives_its_last_client_until_many_others_have_come(self) -> None:
        at = account(key="key-of-nobody-else")
        self.of(at).hold(Hold("acme", "status", 1e9), 0.0)
        assert self.of(at).rests == {"status": 1e9}
        for number in range(KEPT):
            self.of(account(key=f"another-{number}"))
        assert self.of(at).rests == {}

    def test_a_virtual_clock_never_meets_the_pace_of_one_before_it(self) -> None:
        at = account(key="key-of-many-clocks")
        for _ in range(KEPT // 2):  # each is made where the one before was, and has its id()
            pacing = paces({at.name: at}, VirtualClock(lambda seconds: None))[at.name]
            assert pacing.rests == {}
            pacing.hold(Hold("acme", "status", 1e9), 0.0)

    def test_two_clients_with_one_key_keep_to_one_window(self) -> None:
        """Between them five requests a minute; the sixth has to wait for the first to be a minute old."""
        at = account(Acme(pace=Pace(5)), key="key-1")
        drivers = [Driver({"acme": at}, Network(), TICKS) for _ in range(2)]
        waits = [drivers[n % 2].turn(turn()) for n in range(6)]
        assert waits[:5] == [0.0] * 5
        assert waits[5] == pytest.approx(60.0, abs=30.0)  # ticks: a thousand in a second
        stranger = Driver({"acme": account(Acme(pace=Pace(5)), key="key-2")}, Network(), TICKS)
        assert stranger.turn(turn()) == 0.0

    def test_the_sandboxs_own_minute_is_kept_by_two_clients(self) -> None:
        with Sandbox(speed=100.0) as sandbox:
            provider, clock = Provider("pixeldojo", pace=Pace(3)), RealClock(100.0)
            with Client(provider, sandbox=sandbox.site) as one, Client(provider, sandbox=sandbox.site) as other:
                begin = clock.now().ticks
                for client in (one, other, one, other):
                    client.submit(client.plan("A cat", duration=3))
                assert clock.now().ticks - begin >= 60.0


class TestRests:
    @given(st.lists(st.tuples(st.sampled_from(["status", "submit"]), st.floats(0, 100), st.floats(0, 300)), max_size=8))
    def test_a_call_rests_for_as_long_as_the_longest_word_said(self, held: list[tuple[str, float, float]]) -> None:
        pacing = Pacing(None)
        for call, now, seconds in held:
            pacing.hold(Hold("acme", call, seconds), now)
        for call in ("status", "submit"):
            until = max((now + seconds for name, now, seconds in held if name == call), default=0.0)
            assert pacing.turn(turn(call), 100.0) == pytest.approx(max(0.0, until - 100.0))

    def test_no_turn_comes_before_a_deadline_within_the_rest(self) -> None:
        pacing = Pacing(Window(Pace(1)))
        pacing.hold(Hold("acme", "status", 60.0), 0.0)
        assert pacing.turn(turn(until=59.0), 0.0) is None
        assert pacing.turn(turn(until=60.0), 0.0) == 60.0, "the turn that was not given was not used up"

    @pytest.mark.parametrize("said", [{"retry_after": "30"}, {}], ids=["with Retry-After", "without"])
    def test_too_many_requests_hold_the_same_call_of_everybody(self, said: dict[str, str]) -> None:
        stage = Stage(in_turn(answer(429, **said), DONE))
        stage.run(status(account(), job()))
        (hold,) = stage.of(Hold)
        assert (hold.account, hold.call) == ("acme", "status")
        assert hold.seconds == (30.0 if said else 0.5)

    def test_a_vendor_that_is_down_holds_nobody_unless_it_says_for_how_long(self) -> None:
        for down, held in ((answer(503), 0), (answer(503, retry_after="9"), 1)):
            stage = Stage(in_turn(down, DONE))
            stage.run(status(account(), job()))
            assert len(stage.of(Hold)) == held

    def test_one_jobs_429_lets_the_looks_of_all_jobs_rest_and_nothing_else(self, omniflash_sandbox: Sandbox) -> None:
        asleep: list[float] = []
        site = Site.of({**omniflash_sandbox.site, "sleep": asleep.append})
        with Client("fal", sandbox=site) as client:
            one, other = (client.submit(client.plan("A cat", duration=3)) for _ in range(2))
            omniflash_sandbox.arm("rate-limit", provider="fal", call="status", seconds=50)
            with pytest.raises(DeadlineExceeded):
                client.wait(one, timeout=10)
            asleep.clear()
            client.submit(client.plan("A cat", duration=3))
            assert asleep == [], "a submit waited for what was said of looks"
            client.status(other)
            assert sum(asleep) == pytest.approx(50 - 10, abs=1), "another job's look did not rest"


class TestTries:
    @given(st.lists(st.booleans(), max_size=1_500))
    def test_second_tries_are_bounded_by_what_good_answers_earned(self, happened: list[bool]) -> None:
        tries, granted, earned = Tries(), 0, 0
        for good in happened:
            if good:
                tries.earn()
                earned += 1
            else:
                granted += tries.spend()
        assert granted <= FULL + earned * ANSWER_EARNS / TRY_COSTS
        assert 0 <= tries.left <= MOST_TRIES

    def test_the_first_sending_is_free_for_ever(self) -> None:
        pacing = Pacing(None)
        while pacing.turn(turn(again=True), 0.0) is not None:
            pass
        assert [pacing.turn(turn(), 0.0) for _ in range(1_000)] == [0.0] * 1_000

    def test_a_good_answer_earns_and_a_bad_one_does_not(self) -> None:
        driver = Driver({"acme": account(key="key-of-earners")}, Network(), TICKS)
        tries = driver._paces["acme"].tries
        tries.left = 0.0
        asked = Call("status", "GET", "api:/jobs/j1", account="acme")
        for code, left in ((503, 0.0), (429, 0.0), (404, 0.0), (200, 1.0), (202, 2.0)):
            driver.remember(asked, answer(code))
            assert tries.left == left

    @pytest.mark.parametrize(
        ("seen", "raised"), [(answer(503), ProviderUnavailable), (answer(429, retry_after="1"), RateLimited)]
    )
    def test_whoever_may_not_try_again_is_told_what_was_seen(self, seen: object, raised: type[Exception]) -> None:
        stage = Stage(in_turn(seen), granted=lambda asked: not asked.again)
        with pytest.raises(raised, match="HTTP"):
            stage.run(status(account(), job()))
        assert stage.calls == ["status"]

    def test_a_refusal_is_still_a_refusal(self) -> None:
        stage = Stage(in_turn(answer(401)))
        with pytest.raises(AuthenticationFailed):
            stage.run(status(account(), job()))

    def test_a_wait_outlives_an_empty_budget(self) -> None:
        """It looks as often as it would have, once each time, and has its clip when the vendor is up again."""
        stage = Stage(
            lambda effect: DONE if stage.ticks >= 600.0 else answer(503), granted=lambda asked: not asked.again
        )
        assert stage.run(wait(account(), job(), 40.0, 1200.0)).job == job().token
        assert len(stage.calls) == len([taken for taken in stage.of(Turn) if not taken.again])

    @settings(max_examples=8)
    @given(st.integers(1, 20))
    def test_a_vendor_that_is_down_is_asked_little_more_than_once_a_look(self, jobs: int) -> None:
        """Without the budget everybody would ask six times at each look."""
        pacing, asked, looks = Pacing(None), 0, 0
        for _ in range(jobs):
            stage = Stage(in_turn(answer(503)))
            stage.granted = lambda asked, stage=stage: pacing.turn(asked, stage.ticks) is not None
            with pytest.raises(DeadlineExceeded, match="the last look failed"):
                stage.run(wait(account(), job(), 40.0, 600.0))
            asked += len(stage.calls)
            looks += len([taken for taken in stage.of(Turn) if not taken.again])
        assert asked <= looks + FULL

    @pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
    def test_a_vendor_that_is_down_ends_nobodys_job(self, provider: str, omniflash_sandbox: Sandbox) -> None:
        with Client(provider, sandbox=omniflash_sandbox.site) as client:
            jobs = [client.submit(client.plan("A cat", duration=3)) for _ in range(4)]
            omniflash_sandbox.arm("unavailable", provider=provider, call="status", times=None)
            ends: list[str] = []

            def waiting(number: int) -> None:
                try:
                    client.wait(jobs[number], timeout=400)
                except DeadlineExceeded as error:
                    ends.append(str(error))

            threads = [threading.Thread(target=waiting, args=(number,)) for number in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(ends) == 4
        assert all("the last look failed" in end for end in ends)
