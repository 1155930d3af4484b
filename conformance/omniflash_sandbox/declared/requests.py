"""A vendor's paid calls as a contract has them: where, in which form, and what each field of the body means."""

import json
import re
from collections.abc import Mapping
from functools import cached_property

from attrs import field, frozen

from omniflash_sandbox.contracts import Schema, Violation
from omniflash_sandbox.declared.reading import Part
from omniflash_sandbox.declared.sources import Source
from omniflash_sandbox.declared.templates import EACH, Steps, at, stands, steps_of
from omniflash_sandbox.messages import JSON

SOURCES: Mapping[str, str] = {
    "refine": "previous",
    "edit": "video",
    "image_to_video": "image",
    "reference_to_video": "references",
}
"""What a mode starts from, beside the prompt."""

MODES = ("text_to_video", *SOURCES)
FIELDS = ("prompt", *SOURCES.values(), "duration", "aspect_ratio", "seed", "output_format")


@frozen
class Wire:
    """What a place in the body means: the request's field, and the request's own word for each of the vendor's."""

    steps: Steps
    name: str
    values: Mapping[str, JSON] = field(factory=dict)

    def read(self, body: JSON) -> JSON:
        """Raises KeyError where nothing stands."""
        value = at(body, self.steps)
        return self.values.get(value if isinstance(value, str) else json.dumps(value), value)


@frozen
class Sign:
    """By what a mode is told: all of `given` are there, and each of `equals` has its value. Nothing is told by none."""

    given: tuple[Steps, ...] = ()
    equals: Mapping[Steps, JSON] = field(factory=dict)

    def fits(self, body: JSON) -> bool:
        alike = all(stands(body, steps) and at(body, steps) == value for steps, value in self.equals.items())
        return alike and all(stands(body, steps) for steps in self.given)


@frozen
class Paid:
    """One paid call: its modes, each by its sign, the first that fits; `defaults` are the vendor's own."""

    host: str
    method: str
    path: str
    schema: Schema
    fields: tuple[Wire, ...]
    modes: Mapping[str, Sign]
    defaults: Mapping[str, JSON]
    source: Source

    def violations(self, body: JSON) -> list[Violation]:
        return self.schema.violations(body)

    def decode(self, body: JSON) -> dict[str, JSON]:
        """What is asked for, by the vendor's own rules; raises ValueError where there is no mode that fits."""
        fitting = (mode for mode, sign in self.modes.items() if sign.fits(body))
        mode = next(fitting, None) if isinstance(body, dict) else None
        if mode is None:
            raise ValueError(f"this body asks for none of {', '.join(self.modes)}")
        return {"mode": mode} | {wire.name: wire.read(body) for wire in self.fields if stands(body, wire.steps)}

    @cached_property
    def names(self) -> frozenset[str]:
        """The request's fields that this call takes."""
        return frozenset(wire.name for wire in self.fields)


def paid_from(part: Part, hosts: Mapping[str, str], schema: Schema, source: Source) -> Paid:
    fields = tuple(_wire(part.table("fields"), place) for place in part.table("fields").values)
    paid = Paid(
        host=part.word("host", hosts),
        method=method_from(part),
        path=path_from(part),
        schema=schema,
        fields=fields,
        modes={mode: _sign(sign) for mode, sign in part.table("modes").only(*MODES).parts().items()},
        defaults={name: part.open("defaults").json(name) for name in part.open("defaults").only(*FIELDS).values},
        source=source,
    )
    _complete(part, paid)
    return paid


METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")


def method_from(part: Part) -> str:
    return part.word("method", METHODS, default="POST")


def path_from(part: Part) -> str:
    path = part.text("path")
    if not path.startswith("/") or path.endswith("/") or any(letter in path for letter in "?# "):
        raise part.wrong("path", "a path, such as /jobs/{job}")
    return path


def _complete(part: Part, paid: Paid) -> None:
    """Raises ValueError for a mode that lacks what it starts from, or that can never be told."""
    if re.search("[{}]", paid.path):
        raise part.wrong("path", "a path without braces")
    if not paid.modes:
        raise part.wrong("modes", f"one of {', '.join(MODES)}, or several")
    for mode in paid.modes:
        for name in ("prompt", SOURCES.get(mode, "prompt")):
            if name not in paid.names:
                raise ValueError(f"{part.at('fields')}: {mode} needs a field that means {name!r}")
    open_ended = [mode for mode, sign in paid.modes.items() if sign == Sign()]
    if open_ended and open_ended[0] != list(paid.modes)[-1]:
        raise ValueError(f"{part.at('modes')}: {open_ended[0]} fits every body, so nothing after it is ever told")


def _wire(part: Part, place: str) -> Wire:
    if isinstance(part.values[place], str):
        return Wire(steps_of(place), part.word(place, FIELDS))
    table = part.table(place).only("is", "values")
    words = table.open("values")
    return Wire(steps_of(place), table.word("is", FIELDS), {word: words.json(word) for word in words.values})


def _sign(part: Part) -> Sign:
    part.only("given", "equals")
    equals = part.open("equals")
    given = tuple(steps_of(place) for place in part.texts("given"))
    sign = Sign(given, {steps_of(place): equals.json(place) for place in equals.values})
    if any(EACH in steps for steps in (*sign.given, *sign.equals)):
        raise ValueError(f"{part.place}: {EACH} stands for each item, and tells no mode")
    return sign
