"""Prompts: one word or as long as may be, in any script, on several lines, naming the references that are there."""

from collections.abc import Sequence

from attrs import frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.spec import LATEST, Limits

from .plain import plain

_WORDS = (
    "A cat", " ", "\n", "\r\n", "\t", "猫が走る", "Łódź, naïve café", "e\u0301", "👩\u200d🚀", "שלום", '"so"', "\\n",
    "{x}", "%s", "<VIDEO>", "&amp;", "null",
)  # fmt: skip
_ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<"), max_size=20)  # no tag by accident


@frozen
class Draft:
    """A prompt before it is known how many references there are: a number among its `pieces` names one of them."""

    pieces: Sequence[str | int]
    length: int

    def written(self, references: int) -> str:
        texts = [piece if isinstance(piece, str) else _tag(piece, references) for piece in self.pieces]
        text = "".join(texts)
        return (text if text.strip() else f"{text}.").ljust(self.length, ".")


def _tag(number: int, references: int) -> str:
    return f"<IMAGE_REF_{number % references}>" if references else ""


def drafts(limits: Limits = LATEST) -> SearchStrategy[Draft]:
    """Prompts in the making, now and then as long as may be."""
    span, most = limits.prompt, limits.references.maximum
    pieces = st.lists(st.sampled_from((*_WORDS, *range(most))), max_size=6)
    lengths = st.sampled_from((*(span.minimum,) * 8, span.maximum - 1, span.maximum))
    return st.builds(Draft, pieces | st.tuples(_ANY), lengths)


def prompts(references: int = 0, *, limits: Limits = LATEST) -> SearchStrategy[str]:
    """Right prompts beside so many references."""
    return plain(drafts(limits), lambda draft: draft.written(references))
