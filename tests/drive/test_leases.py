"""Two terminals, one ledger: of all that wait for a job one looks, of all that save its clip one fetches at a time."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omniflash import Client, Clip, DeadlineExceeded, Job, Ledger, Status
from omniflash.jobs import State
from omniflash.money.entries import Answer, Busy, Delivered, Entry, Left, Watching
from omniflash_sandbox import Sandbox

vendors = pytest.mark.parametrize("provider", ["fal", "pixeldojo"])


@pytest.fixture(scope="module")
def fast() -> Iterator[Sandbox]:
    """A sandbox in which a minute takes 0.6 s: under a virtual clock, whoever waits for others makes time fly."""
    with Sandbox(speed=100.0) as sandbox:
        yield sandbox


@pytest.fixture
def shared(fast: Sandbox) -> Sandbox:
    fast.reset()
    return fast


class Written(Ledger):
    """A ledger that tells in which order it was written."""

    def __init__(self, where: Path) -> None:
        self.entries: list[tuple[Entry, Answer]] = []
        super().__init__(where)

    def record(self, entry: Entry) -> Answer:
        answer = super().record(entry)
        self.entries.append((entry, answer))
        return answer


def at_once(*tasks: Callable[[], object]) -> None:
    """Do these in threads of their own, all at once."""
    ready, problems = threading.Barrier(len(tasks)), []

    def run(task: Callable[[], object]) -> None:
        ready.wait()
        try:
            task()
        except BaseException as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def looks(sandbox: Sandbox) -> int:
    return len([exchange for exchange in sandbox.journal() if exchange["call"] == "status"])


@vendors
def test_of_two_that_wait_for_a_job_one_looks_until_it_is_over(provider: str, shared: Sandbox, tmp_path: Path) -> None:
    place, site = tmp_path / "ledger.sqlite3", shared.site
    seen: dict[int, list[Status]] = {0: [], 1: []}
    clips: list[Clip] = []
    with Client(provider, sandbox=site, ledger=place) as one, Client(provider, sandbox=site, ledger=place) as other:
        job = one.submit(one.plan("A cat", duration=3))

        def waiting(client: Client, number: int) -> Callable[[], None]:
            return lambda: clips.append(client.wait(job, on_update=seen[number].append))

        at_once(waiting(one, 0), waiting(other, 1))
    assert len({clip.url for clip in clips}) == 1
    assert len(clips) == 2
    first, second = sorted(seen.values(), key=len, reverse=True)
    assert [look.state for look in second] == [State.SUCCEEDED]
    assert looks(shared) == len(first) + 1
    assert len(shared.charges()) == 1


def test_of_two_that_save_a_clip_one_fetches_after_the_other(shared: Sandbox, tmp_path: Path) -> None:
    ledger = Written(tmp_path / "ledger.sqlite3")
    site = shared.site
    with Client("fal", sandbox=site, ledger=ledger) as one, Client("fal", sandbox=site, ledger=ledger) as other:
        clip = one.generate("A cat", duration=3)
        ledger.entries.clear()
        at_once(lambda: one.save(clip, tmp_path / "1.mp4"), lambda: other.save(clip, tmp_path / "2.mp4"))
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()
    turns = [type(entry) for entry, answer in ledger.entries if not isinstance(answer, Busy)]
    assert turns == [Watching, Delivered] * 2
    ledger.close()


def test_of_two_that_want_a_clip_once_one_fetches_and_the_other_is_told_where(shared: Sandbox, tmp_path: Path) -> None:
    site, ledger = shared.site, Ledger(tmp_path / "ledger.sqlite3")
    files = [tmp_path / "1.mp4", tmp_path / "2.mp4"]
    told: list[Path] = []
    with Client("fal", sandbox=site, ledger=ledger) as one, Client("fal", sandbox=site, ledger=ledger) as other:
        clip = one.generate("A cat", duration=3)

        def saving(client: Client, file: Path) -> Callable[[], None]:
            return lambda: told.append(client.save(clip, file, once=True))

        at_once(saving(one, files[0]), saving(other, files[1]))
        assert [file for file in files if file.exists()] == [told[0]]
        assert told[0] == told[1]
        assert one.save(clip, tmp_path / "again.mp4").exists()
    ledger.close()


def test_whoever_gives_up_names_who_goes_on(shared: Sandbox, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    with Client("fal", sandbox=shared.site, ledger=ledger) as client:
        job = client.submit(client.plan("A cat", duration=3))
        ledger.record(Watching(job, "another terminal", 300.0))
        with pytest.raises(DeadlineExceeded, match=r"process \d+ looks after it; it goes on; wait for it again"):
            client.wait(job, timeout=60)
        assert looks(shared) == 0
        ledger.record(Left(job, "another terminal"))
        assert client.wait(job).url
    ledger.close()


def test_without_a_ledger_nobody_is_waited_for(shared: Sandbox) -> None:
    site = shared.site
    with Client("fal", sandbox=site) as one, Client("fal", sandbox=site) as other:
        job: Job = one.submit(one.plan("A cat", duration=3))
        at_once(lambda: one.wait(job), lambda: other.wait(job))
