"""Looking at a request's local files, and turning its inputs into what goes over the wire."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from attrs import define, field

from ..accounts import Account
from ..adapter import Attachment, MediaKind, Offer
from ..answers import clip_url
from ..effects import FileTrouble, Flow, look, now, read
from ..errors import InvalidRequest, Money, OmniflashError, StorageFailed
from ..jobs import Job
from ..mapping import field_of, size_of, way_in
from ..routing.hosting import room
from ..spec.media import HEAD_BYTES, Data, File, FileFacts, Media, Url, sniff
from ..spec.requests import Previous, Refine, Request, media_of
from ..spec.violations import Violation, violation
from .attempt import Attempt
from .wait import status

UNKNOWN_TYPE = "application/octet-stream"
UPLOAD_PATIENCE_S = 900.0


def examine(request: Request) -> Flow[Mapping[File, FileFacts]]:
    """One look at each local file of a request; whatever is wrong with one is among its facts."""
    facts: dict[File, FileFacts] = {}
    for medium in media_of(request).values():
        if isinstance(medium, File) and medium not in facts:
            facts[medium] = yield from look(medium)
    return facts


# What has been sent somewhere, in what way, and the text that stands for it there: an attempt at the next provider
# goes on with what the one before has had stored.
Stored: TypeAlias = dict[tuple[str, MediaKind, Media], str]


def on_the_wire(request: Request, inputs: "Inputs") -> Flow[Mapping[str, str]]:
    """Each input as text for the wire, by its path: URLs as they are, files uploaded or inline, a clip's handle.

    All of it is free: nothing here is part of the paid call, and nothing of it is done again with that.
    """
    found: dict[str, str] = {}
    for path, medium in media_of(request).items():
        found[path] = yield from inputs.text(path, medium)
    if isinstance(request, Refine):
        found["previous"] = yield from _handle(request.previous, inputs.account)
    return found


@define
class Inputs:
    """The inputs of one request on their way to one vendor; what stands there twice is sent there once.

    Those at the paths in `hosted` go through the storage of the account `host`.
    """

    account: Account
    offer: Offer
    host: Account | None = None
    hosted: Collection[str] = ()
    stored: Stored = field(factory=dict)

    def text(self, path: str, medium: Media) -> Flow[str]:
        """What stands for an input in the vendor's request."""
        if isinstance(medium, Url):
            return medium.url
        try:
            facts = yield from _facts(path, medium)
            account, way = self._way(path, medium, facts.size)
            place = (account.name, way, medium)
            if place not in self.stored:
                self.stored[place] = yield from self._sent(path, medium, facts, account, way)
        except FileTrouble as trouble:
            raise _unfit(path, medium, trouble.reason) from trouble
        return self.stored[place]

    def _way(self, path: str, medium: Data | File, size: int) -> tuple[Account, MediaKind]:
        account, way = self.account, way_in(medium, self.offer.fields[field_of(path)], size)
        if path in self.hosted:
            account = self._its_host(path)
            way = MediaKind.UPLOAD if size <= room(account, path) else None
        if way is None:
            raise _unfit(path, medium, f"it has {size:,} bytes now, more than {account.name} takes")
        return account, way

    def _its_host(self, path: str) -> Account:
        if self.host is None:
            told = f"nobody here stores {path} for {self.account.name}, as the plan says; nothing was paid"
            raise StorageFailed(told, remedy="make the plan anew")
        return self.host

    def _sent(self, path: str, medium: Data | File, facts: FileFacts, account: Account, way: MediaKind) -> Flow[str]:
        if way is MediaKind.DATA:
            return (yield from _inline(medium))
        attachment = Attachment(path, medium, facts.media_type or UNKNOWN_TYPE, facts.size)
        moment = yield from now()
        attempt = Attempt(account, moment.ticks + UPLOAD_PATIENCE_S)
        upload = attempt.run(account.adapter.upload(attachment))
        return (yield from (_unpaid(upload) if account is self.account else self._hosted(upload, path, account)))

    def _hosted(self, upload: Flow[str], path: str, host: Account) -> Flow[str]:
        told = f"{host.name} did not store {path} for {self.account.name}; nothing was paid"
        try:
            url = yield from upload
        except OmniflashError as problem:
            raise StorageFailed(
                f"{told}: {problem.message}",
                remedy=problem.remedy,
                words=problem.words,
                retry_after=problem.retry_after,
                retry_helps=problem.retry_helps,
            ) from problem
        if clip_url(url) is None:
            raise StorageFailed(f"{told}: what it gave for it is no http(s) URL")
        return url


def _unpaid(upload: Flow[str]) -> Flow[str]:
    try:
        return (yield from upload)
    except OmniflashError as problem:
        problem.money = Money.NO  # whatever went wrong: nothing is paid before all is uploaded
        raise


def _facts(path: str, medium: Data | File) -> Flow[FileFacts]:
    if isinstance(medium, Data):
        head = medium.content()[:HEAD_BYTES]
        return FileFacts(size_of(medium, {}), sniff(head) or medium.media_type)
    facts = yield from look(medium)
    if facts.problem:
        raise _unfit(path, medium, facts.problem)
    return facts


def _inline(medium: Data | File) -> Flow[str]:
    if isinstance(medium, Data):
        return medium.uri
    content = yield from read(medium)
    return Data.of(content, sniff(content[:HEAD_BYTES]) or UNKNOWN_TYPE).uri


def _unfit(path: str, medium: Media, reason: str) -> InvalidRequest:
    gone = Violation("REQ-MEDIA", path, str(medium), reason, "give a file that can be read")
    return InvalidRequest(violations=(gone,))


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
