"""Adapters that tell a clip otherwise than the vendor does (RES-VIDEO)."""

import json
from collections.abc import Mapping

from attrs import evolve, frozen

from omniflash.adapter import Adapter
from omniflash.discovery import adapter
from omniflash.effects import Call, Flow, Response
from omniflash.errors import EmptyResult
from omniflash.jobs import Clip, Job, State, Status
from omniflash.types import JSON

from .altered import Altered
from .mishearing import Mishearing, Mistelling, changed, with_clip
from .specimen import broken


@frozen
class Trusting(Altered):
    """Takes whatever text stands where the clip's URL should."""

    def status(self, job: Job) -> Flow[Status]:
        heard: list[Response] = []
        seen = yield from changed(self.sound.status(job), lambda response: heard.append(response) or response)  # type: ignore[func-returns-value]
        url = _url(json.loads(heard[-1].body)) if isinstance(seen.error, EmptyResult) else None
        if url is None:
            return seen
        return evolve(seen, state=State.SUCCEEDED, error=None, clip=Clip(url, seen.job.provider, job=job.token))


def _url(body: JSON) -> str | None:
    video = body.get("video") if isinstance(body, Mapping) else None
    url = video.get("url") if isinstance(video, Mapping) else None
    return url if isinstance(url, str) and url else None


@broken("RES-VIDEO", "makes a clip of whatever text stands where its URL should")
def any_text_is_a_url() -> Adapter:
    return Trusting(adapter("fal"))


@broken("RES-VIDEO", "loses the size that the vendor states")
def loses_the_size() -> Adapter:
    return Mistelling(adapter("fal"), with_clip(lambda clip: evolve(clip, size=None)))


@broken("RES-VIDEO", "tells the media type that it expects, not the vendor's", provider="pixeldojo")
def guesses_the_type() -> Adapter:
    return Mistelling(adapter("pixeldojo"), with_clip(lambda clip: evolve(clip, media_type="video/mp4")))


@broken("RES-VIDEO", "loses when the clip expires", provider="pixeldojo")
def loses_the_expiry() -> Adapter:
    return Mistelling(adapter("pixeldojo"), with_clip(lambda clip: evolve(clip, expires_at=None)))


@broken("RES-VIDEO", "loses the handle for refining", provider="acme")
def loses_the_handle() -> Adapter:
    from .acme import ADAPTER

    return Mistelling(ADAPTER, with_clip(lambda clip: evolve(clip, handle=None)))


@broken("RES-VIDEO", "looks for the clip in the published place only", provider="pixeldojo")
def one_place_only() -> Adapter:
    def hear(response: Response) -> Response:
        told = json.loads(response.body)
        kept = {name: value for name, value in told.items() if name != "assets"}
        kept["outputs"] = {name: value for name, value in told.get("outputs", {}).items() if name != "video"}
        return evolve(response, body=json.dumps(kept).encode())

    return Mishearing(adapter("pixeldojo"), hear)


@frozen
class KeyedDownload(Altered):
    """Fetches the clip as if it were the vendor's API."""

    def download(self, clip: Clip) -> Call:
        return evolve(self.sound.download(clip), keyed=True)


@broken("RES-VIDEO", "fetches the clip with the key")
def keyed_download() -> Adapter:
    return KeyedDownload(adapter("fal"))
