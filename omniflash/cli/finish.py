"""What `generate` and `resume` share: waiting for a job, saving its clip, and telling how to go on after a break."""

from collections.abc import Callable
from pathlib import Path

from ..client import Client
from ..errors import ConfigurationError, NotFound, OmniflashError
from ..jobs import Clip, Job, Status
from ..media.probe import Difference, differences, probe
from ..redact import safe_url
from ..types import JSON
from . import show
from .interrupts import Held
from .options import Ground


def finish(
    client: Client,
    job: Job,
    target: Path,
    ground: Ground,
    *,
    timeout: float | None,
    as_json: bool,
    heard: Held | None = None,
    once: bool = False,
    tell: Callable[[JSON], object] = show.result_json,
) -> int:
    """Wait for a job and save its clip as `target`; with `once`, unless somebody has saved it by then.

    `heard` is the signal that came while the job was being accepted. `tell` is given what is told as JSON.
    """
    resume = ground.line("resume", job.token, "-o", str(target))
    show.note(f"job {job.token}")
    with show.watching() as watch:
        try:
            if heard:
                heard.release()
            clip = client.wait(job, timeout=timeout, on_update=watch)
            watch.says("saving")
            saved = client.save(clip, target, once=once)
        except KeyboardInterrupt:
            show.note(f"interrupted; the job goes on. Pick it up by:\n{resume}")
            raise
        except Exception as problem:
            if not ended(problem):
                show.note(f"the job can be had again. Pick it up by:\n{resume}")
            raise
    if saved != target:
        show.note(f"another process has saved it as {saved}")
        return 0
    report = _report(job, clip, watch.status, target)
    if as_json:
        tell(report)
        return 0
    if report["charged"]:
        quoted = f" (quoted: {job.quote})" if job.quote else ""
        show.note(f"{job.provider} says it charged: {report['charged']}{quoted}")
    show.result(str(target))
    return 0


def ended(problem: Exception) -> bool:
    """Whether an error says that there is nothing more to be had of the job."""
    return isinstance(problem, OmniflashError) and (problem.job is None or isinstance(problem, NotFound))


def _report(job: Job, clip: Clip, status: Status | None, target: Path) -> dict[str, JSON]:
    """What came of a job, with a note where the clip is not what it should be."""
    charge = status.charge if status else None
    wrong = _checked(job, target)
    for difference in wrong:
        show.note(f"warning: {difference}")
    facts = {"media_type": clip.media_type, "size": clip.size, "handle": clip.handle, "url": safe_url(clip.url)}
    return {
        "file": str(target),
        "job": job.token,
        "provider": job.provider,
        "sandbox": job.sandbox,
        "quote": str(job.quote.amount) if job.quote else None,
        "charged": str(charge) if charge else None,
        "clip": {name: value for name, value in facts.items() if value is not None},
        "differences": [str(difference) for difference in wrong],
    }


def _checked(job: Job, target: Path) -> tuple[Difference, ...]:
    try:
        found = probe(target)
    except ConfigurationError as problem:
        show.note(f"the clip was not looked into: {problem}")
        return ()
    asked = {name: getattr(job.request, name, None) for name in ("duration", "aspect_ratio", "output_format")}
    return differences(found, **asked)
