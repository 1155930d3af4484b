"""Fixtures for anybody's tests: a sandbox under the virtual clock, so that a minute of rendering takes no time.

Loading this loads nothing but pytest; the server is loaded by the first test that asks for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox


@pytest.fixture(scope="session")
def omniflash_sandbox_server() -> "Iterator[Sandbox]":
    """One omniflash sandbox for the whole session, under the virtual clock: it keeps what every test left in it."""
    from omniflash_sandbox import Sandbox

    with Sandbox(speed=0) as sandbox:
        yield sandbox


@pytest.fixture
def omniflash_sandbox(omniflash_sandbox_server: "Sandbox") -> "Sandbox":
    """An empty omniflash sandbox under the virtual clock: fal's and PixelDojo's protocols on loopback, for one test.

    `.site` says where and with which keys, `.advance(seconds)` lets time pass, `.arm("lose-response")` makes the next
    submit go wrong, `.charges()` is who paid how often, `.journal()` is every exchange.
    """
    omniflash_sandbox_server.reset()
    return omniflash_sandbox_server
