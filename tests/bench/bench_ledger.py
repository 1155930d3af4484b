"""What the ledger costs: the CPU of a job with it beside one without, a long list, and many processes in one file."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import create_engine, insert, select

from omniflash import Client, Ledger, Provider, TextToVideo
from omniflash.adapter import Order, Outcome
from omniflash.discovery import adapter
from omniflash.jobs import Job, State, Status
from omniflash.money.entries import (
    Accepted,
    Attempted,
    Delivered,
    Entry,
    Finished,
    Intended,
    Left,
    New,
    Sending,
    Watching,
)
from omniflash.money.quotes import quote
from omniflash.money.records import OrderState, Record
from omniflash.money.tables import orders

ROUNDS, JOBS_A_ROUND = 5, 40
LISTED, LOOKS, STARTS = 10_000, 7, 3
PROCESSES, JOBS_EACH = 8, 50
WATCHED_S = 300.0
OFFER = adapter("fal").offers[0]
QUEUE, CLIP = "https://queue.fal.run/google/gemini-omni-flash", "https://v3.fal.media/files/clip.mp4"
LEDGER = "ledger.sqlite3"


def vendor(asked: httpx.Request) -> httpx.Response:
    """fal in this very process, whose jobs are over at once."""
    url = str(asked.url)
    if url == CLIP:
        return httpx.Response(200, stream=httpx.ByteStream(b"a clip"), headers={"content-type": "video/mp4"})
    if asked.method == "POST":
        return httpx.Response(200, json={"request_id": os.urandom(16).hex()})
    if url.endswith("/status"):
        return httpx.Response(200, json={"status": "COMPLETED"})
    return httpx.Response(200, json={"video": {"url": CLIP, "content_type": "video/mp4"}})


def jobs(client: Client, folder: Path, *, keyed: bool) -> float:
    """Seconds of CPU that a job takes from its plan to its file."""
    begin = time.process_time()
    for _ in range(JOBS_A_ROUND):
        name = os.urandom(8).hex()
        client.generate("A lighthouse at dusk", duration=5, key=name if keyed else None, save_as=folder / f"{name}.mp4")
    return (time.process_time() - begin) / JOBS_A_ROUND


def cpu(folder: Path) -> None:
    """The same jobs without a ledger and with one, in turn."""
    fal, transport = Provider("fal", key="id:secret-half"), httpx.MockTransport(vendor)
    with (
        Client(fal, transport=transport) as without,
        Client(fal, transport=transport, ledger=folder / LEDGER) as within,
    ):
        pairs = [(jobs(without, folder, keyed=False), jobs(within, folder, keyed=True)) for _ in range(ROUNDS + 1)][
            1:
        ]  # the first loads what is loaded late
    bare, added = (statistics.median(figures) * 1e3 for figures in zip(*((a, b - a) for a, b in pairs), strict=True))
    print(f"ledger: it adds {added:.1f} ms of CPU to a job of {bare:.1f} ms (mark: at most 5 ms)")


def life(number: int, whose: str) -> Iterator[Entry]:
    """Everything that is written down about one job."""
    made, price = f"{whose}-{number}", quote(OFFER.price, 5)
    order = Order(id=made, account="fal", offer=OFFER, request=TextToVideo(f"Take {made}", duration=5), media={})
    job = Job("fal", OFFER.version, OFFER.mode, f"at-fal-{made}", made, quote=price)
    yield Intended(order, f"key-{made}", price, whose)
    yield Sending(order)
    yield Attempted(order, 1, Outcome.FINE)
    yield Accepted(job)
    yield Watching(job, whose, WATCHED_S)
    yield Finished(Status(job, State.SUCCEEDED, "COMPLETED"))
    yield Left(job, whose)
    yield Delivered(job.token, Path(f"{made}.mp4"))


def write(ledger: Ledger, whose: str, count: int) -> None:
    """Write down so many jobs; every entry is a new one."""
    for number in range(count):
        for entry in life(number, whose):
            if ledger.record(entry) != New():
                raise SystemExit(f"{whose}'s {type(entry).__name__} was refused")


def best(action: Callable[[], object], times: int) -> float:
    """Seconds that an action takes, the best of several times."""
    rounds = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        rounds.append(time.perf_counter() - begin)
    return min(rounds)


def listing(folder: Path) -> None:
    """A ledger of many orders, which differ only in their names, as a list."""
    place = folder / LEDGER
    ledger = Ledger(place)
    write(ledger, "first", 1)
    _multiply(place)
    long = best(lambda: ledger.records(limit=LISTED), LOOKS)
    assert len(ledger.records(limit=LISTED)) == LISTED
    ledger.close()
    print(f"ledger: {LISTED:,} jobs listed in {long:.2f} s (mark: at most 0.3 s)")
    settings = {**os.environ, "OMNIFLASH_LEDGER": str(place), "OMNIFLASH_SANDBOX": ""}

    def told(*words: str) -> int:
        command = [sys.executable, "-m", "omniflash", *words]
        said = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
        return len(said.stdout.splitlines())

    assert told("jobs", "--limit", "50") == 50
    whole = best(lambda: told("jobs", "--limit", "50"), STARTS)
    least = best(lambda: told("--version"), STARTS)
    print(f"ledger: `omniflash jobs --limit 50` of them in {whole:.2f} s, `omniflash --version` in {least:.2f} s")


def _multiply(place: Path) -> None:
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        (first,) = connection.execute(select(orders)).mappings()
        copies = [
            {**first, "n": None, "id": f"id-{n}", "key": f"key-{n}", "handle": f"handle-{n}"} for n in range(1, LISTED)
        ]
        connection.execute(insert(orders), copies)
    engine.dispose()


def take_side(place: str, whose: str) -> None:
    """One process of several: make ready, wait for the word, write."""
    ledger = Ledger(place)
    print("ready", flush=True)
    if sys.stdin.readline():
        write(ledger, whose, JOBS_EACH)
    ledger.close()


def is_whole(ledger: Ledger, record: Record) -> bool:
    """Whether a record has its file, and its trail everything that was written down."""
    told = [step.entry for step in ledger.trail(record)]
    whole = ["intended", "attempted", "accepted", "finished", "delivered"]
    return record.state is OrderState.FINISHED and record.file is not None and told == whole


def sharing(folder: Path) -> None:
    """Many processes that write into one file at one time, and what stands there afterwards."""
    place = folder / LEDGER
    ledger = Ledger(place)
    command = [sys.executable, __file__, "--side", str(place)]
    sides = [Popen([*command, f"p{n}"], stdin=PIPE, stdout=PIPE, text=True) for n in range(PROCESSES)]
    for side in sides:
        assert side.stdout is not None
        if side.stdout.readline() != "ready\n":
            raise SystemExit("a process could not open the ledger")
    begin = time.perf_counter()
    for side in sides:
        assert side.stdin is not None
        side.stdin.write("go\n")
        side.stdin.flush()
    failed = sum(side.wait() != 0 for side in sides)
    took = time.perf_counter() - begin
    made = PROCESSES * JOBS_EACH
    found = sum(is_whole(ledger, record) for record in ledger.records(limit=2 * made))
    ledger.close()
    print(
        f"ledger: {PROCESSES} processes wrote {made} jobs into one file, {made / took:.0f} a second, "
        f"{made - found} lost (mark: none), {failed} processes failed (mark: none)"
    )


def main() -> None:
    for part in (cpu, listing, sharing):
        with TemporaryDirectory() as folder:
            part(Path(folder))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--side", place, whose]:
            take_side(place, whose)
        case _:
            main()
