"""How long a clip will be, and which way up: as asked for, or as the video is that it starts from.

Nothing is fetched: no URL is ever followed, not even the sandbox's own, whose jobs it knows.
"""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from omniflash_sandbox.clips import DEFAULT_SECONDS, FPS, STANDARD, Footage
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.world import World

TALL = "9:16"
OWN_HOSTS = ("127.0.0.1", "localhost")


def footage_asked(body: Mapping[str, JSON]) -> Footage:
    """By `duration` in seconds and `aspect_ratio`: both vendors have these names and the same defaults, 8 s at 16:9."""
    seconds = body.get("duration", DEFAULT_SECONDS)
    return Footage(round(float(str(seconds)) * FPS), portrait=body.get("aspect_ratio") == TALL)


async def footage_of(world: World, url: str) -> Footage:
    """The footage of a data URI, an uploaded file or one of the sandbox's own clips, under whatever port; else 8 s at
    16:9.
    """
    if is_data_uri(url):
        return await world.studio.measure(content_of(url)) or STANDARD
    if upload := world.uploads.at(own_path(url)):
        return await world.studio.measure(await world.uploads.content(upload) or b"") or STANDARD
    job = own_job(world, url)
    return job.recipe.footage if job else STANDARD


def is_data_uri(url: str) -> bool:
    """Whether a URL holds its content itself; in which case its scheme is written does not matter (RFC 3986)."""
    return url[:5].lower() == "data:"


def footage_made(world: World, provider: str, account: str, job_id: str) -> Footage | None:
    """The footage of a job's clip; None where it is no finished clip of this account's."""
    job = world.jobs.find(job_id)
    if job is None or (job.provider, job.account, job.ending) != (provider, account, Ending.VIDEO):
        return None
    return job.recipe.footage if job.phase(world.clock.since(job.start)) is Phase.OVER else None


def loadable(world: World, url: str) -> bool:
    """Whether a vendor could load it. Of a URL of somebody else's that is believed, as nothing is fetched."""
    if is_data_uri(url):
        return content_of(url) != b""
    if not url.startswith(f"{world.asset_url}/"):
        return True
    return bool(world.uploads.at(own_path(url)) or own_job(world, url))


def own_job(world: World, url: str) -> Job | None:
    """The job whose clip has this URL."""
    job = world.jobs.find(PurePosixPath(own_path(url)).stem)
    return job if job and job.ending is Ending.VIDEO else None


def own_path(url: str) -> str:
    """The path of a URL of this machine's, where the port may be that of an earlier day; empty for any other URL."""
    try:
        address = urlsplit(url)
    except ValueError:
        return ""
    return address.path if address.hostname in OWN_HOSTS else ""


def content_of(data_uri: str) -> bytes:
    """The bytes of a data URI in base64; none for one that is not well formed."""
    kind, _, content = data_uri.partition(",")
    try:
        return b64decode(content, validate=True) if kind.endswith(";base64") else b""
    except ValueError:
        return b""
