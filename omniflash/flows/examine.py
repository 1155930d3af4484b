"""Looking at a request's local files, and turning its inputs into what goes over the wire."""

from collections.abc import Mapping

from ..accounts import Account
from ..effects import FileTrouble, Flow, look, read
from ..errors import InvalidRequest
from ..jobs import Job
from ..spec.media import HEAD_BYTES, Data, File, FileFacts, Media, Url, sniff
from ..spec.requests import Previous, Refine, Request, media_of
from ..spec.violations import Violation, violation
from .wait import status


def examine(request: Request) -> Flow[Mapping[File, FileFacts]]:
    """One look at each local file of a request; whatever is wrong with one is among its facts."""
    facts: dict[File, FileFacts] = {}
    for medium in media_of(request).values():
        if isinstance(medium, File) and medium not in facts:
            facts[medium] = yield from look(medium)
    return facts


def on_the_wire(request: Request, account: Account) -> Flow[Mapping[str, str]]:
    """Each input as text for the wire, by its path: URLs as they are, files and data as data URIs, a clip's handle."""
    found: dict[str, str] = {}
    for path, medium in media_of(request).items():
        found[path] = yield from _text(path, medium)
    if isinstance(request, Refine):
        found["previous"] = yield from _handle(request.previous, account)
    return found


def _text(path: str, medium: Media) -> Flow[str]:
    if isinstance(medium, Url):
        return medium.url
    if isinstance(medium, Data):
        return medium.uri
    try:
        content = yield from read(medium)
    except FileTrouble as trouble:
        gone = Violation("REQ-MEDIA", path, str(medium), trouble.reason, "give a file that can be read")
        raise InvalidRequest(violations=(gone,)) from trouble
    return Data.of(content, sniff(content[:HEAD_BYTES]) or "application/octet-stream").uri


def _handle(previous: Previous, account: Account) -> Flow[str]:
    if previous.handle:
        return previous.handle
    job = Job.parse(previous.job or "")
    seen = yield from status(account, job)
    handle = seen.clip.handle if seen.clip else None
    if handle is None:
        told = "gave no handle for its clip" if seen.clip else f"is {seen.state}, and has no clip"
        remedy = "refine a finished clip that has a handle, or edit the clip's URL as an uploaded video"
        raise InvalidRequest(violations=(violation("REQ-PREVIOUS", "previous", f"a job that {told}", remedy),))
    return handle
