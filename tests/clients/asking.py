"""A request as the vendors' pages have a user of their own clients write it: the endpoint, and the input.

Written from fal's four model pages and PixelDojo's, and independent of our adapters.
"""

from typing import Any

from omniflash.spec import Data, Edit, ImageToVideo, Media, ReferenceToVideo, Request, TextToVideo, Url

APP = "google/gemini-omni-flash"
ENDPOINTS = (APP, f"{APP}/image-to-video", f"{APP}/edit", f"{APP}/reference-to-video")


def of_fal(request: Request) -> tuple[str, dict[str, Any]]:
    """The endpoint of fal that makes this, and what it is given."""
    match request:
        case TextToVideo():
            return APP, {"prompt": request.prompt, **timing(request)}
        case ImageToVideo():
            image = text(request.image)
            return f"{APP}/image-to-video", {"prompt": request.prompt, "image_url": image, **timing(request)}
        case ReferenceToVideo():
            images = [text(medium) for medium in request.references]
            return f"{APP}/reference-to-video", {"prompt": request.prompt, "image_urls": images, **timing(request)}
        case Edit():
            return f"{APP}/edit", {"prompt": request.prompt, "video_url": text(request.video)}
    raise AssertionError(f"fal sells nothing of the kind: {request}")


def timing(request: TextToVideo | ImageToVideo | ReferenceToVideo) -> dict[str, Any]:
    asked = {"aspect_ratio": request.aspect_ratio, "duration": request.duration}
    return {name: value for name, value in asked.items() if value is not None}


def text(medium: Media) -> str:
    """An input file as it stands in the input: its URL, or a data URI."""
    match medium:
        case Url():
            return medium.url
        case Data():
            return medium.uri
    raise AssertionError(f"a file is uploaded first: {medium}")
