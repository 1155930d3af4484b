"""How verdicts and standings look and read on the page: a sign, a short word and a meaning beside each colour."""

from collections.abc import Mapping

from attrs import frozen

from omniflash.spec import Mode

from ..report import Standing
from ..verdicts import Verdict
from .legible import mode_words
from .markup import Markup, tag


@frozen
class Look:
    """`name` is the class in the style sheet."""

    name: str
    sign: str
    word: str
    meaning: str


# The worst first: a cell is coloured by the first of these that is in it.
LOOKS: Mapping[Verdict, Look] = {
    Verdict.BROKEN: Look("broken", "✕", "broken", "the clause does not hold"),
    Verdict.ENGINE: Look("engine", "!", "engine", "a mistake of the suite's own: it counts against nobody"),
    Verdict.LAX: Look("lax", "≈", "lax", "it holds as far as anybody can be hurt, and not to the letter"),
    Verdict.NOT_RUN: Look("not-run", "○", "not run", "nothing was found out"),
    Verdict.EXEMPT: Look("exempt", "◇", "exempt", "it does not hold, as was said beforehand, and why"),
    Verdict.HELD: Look("held", "✓", "held", "the clause holds"),
    Verdict.NOT_DECLARED: Look("not-declared", "–", "absent", "not declared: the subject does not offer it"),
}
STANDINGS: Mapping[Standing, Look] = {
    Standing.HELD: Look("held", "✓", "held", "nothing broken, everything run"),
    Standing.PARTIAL: Look("not-run", "◐", "partial", "nothing broken, not everything run"),
    Standing.BROKEN: Look("broken", "✕", "broken", "something is broken"),
}


def sign(look: Look) -> Markup:
    """A look's sign, for eyes only: its word says the same."""
    return tag("span", look.sign, class_="sign", aria_hidden="true")


def badge(verdict: Verdict) -> Markup:
    """A verdict as a small coloured label."""
    look = LOOKS[verdict]
    return tag("span", sign(look), f" {verdict}", class_=f"badge {look.name}")


def place(clause: str, provider: str, mode: Mode | None) -> str:
    """What a cell is about, in words."""
    return f"{clause}, {provider}, {mode_words(mode)}"
