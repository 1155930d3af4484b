"""The process that is killed: it makes jobs through a client with a ledger, and begins where the one before it ended.

As its user would: it looks what the ledger knows, goes on with what was accepted, and asks for the rest by its keys.
"""

import asyncio
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from omniflash import AsyncClient, Client, Job, OmniflashError
from omniflash.money.records import Record
from tests.chaos.asked import Asked, asked
from tests.chaos.broken import BROKEN
from tests.chaos.writes import Writes

AT_ONCE = 8  # jobs in one process
ANSWER_S = 1.5  # less than the longer stalls take
SOUND = "omniflash"
Life = Generator[Any, Any, None]


def work(
    *,
    site: Mapping[str, object],
    ledger: str,
    folder: str,
    provider: str,
    numbers: Sequence[int],
    seed: str,
    way: str,
    client: str = SOUND,
    kill_at: int | None = None,
    answer_s: float = ANSWER_S,
) -> None:
    """Try once for each of these jobs; what fails is left for the next time. `kill_at` is the write to be killed at."""
    if kill_at is not None:
        writes = Writes(kill_at)
        threading.setprofile(writes)
        sys.setprofile(writes)
    wanted = [asked(number, provider, Path(folder)) for number in numbers]
    Random(seed).shuffle(wanted)
    settings: dict[str, Any] = {
        "providers": provider,
        "sandbox": site,
        "ledger": ledger,
        "timeout": answer_s,
    }
    WAYS[way](settings, client, wanted, Path(folder))


def life(client: Any, one: Asked, record: Record | None, folder: Path) -> Life:
    """What is done for one job. Each method's result is yielded, so that whoever drives it can await it first."""
    if record is not None and over(record):
        return
    job: Job | None = record.job if record is not None else None
    if job is None:
        plan = yield client.plan(one.request)
        job = yield client.submit(plan, key=one.key)
    clip = yield client.wait(job)
    yield client.save(clip, folder / f"{one.key}.mp4")


def over(record: Record) -> bool:
    """Whether there is nothing more to be had."""
    return record.delivered_at is not None or record.outcome not in (None, "succeeded")


def known(client: Client | AsyncClient) -> Mapping[str | None, Record]:
    """What `omniflash jobs` lists, by the user's keys."""
    assert client.ledger is not None
    return {record.key: record for record in client.ledger.records(limit=100_000)}


def accepted_first(wanted: Sequence[Asked], records: Mapping[str | None, Record]) -> list[Asked]:
    return sorted(wanted, key=lambda one: one.key not in records or records[one.key].job is None)


def by_threads(settings: Mapping[str, Any], name: str, wanted: Sequence[Asked], folder: Path) -> None:
    """One Client, shared by threads."""
    with Client(**settings) as client, ThreadPoolExecutor(AT_ONCE) as threads:
        records = known(client)

        def make(one: Asked) -> None:
            steps, result = life(client, one, records.get(one.key), folder), None
            with suppress(StopIteration, OmniflashError):
                while True:
                    result = steps.send(result)

        list(threads.map(make, accepted_first(wanted, records)))


def by_tasks(settings: Mapping[str, Any], name: str, wanted: Sequence[Asked], folder: Path) -> None:
    """One AsyncClient, or a broken one, shared by tasks."""
    asyncio.run(_by_tasks(BROKEN.get(name, AsyncClient)(**settings), wanted, folder))


async def _by_tasks(client: AsyncClient, wanted: Sequence[Asked], folder: Path) -> None:
    async with client:
        records, room = known(client), asyncio.Semaphore(AT_ONCE)

        async def make(one: Asked) -> None:
            async with room:
                await _awaited(life(client, one, records.get(one.key), folder))

        async with asyncio.TaskGroup() as tasks:
            for one in accepted_first(wanted, records):
                tasks.create_task(make(one))


async def _awaited(steps: Life) -> None:
    result = None
    with suppress(StopIteration, OmniflashError):
        while True:
            result = await steps.send(result)


WAYS = {"threads": by_threads, "tasks": by_tasks}
