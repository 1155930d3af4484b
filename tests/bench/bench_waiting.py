"""Waiting for a job, as ratios within one run: omniflash beside fal_client's `subscribe`, on one sandbox at one time.

Both sides wait for the same requests, which take the sandbox equally long, each in a process of its own: one client,
one thread for each job. Each makes a whole job before, so that imports and first connections are not measured.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory

import httpx
from attrs import frozen

from omniflash import Client, Job
from omniflash_sandbox import Sandbox
from omniflash_sandbox.jobs import Jobs
from omniflash_sandbox.store import Store

JOBS = 6
SECONDS = 8  # of the clip: about 40 s of work, and a queue
PROMPTS = tuple(f"A lighthouse at dusk, take {n}" for n in range(JOBS))
LONGEST_JOB_S = 60
ENDPOINT = "google/gemini-omni-flash"
Ended = tuple[str, float]  # a job's id at the vendor, and the wall's time when the client had its result


def moved_on(url: str) -> None:
    """Have the sandbox's clock past the end of whatever it works on."""
    httpx.post(f"{url}/_sandbox/clock/advance", json={"seconds": LONGEST_JOB_S}, trust_env=False).raise_for_status()


def omniflash(url: str) -> Callable[[str], Ended]:
    """How our client makes one job, after a first one."""
    from omniflash.drive.sandbox import running

    client = Client("fal", sandbox=running(url))
    first = client.submit(client.plan("A first job", duration=SECONDS))
    moved_on(url)
    client.wait(first)

    def made(prompt: str) -> Ended:
        clip = client.generate(prompt, duration=SECONDS)
        return Job.parse(str(clip.job)).handle, time.time()

    return made


def fal_client(url: str) -> Callable[[str], Ended]:
    """How fal's client makes one job, after a first one, with its own interval between two looks."""
    import fal_client

    site = httpx.get(f"{url}/_sandbox", trust_env=False).json()
    fal_client.client.QUEUE_URL_FORMAT = site["hosts"]["fal"]["queue"] + "/"  # it is read at each call
    client = fal_client.SyncClient(key=site["keys"]["fal"])
    first = client.submit(ENDPOINT, {"prompt": "A first job", "duration": SECONDS})
    moved_on(url)
    first.get()

    def made(prompt: str) -> Ended:
        ids: list[str] = []
        client.subscribe(ENDPOINT, {"prompt": prompt, "duration": SECONDS}, on_enqueue=ids.append)
        return ids[0], time.time()

    return made


SIDES: Mapping[str, Callable[[str], Callable[[str], Ended]]] = {"omniflash": omniflash, "fal_client": fal_client}


def take_side(name: str, url: str) -> None:
    """One side, in a process of its own: make ready, wait for the word, and tell the ends and the CPU they took."""
    made = SIDES[name](url)
    print("ready", flush=True)
    if not sys.stdin.readline():
        return
    begin = time.process_time()
    with ThreadPoolExecutor(JOBS) as threads:
        ended = list(threads.map(made, PROMPTS))
    print(json.dumps({"cpu": time.process_time() - begin, "ended": ended}))


@frozen
class Figures:
    """What a side needed for one job: requests, seconds of CPU, and the seconds from each job's end to its result."""

    requests: float
    cpu: float
    delays: tuple[float, ...]
    lengths: tuple[float, ...]

    @property
    def delay(self) -> float:
        return statistics.median(self.delays)


def both(sandbox: Sandbox) -> Mapping[str, Mapping[str, object]]:
    """What each side tells; none begins before both are ready."""
    command = [sys.executable, __file__, "--side"]
    sides = {name: Popen([*command, name, sandbox.url], stdin=PIPE, stdout=PIPE, text=True) for name in SIDES}
    for side in sides.values():
        assert side.stdout is not None
        if side.stdout.readline() != "ready\n":
            raise SystemExit("a side could not make its first job")
    for side in sides.values():
        assert side.stdin is not None
        side.stdin.write("go\n")
        side.stdin.flush()
    return {name: json.loads(side.communicate()[0]) for name, side in sides.items()}


def figures(told: Mapping[str, object], sandbox: Sandbox, jobs: Jobs) -> Figures:
    """A side's own times beside the sandbox's journal, and beside the end that stands in each of its jobs."""
    ended: list[Ended] = told["ended"]  # type: ignore[assignment]
    ids = {handle for handle, _ in ended}
    kept = {handle: job for handle in ids if (job := jobs.find(handle)) is not None}
    ends = {handle: job.start.wall / 1e6 + job.over_s for handle, job in kept.items()}
    return Figures(
        requests=sum(exchange["job"] in ids for exchange in sandbox.journal()) / JOBS,
        cpu=float(str(told["cpu"])) / JOBS,
        delays=tuple(at - ends[handle] for handle, at in ended),
        lengths=tuple(sorted(job.over_s for job in kept.values())),
    )


def waiting() -> None:
    """Both sides at once, and what came of it."""
    with TemporaryDirectory() as folder, Sandbox(state=Path(folder), speed=1) as sandbox:
        told = both(sandbox)
        store = Store(Path(folder))
        ours, theirs = (figures(told[name], sandbox, Jobs(store)) for name in ("omniflash", "fal_client"))
        store.close()
    assert ours.lengths == theirs.lengths
    low, high = ours.lengths[0], ours.lengths[-1]
    print(f"waiting: {JOBS} jobs of {low:.1f} to {high:.1f} s for each side, the same requests, at one time")
    for what, mine, his in (
        ("requests", ours.requests, theirs.requests),
        ("ms of CPU", ours.cpu * 1e3, theirs.cpu * 1e3),
    ):
        compared = f"{mine / his:.3f} × fal_client's subscribe (mark: at most 0.1), {mine:.1f} against {his:.1f}"
        print(f"waiting: {what} per job {compared}")
    print(
        f"waiting: from the job's end to its result {ours.delay:.2f} s in the median (mark: within 1 s), at most "
        f"{max(ours.delays):.2f} s; fal_client's {theirs.delay:.2f} s, at most {max(theirs.delays):.2f} s"
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--side", name, url]:
            take_side(name, url)
        case _:
            waiting()
