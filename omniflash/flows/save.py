"""Fetching a clip: streamed beside its target, resumed after a cut, checked, then renamed (RES-SAVE)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from attrs import evolve, frozen

from ..accounts import Account
from ..adapter import Outcome
from ..effects import (
    Call,
    Draft,
    Drop,
    FileTrouble,
    Flow,
    Keep,
    Pause,
    Reserve,
    Save,
    Saved,
    Trouble,
    save,
)
from ..errors import ConfigurationError, DownloadFailed, OmniflashError
from ..jobs import Clip
from ..money.entries import Delivered
from ..reading import outcome_of
from .attempt import SPREAD, TRIES, backoff
from .download import failed, job_of, stated_size, unfit_for_video
from .lease import FETCHING_S, Lease, given_back, waited_for
from .wait import status


def reserve(target: Path) -> Flow[None]:
    """Make sure that a file can be made at `target`, before anything is paid. Raises ConfigurationError."""
    try:
        yield Reserve(target)
    except FileTrouble as trouble:
        remedy = "name a file in a folder that is there and can be written"
        raise ConfigurationError(f"the clip cannot be saved as {target}: {trouble.reason}", remedy=remedy) from trouble


@frozen
class Progress:
    """How far a download has come: `size` bytes of `total`, and the `tag` that tells if the file is still the same.

    `best` is the furthest that it ever came: only what goes beyond counts as getting on.
    """

    size: int = 0
    best: int = 0
    total: int | None = None
    tag: str | None = None
    problem: str | None = None
    final: bool = False

    @property
    def whole(self) -> bool:
        return self.problem is None and self.size > 0


def save_clip(account: Account, clip: Clip, target: Path, holder: str = "", *, once: bool = False) -> Flow[Path]:
    """Fetch a clip into `target`: whole, or the target is left as it was and DownloadFailed is raised.

    While another `holder` fetches it, that is waited for. With `once`, a clip that somebody has saved is left where it
    is, and that place is the answer.
    """
    job = job_of(clip)
    if job is None:
        return (yield from _saved(account, clip, target))
    lease = Lease(job, holder, once)
    return (yield from lease.held(partial(_in_turn, lease, clip, partial(_saved, account, clip, target, lease))))


def _in_turn(lease: Lease, clip: Clip, work: Callable[[], Flow[Path]]) -> Flow[Path]:
    if not (yield from waited_for(lease, FETCHING_S, FETCHING_S)):
        raise failed(clip, f"is being fetched by {lease.who}", "wait for that, or end it")
    return lease.had or (yield from work())


def _saved(account: Account, clip: Clip, target: Path, lease: Lease | None = None) -> Flow[Path]:
    try:
        part: Path = yield Draft(target)
        yield from _written(account, clip, part)
    except FileTrouble as trouble:
        raise failed(clip, f"could not be written: {trouble.reason}", "make room there") from trouble
    yield from _kept(clip, part, target)
    yield from given_back(Delivered(clip.job, target), lease)
    return target


def _kept(clip: Clip, part: Path, target: Path) -> Flow[None]:
    try:
        yield Keep(part, target)
    except FileTrouble as trouble:
        raise failed(
            clip, f"could not be given its name: {trouble.reason}", f"the whole clip is in {part}"
        ) from trouble
    except GeneratorExit:
        raise
    except BaseException:
        yield Drop(part)
        raise


def _written(account: Account, clip: Clip, part: Path) -> Flow[None]:
    try:
        yield from _fetched_whole(account, clip, part)
    except GeneratorExit:
        raise
    except BaseException:
        yield Drop(part)
        raise


def _fetched_whole(account: Account, clip: Clip, part: Path) -> Flow[None]:
    try:
        yield from _fetched_from(account, clip, part)
    except DownloadFailed as problem:
        moved = yield from _moved(account, clip, problem)
        if moved is None:
            raise
        yield from _fetched_from(account, moved, part)


def _moved(account: Account, clip: Clip, problem: DownloadFailed) -> Flow[Clip | None]:
    """The clip under another URL, where its vendor tells one on a new look: the one it had may have expired."""
    job = problem.job
    if job is None or (job.provider, job.sandbox) != (account.adapter.name, account.sandbox):
        return None
    try:
        seen = yield from status(account, job)
    except OmniflashError:
        return None
    return seen.clip if seen.clip and seen.clip.url != clip.url else None


def _fetched_from(account: Account, clip: Clip, part: Path) -> Flow[None]:
    whole = account.adapter.download(clip)
    progress, idle = Progress(), 0
    while not progress.whole:
        if progress.problem:
            idle += 1
            if idle == TRIES or progress.final:
                raise failed(clip, f"could not be fetched: {progress.problem}")
            yield Pause(backoff(idle), SPREAD)
        before = progress.best
        progress = yield from _stretch(account, whole, part, progress)
        idle = 0 if progress.best > before else idle


def _stretch(account: Account, whole: Call, part: Path, progress: Progress) -> Flow[Progress]:
    asked = evolve(whole, account=account.name, headers=_from(progress))
    try:
        saved = yield from save(Save(asked, part, progress.size))
    except FileTrouble:
        raise
    except Trouble as trouble:
        return evolve(progress, problem=trouble.reason)
    return judged(saved, progress)


def _from(progress: Progress) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    if progress.size:
        headers["Range"] = f"bytes={progress.size}-"
        headers |= {"If-Range": progress.tag} if progress.tag else {}
    return headers


def judged(saved: Saved, before: Progress) -> Progress:
    """How far the download has come with this answer, and what is still wrong."""
    answer, anew = saved.response, Progress(best=before.best)
    if answer.status not in (200, 206):
        final = outcome_of(answer.status) is Outcome.FINAL and answer.status != 416
        kept = anew if answer.status == 416 else before
        return evolve(kept, problem=f"HTTP {answer.status}", final=final)
    if unfit := unfit_for_video(answer):
        return evolve(anew, problem=unfit, final=True)
    total, tag = stated_size(answer), answer.headers.get("etag")
    if answer.status == 206 and (total, tag) != (before.total, before.tag):
        return evolve(anew, problem="the file changed while it was fetched")
    return Progress(saved.size, max(saved.size, before.best), total, tag, _lacking(saved, total))


def _lacking(saved: Saved, total: int | None) -> str | None:
    if total is not None and saved.size != total:
        return f"{saved.size:,} of {total:,} bytes came"
    if saved.cut:
        return f"it was cut off after {saved.size:,} bytes"
    return None if saved.size else "it is empty"
