"""HTML in which nothing that anybody said can be markup: every text is escaped, and only `tag` makes tags."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from attrs import frozen

from .legible import legible


@frozen
class Markup:
    """A piece of finished HTML."""

    html: str


Content: TypeAlias = "Markup | str | int | Iterable[Content] | None"
Attribute: TypeAlias = str | int | bool | None
VOID = frozenset({"input"})


def tag(kind: str, /, *children: Content, **attributes: Attribute) -> Markup:
    """An element. `class_` is the attribute class, `data_x` is data-x; one that is None or False is left out."""
    start = f"<{kind}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Markup(start if kind in VOID else f"{start}{html_of(children)}</{kind}>")


def html_of(content: Content) -> str:
    """Content as HTML."""
    match content:
        case Markup():
            return content.html
        case None:
            return ""
        case str() | int():
            return escape(legible(str(content)))
    return "".join(map(html_of, content))


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(legible(str(value)))}"'
