"""The fixture `omniflash_client`. Loading this loads nothing but pytest; the rest comes with the first use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .clients import SandboxClient


@pytest.fixture
def omniflash_client(request: pytest.FixtureRequest) -> "Iterator[SandboxClient]":
    """A client on an empty sandbox, for one test: no key, no network, no bill, and no time for a minute of rendering.

    `.sandbox` is the fixture `omniflash_sandbox`: `.charges()` is who paid how often, `.arm("lose-response")` makes the
    next submit go wrong, `.advance(seconds)` lets time pass.
    """
    from ..drive.sandbox import STEERED, offered
    from .clients import SandboxClient

    offered(STEERED)  # says what to install where the next line could not
    with SandboxClient(request.getfixturevalue("omniflash_sandbox")) as client:
        yield client
