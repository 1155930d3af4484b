"""Adapters and commands, found through entry points: our own no differently from a stranger's."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

from .adapter import Adapter
from .errors import ConfigurationError
from .spec.violations import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PROVIDERS, COMMANDS, SANDBOX = "omniflash.providers", "omniflash.commands", "omniflash.sandbox"


@cache
def installed(group: str) -> "Mapping[str, EntryPoint]":
    """What is installed of a group, by name, in alphabetical order."""
    from importlib.metadata import entry_points  # a quarter of what importing omniflash would cost

    return {point.name: point for point in sorted(entry_points(group=group), key=lambda point: point.name)}


@cache
def adapter(name: str) -> Adapter:
    """The adapter of a provider. Raises ConfigurationError when there is none, or its package is broken."""
    known = installed(PROVIDERS)
    if name not in known:
        raise ConfigurationError(f"there is no provider {name!r}", remedy=did_you_mean(name, known))
    try:
        return cast("Adapter", known[name].load())
    except (Exception, SystemExit) as problem:
        origin = known[name].dist.name if known[name].dist else known[name].value  # type: ignore[union-attr]
        remedy = f"reinstall or remove {origin}"
        raise ConfigurationError(f"the provider {name!r} cannot be loaded: {problem}", remedy=remedy) from problem
