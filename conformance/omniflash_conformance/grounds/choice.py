"""The ground that a run was asked to stand on, and the contract that a provider brings along."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from omniflash.discovery import adapter, installed
from omniflash.errors import ConfigurationError
from omniflash.spec import Subject
from omniflash_sandbox.declared.contract import Contract

from ..choosing import Ground, Options, chosen
from .live import live_stand
from .recorded import recorded_stand
from .sandbox import sandbox_stand
from .stand import Stand

CONTRACTS = "omniflash.contracts"


@contextmanager
def stand(provider: str, options: Options, contract: Contract | None = None) -> Iterator[Stand]:
    """The stand for a provider's cases, for as long as the block lasts. Raises ConfigurationError."""
    match options.ground:
        case Ground.SANDBOX:
            with sandbox_stand([contract] if contract and contract.server else []) as made:
                yield made
        case Ground.RECORDED:
            yield recorded_stand(provider, options.cassettes)
        case Ground.LIVE:
            wanted = chosen(options, Subject.ADAPTER)
            yield live_stand(adapter(provider), wanted, options.max_cost)


def contract_for(provider: str, options: Options) -> Contract | None:
    """The contract of a provider's vendor: the file that was named, or that its package brings, or None.

    Raises ConfigurationError for one that is not right.
    """
    place = options.contract or _brought(provider)
    if place is None:
        return None
    try:
        return Contract.load(place)
    except (OSError, ValueError) as problem:
        raise ConfigurationError(f"the contract is not right: {problem}", remedy="see docs/contracts.md") from problem


def _brought(provider: str) -> Traversable | None:
    """The file that an entry point names, as `package:file`. Raises ConfigurationError where it is not there."""
    point = installed(CONTRACTS).get(provider)
    if point is None:
        return None
    try:
        place = files(point.module) / point.attr
    except (ImportError, TypeError) as problem:
        raise _not_found(provider, str(problem)) from problem
    if not place.is_file():
        raise _not_found(provider, f"{point.module} has no file {point.attr}")
    return place


def _not_found(provider: str, why: str) -> ConfigurationError:
    told = f"the contract of {provider!r} cannot be found: {why}"
    return ConfigurationError(told, remedy="mend the entry point: package:file")


def server(options: Options) -> str:
    """Who answers on the ground that was asked for, in words."""
    return SERVERS[options.ground].format(version("omniflash"))


SERVERS: Mapping[Ground, str] = {
    Ground.SANDBOX: "the sandbox of omniflash {}, not the vendor",
    Ground.RECORDED: "nobody: recordings, each of which says whom it was made against",
    Ground.LIVE: "the vendor itself",
}
