"""Right or wrong before anything is sent: every violation of a request, at once (REQ-ALL)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from .countries import ASSIGNED, COMMON_MISTAKES, UPLOADED_EDITS_REFUSED
from .inputs import input_violations
from .limits import LATEST, LIMITS, Limits, Span
from .requests import FIELDS, Edit, Previous, Refine, Request
from .violations import Violation, did_you_mean, violation

Rule: TypeAlias = Callable[[Request, Limits], Iterator[Violation]]


def check(request: Request, *, version: str | None = None, strict_region: bool = False) -> tuple[Violation, ...]:
    """Everything that is wrong with a request under one model `version`; nothing of it is looked up, no file is opened.

    Without a version (here or on the request) a request is right when it is right for any version; else the fewest
    violations of all versions are told. `strict_region` also refuses an edit for a person whose country is not known.
    """
    wanted = request.version if version is None else version
    candidates = list(LIMITS.values()) if wanted is None else [LIMITS.get(str(wanted), LATEST)]
    unlocated = tuple(_unlocated(request)) if strict_region else ()
    return min((_violations(request, limits) for limits in candidates), key=len) + unlocated


def _violations(request: Request, limits: Limits) -> tuple[Violation, ...]:
    return tuple(found for rule in _RULES[type(request)] for found in rule(request, limits))


def _unlocated(request: Request) -> Iterator[Violation]:
    if isinstance(request, Edit) and request.country is None:
        yield violation(
            "REQ-REGION", "country", None, "say where the person is: strict_region refuses an unknown country"
        )


def _whole_number(clause: str, name: str, span: Callable[[Limits], Span]) -> Rule:
    def rule(request: Request, limits: Limits) -> Iterator[Violation]:
        value = getattr(request, name)
        whole = type(value) is int  # isinstance would let True through
        if value is None or (whole and value in span(limits)):
            return
        remedy = f"ask for {span(limits).nearest(value)}" if whole else "write it as a plain whole number"
        yield violation(clause, name, value, remedy, limits)

    return rule


def _one_of(clause: str, name: str, known: Callable[[Limits], Iterable[str]]) -> Rule:
    def rule(request: Request, limits: Limits) -> Iterator[Violation]:
        value = getattr(request, name)
        if value is not None and (not isinstance(value, str) or value not in known(limits)):
            yield violation(clause, name, value, did_you_mean(value, known(limits)), limits)

    return rule


def _prompt(request: Request, limits: Limits) -> Iterator[Violation]:
    prompt = request.prompt
    if not isinstance(prompt, str) or not prompt.strip() or not _writable(prompt):
        yield violation("REQ-PROMPT", "prompt", prompt, "say in words what the clip should show", limits)
    elif len(prompt) > limits.prompt.maximum:
        yield violation(
            "REQ-PROMPT", "prompt", prompt, f"cut {len(prompt) - limits.prompt.maximum:,} characters", limits
        )


def _writable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)  # half a character has no UTF-8


_TAG = re.compile(r"<IMAGE_REF_([^>]*)>")
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}")


def _tags(request: Request, limits: Limits) -> Iterator[Violation]:
    if not isinstance(request.prompt, str) or "<IMAGE_REF_" not in request.prompt:
        return
    there = len(getattr(request, "references", ()))
    remedy = f"use <IMAGE_REF_0> to <IMAGE_REF_{there - 1}>" if there else "add the reference, or take the tag out"
    for index in dict.fromkeys(_TAG.findall(request.prompt)):
        if not (_INDEX.fullmatch(index) and int(index) < there):
            yield violation("REQ-TAG", "prompt", f"<IMAGE_REF_{index}>", remedy, limits)


def _references(request: Request, limits: Limits) -> Iterator[Violation]:
    editing = isinstance(request, Edit | Refine)
    clause, span = ("REQ-REFS-EDIT", limits.references_editing) if editing else ("REQ-REFS", limits.references)
    count = len(getattr(request, "references", ()))
    if count not in span:
        remedy = "add at least one" if count < span.minimum else f"leave out {count - span.maximum}"
        yield violation(clause, "references", f"{count} images", remedy, limits)


def _region(request: Request, limits: Limits) -> Iterator[Violation]:
    if isinstance(request.country, str) and request.country in UPLOADED_EDITS_REFUSED:
        remedy = "generate a clip and refine that one: refining what the model made is allowed everywhere"
        yield violation("REQ-REGION", "country", request.country, remedy, limits)


def _country(request: Request, limits: Limits) -> Iterator[Violation]:
    code = request.country
    if code is None or (isinstance(code, str) and code in ASSIGNED):
        return
    upper = str(code).upper()
    right = COMMON_MISTAKES.get(upper, upper)
    remedy = f"write {right}" if right in ASSIGNED else "leave it out if the country is not known"
    yield violation("REQ-COUNTRY", "country", code, remedy, limits)


def _version(request: Request, limits: Limits) -> Iterator[Violation]:
    if request.version is not None and not (isinstance(request.version, str) and request.version in LIMITS):
        yield violation("REQ-VERSION", "version", request.version, did_you_mean(request.version, LIMITS), limits)


def _previous(request: Request, limits: Limits) -> Iterator[Violation]:
    source = getattr(request, "previous", None)
    named = isinstance(source, Previous) and (source.handle or source.job or "").strip()
    if not named or not _writable(named):
        remedy = "give a finished job, a clip that has a handle, or the vendor's handle"
        yield violation("REQ-PREVIOUS", "previous", source, remedy, limits)


def _metadata(request: Request, limits: Limits) -> Iterator[Violation]:
    entries = request.metadata
    if not isinstance(entries, Mapping) or not all(isinstance(text, str) for pair in entries.items() for text in pair):
        yield violation("REQ-METADATA", "metadata", entries, "write both keys and values as text", limits)


_FIELD_RULES: Mapping[str, tuple[Rule, ...]] = {
    "prompt": (_prompt, _tags),
    "duration": (_whole_number("REQ-DURATION", "duration", lambda limits: limits.duration),),
    "aspect_ratio": (_one_of("REQ-ASPECT", "aspect_ratio", lambda limits: limits.aspect_ratios),),
    "image": (input_violations,),
    "video": (input_violations, _region),
    "references": (_references, input_violations),
    "previous": (_previous,),
    "seed": (_whole_number("REQ-SEED", "seed", lambda limits: limits.seed),),
    "output_format": (_one_of("REQ-FORMAT", "output_format", lambda limits: limits.output_formats),),
    "version": (_version,),
    "country": (_country,),
    "metadata": (_metadata,),
}
_RULES: Mapping[type, tuple[Rule, ...]] = {
    kind: tuple(dict.fromkeys(rule for name in names for rule in _FIELD_RULES[name])) for kind, names in FIELDS.items()
}
