"""The files that a request to fal names: what is wrong with those that cannot be loaded.

"A public URL or a base64 data URI" (reference-to-video page, Files). That a file which cannot be loaded is told on the
result, and under which type (fal, errors), is an assumption.
"""

from collections.abc import Iterator, Mapping

from omniflash_sandbox.fal_detail import NO_FILE, NO_IMAGE, Complaint
from omniflash_sandbox.messages import JSON, Ask, shortened
from omniflash_sandbox.sources import is_data_uri, loadable
from omniflash_sandbox.world import World

UNREADABLE: Mapping[str, Complaint] = {"image_url": NO_IMAGE, "image_urls": NO_IMAGE, "video_url": NO_FILE}
"""What is said of a data URI that is not well formed, by the field that has it."""


def unloadable(world: World, ask: Ask) -> tuple[JSON, ...]:
    """A `detail` of one item for each file that cannot be loaded, of a body that keeps its contract."""
    body = ask.body if isinstance(ask.body, dict) else {}
    return tuple(
        complaint(field, url).at("body", field, *place) | {"input": shortened(url)}
        for field in UNREADABLE
        for place, url in urls_in(body.get(field))
        if not loadable(world, url)
    )


def urls_in(value: JSON) -> Iterator[tuple[tuple[int, ...], str]]:
    """Each URL, and where in a list it is."""
    if isinstance(value, str):
        yield (), value
    for index, url in enumerate(value if isinstance(value, list) else ()):
        yield (index,), str(url)


def complaint(field: str, url: str) -> Complaint:
    return UNREADABLE[field] if is_data_uri(url) else NO_FILE
