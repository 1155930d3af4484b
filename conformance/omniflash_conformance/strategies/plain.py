"""A `map` whose counter-examples show what came out, not the calls that made it."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Drawn = TypeVar("Drawn")
Made = TypeVar("Made")


def plain(strategy: SearchStrategy[Drawn], function: Callable[[Drawn], Made]) -> SearchStrategy[Made]:
    """What `function` makes of each value; empty where the strategy is."""
    return st.nothing() if strategy.is_empty else _made(strategy, function)


@st.composite
def _made(draw: DrawFn, strategy: SearchStrategy[Drawn], function: Callable[[Drawn], Made]) -> Made:
    return function(draw(strategy))
