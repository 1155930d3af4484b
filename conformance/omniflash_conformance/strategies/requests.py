"""Requests that are right by the spec, drawn from its own limits: of any mode, or of some, with some of the fields."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from attrs import NOTHING, fields
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.errors import ConfigurationError
from omniflash.jobs import Job
from omniflash.spec import (
    ASSIGNED,
    FIELDS,
    LATEST,
    REQUESTS,
    UPLOADED_EDITS_REFUSED,
    Data,
    Limits,
    Media,
    Mode,
    Previous,
    Request,
    Span,
    Url,
    did_you_mean,
)

from .inputs import MOST, Makers, of_kinds, one, several
from .plain import plain
from .prompts import Draft, drafts

# What a field may hold: a strategy, or all there is, which takes one draw, unset or not.
Value = SearchStrategy[object] | Sequence[object]
NAMES = tuple(dict.fromkeys(name for names in FIELDS.values() for name in names))
OPTIONAL: Mapping[Mode, Mapping[str, object]] = {
    mode: {attribute.name: attribute.default for attribute in fields(kind) if attribute.default is not NOTHING}
    for mode, kind in REQUESTS.items()
}


def requests(
    *modes: Mode | str,
    only: Collection[str] | None = None,
    kinds: Collection[type[Media]] = (Url, Data),
    limits: Limits = LATEST,
    **own: SearchStrategy[object],
) -> SearchStrategy[Request]:
    """Right requests of these modes, or of all.

    `only` names the optional fields that may be set, `kinds` the classes of inputs. A strategy of your `own` stands
    under its field's name: `requests("edit", video=st.just(File("a.mp4")))`.
    """
    for name in (*own, *(only or ())):
        if name not in NAMES:
            raise ConfigurationError(f"no request has a field {name!r}", remedy=did_you_mean(name, NAMES))
    return st.one_of(*(_of_mode(_mode(name), only, kinds, limits, own) for name in modes or Mode))


def _mode(name: Mode | str) -> Mode:
    if name not in list(Mode):
        raise ConfigurationError(f"there is no mode {name!r}", remedy=did_you_mean(name, Mode))
    return Mode(name)


def _of_mode(
    mode: Mode,
    only: Collection[str] | None,
    kinds: Collection[type[Media]],
    limits: Limits,
    own: Mapping[str, SearchStrategy[object]],
) -> SearchStrategy[Request]:
    optional = OPTIONAL[mode] if only is None else only
    right = values(mode, limits, {name: of_kinds(types, kinds) for name, types in input_types(limits).items()})
    drawn = {name: maybe(mode, name, value) for name, value in right.items() if name in optional or _needed(mode, name)}
    return made(mode, {**drawn, **own})


def _needed(mode: Mode, name: str) -> bool:
    return name not in OPTIONAL[mode]


def input_types(limits: Limits) -> dict[str, tuple[str, ...]]:
    """The fields that hold inputs, and the media types of each."""
    return {"image": limits.image_types, "video": limits.video_types, "references": limits.image_types}


def references_in(mode: Mode, limits: Limits) -> Span:
    """How many references a mode takes."""
    return limits.references if mode is Mode.REFERENCE_TO_VIDEO else limits.references_editing


def values(mode: Mode, limits: Limits, inputs: Mapping[str, Makers]) -> dict[str, Value]:
    """What each field of a mode may hold once it is set."""
    seconds = limits.duration
    countries = ASSIGNED - UPLOADED_EDITS_REFUSED if mode is Mode.EDIT else ASSIGNED
    right: dict[str, Value] = {
        "prompt": drafts(limits),
        "version": (limits.version,),
        "seed": within(limits.seed),
        "output_format": limits.output_formats,
        "country": sorted(countries),
        "metadata": METADATA,
        "duration": (*range(seconds.minimum, seconds.maximum + 1), seconds.minimum, seconds.maximum),
        "aspect_ratio": limits.aspect_ratios,
        "image": one(inputs["image"]),
        "video": one(inputs["video"]),
        "references": several(inputs["references"], references_in(mode, limits)),
        "previous": st.integers(0, MOST).map(partial(_previous, limits.version)),
    }
    return {name: right[name] for name in FIELDS[REQUESTS[mode]]}


METADATA: Sequence[Mapping[str, str]] = ({}, {"order": "7"}, {"": " "}, {"клиент": "Ł\n\0", "order": "x" * 500})
HANDLES = st.integers(0, MOST).map(lambda number: Previous(handle=f"vid_{number}"))


def _previous(version: str, number: int) -> Previous:
    """What a refine may go on from: a handle, alone or with whose it is, or a job."""
    kind, handle = number % 4, f"vid_{number}"
    if kind == 3:
        return Job("acme", version, Mode.EDIT, f"job_{number}", f"order-{number}").as_previous()
    return Previous(("acme" if kind else None), ("acme-eu" if kind == 2 else None), handle)


def within(span: Span) -> SearchStrategy[int]:
    """Whole numbers in a range, its borders often."""
    return st.integers(span.minimum, span.maximum) | st.sampled_from((span.minimum, span.maximum))


def drawn(value: Value) -> SearchStrategy[object]:
    """What a field holds that is set."""
    if isinstance(value, SearchStrategy):
        return value
    return st.sampled_from(value) if value else st.nothing()


def maybe(mode: Mode, name: str, value: Value) -> SearchStrategy[object]:
    """The same, or None half of the time where that is what an unset field holds."""
    if OPTIONAL[mode].get(name, NOTHING) is not None:
        return drawn(value)
    return (
        st.none() | value
        if isinstance(value, SearchStrategy)
        else st.sampled_from((*[None] * len(value), *value, None))
    )


def made(mode: Mode, parts: Mapping[str, SearchStrategy[object]]) -> SearchStrategy[Request]:
    """Requests whose fields are drawn so, and else unset; none if one that has to be there is not drawn."""
    kind = REQUESTS[mode]
    if any(name not in parts and _needed(mode, name) for name in FIELDS[kind]):
        return st.nothing()
    return plain(
        st.fixed_dictionaries({name: parts[name] for name in FIELDS[kind] if name in parts}), partial(_make, kind)
    )


def _make(kind: type[Request], drawn: Mapping[str, object]) -> Request:
    prompt, references = drawn["prompt"], drawn.get("references", ())
    there = len(references) if isinstance(references, list | tuple) else 0
    text = prompt.written(there) if isinstance(prompt, Draft) else prompt
    return kind(**{**drawn, "prompt": text})  # type: ignore[arg-type]  # each is what its field's strategy draws
