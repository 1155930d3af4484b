"""Clients of the two vendors for every test of the sandbox, each talking HTTP to a real one; nothing is mocked."""

from collections.abc import Iterator

import pytest

from omniflash_sandbox import Sandbox
from tests.sandbox.clients import Fal, PixelDojo


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is never reached through the proxy of whoever runs the tests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def sandbox(omniflash_sandbox: Sandbox) -> Sandbox:
    """An empty sandbox under the virtual clock."""
    return omniflash_sandbox


@pytest.fixture
def fal(sandbox: Sandbox) -> Iterator[Fal]:
    client = Fal(sandbox)
    with client.http:
        yield client


@pytest.fixture
def pixeldojo(sandbox: Sandbox) -> Iterator[PixelDojo]:
    client = PixelDojo(sandbox)
    with client.http:
        yield client


@pytest.fixture
def vendor(provider: str, fal: Fal, pixeldojo: PixelDojo) -> Fal | PixelDojo:
    """The client of the vendor that a test is about."""
    return fal if provider == "fal" else pixeldojo
