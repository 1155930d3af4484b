"""What broken clients are made from: ours, with some of what it does done otherwise."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx
from attrs import define, evolve, field

from omniflash.adapter import Adapter
from omniflash.effects import Call, Effect, Flow, through
from omniflash.jobs import Job

from ..ours import OurClient, our_client
from ..subject import Client, ClientKind, Place
from .keeping import sound

T = TypeVar("T")


@define
class Careless(OurClient):
    """Our client, at a place that it knows; a specimen overrides what it gets wrong."""

    place: Place = field(kw_only=True)

    @property
    def headers(self) -> dict[str, str]:
        """The headers with the key, for calls of its own."""
        return dict(sound(self.place.provider).authorize(self.place.key))

    def look_url(self, job: Job) -> str:
        """Where fal tells of a job."""
        return f"{self.place.hosts['queue']}/google/gemini-omni-flash/requests/{job.handle}/status"

    def asked(self, url: str) -> httpx.Response:
        """An answer to a call of its own, with the key; redirects are not followed."""
        return httpx.get(url, headers=self.headers, trust_env=False)

    def pause(self, seconds: float) -> None:
        """Let time pass, under the virtual clock."""
        sleep = self.place.site["sleep"]
        if callable(sleep):
            sleep(seconds)


Alter = Callable[[Adapter, Place], Adapter]


def client(made: type[Careless], provider: str = "fal", alter: Alter | None = None) -> ClientKind:
    """A kind of client that is opened as `made`, with an adapter that is altered at its place."""

    @contextmanager
    def opened(place: Place) -> Iterator[Client]:
        adapter = sound(provider)
        with our_client(alter(adapter, place) if alter else adapter).open(place) as ours:
            if isinstance(ours, OurClient):
                yield made(ours.client, ours.records, place=place)

    return evolve(our_client(sound(provider)), name="careless", open=opened)


def changed(flow: Flow[T], change: Callable[[Effect], Effect]) -> Flow[T]:
    """The flow with each of its effects changed on its way out."""

    def carried(effect: Effect) -> Flow[object]:
        return (yield change(effect))

    return through(flow, carried)


def with_headers(call: Call, headers: Mapping[str, str]) -> Call:
    """A call with these headers too."""
    return evolve(call, headers={**call.headers, **headers})
