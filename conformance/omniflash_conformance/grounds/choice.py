"""The ground that a run was asked to stand on, and the contract that a provider brings along."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from ..choosing import Ground, Options
from .sandbox import sandbox_stand
from .stand import Stand


@contextmanager
def stand(provider: str, options: Options, contract: Any = None) -> Iterator[Stand]:
    """The stand for a provider's cases, for as long as the block lasts. Raises ConfigurationError."""
    match options.ground:
        case Ground.SANDBOX:
            with sandbox_stand() as made:
                yield made
        case _:
            raise NotImplementedError


def contract_for(provider: str, options: Options) -> Any:
    """The declarative contract of a provider's vendor, or None where there is none."""
    return None


def server(options: Options) -> str:
    """Who answers on the ground that was asked for, in words."""
    return SERVERS[options.ground].format(version("omniflash"))


SERVERS: Mapping[Ground, str] = {
    Ground.SANDBOX: "the sandbox of omniflash {}, not the vendor",
    Ground.RECORDED: "nobody: recordings, each of which says whom it was made against",
    Ground.LIVE: "the vendor itself",
}
