"""The vendors' own rules, from their pages and independent of the adapters: a wire request back to a request."""

from collections.abc import Mapping

from omniflash.spec import Edit, ImageToVideo, ReferenceToVideo, Refine, Request, TextToVideo
from omniflash.types import JSON


def fal(path: str, body: Mapping[str, JSON]) -> Request:
    """What fal is asked for: the path says which kind of clip (the four model pages)."""
    rest = {name: body[name] for name in ("duration", "aspect_ratio") if name in body}
    match path:
        case "/google/gemini-omni-flash":
            return TextToVideo(body["prompt"], **rest)
        case "/google/gemini-omni-flash/image-to-video":
            return ImageToVideo(body["prompt"], image=body["image_url"], **rest)
        case "/google/gemini-omni-flash/reference-to-video":
            return ReferenceToVideo(body["prompt"], references=body["image_urls"], **rest)
        case "/google/gemini-omni-flash/edit":
            return Edit(body["prompt"], video=body["video_url"])
    raise AssertionError(path)


def pixeldojo(path: str, body: Mapping[str, JSON]) -> Request:
    """What PixelDojo is asked for: the fields that are there say which kind of clip (its model page)."""
    assert path == "/api/v1/models/google-gemini-omni-flash/run"
    rest = {name: body[name] for name in ("duration", "aspect_ratio", "seed", "output_format") if name in body}
    references = body.get("reference_images", ())
    if "video_id" in body:
        return Refine(body["prompt"], previous=body["video_id"], references=references, **rest)
    if "video" in body:
        return Edit(body["prompt"], video=body["video"], references=references, **rest)
    if "image" in body:
        return ImageToVideo(body["prompt"], image=body["image"], **rest)
    if "reference_images" in body:
        return ReferenceToVideo(body["prompt"], references=references, **rest)
    return TextToVideo(body["prompt"], **rest)
