"""The second part: one job's life, ended at every write to a socket or to the ledger, and gone on with by its user.

Before the first write, after it, before the second, and so on, until a life ends by itself.
"""

import signal
from collections.abc import Iterator

from attrs import frozen

from tests.chaos.asked import SECONDS, asked
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict, out_of_reach, verdict
from tests.chaos.settling import commanded, settle
from tests.chaos.worker import SOUND

MOST_MOMENTS = 2_000


@frozen
class Moment:
    """A moment that a life was ended at, and what came of the job; `whole` is a life that nothing ended."""

    number: int
    verdict: Verdict
    whole: bool


def every_write(ground: Ground, provider: str, way: str, client: str = SOUND, step: int = 1) -> Iterator[Moment]:
    """Life after life of the same job, each on an empty ground and ended one moment later, or `step` moments."""
    for number in range(1, MOST_MOMENTS, step):
        ground.clear()
        given = {"provider": provider, "numbers": [1], "seed": "", "way": way, "client": client, "kill_at": number}
        code = ground.zygotes[0].run("tests.chaos.worker:work", {**ground.given, **given})
        if code not in (0, -signal.SIGKILL):
            raise RuntimeError(f"moment {number}: the process ended by itself with {code}")
        yield Moment(number, _after(ground, provider), whole=code == 0)
        if code == 0:
            return
    raise RuntimeError("a life does not end")


def _after(ground: Ground, provider: str) -> Verdict:
    """What the user does then: look at what is uncertain, go on with what is not, and ask for the job once more."""
    ground.quiet()
    one = asked(1, provider, ground.folder)
    lost = out_of_reach(ground.bill(), ground.records())
    settled = settle(ground)
    clip = str(ground.folder / f"{one.key}.mp4")
    common = ["--provider", provider, "--sandbox", "-o", clip]
    again = ["generate", one.prompt, "--duration", str(SECONDS), "--key", one.key, *common]
    if commanded(ground, [["resume", "--all", *common], again]):
        raise RuntimeError("the command line did not bring the clip")
    return verdict([one], ground.bill(), ground.records(), settled, lost)
