"""Broken specs: each is ours, but for one thing that it takes, or refuses, or does not say."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import evolve, frozen

from omniflash.spec import EEA, Violation
from omniflash.spec.violations import violation

from ..ours import OurSpec
from .specimen import broken

Form = Mapping[str, Any]
SPEC = "spec"


@frozen
class Blind(OurSpec):
    """Does not see what breaks a clause, where `blind` says so."""

    clause: str = ""
    blind: Callable[[Form], bool] = lambda form: True

    def judge(self, form: Mapping[str, object]) -> tuple[Violation, ...]:
        found = super().judge(form)
        return tuple(each for each in found if each.clause != self.clause or not self.blind(form))


@frozen
class Strict(OurSpec):
    """Refuses by a clause what is right, where `refuses` says so."""

    clause: str = ""
    field: str = ""
    refuses: Callable[[Form], bool] = lambda form: False

    def judge(self, form: Mapping[str, object]) -> tuple[Violation, ...]:
        found = super().judge(form)
        if any(each.clause == self.clause for each in found) or not self.refuses(form):
            return found
        return (*found, violation(self.clause, self.field, form.get(self.field), "use another"))


@frozen
class Terse(OurSpec):
    """Tells some of what it finds, or not all of it."""

    tells: Callable[[tuple[Violation, ...]], tuple[Violation, ...]] = lambda found: found

    def judge(self, form: Mapping[str, object]) -> tuple[Violation, ...]:
        return self.tells(super().judge(form))


def _length(form: Form, field: str) -> int:
    value = form.get(field)
    return len(value) if isinstance(value, list | tuple | str) else 0


def _is(field: str, *values: object) -> Callable[[Form], bool]:
    return lambda form: any(type(form.get(field)) is type(value) and form.get(field) == value for value in values)


BLIND: Mapping[str, Mapping[str, Callable[[Form], bool]]] = {
    "REQ-SHAPE": {
        "takes a field that it has never heard of": lambda form: "lenght" in form,
        "takes a duration in an edit": lambda form: form.get("mode") == "edit" and "duration" in form,
    },
    "REQ-PROMPT": {
        "takes a prompt of blanks": lambda form: str(form.get("prompt") or "").isspace(),
        "takes a prompt of any length": lambda form: _length(form, "prompt") > 1_000,
    },
    "REQ-DURATION": {
        "takes 8.0 for 8": lambda form: isinstance(form.get("duration"), float),
        'takes "8" for 8': lambda form: isinstance(form.get("duration"), str),
        "takes True for a second": lambda form: form.get("duration") is True,
        "clamps 11 s to 10": _is("duration", 11),
    },
    "REQ-ASPECT": {"takes a square": _is("aspect_ratio", "1:1"), "takes 16/9 for 16:9": _is("aspect_ratio", "16/9")},
    "REQ-REFS": {
        "takes eight references": lambda form: _length(form, "references") > 1,
        "makes a clip of no references at all": lambda form: _length(form, "references") == 0,
    },
    "REQ-REFS-EDIT": {
        "takes six references while editing": lambda form: form.get("mode") == "edit",
        "takes as many references to refine as to begin with": lambda form: form.get("mode") == "refine",
    },
    "REQ-TAG": {
        "counts references from 1": lambda form: _length(form, "references") == 1,
        "leaves tags without references to the model": lambda form: "references" not in form,
    },
    "REQ-REGION": {
        "lets Åland edit": _is("country", "AX"),
        "forgets that Switzerland is not in the EEA": _is("country", "CH"),
        "takes the union's outermost regions for the rest of the world": _is("country", "GF", "GP", "RE", "YT"),
        "lets the United Kingdom edit": _is("country", "GB"),
    },
    "REQ-COUNTRY": {"takes UK for a country": _is("country", "UK"), "takes de for DE": _is("country", "de")},
    "REQ-MEDIA": {
        "takes a URL that no vendor fetches": lambda form: str(form.get("image")).startswith("ftp:"),
        "takes a picture for a film": lambda form: str(form.get("video")).startswith("data:image"),
        "looks at the first reference alone": lambda form: _length(form, "references") > 1,
    },
    "REQ-SEED": {
        "takes a seed below 0": _is("seed", -1),
        "takes a seed of 32 bits": lambda form: isinstance(form.get("seed"), int) and form["seed"] > 2**31 - 1,
    },
    "REQ-VERSION": {
        "takes a version that does not exist yet": _is("version", "2.0"),
        "takes latest for a version": _is("version", "latest"),
    },
    "REQ-FORMAT": {"takes avi": _is("output_format", "avi"), "takes MP4 for mp4": _is("output_format", "MP4")},
    "REQ-PREVIOUS": {
        "refines nothing": lambda form: form.get("previous") is None,
        "takes any number for a clip": lambda form: isinstance(form.get("previous"), int),
    },
    "REQ-METADATA": {
        "takes numbers as metadata": _is("metadata", {"order": 7}),
        "takes a list as metadata": lambda form: isinstance(form.get("metadata"), list),
    },
}
STRICT: Mapping[str, tuple[str, str, Callable[[Form], bool]]] = {
    "refuses a seed of 0": ("REQ-SEED", "seed", _is("seed", 0)),
    "refuses three seconds": ("REQ-DURATION", "duration", _is("duration", 3)),
    "refuses to refine in the EEA": (
        "REQ-REGION",
        "country",
        lambda form: form.get("mode") == "refine" and form.get("country") in EEA,
    ),
    "refuses a seventh reference": ("REQ-REFS", "references", lambda form: _length(form, "references") == 7),
}
TERSE: Mapping[str, Callable[[tuple[Violation, ...]], tuple[Violation, ...]]] = {
    "stops at the first thing that is wrong": lambda found: found[:1],
    "says nothing of what to do": lambda found: tuple(evolve(each, remedy="") for each in found),
    "tells each clause once": lambda found: tuple({each.clause: each for each in found}.values()),
}

for _clause, _habits in BLIND.items():
    for _habit, _blind in _habits.items():
        broken(_clause, _habit, provider=SPEC)(partial(Blind, clause=_clause, blind=_blind))
for _habit, (_clause, _field, _refuses) in STRICT.items():
    broken(_clause, _habit, provider=SPEC)(partial(Strict, clause=_clause, field=_field, refuses=_refuses))
for _habit, _tells in TERSE.items():
    broken("REQ-ALL", _habit, provider=SPEC)(partial(Terse, tells=_tells))
