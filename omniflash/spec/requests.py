"""The five things that can be asked of the model, each a frozen value with just the fields that mean something to it.

A field that the caller left out is None: *unset*. That is not the same as the default, which is shown but never sent.
Making a request checks nothing; `omniflash.spec.check` tells everything that is wrong with it, at once.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

from attrs import field, fields, frozen

from ..redact import safe_text
from ..types import JSON
from .media import Media, media, media_list


class Mode(StrEnum):
    """What kind of clip is asked for."""

    TEXT_TO_VIDEO = "text_to_video"
    IMAGE_TO_VIDEO = "image_to_video"
    REFERENCE_TO_VIDEO = "reference_to_video"
    EDIT = "edit"
    REFINE = "refine"


@frozen
class Previous:
    """The clip that a refine goes on from: the vendor's `handle` for it, or the token of the `job` that made it.

    `provider` and `account` are None where a bare handle was given: whoever can refine is then taken to have made it.
    """

    provider: str | None = None
    account: str | None = None
    handle: str | None = None
    job: str | None = None

    def __str__(self) -> str:
        return self.handle or self.job or "nothing"


@runtime_checkable
class Refinable(Protocol):
    """What a refine may go on from: a finished Job or a Clip."""

    def as_previous(self) -> Previous: ...


PreviousLike: TypeAlias = Previous | Refinable | str
JOB_MARK = "omni1."  # what the text form of a job begins with


def previous(source: PreviousLike) -> Previous:
    """Read what a caller wrote: a Job, a Clip, a job's token, or the vendor's own handle."""
    if isinstance(source, str):
        return Previous(job=source) if source.startswith(JOB_MARK) else Previous(handle=source)
    return source.as_previous() if isinstance(source, Refinable) else source


@frozen
class _Common:
    prompt: str
    version: str | None = field(default=None, kw_only=True)
    seed: int | None = field(default=None, kw_only=True)
    output_format: str | None = field(default=None, kw_only=True)
    country: str | None = field(default=None, kw_only=True)
    metadata: Mapping[str, str] = field(factory=dict, kw_only=True, hash=False)

    @cached_property
    def given(self) -> Mapping[str, object]:
        """The fields that the caller set, by name."""
        values = {attribute.name: getattr(self, attribute.name) for attribute in fields(type(self))}
        return {name: value for name, value in values.items() if value is not None and value not in ((), {})}

    @cached_property
    def words(self) -> Mapping[str, JSON]:
        """What was set in words and numbers, by name, as people may see it; pictures and videos are in `media`."""
        given = {name: value for name, value in self.given.items() if isinstance(value, str | int)}
        return {name: safe_text(value) if isinstance(value, str) else value for name, value in given.items()}

    @cached_property
    def media(self) -> Mapping[str, Media]:
        """Every picture and video by its path: "image", "video", "references[0]" and so on, in order."""
        found = {name: getattr(self, name) for name in ("image", "video") if hasattr(self, name)}
        return found | {f"references[{n}]": item for n, item in enumerate(getattr(self, "references", ()))}


@frozen
class _Timed(_Common):
    duration: int | None = field(default=None, kw_only=True)
    aspect_ratio: str | None = field(default=None, kw_only=True)


@frozen
class TextToVideo(_Timed):
    """A clip from a prompt.

    `duration` in seconds and `aspect_ratio` stand for 8 and "16:9" when unset. `country` is where the person is for
    whom the clip is made (ISO 3166-1 alpha-2). `metadata` is the caller's own and is never sent.
    """

    mode: ClassVar[Mode] = Mode.TEXT_TO_VIDEO


@frozen
class ImageToVideo(_Timed):
    """A clip that starts from `image`."""

    mode: ClassVar[Mode] = Mode.IMAGE_TO_VIDEO
    image: Media = field(converter=media, kw_only=True)


@frozen
class ReferenceToVideo(_Timed):
    """A clip with the subjects or styles of 1 to 7 `references`; the prompt may name them `<IMAGE_REF_0>` and so on."""

    mode: ClassVar[Mode] = Mode.REFERENCE_TO_VIDEO
    references: tuple[Media, ...] = field(converter=media_list, kw_only=True)


@frozen
class Edit(_Common):
    """Somebody's own `video`, changed as the prompt says. Length and aspect ratio stay the video's."""

    mode: ClassVar[Mode] = Mode.EDIT
    video: Media = field(converter=media, kw_only=True)
    references: tuple[Media, ...] = field(default=(), converter=media_list, kw_only=True)


@frozen
class Refine(_Common):
    """The `previous` clip, which the model made, taken one turn further. Length and aspect ratio stay that clip's."""

    mode: ClassVar[Mode] = Mode.REFINE
    previous: Previous = field(converter=previous, kw_only=True)
    references: tuple[Media, ...] = field(default=(), converter=media_list, kw_only=True)


Request: TypeAlias = TextToVideo | ImageToVideo | ReferenceToVideo | Edit | Refine
REQUESTS: Mapping[Mode, type[Request]] = {
    kind.mode: kind for kind in (TextToVideo, ImageToVideo, ReferenceToVideo, Edit, Refine)
}
FIELDS: Mapping[type[Request], tuple[str, ...]] = {
    kind: tuple(attribute.name for attribute in fields(kind)) for kind in REQUESTS.values()
}
UNSENT_FIELDS = ("country", "version", "metadata")


def media_of(request: Request) -> Mapping[str, Media]:
    """Every picture and video of a request by its path: "image", "video", "references[0]" and so on, in order."""
    return request.media
