"""fal's storage, for local inputs: ask for a place, put the bytes there, without the key.

Source: `@fal-ai/client` 1.10.1, `storage.upload`.
"""

from omniflash.adapter import Attachment
from omniflash.answers import clip_url
from omniflash.effects import Call, Flow, send

from .calls import ask


def upload(attachment: Attachment) -> Flow[str]:
    """The URL of an input that fal's storage has taken. Whoever knows it can fetch it."""
    named = {"content_type": attachment.media_type, "file_name": attachment.file_name}
    place = yield from ask(
        "initiate", "POST", "rest:/storage/upload/initiate", query={"storage_type": "fal-cdn-v3"}, json=named
    )
    url = clip_url(place.text("file_url"))
    if url is None:
        raise place.lacks("file_url")
    target = Call(
        "upload", "PUT", place.text("upload_url"), headers={"Content-Type": attachment.media_type}, keyed=False
    )
    yield from send(attachment.sent_by(target))
    return url
