"""Places in JSON, and JSON with blanks in it: how a contract says where something stands, and what is answered."""

import re
from collections.abc import Iterator, Mapping, Sequence

from omniflash_sandbox.messages import JSON

Steps = tuple[str, ...]
EACH = "*"
BLANK = re.compile(r"\{([a-z_]+)\}")


def steps_of(place: str) -> Steps:
    """`input.images.0` is the first of the images in the input, `images.*.url` the URL of each image."""
    return tuple(place.split("."))


def at(value: JSON, steps: Sequence[str]) -> JSON:
    """What stands at a place; raises KeyError where nothing does."""
    if not steps:
        return value
    step, *rest = steps
    match value:
        case list() if step == EACH:
            return [at(item, rest) for item in value]
        case list() if step.isdecimal() and int(step) < len(value):
            return at(value[int(step)], rest)
        case dict() if step in value:
            return at(value[step], rest)
        case _:
            raise KeyError(step)


def stands(value: JSON, steps: Sequence[str]) -> bool:
    """Whether anything stands at a place."""
    try:
        at(value, steps)
    except KeyError:
        return False
    return True


def put(value: JSON, steps: Sequence[str], content: JSON) -> JSON:
    """The same value with something else at a place that is there."""
    if not steps:
        return content
    step, *rest = steps
    match value:
        case list():
            return [put(item, rest, content) if number == int(step) else item for number, item in enumerate(value)]
        case dict():
            return {**value, step: put(value[step], rest, content)}
        case _:
            return value


def filled(template: JSON, values: Mapping[str, JSON]) -> JSON:
    """The template with its blanks filled in; a text that is nothing but one blank becomes the value as it is."""
    match template:
        case dict():
            return {name: filled(item, values) for name, item in template.items()}
        case list():
            return [filled(item, values) for item in template]
        case str():
            whole = BLANK.fullmatch(template)
            return values[whole[1]] if whole else BLANK.sub(lambda blank: str(values[blank[1]]), template)
        case _:
            return template


def blanks(template: JSON) -> Iterator[tuple[Steps, str]]:
    """Every blank of a template: where it stands, and its name."""
    match template:
        case dict():
            parts = list(template.items())
        case list():
            parts = [(str(number), item) for number, item in enumerate(template)]
        case str():
            yield from (((), name) for name in BLANK.findall(template))
            return
        case _:
            return
    for step, part in parts:
        yield from (((step, *steps), name) for steps, name in blanks(part))


def place_of(template: JSON, name: str) -> Steps | None:
    """Where a blank stands first, or None where it is not."""
    return next((steps for steps, found in blanks(template) if found == name), None)
