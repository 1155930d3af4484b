"""Many jobs that one client waits for at one time: how many requests a minute each vendor gets, and of which pace.

All figures are of the looks in the sandbox's journal. Its time is fast, so that a request which is a few milliseconds
late here is so many seconds late there: that much is left out of the minute in which requests are counted.
"""

import asyncio
import math
import time
from collections.abc import Iterator
from datetime import datetime

from omniflash import AsyncClient, Job, Provider
from omniflash.adapter import Pace
from omniflash_sandbox import Sandbox

SPEED = 25.0
LATE_S, APART_S = 0.1, 0.01
MINUTE = 60.0
JOBS = 50  # of each vendor
PATIENCE_S = 3_600.0
VENDORS = ("fal", "pixeldojo")


async def submitted(vendor: str, sandbox: Sandbox) -> list[Job]:
    """Jobs of one vendor, submitted at once: by a client that was told of another pace."""
    async with AsyncClient(Provider(vendor, pace=Pace(100 * JOBS)), sandbox=sandbox.site) as client:
        plan = await client.plan("A lighthouse at dusk", duration=8)
        return await asyncio.gather(*(client.submit(plan) for _ in range(JOBS)))


async def waited(sandbox: Sandbox) -> None:
    """All jobs of both vendors, waited for at one time, each from a moment of its own on."""
    async with AsyncClient(VENDORS, sandbox=sandbox.site) as client:
        jobs = [job for vendor in VENDORS for job in await submitted(vendor, sandbox)]

        async def begun(number: int, job: Job) -> None:
            await asyncio.sleep(number * APART_S)
            await client.wait(job, timeout=PATIENCE_S)

        await asyncio.gather(*(begun(number, job) for number, job in enumerate(jobs)))


def most(times: list[float], window: float) -> int:
    """The largest number of requests in any window of so many seconds."""
    return max(sum(begin <= at < begin + window for at in times) for begin in times)


def told(vendor: str, sandbox: Sandbox) -> Iterator[str]:
    """What a vendor was asked."""
    own = [exchange for exchange in sandbox.journal() if (exchange["provider"], exchange["method"]) == (vendor, "GET")]
    times = sorted(datetime.fromisoformat(exchange["at"]).timestamp() * SPEED for exchange in own)
    minutes = (times[-1] - times[0]) / MINUTE
    pace = AsyncClient(vendor, sandbox=sandbox.site).accounts[vendor].pace
    window = MINUTE - LATE_S * SPEED
    looks, share = f"{len(own) / JOBS:.1f} looks a job", f"{JOBS} of {len(VENDORS) * JOBS} jobs"
    yield f"pace: {share} at {vendor}: {looks}, {len(own) / math.ceil(minutes):.0f} in each of {math.ceil(minutes)} min"
    stated = f"mark: at most its pace, {pace.requests} in {pace.seconds:g} s" if pace else "it states no pace"
    yield f"at most {most(times, window)} in any {window:g} s ({stated})"


def pace() -> None:
    """Wait, and look into the journal."""
    with Sandbox(speed=SPEED) as sandbox:
        begin = time.perf_counter()
        asyncio.run(waited(sandbox))
        took = time.perf_counter() - begin
        for vendor in VENDORS:
            print("; ".join(told(vendor, sandbox)))
    print(f"pace: at {SPEED:g} times the vendors' speed it took {took:.1f} s")


if __name__ == "__main__":
    pace()
