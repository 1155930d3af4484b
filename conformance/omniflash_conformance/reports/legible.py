"""What anybody said, as text that does nothing: no control character, no half a character, no change of direction."""

import json
import re
from collections.abc import Mapping
from typing import Protocol

from omniflash.redact import one_line, safe_text
from omniflash.spec import Mode
from omniflash.types import JSON

LONGEST_INLINE, LONGEST_TEXT, LONGEST_BLOCK = 200, 2_000, 40_000  # characters
# Neither XML nor any terminal has a use for these two.
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")


def legible(text: str) -> str:
    """A text with its lines kept, and whatever else is not to be seen written out."""
    return _NO_CHARACTERS.sub("\ufffd", "\n".join(map(one_line, text.split("\n"))))


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text, or the beginning of one that is too long to be read."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def told(text: str) -> str:
    """What somebody said, without secrets, and not without end."""
    return legible(cut(safe_text(text)))


def pretty(value: JSON) -> str:
    """JSON for people: a text as it is, anything else over several lines; long texts are cut, secrets blotted out."""
    text = safe_text(value) if isinstance(value, str) else json.dumps(_short(value), ensure_ascii=False, indent=2)
    return cut(text, LONGEST_BLOCK)


def inline(value: JSON) -> str:
    """JSON in one short line."""
    return cut(one_line(json.dumps(_short(value), ensure_ascii=False)), LONGEST_INLINE)


def _short(value: JSON) -> JSON:
    if isinstance(value, str):
        return cut(safe_text(value))
    if isinstance(value, Mapping):
        return {cut(safe_text(name)): _short(inner) for name, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list | tuple) else value


class HasCase(Protocol):
    """Whatever became of a case."""

    @property
    def case(self) -> str: ...
    @property
    def mode(self) -> Mode | None: ...


def where(found: HasCase) -> str:
    """A case's id, with the mode that it was run for."""
    return f"{found.case} ({mode_words(found.mode)})" if found.mode else found.case


def mode_words(mode: str | None) -> str:
    """A mode in words."""
    return mode.replace("_", " ") if mode else "any mode"
