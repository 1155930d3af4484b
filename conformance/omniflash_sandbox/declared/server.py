"""What a declared vendor answers: the `[server]` part of a contract, from which the sandbox speaks its protocol."""

from collections.abc import Mapping

from attrs import frozen

from omniflash_sandbox.declared.reading import Part
from omniflash_sandbox.declared.sources import Source


@frozen
class Server:
    """To come."""

    source: Source


def server_from(part: Part, calls: frozenset[str], statuses: Mapping[str, str], source: Source) -> Server:
    return Server(source)
