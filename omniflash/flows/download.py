"""What every way of fetching a clip shares: what an answer holds, and the error of a clip that cannot be had."""

import re
from contextlib import suppress

from ..effects import Response
from ..errors import ConfigurationError, DownloadFailed
from ..jobs import Clip, Job
from ..redact import one_line

_REMEDY = "the job is paid for: look at it again, its URL may have expired, and save anew"


def failed(clip: Clip, what: str, remedy: str = _REMEDY) -> DownloadFailed:
    """The error of a clip that is there and cannot be had, with the job it can be had from again."""
    return DownloadFailed(f"the clip {what}", remedy=remedy, job=job_of(clip))


def job_of(clip: Clip) -> Job | None:
    """The job that a clip came of, where the clip says so."""
    with suppress(ConfigurationError):
        return Job.parse(clip.job or "")
    return None


def unfit_for_video(answer: Response) -> str | None:
    """Why an answer holds no clip: it is encoded, or it is text, as an error page is."""
    encoding, kind = (_plain(answer.headers.get(name, "")) for name in ("content-encoding", "content-type"))
    if encoding not in ("", "identity"):
        return f"it came encoded as {encoding}"
    text = kind.startswith("text/") or kind.endswith(("json", "xml", "html"))
    return f"it is no video, but {kind}" if text else None


def _plain(header: str) -> str:
    return one_line(header.partition(";")[0].strip().lower())


RANGE = re.compile(r"bytes (?P<start>\d{1,18})-(?P<last>\d{1,18})/(?P<total>\d{1,18}|\*)", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,18}")


def stated_size(answer: Response) -> int | None:
    """How many bytes the whole file has, as the answer says."""
    told = answer.headers.get("content-range" if answer.status == 206 else "content-length", "")
    ranged = RANGE.fullmatch(told)
    size = ranged["total"] if ranged else told
    return int(size) if _SIZE.fullmatch(size) else None
