"""A stand-in for fal and PixelDojo on loopback, for the model Gemini Omni Flash: built from their documents, for tests.

    from omniflash_sandbox import Sandbox

    with Sandbox(speed=0) as sandbox:
        ...  # submit a job to sandbox.site["hosts"]["fal"]["queue"], with sandbox.site["keys"]["fal"]
        sandbox.advance(60)  # a minute later
        sandbox.charges()  # who paid how often

It is not the vendor: what is not in their documents is assumed, and the code says where.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omniflash_sandbox.server import Sandbox, embedded

__all__ = ["Sandbox", "embedded"]


def __getattr__(name: str) -> object:
    """The web server behind the public names is loaded when one of them is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from omniflash_sandbox import server

    return getattr(server, name)
