"""The one converter: everything that crosses a process boundary is written and read here, with its format's version."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter, transform_error
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.v import format_exception

from .errors import ConfigurationError, OmniflashError
from .types import JSON

T = TypeVar("T")
_formats: dict[type, str] = {}


def versioned(name: str) -> Callable[[type[T]], type[T]]:
    """Mark a class as one that crosses process boundaries, in a format of this name.

    Every later release reads it; what changes its meaning gets the next number.
    """

    def mark(kind: type[T]) -> type[T]:
        _formats[kind] = name
        return kind

    return mark


def to_json(value: object) -> dict[str, JSON]:
    """A value of a versioned class as JSON, marked with its format."""
    return {"format": _formats[type(value)], **converter.unstructure(value)}


def from_json(data: object, kind: type[T]) -> T:
    """The value of its JSON form. Raises ConfigurationError when it is of another format, or not whole."""
    given = data.get("format") if isinstance(data, Mapping) else None
    if given != _formats[kind]:
        remedy = f"this release reads {_formats[kind]!r}; a newer one may have written it"
        raise ConfigurationError(f"this is no {kind.__name__} of a known format: {given!r}", remedy=remedy)
    return from_plain(data, kind, kind.__name__)


def from_plain(data: object, kind: type[T], what: str) -> T:
    """A value of plain data. Raises ConfigurationError that names `what` and every wrong field."""
    try:
        return converter.structure(data, kind)
    except Exception as problem:  # cattrs groups whatever the classes raise
        reasons = "; ".join(transform_error(problem, what, _words))
        raise ConfigurationError(f"this is not right: {reasons}", remedy="mend it, or make it anew") from problem


def _words(problem: BaseException, kind: type | None) -> str:
    return str(problem) if isinstance(problem, ValueError | TypeError) else format_exception(problem, kind)


def plain(value: object) -> Any:
    """Any value of ours as JSON, without a format of its own."""
    return converter.unstructure(value)


def error_to_json(error: OmniflashError) -> dict[str, JSON]:
    """An error for a program: its kind, words, what may have been spent, and the job that goes on."""
    facts = {
        "kind": type(error).__name__,
        "message": error.message,
        "remedy": error.remedy,
        "words": error.words,
        "violations": getattr(error, "violations", None),
        "reasons": getattr(error, "reasons", None),
        "job": error.job.token if error.job else None,
        "retry_helps": error.retry_helps,
        "retry_after": error.retry_after,
        "money": error.money,
    }
    return {name: plain(value) for name, value in facts.items() if value not in (None, "", ())}


def _decimal(text: object, _: type) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation as problem:
        raise ValueError(f"{text!r} is no number") from problem
    if not amount.is_finite():
        raise ValueError(f"{text!r} is no number")
    return amount


def _dated(text: Any, kind: Any) -> Any:
    moment = text if type(text) is kind else kind.fromisoformat(text)  # TOML has dates of its own
    if kind is datetime and moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its time zone")
    return moment


def _strict(value: object, kind: type) -> object:
    allowed: tuple[type, ...] = (int, float) if kind is float else (kind,)
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _listed(kind: Any, made: Converter) -> Callable[[Any, Any], Any]:
    structure = homogenous_tuple_structure_factory(kind, made)

    def hook(value: Any, kind: Any) -> Any:
        if isinstance(value, str):
            raise TypeError(f"{value!r} is no list")
        return structure(value, kind)

    return hook


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis


def _make() -> Converter:
    made = Converter(omit_if_default=True, unstruct_collection_overrides={frozenset: sorted})
    for primitive in (str, bool, int, float):
        made.register_structure_hook(primitive, _strict)
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, _decimal)
    for kind in (datetime, date):
        made.register_unstructure_hook(kind, lambda moment: moment.isoformat())
        made.register_structure_hook(kind, _dated)
    made.register_unstructure_hook(Path, str)
    made.register_unstructure_hook(StrEnum, lambda member: member.value)
    made.register_structure_hook(StrEnum, lambda text, kind: kind(text))
    made.register_structure_hook_factory(_is_list, lambda kind: _listed(kind, made))
    made.register_structure_hook_func(lambda kind: kind in (JSON, object), lambda value, _: value)
    made.register_unstructure_hook_func(lambda kind: kind == JSON, lambda value: value)
    made.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, OmniflashError), error_to_json
    )
    return made


converter = _make()
