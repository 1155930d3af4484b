"""Clients that tell secrets, or send what nobody takes (MAP-KEY, MAP-ORIGIN, ERR-SECRET, CAP-REJECT)."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import cast

import httpx
from attrs import define, evolve, frozen

from omniflash import Clip, Job, NotFound, OmniflashError, Request
from omniflash.adapter import Attachment, Order
from omniflash.effects import Call, Effect, Flow, Send
from omniflash.jobs import Status
from omniflash.spec import Mode

from ..subject import ClientKind, Ended
from .altered import Altered
from .careless import Careless, changed, client, with_headers
from .specimen import broken

# --- where the key goes -----------------------------------------------------------------------------------------------


@define
class KeyForAssets(Careless):
    def save(self, clip: object, path: Path) -> None:
        httpx.get(cast("Clip", clip).url, headers=self.headers, trust_env=False)
        super().save(clip, path)


@broken("MAP-KEY", "sends the key to where the clip is")
def sends_the_key_to_the_asset_host() -> ClientKind:
    return client(KeyForAssets)


@frozen
class KeyInUrls(Altered):
    key: str

    def status(self, job: Job) -> Flow[Status]:
        return changed(self.sound.status(job), self._named)

    def _named(self, effect: Effect) -> Effect:
        return evolve(effect, query={**effect.query, "key": self.key}) if isinstance(effect, Call) else effect


@broken("MAP-KEY", "puts the key into the URL")
def puts_the_key_into_the_url() -> ClientKind:
    return client(Careless, alter=lambda sound, place: KeyInUrls(sound, place.key))


@frozen
class KeyForUploads(Altered):
    key: str

    def upload(self, attachment: Attachment) -> Flow[str]:
        return changed(self.sound.upload(attachment), self._keyed)

    def _keyed(self, effect: Effect) -> Effect:
        if not isinstance(effect, Send):
            return effect
        return evolve(effect, call=with_headers(effect.call, self.sound.authorize(self.key)))


@broken("MAP-KEY", "sends the key along with a file")
def sends_the_key_with_a_file() -> ClientKind:
    return client(Careless, alter=lambda sound, place: KeyForUploads(sound, place.key))


@define
class FollowsRedirects(Careless):
    """Goes wherever a look is redirected, with all its headers."""

    def status(self, ticket: object) -> Ended:
        answer = self.asked(self.look_url(cast("Job", ticket)))
        if answer.is_redirect:
            self.asked(answer.headers["location"])
        return super().status(ticket)


@broken("MAP-KEY", "takes the key along where a redirect leads")
def takes_the_key_along() -> ClientKind:
    return client(FollowsRedirects)


@broken("MAP-ORIGIN", "follows a redirect to a stranger with the key")
def follows_redirects_with_the_key() -> ClientKind:
    return client(FollowsRedirects)


@frozen
class NotesUrls(Altered):
    """Notes the URL that a submit's answer gives for looks."""

    urls: dict[str, str]

    def submit(self, order: Order) -> Flow[Job]:
        flow = self.sound.submit(order)
        answer = yield next(flow)
        with suppress(ValueError):
            self.urls["status"] = httpx.Response(200, content=answer.body).json()["status_url"]
        try:
            flow.send(answer)
        except StopIteration as end:
            return cast("Job", end.value)
        raise RuntimeError("fal's submit is one call")


@define
class FollowsUrls(Careless):
    """Looks where the vendor's answer says."""

    def status(self, ticket: object) -> Ended:
        adapter = cast("NotesUrls", self.client.accounts["fal"].adapter)
        self.asked(adapter.urls["status"])
        return super().status(ticket)


@broken("MAP-ORIGIN", "follows a status URL to another host")
def follows_a_status_url() -> ClientKind:
    return client(FollowsUrls, alter=lambda sound, place: NotesUrls(sound, {}))


@define
class FollowsLooks(Careless):
    """Goes on looking where the last look's answer says."""

    def status(self, ticket: object) -> Ended:
        answer = self.asked(self.look_url(cast("Job", ticket)))
        with suppress(ValueError, KeyError):
            self.asked(answer.json()["response_url"])
        return super().status(ticket)


@broken("MAP-ORIGIN", "fetches the result where a look's answer says")
def follows_a_response_url() -> ClientKind:
    return client(FollowsLooks)


# --- what may be read -------------------------------------------------------------------------------------------------


@define
class LogsHeaders(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        logging.getLogger("omniflash.careless").debug("submitting with %s", self.headers)
        return super().submit(request, key=key)


@broken("ERR-SECRET", "logs the Authorization header")
def logs_the_authorization_header() -> ClientKind:
    return client(LogsHeaders)


@define
class TellsKey(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except OmniflashError as problem:
            problem.add_note(f"the key was {self.place.key}")
            raise


@broken("ERR-SECRET", "tells the key in its errors")
def tells_the_key() -> ClientKind:
    return client(TellsKey)


@define
class TellsUrl(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except OmniflashError as problem:
            problem.add_note(f"the image was {getattr(getattr(request, 'image', None), 'url', None)}")
            raise


@broken("ERR-SECRET", "tells a signed URL in its errors")
def tells_a_signed_url() -> ClientKind:
    return client(TellsUrl)


@define
class KeepsKey(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        (self.place.folder / "settings.ini").write_text(f"[fal]\nkey = {self.place.key}\n")
        return super().submit(request, key=key)


@broken("ERR-SECRET", "keeps the key in a file")
def keeps_the_key() -> ClientKind:
    return client(KeepsKey)


@define
class ShowsKey(Careless):
    def shown(self) -> str:
        return f"{super().shown()} Careless(key={self.place.key!r})"


@broken("ERR-SECRET", "shows the key in its repr")
def shows_the_key() -> ClientKind:
    return client(ShowsKey)


# --- what nobody takes ------------------------------------------------------------------------------------------------


@define
class DropsSeed(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        return super().submit(evolve(request, seed=None), key=key)


@broken("CAP-REJECT", "leaves out a seed without a word")
def drops_the_seed() -> ClientKind:
    return client(DropsSeed)


@define
class AsksFirst(Careless):
    """Looks whether the vendor is there before it looks at the request."""

    def submit(self, request: Request, *, key: str | None = None) -> Job:
        with suppress(NotFound):
            self.client.status(Job("fal", "1.0", Mode.TEXT_TO_VIDEO, "nobody", "none", sandbox=True))
        return super().submit(request, key=key)


@broken("CAP-REJECT", "asks the vendor before it refuses")
def asks_before_it_refuses() -> ClientKind:
    return client(AsksFirst)


@define
class NamesNothing(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except OmniflashError:
            raise ValueError("the request is not supported") from None


@broken("CAP-REJECT", "refuses without naming the field")
def names_nothing() -> ClientKind:
    return client(NamesNothing)


@define
class DropsAll(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        return super().submit(evolve(request, output_format=None) if self.place.drops else request, key=key)


@broken("CAP-REJECT", "leaves out all that is not taken, with a consent for seeds")
def drops_all() -> ClientKind:
    return client(DropsAll)


@define
class ForgetsDropped(Careless):
    def dropped(self, ticket: object) -> tuple[str, ...]:
        return ()


@broken("CAP-REJECT", "does not record what was left out")
def forgets_what_was_dropped() -> ClientKind:
    return client(ForgetsDropped)
