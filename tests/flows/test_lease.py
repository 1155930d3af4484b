"""One at a time at a job: taken, kept while it is needed, given back however the work ends (two terminals)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from omniflash.effects import Call, Flow, NoAnswerTrouble, Now, Pause, Record, Save
from omniflash.errors import DeadlineExceeded, DownloadFailed, GenerationFailed
from omniflash.flows.lease import ASK_AGAIN_S, FETCHING_S, LOOKING_S, Lease
from omniflash.flows.save import save_clip
from omniflash.flows.wait import wait
from omniflash.jobs import Clip
from omniflash.money.entries import Answer, Busy, Delivered, Entry, Finished, Had, Left, New, Unwritten, Watching
from tests.flows.test_save import TARGET, Server
from tests.flows.test_wait import DONE, RUNNING
from tests.stage import Stage, account, answer, in_turn, job, raising

SOMEBODY = Busy("process 4711")
CLIP = Clip("https://cdn.acme.example/1.mp4", "acme", job=job().token)


def busy_until(stage: Stage, moment: float) -> Callable[[Entry], Answer]:
    """A ledger in which the job is somebody else's until a moment."""
    return lambda entry: SOMEBODY if isinstance(entry, Watching) and stage.ticks < moment else New()


def waiting(timeout: float = 1200.0) -> Flow[Clip]:
    return wait(account(), job(), 40.0, timeout, "me")


def kinds(stage: Stage) -> list[type]:
    return [type(entry) for entry in stage.entries]


def given_back(entry: Entry) -> bool:
    """Whether our lease ends with an entry: the last look at a job, and a saved clip, are written down so."""
    return isinstance(entry, Left | Finished | Delivered) and entry.holder == "me"


@given(st.floats(0, 300))
def test_while_somebody_else_looks_only_the_ledger_is_asked(free_at: float) -> None:
    stage = Stage(lambda effect: DONE if stage.ticks >= free_at else RUNNING)
    stage.ledger = busy_until(stage, free_at)
    assert stage.run(waiting()).job == job().token
    assert stage.calls == ["status"]
    assert stage.ticks - free_at <= ASK_AGAIN_S
    assert given_back(stage.entries[-1])


@given(st.floats(0, 1100))
def test_a_long_wait_keeps_its_lease_and_asks_the_ledger_seldom(ends_at: float) -> None:
    stage = Stage(lambda effect: DONE if stage.ticks >= ends_at else RUNNING)
    held: list[float] = []

    def ledger(entry: Entry) -> Answer:
        if isinstance(entry, Watching):
            assert stage.ticks <= (held[-1] if held else 0.0), "the lease ran out under us"
            held.append(stage.ticks + entry.seconds)
        return New()

    stage.ledger = ledger
    stage.run(waiting())
    assert len(held) <= 2 + ends_at / (LOOKING_S / 5)


def test_somebody_who_takes_it_while_we_sleep_is_left_alone() -> None:
    """A laptop that was closed for an hour: the lease ran out, and another process is at the job now."""
    stage = Stage(in_turn(RUNNING))
    stage.ledger = lambda entry: SOMEBODY if isinstance(entry, Watching) and stage.ticks >= 60 else New()
    with pytest.raises(DeadlineExceeded, match="process 4711 looks after it"):
        stage.run(waiting(300.0))
    at = [n for n, effect in enumerate(stage.done) if isinstance(effect, Record)]
    assert max(n for n, effect in enumerate(stage.done) if isinstance(effect, Call)) < at[1], "looked all the same"


def test_a_deadline_names_who_is_at_it_and_nothing_was_asked_of_the_vendor() -> None:
    stage = Stage(ledger=lambda entry: SOMEBODY)
    with pytest.raises(DeadlineExceeded, match="process 4711 looks after it") as caught:
        stage.run(waiting(10.0))
    assert (caught.value.job, stage.calls) == (job(), [])


@pytest.mark.parametrize(
    ("world", "raised"),
    [
        (in_turn(answer(200, {"state": "failed"})), GenerationFailed),
        (in_turn(answer(404)), Exception),
        (in_turn(RUNNING), DeadlineExceeded),
        (raising(ZeroDivisionError("a bug")), ZeroDivisionError),
        (raising(KeyboardInterrupt()), KeyboardInterrupt),
    ],
    ids=["the job failed", "not found", "out of time", "a bug", "ctrl-c"],
)
def test_however_a_wait_ends_the_job_is_free_for_the_next(
    world: Callable[[object], object], raised: type[BaseException]
) -> None:
    stage = Stage(world)
    with pytest.raises(raised):
        stage.run(waiting(100.0))
    assert [given_back(entry) for entry in stage.entries[-2:]] == [False, True]


