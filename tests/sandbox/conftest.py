"""Clients of the two vendors for every test of the sandbox, each talking HTTP to a real one; nothing is mocked."""

from collections.abc import Iterator

import fal_client
import fal_client.client
import httpx
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
def official(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[fal_client.SyncClient]:
    """fal's own client for Python, to which only the hosts are told."""
    hosts = sandbox.site["hosts"]["fal"]
    told = {"QUEUE_URL_FORMAT": "{queue}/", "RUN_URL_FORMAT": "{run}/", "REST_URL": "{rest}", "CDN_URL": "{cdn}"}
    for name, form in told.items():
        monkeypatch.setattr(fal_client.client, name, form.format(**hosts))
    opened: list[httpx.Client] = []

    class Tidy(fal_client.SyncClient):
        """The same, but for the connections to the CDN, which it never closes."""

        def _get_cdn_client(self) -> httpx.Client:
            opened.append(super()._get_cdn_client())
            return opened[-1]

    client = Tidy(key=sandbox.site["keys"]["fal"])
    yield client
    for connection in (client._client, *opened):
        connection.close()


@pytest.fixture
def vendor(provider: str, fal: Fal, pixeldojo: PixelDojo) -> Fal | PixelDojo:
    """The client of the vendor that a test is about."""
    return fal if provider == "fal" else pixeldojo
