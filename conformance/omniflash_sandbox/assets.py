"""The clips, served without a key from an origin of their own, whole or in part."""

import re
from collections.abc import Mapping

from attrs import evolve

from omniflash_sandbox.clips import FORMATS
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import Answer, Ask
from omniflash_sandbox.vendor import Operation
from omniflash_sandbox.world import World

GONE = Answer(404, {"error": "there is no such clip"})
RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.ASCII)


async def clip(world: World, ask: Ask) -> Answer:
    """GET or HEAD of the clip of a job that is over."""
    job = world.jobs.find(ask.place["job"])
    if job is None or not is_clip_of(job, ask) or job.phase(world.clock.since(job.start)) is not Phase.OVER:
        return GONE
    if (place := ask.place.get("place", "0")) != str(job.urls_gone):
        return expired(job) if place in map(str, range(job.urls_gone)) else GONE
    content, tag = await world.studio.clip(job.recipe), f'"{job.recipe.digest[:32]}"'
    answer = served(content, tag, ask.headers)
    about = {"content-type": FORMATS[job.recipe.container].media_type, "etag": tag, "accept-ranges": "bytes"}
    return evolve(answer, headers={**about, **answer.headers}, job=job.id)


def is_clip_of(job: Job, ask: Ask) -> bool:
    named = ask.provider, Ending.VIDEO, ask.place["container"]
    return (job.provider, job.ending, job.recipe.container) == named


def expired(job: Job) -> Answer:
    return Answer(job.gone_status, {"error": "this URL has expired"}, job=job.id)  # assumption: no source shows it


def served(content: bytes, tag: str, headers: Mapping[str, str]) -> Answer:
    """The whole content or the part of it that is asked for: RFC 9110, sections 13.1.2, 13.1.5 and 14."""
    if headers.get("if-none-match") == tag:
        return Answer(304, b"")
    asked = RANGE.fullmatch(headers.get("range", "")) if headers.get("if-range", tag) == tag else None
    if asked is None or not any(asked.groups()):  # several ranges, or another unit: they may be ignored
        return Answer(200, content)
    start, stop = bounds(asked["first"], asked["last"], len(content))
    if start >= stop:
        return Answer(416, b"", {"content-range": f"bytes */{len(content)}"})
    return Answer(206, content[start:stop], {"content-range": f"bytes {start}-{stop - 1}/{len(content)}"})


def bounds(first: str, last: str, length: int) -> tuple[int, int]:
    """From where up to where: `5-9` is five bytes, `5-` all from the sixth on, `-5` the last five."""
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length


async def uploaded(world: World, ask: Ask) -> Answer:
    """GET or HEAD of an uploaded file: "files are public by URL", says fal's page on its CDN."""
    upload = world.uploads.at(ask.path.rstrip("/"))
    content = await world.uploads.content(upload) if upload else None
    if upload is None or content is None:
        return GONE
    answer = served(content, upload.etag, ask.headers)
    about = {"content-type": upload.media_type, "etag": upload.etag, "accept-ranges": "bytes"}
    return evolve(answer, headers={**about, **answer.headers})


async def stranger(world: World, ask: Ask) -> Answer:
    """Answers anything, and is not the vendor."""
    return Answer(200, {"stranger": "this is not the vendor"}, by_vendor=False)


ASSET = Operation("asset", "GET", "/{job}.{container}", clip, keyed=False)
"""For every vendor, under its name on the clips' origin; HEAD goes with GET."""

MOVED_ASSET = Operation("asset", "GET", "/later/{place}/{job}.{container}", clip, keyed=False)
"""The same for a clip of which a URL has expired."""

STRANGER = Operation("stranger", None, "/{rest:path}", stranger, keyed=False)
"""For every vendor, under its name on a stranger's host, which is a third name for the clips' origin."""