@pytest.mark.parametrize("at", [Now, Pause, Record, Call])
def test_ctrl_c_at_any_moment_frees_it_too(at: type) -> None:
    """At its very first effect, nothing was asked of the ledger yet."""
    stage = Stage(in_turn(RUNNING), break_at=at)
    with pytest.raises(KeyboardInterrupt):
        stage.run(waiting())
    asked = [entry for entry in stage.entries if isinstance(entry, Watching)]
    assert (kinds(stage)[-1:] == [Left]) is bool(asked)


def test_what_could_not_be_written_down_gave_no_lease_back() -> None:
    """The next entry may come through: a disk that is full now has room again."""
    stage = Stage(in_turn(DONE), ledger=lambda entry: Unwritten() if isinstance(entry, Finished) else New())
    stage.run(waiting())
    assert kinds(stage) == [Watching, Finished, Left]


def test_a_wait_that_is_dropped_gives_nothing_back() -> None:
    """A flow that is closed may yield nothing: the lease ends by itself, or with its process."""
    stage, flow = Stage(in_turn(RUNNING)), waiting()
    effect = next(flow)
    while not isinstance(effect, Call):
        effect = flow.send(stage.carry(effect))
    flow.close()


@define
class Download:
    """A world in which a clip is fetched, after somebody else has fetched it until `free_at`."""

    free_at: float
    stage: Stage

    def run(self) -> None:
        self.stage.ledger = busy_until(self.stage, self.free_at)
        self.stage.run(save_clip(account(), CLIP, TARGET, "me"))


@given(st.floats(0, 800))
def test_a_download_waits_for_the_one_before_it(free_at: float) -> None:
    download = Download(free_at, Stage(Server(1000)))
    download.run()
    assert len(download.stage.of(Save)) == 1
    assert 0 <= download.stage.ticks - free_at <= ASK_AGAIN_S or free_at == 0
    assert kinds(download.stage)[-2:] == [Watching, Delivered]
    assert given_back(download.stage.entries[-1])


def test_a_download_that_never_gets_its_turn_says_who_has_it() -> None:
    download = Download(1e9, Stage(raising(AssertionError("fetched"))))
    with pytest.raises(DownloadFailed, match="is being fetched by process 4711; wait for that, or end it") as caught:
        download.run()
    assert caught.value.job == job()
    assert FETCHING_S <= download.stage.ticks <= FETCHING_S + ASK_AGAIN_S


@pytest.mark.parametrize("problem", [NoAnswerTrouble("reset"), KeyboardInterrupt(), ZeroDivisionError()])
def test_however_a_download_ends_the_next_may_begin(problem: BaseException) -> None:
    download = Download(0.0, Stage(lambda effect: raising(problem)(effect) if isinstance(effect, Save) else DONE))
    with pytest.raises((DownloadFailed, type(problem))):
        download.run()
    assert download.stage.entries[-1] == Left(job(), "me")


def test_ctrl_c_while_a_download_waits_for_its_turn_frees_it() -> None:
    stage = Stage(Server(1000), break_at=Record)
    with pytest.raises(KeyboardInterrupt):
        stage.run(save_clip(account(), CLIP, TARGET, "me"))
    assert kinds(stage) == [Watching, Left]


def test_a_clip_that_somebody_else_has_saved_is_not_fetched_by_who_wants_it_once() -> None:
    before = Path("elsewhere.mp4")
    stage = Stage(raising(AssertionError("fetched")), ledger=lambda entry: Had(before) if wanted_once(entry) else New())
    assert stage.run(save_clip(account(), CLIP, TARGET, "me", once=True)) == before
    assert kinds(stage) == [Watching, Left]


def wanted_once(entry: Entry) -> bool:
    return isinstance(entry, Watching) and entry.once


def test_a_clip_of_no_job_needs_no_lease() -> None:
    stage = Stage(Server(1000))
    stage.run(save_clip(account(), Clip(CLIP.url, "acme"), TARGET, "me"))
    assert kinds(stage) == [Delivered]


def test_what_the_ledger_is_told_of_a_job_leaves_out_its_request() -> None:
    """Prompts and inputs stand in the order's row already, bared of what is secret in them."""
    from attrs import evolve

    from omniflash.spec import TextToVideo

    stage, whole = Stage(), evolve(job(), request=TextToVideo("A cat"))
    lease = Lease(whole, "me")
    stage.run(lease.held(partial(lease.taken, LOOKING_S)))
    assert {entry.job for entry in stage.entries} == {job()}  # type: ignore[union-attr]
