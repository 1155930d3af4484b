"""What a finished request of fal's holds: the same object as a result and as a webhook's payload."""

from omniflash.answers import Answer, clip_url
from omniflash.jobs import Clip, Job

from .offers import PROVIDER


def clip(answer: Answer, job: Job | None = None) -> Clip | None:
    """The clip of a result, or None where it holds none."""
    video = answer.member("video")
    url = clip_url(video.optional("url")) if video else None
    if video is None or url is None:
        return None
    account, token = (job.account, job.token) if job else (None, None)
    return Clip(url, PROVIDER, video.optional("content_type"), video.whole("file_size"), account=account, job=token)
