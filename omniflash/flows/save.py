"""Fetching a clip: streamed beside its target, resumed after a cut, checked, then renamed (RES-SAVE)."""

import re
from pathlib import Path
from zlib import crc32

from attrs import evolve, frozen

from ..accounts import Account
from ..adapter import Outcome
from ..effects import (
    Call,
    Drop,
    FileTrouble,
    Flow,
    Keep,
    Pause,
    Reserve,
    Response,
    Save,
    Saved,
    Trouble,
    call,
    record,
    save,
)
from ..errors import ConfigurationError, DownloadFailed
from ..jobs import Clip
from ..money.entries import Delivered
from ..reading import outcome_of
from .attempt import SPREAD, TRIES, backoff

PIECE_BYTES = 1 << 20


def reserve(target: Path) -> Flow[None]:
    """Make sure that a file can be made at `target`, before anything is paid. Raises ConfigurationError."""
    try:
        yield Reserve(target)
    except FileTrouble as trouble:
        remedy = "name a file in a folder that is there and can be written"
        raise ConfigurationError(f"the clip cannot be saved as {target}: {trouble.reason}", remedy=remedy) from trouble


@frozen
class Progress:
    """How far a download has come: `size` bytes of `total`, and the `tag` that tells if the file is still the same."""

    size: int = 0
    total: int | None = None
    tag: str | None = None
    problem: str | None = None
    final: bool = False

    @property
    def whole(self) -> bool:
        return self.problem is None and self.size > 0


def save_clip(account: Account, clip: Clip, target: Path) -> Flow[Path]:
    """Fetch a clip into `target`: whole, or the target is left as it was and DownloadFailed is raised."""
    part = target.with_name(f".{target.name}.{crc32(clip.url.encode()):08x}.part")
    whole = account.adapter.download(clip)
    progress, idle = Progress(), 0
    while not progress.whole:
        if progress.problem:
            idle += 1
            if idle == TRIES or progress.final:
                yield Drop(part)
                raise DownloadFailed(f"the clip could not be fetched: {progress.problem}", remedy=_REMEDY)
            yield Pause(backoff(idle), SPREAD)
        before = progress.size
        progress = yield from _stretch(account, whole, part, progress)
        idle = 0 if progress.size > before else idle
    yield from _kept(part, target)
    yield from record(Delivered(clip.job, target))
    return target


_REMEDY = "the job is paid for: look at it again, its URL may have expired, and save anew"


def _stretch(account: Account, whole: Call, part: Path, progress: Progress) -> Flow[Progress]:
    asked = evolve(whole, account=account.name, headers=_from(progress))
    try:
        saved = yield from save(Save(asked, part, progress.size))
    except FileTrouble as trouble:
        yield Drop(part)
        raise DownloadFailed(f"the clip could not be written: {trouble.reason}", remedy="make room there") from trouble
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
    answer = saved.response
    if answer.status not in (200, 206):
        final = outcome_of(answer.status) is Outcome.FINAL and answer.status != 416
        return Progress(problem=f"HTTP {answer.status}", final=final)
    total, tag = stated_size(answer), answer.headers.get("etag")
    if answer.headers.get("content-encoding", "identity") != "identity":
        return Progress(problem=f"it came encoded as {answer.headers['content-encoding']}", final=True)
    if answer.status == 206 and (total, tag) != (before.total, before.tag):
        return Progress(problem="the file changed while it was fetched")
    return Progress(saved.size, total, tag, _lacking(saved, total))


def _lacking(saved: Saved, total: int | None) -> str | None:
    if total is not None and saved.size != total:
        return f"{saved.size:,} of {total:,} bytes came"
    if saved.cut:
        return f"it was cut off after {saved.size:,} bytes"
    return None if saved.size else "it is empty"


_RANGE = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<total>\d+)")


def stated_size(answer: Response) -> int | None:
    """How many bytes the whole file has, as the answer says."""
    told = answer.headers.get("content-range" if answer.status == 206 else "content-length", "")
    ranged = _RANGE.fullmatch(told)
    return int(ranged["total"]) if ranged else int(told) if told.isdigit() else None


def _kept(part: Path, target: Path) -> Flow[None]:
    try:
        yield Keep(part, target)
    except FileTrouble as trouble:
        remedy = f"the whole clip is in {part}"
        raise DownloadFailed(f"the clip could not be given its name: {trouble.reason}", remedy=remedy) from trouble


@frozen
class Piece:
    """Some bytes of a clip: `end` is where they end, `total` how many there are."""

    content: bytes
    end: int
    total: int | None

    @property
    def last(self) -> bool:
        return self.total is None or self.end >= self.total


def piece(account: Account, clip: Clip, start: int) -> Flow[Piece]:
    """The next bytes of a clip from `start` on; a server that knows no ranges gives all of them."""
    asked = account.adapter.download(clip)
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={start}-{start + PIECE_BYTES - 1}"}
    answer = yield from _fetched(evolve(asked, account=account.name, headers=headers))
    content = answer.body if answer.status == 206 else answer.body[start:]
    return Piece(content, start + len(content), stated_size(answer) if answer.status == 206 else None)


def _fetched(what: Call) -> Flow[Response]:
    problem = ""
    for number in range(1, TRIES + 1):
        try:
            answer = yield from call(what)
        except Trouble as trouble:
            problem = trouble.reason
        else:
            if answer.status in (200, 206):
                return answer
            problem = f"HTTP {answer.status}"
            if outcome_of(answer.status) is Outcome.FINAL:
                break
        yield Pause(backoff(number), SPREAD)
    raise DownloadFailed(f"the clip could not be fetched: {problem}", remedy=_REMEDY)
