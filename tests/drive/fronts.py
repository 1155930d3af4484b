"""One scenario, three fronts: the sync client, and the async one on asyncio and on trio."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

from omniflash import AsyncClient, Client

T = TypeVar("T")
FRONTS = ("sync", "asyncio", "trio")


class Awaited:
    """A sync client under the async one's names, so that a scenario is written once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not inspect.ismethod(member) or name == "account_of":
            return member

        async def awaited(*args: object, **kwargs: object) -> object:
            return member(*args, **kwargs)

        return awaited


def perform(front: str, scenario: Callable[[Any], Awaitable[T]], *args: object, **settings: Any) -> T:
    """Run a scenario with a client of this front."""

    async def main() -> T:
        if front == "sync":
            with Client(*args, **settings) as client:
                return await scenario(Awaited(client))
        async with AsyncClient(*args, **settings) as client:
            return await scenario(client)

    return anyio.run(main, backend="trio" if front == "trio" else "asyncio")
