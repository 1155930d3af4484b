"""The JSON form of a request: an object tagged by `mode` that holds just what the caller set."""

from collections.abc import Mapping, Sequence
from typing import TypedDict, get_args

from ..codec import converter
from ..errors import InvalidRequest, RegionRestricted
from ..types import JSON
from .media import Data, File, MediaLike, Url, media
from .requests import FIELDS, REQUESTS, Mode, Previous, PreviousLike, Request, previous
from .rules import check
from .violations import Violation, did_you_mean, violation

# Which field makes a request which mode; the first that is there decides, references may come with an edit or a refine.
_TELLING = {
    "previous": Mode.REFINE,
    "video": Mode.EDIT,
    "image": Mode.IMAGE_TO_VIDEO,
    "references": Mode.REFERENCE_TO_VIDEO,
}
# What a mode is read with even where it is not given, so that `check` can name it.
_NEEDED = ("prompt", "image", "video", "previous", "references")
_OTHER_LENGTH = {
    Mode.EDIT: "leave it out: the clip keeps its source's length and aspect ratio",
    Mode.REFINE: "leave it out: the clip keeps the previous one's length and aspect ratio",
}


class RequestFields(TypedDict, total=False):
    """What can be said of a request besides its prompt; which of them are there decides its mode."""

    image: MediaLike | None
    references: Sequence[MediaLike] | None
    video: MediaLike | None
    previous: PreviousLike | None
    duration: int | None
    aspect_ratio: str | None
    seed: int | None
    output_format: str | None
    version: str | None
    country: str | None
    metadata: Mapping[str, str] | None


def request_to_json(request: Request) -> dict[str, JSON]:
    """The request as JSON; what is unset is left out."""
    values = {name: getattr(request, name) for name in FIELDS[type(request)]}
    written = {name: _written(value) for name, value in values.items() if value not in (None, (), {})}
    return {"mode": request.mode.value, **written}


def request_from_json(data: object) -> Request:
    """The request that `data` describes. Raises InvalidRequest with every violation at once."""
    request, problems = assemble(data)
    if request is None:
        raise InvalidRequest(violations=problems)
    refuse(problems + check(request))
    return request


def refuse(problems: tuple[Violation, ...]) -> None:
    """Raise what a caller should see of these violations; none is no error. A lone REQ-REGION is RegionRestricted."""
    if problems:
        regional = all(problem.clause == "REQ-REGION" for problem in problems)
        raise (RegionRestricted if regional else InvalidRequest)(violations=problems)


def assemble(data: object) -> tuple[Request | None, tuple[Violation, ...]]:
    """Make a request of its JSON form, or of keyword arguments without a `mode`; also tells what is wrong with the
    form.

    Values are taken as they are: `check` judges them.
    """
    if not isinstance(data, Mapping):
        return None, (violation("REQ-SHAPE", "request", data, "write a JSON object"),)
    given = {str(name): value for name, value in data.items() if name != "mode" and value is not None}
    mode = data.get("mode", _inferred(given))
    if mode not in list(Mode):
        return None, (violation("REQ-SHAPE", "mode", mode, did_you_mean(mode, Mode)),)
    kind = REQUESTS[Mode(mode)]
    strangers = tuple(_stranger(name, value, kind) for name, value in given.items() if name not in FIELDS[kind])
    read = {name: _read(name, given.get(name)) for name in FIELDS[kind] if name in given or name in _NEEDED}
    return kind(**read), strangers  # type: ignore[arg-type]  # wrong types are for `check` to name


def _inferred(given: Mapping[str, object]) -> Mode:
    return next((mode for name, mode in _TELLING.items() if name in given), Mode.TEXT_TO_VIDEO)


def _stranger(name: str, value: object, kind: type[Request]) -> Violation:
    known_elsewhere = any(name in names for names in FIELDS.values())
    remedy = f"leave it out: {kind.mode.value} takes {', '.join(FIELDS[kind])}"
    if known_elsewhere and name in ("duration", "aspect_ratio"):
        remedy = _OTHER_LENGTH[kind.mode]
    return violation("REQ-SHAPE", name, value, remedy if known_elsewhere else did_you_mean(name, FIELDS[kind]))


def _written(value: object) -> JSON:
    match value:
        case tuple():
            return [_written(item) for item in value]
        case Url(text) | Data(text):
            return text if media(text) == value else {type(value).__name__.lower(): text}
        case File(path):
            return str(path) if media(str(path)) == value else {"file": str(path)}
        case Previous():
            known = {"provider": value.provider, "account": value.account, "handle": value.handle, "job": value.job}
            text = value.handle or value.job or ""
            return text if previous(text) == value else {name: item for name, item in known.items() if item}
        case _:
            return value  # type: ignore[return-value]  # the remaining fields hold JSON values


_TAGGED = {"url": Url, "data": Data, "file": File}


def _read(name: str, value: object) -> object:
    match name, value:
        case (("image" | "video"), _):
            return _medium(value)
        case "references", _:
            items = value if isinstance(value, list | tuple) else () if value is None else (value,)
            return tuple(_medium(item) for item in items)
        case "previous", Mapping():
            known = {key: str(value[key]) for key in ("provider", "account", "handle", "job") if value.get(key)}
            return Previous(**known)
        case _:
            return value


def _medium(value: object) -> object:
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    tag, text = next(iter(value.items()))
    return _TAGGED[tag](text) if tag in _TAGGED and isinstance(text, str) else value


def _structured(data: object, _: object) -> Request | None:
    if data is None:
        return None
    request, problems = assemble(data)
    if request is None or problems:
        raise ValueError("; ".join(map(str, problems)))
    return request


for _kind in REQUESTS.values():
    converter.register_unstructure_hook(_kind, request_to_json)
converter.register_structure_hook_func(lambda kind: set(get_args(kind)) >= set(get_args(Request)), _structured)
