"""A trial of one client, sound or broken: the one kind of trouble that this way of being broken cannot take."""

import os
import signal
import time
from collections.abc import Mapping

from attrs import frozen

from tests.chaos.broken import LOSES_ON_INTERRUPTION, RECORDS_AFTER_SENDING, REPEATS_PAID_CALLS, SETTLES_BY_ABSENCE
from tests.chaos.ground import Ground
from tests.chaos.judge import bought_twice, out_of_reach

JOBS = 3
SOON_S = 20.0
ANSWER_S = 0.5  # so that there is time left to repeat a call


@frozen
class Trouble:
    """What goes wrong with each paid call, and what the process is sent while it waits for the answer."""

    fault: str
    seconds: int | None = None
    stop: signal.Signals | None = None


LOST, STALLED = Trouble("lose-response"), Trouble("stall", seconds=5)
TROUBLES: Mapping[str, Trouble] = {
    REPEATS_PAID_CALLS: STALLED,
    SETTLES_BY_ABSENCE: LOST,
    RECORDS_AFTER_SENDING: Trouble("stall", seconds=5, stop=signal.SIGKILL),
    LOSES_ON_INTERRUPTION: Trouble("stall", seconds=5, stop=signal.SIGINT),
}


def trial(ground: Ground, client: str, trouble: Trouble) -> tuple[str, ...]:
    """What the judge has against a client after this trouble: nothing, if it is sound."""
    ground.clear()
    options = {} if trouble.seconds is None else {"seconds": trouble.seconds}
    ground.sandbox.arm(trouble.fault, provider="fal", call="submit", times=JOBS, **options)
    given = {
        "provider": "fal",
        "numbers": [*range(1, 1 + JOBS)],
        "seed": "",
        "way": "tasks",
        "client": client,
        "answer_s": ANSWER_S,
    }
    process = ground.zygotes[0].start("tests.chaos.worker:work", {**ground.given, **given})
    if trouble.stop is not None:
        until = time.monotonic() + SOON_S
        while len(ground.sandbox.charges()) < JOBS and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(process, trouble.stop)
    ground.zygotes[0].ended()
    ground.quiet()
    bill = ground.bill()
    return (*sorted(out_of_reach(bill, ground.records())), *bought_twice(bill))
