"""Requests that are wrong in exactly one clause, as forms: the mapping that `omniflash.spec.assemble` takes."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import attrs
from attrs import Factory, frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.errors import ConfigurationError
from omniflash.spec import FIELDS, LATEST, LIMITS, REQUESTS, Data, Mode, Span, Url, did_you_mean, request_to_json

from . import mistakes
from .inputs import of_kinds, one, several, words
from .plain import plain
from .requests import references_in, requests


def _own(wrong: "Wrong") -> frozenset[tuple[str, str]]:
    return frozenset({(wrong.clause, wrong.field)})


@frozen
class Wrong:
    """A request's form that is broken in one `clause` at one `field`.

    For REQ-ALL it is broken in several; `faults` always holds each clause with its field.
    """

    form: Mapping[str, object]
    clause: str
    field: str
    faults: frozenset[tuple[str, str]] = attrs.field(default=Factory(_own, takes_self=True))


def wrong_in(*clauses: str) -> SearchStrategy[Wrong]:
    """Forms that are wrong in exactly one of these clauses, or of all REQ clauses, and right in everything else."""
    for clause in clauses:
        if clause not in _BROKEN:
            raise ConfigurationError(f"no request breaks {clause!r}", remedy=did_you_mean(clause, _BROKEN))
    return st.one_of(*(_BROKEN[clause](mode) for clause in clauses or _BROKEN for mode in Mode))


@frozen
class _Fault:
    """What makes a form wrong: the values in it that are others, None for one that is left out."""

    clause: str
    field: str
    changes: Mapping[str, object]


_Faults = Callable[[Mode], SearchStrategy[_Fault]]


def _has(mode: Mode, name: str) -> bool:
    return name in FIELDS[REQUESTS[mode]]


def _valued(clause: str, name: str, wrong: SearchStrategy[object], only: Iterable[Mode] = Mode) -> _Faults:
    """A wrong value in a field, for the modes that have it."""
    modes = frozenset(only)
    drawn = wrong.map(lambda value: _Fault(clause, name, {name: value}))
    return lambda mode: drawn if mode in modes and _has(mode, name) else st.nothing()


def _strangers(mode: Mode) -> SearchStrategy[_Fault]:
    """A field that this mode has not got."""
    foreign = [item for item in mistakes.FOREIGN.items() if not _has(mode, item[0])]
    items = st.tuples(mistakes.NO_FIELDS, mistakes.ANYTHING)
    drawn = items | st.sampled_from(foreign) if foreign else items
    return drawn.map(lambda item: _Fault("REQ-SHAPE", item[0], {item[0]: item[1]}))


def _shapes(mode: Mode) -> SearchStrategy[_Fault]:
    return _strangers(mode) | mistakes.NO_MODES.map(lambda name: _Fault("REQ-SHAPE", "mode", {"mode": name}))


_ALL = of_kinds(LATEST.image_types, (Url, Data))
_pictures: SearchStrategy[object] = one(_ALL)


def _counts(clause: str, *modes: Mode) -> _Faults:
    """Too few references, where none is too few, or too many."""

    def faults(mode: Mode) -> SearchStrategy[_Fault]:
        span = references_in(mode, LATEST)
        most = st.lists(_pictures, min_size=span.maximum + 1, max_size=span.maximum + 4)
        none = st.sampled_from((None, [])) if span.minimum else st.nothing()
        return (none | most).map(lambda rows: _Fault(clause, "references", {"references": rows}))

    return lambda mode: faults(mode) if mode in modes else st.nothing()


def _tags(mode: Mode) -> SearchStrategy[_Fault]:
    """A tag behind the last reference, beside one that is right if there can be one."""
    span = references_in(mode, LATEST) if _has(mode, "references") else Span(0, 0)
    rows = several(_ALL, span) if span.maximum else st.just(())
    return _no_tags(mode) | st.builds(partial(_tagged, mode), rows, st.integers(0, 3), words)


def _tagged(mode: Mode, references: tuple[object, ...], beyond: int, word: str) -> _Fault:
    there = len(references)
    right = f"<IMAGE_REF_{there - 1}>" if there else ""
    changes = {"prompt": f"{right}{word}<IMAGE_REF_{there + beyond}>"}
    return _Fault("REQ-TAG", "prompt", {**changes, "references": list(references) or None})


def _no_tags(mode: Mode) -> SearchStrategy[_Fault]:
    """A tag that counts nothing."""
    prompts = st.builds("{}<IMAGE_REF_{}>{}".format, words, mistakes.NO_INDEXES, words)
    return prompts.map(lambda prompt: _Fault("REQ-TAG", "prompt", {"prompt": prompt}))


def _inputs(mode: Mode) -> SearchStrategy[_Fault]:
    """A picture or video that is none."""
    singles = {"image": mistakes.NO_IMAGES, "video": mistakes.NO_VIDEOS}
    alone = [_valued("REQ-MEDIA", name, st.none() | wrong)(mode) for name, wrong in singles.items()]
    if not _has(mode, "references"):
        return st.one_of(*alone)
    half, rest = divmod(references_in(mode, LATEST).maximum - 1, 2)
    rows = (st.lists(_pictures, max_size=size) for size in (half, half + rest))
    return st.one_of(*alone, st.builds(_among, st.none() | mistakes.NO_IMAGES, *rows))


def _among(wrong: object, before: list[object], after: list[object]) -> _Fault:
    return _Fault("REQ-MEDIA", f"references[{len(before)}]", {"references": [*before, wrong, *after]})


_FAULTS: Mapping[str, _Faults] = {
    "REQ-SHAPE": _shapes,
    "REQ-PROMPT": _valued("REQ-PROMPT", "prompt", mistakes.NO_PROMPTS),
    "REQ-DURATION": _valued("REQ-DURATION", "duration", mistakes.no_number(LATEST.duration)),
    "REQ-ASPECT": _valued("REQ-ASPECT", "aspect_ratio", mistakes.none_of(LATEST.aspect_ratios)),
    "REQ-REFS": _counts("REQ-REFS", Mode.REFERENCE_TO_VIDEO),
    "REQ-REFS-EDIT": _counts("REQ-REFS-EDIT", Mode.EDIT, Mode.REFINE),
    "REQ-TAG": _tags,
    "REQ-REGION": _valued("REQ-REGION", "country", mistakes.REFUSED_COUNTRIES, [Mode.EDIT]),
    "REQ-COUNTRY": _valued("REQ-COUNTRY", "country", mistakes.NO_COUNTRIES),
    "REQ-MEDIA": _inputs,
    "REQ-SEED": _valued("REQ-SEED", "seed", mistakes.no_number(LATEST.seed)),
    "REQ-VERSION": _valued("REQ-VERSION", "version", mistakes.none_of(tuple(LIMITS))),
    "REQ-FORMAT": _valued("REQ-FORMAT", "output_format", mistakes.none_of(LATEST.output_formats)),
    "REQ-PREVIOUS": _valued("REQ-PREVIOUS", "previous", mistakes.NO_PREVIOUS),
    "REQ-METADATA": _valued("REQ-METADATA", "metadata", mistakes.NO_METADATA),
}
# What can be wrong together: a mode that is none hides everything else, and a count of tags one of references.
_TOGETHER: Mapping[str, _Faults] = {**_FAULTS, "REQ-SHAPE": _strangers, "REQ-TAG": _no_tags}


def _right(mode: Mode) -> SearchStrategy[Mapping[str, object]]:
    """Right forms whose prompt names no reference, and which one version alone judges."""
    only = st.just(LATEST.version)
    return requests(mode, prompt=words, version=only if len(LIMITS) > 1 else st.none() | only).map(request_to_json)


def _spoiled(right: Mapping[str, object], faults: list[_Fault]) -> Mapping[str, object]:
    changes = {name: value for fault in faults for name, value in fault.changes.items()}
    return {name: value for name, value in {**right, **changes}.items() if value is not None}


def _one(faults: _Faults, mode: Mode) -> SearchStrategy[Wrong]:
    return plain(st.tuples(_right(mode), faults(mode)), lambda found: _wrong(*found))


def _wrong(right: Mapping[str, object], fault: _Fault) -> Wrong:
    return Wrong(_spoiled(right, [fault]), fault.clause, fault.field)


def _several(mode: Mode) -> SearchStrategy[Wrong]:
    """Two fields or more that are wrong, each in its own way."""
    any_fault = st.one_of(*(faults(mode) for faults in _TOGETHER.values()))
    faults = st.lists(any_fault, min_size=2, max_size=5, unique_by=lambda fault: next(iter(fault.changes)))
    return plain(st.tuples(_right(mode), faults), lambda found: _all_wrong(*found))


def _all_wrong(right: Mapping[str, object], faults: list[_Fault]) -> Wrong:
    told = frozenset((fault.clause, fault.field) for fault in faults)
    return Wrong(_spoiled(right, faults), "REQ-ALL", "request", told)


_BROKEN: Mapping[str, Callable[[Mode], SearchStrategy[Wrong]]] = {
    **{clause: partial(_one, faults) for clause, faults in _FAULTS.items()},
    "REQ-ALL": _several,
}
