"""REQ-MEDIA: what can be told of a picture or video without sending it anywhere."""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from .limits import LATEST, Limits
from .media import Data, File, FileFacts, Media, Url
from .requests import Request, media_of
from .violations import Violation, shown


@frozen
class Problem:
    limit: str
    remedy: str


_KINDS = Problem("an input is an http(s) URL, a data URI, or a local file", "give a path, a URL or omniflash.Data")


def input_violations(request: Request, limits: Limits = LATEST) -> Iterator[Violation]:
    """What is wrong with the inputs as they are written."""
    for path, medium in media_of(request).items():
        types = _types(path, limits)
        yield from _broken(path, medium, _written(medium, types))


def file_violations(request: Request, facts: Mapping[File, FileFacts], limits: Limits = LATEST) -> Iterator[Violation]:
    """What is wrong with the local files, of which one look has told `facts`."""
    for path, medium in media_of(request).items():
        if isinstance(medium, File) and medium in facts:
            yield from _broken(path, medium, _found(facts[medium], _types(path, limits)))


def _types(path: str, limits: Limits) -> tuple[str, ...]:
    return limits.video_types if path == "video" else limits.image_types


def _broken(path: str, medium: object, problem: Problem | None) -> Iterator[Violation]:
    if problem:
        yield Violation("REQ-MEDIA", path, shown(medium), problem.limit, problem.remedy)


def _written(medium: Media, types: tuple[str, ...]) -> Problem | None:
    match medium:
        case Url(url):
            return _url(url)
        case Data():
            return _type(medium.media_type, types) or _content(medium, types)
        case File():
            return None
        case bytes():
            return Problem("bytes need their media type beside them", f'write omniflash.Data.of(content, "{types[0]}")')
        case _:
            return _KINDS


# White space and controls, and half characters, which no encoding has.
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _url(url: str) -> Problem | None:
    scheme, _, rest = url.partition("://")
    fine = scheme.lower() in ("http", "https") and rest.split("/")[0] and not _UNFIT.search(url)
    return (
        None
        if fine
        else Problem("an input's URL is http or https and has a host", "give a public URL, or a local file")
    )


def _content(data: Data, types: tuple[str, ...]) -> Problem | None:
    remedy = f'write omniflash.Data.of(content, "{types[0]}")'
    try:
        return None if data.content() else Problem("inline data is not empty", remedy)
    except ValueError as problem:
        return Problem(f"inline data is a data URI, and this is broken: {problem}", remedy)


def _found(facts: FileFacts, types: tuple[str, ...]) -> Problem | None:
    if facts.problem:
        return Problem(facts.problem, f"give the path of {_article(types)} file")
    return _type(facts.media_type, types)


def _type(media_type: str | None, types: tuple[str, ...]) -> Problem | None:
    if media_type in types:
        return None
    what = f"this is {media_type}" if media_type else "this is of no type that is known here"
    return Problem(f"{_article(types)} is asked for, and {what}", f"give one of {', '.join(types)}")


def _article(types: tuple[str, ...]) -> str:
    return "a video" if types[0].startswith("video/") else "an image"
