"""Testing an app that makes clips: clients on a sandbox of their own, with no key, no network and no bill.

    from omniflash.testing import SandboxClient

    with SandboxClient() as client:
        my_app(client)
        assert len(client.sandbox.charges()) == 1

The names below are loaded when they are first used: pytest looks into this package in every project that has it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clients import AsyncSandboxClient as AsyncSandboxClient
    from .clients import Sandbox as Sandbox
    from .clients import SandboxClient as SandboxClient
    from .inbox import Inbox as Inbox
    from .inbox import Received as Received

_HOME_OF = {
    "AsyncSandboxClient": "clients",
    "Inbox": "inbox",
    "Received": "inbox",
    "Sandbox": "clients",
    "SandboxClient": "clients",
}

__all__ = [
    *_HOME_OF,
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'omniflash.testing' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
