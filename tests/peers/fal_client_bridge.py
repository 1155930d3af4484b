"""fal_client, fal's own client for Python, as a client that the cases can be run with.

Each method is one call as fal_client's README and reference have it:

    submit    `SyncClient.submit(endpoint, arguments)`, a local file by `SyncClient.upload_file` before
    status    `handle.status()`
    wait      `handle.get()`, and the URL in its result
    cancel    `handle.cancel()`
    token     `handle.request_id`; resume: `SyncClient.get_handle(endpoint, request_id)`

The key and how long an answer may take are its own settings (`key`, `default_timeout`). It has hosts in the environment
too, over https alone, so its own constants are pointed at the sandbox in their place.

Not offered: a wait that is bounded apart from the submit (`subscribe(client_timeout=…)` bounds both and cancels the
job), saving a clip, a refusal before anything is sent, a caller's own key, an error for what nobody knows, a quote, a
charge. Where a case needs one of these, it is not run.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import fal_client
import pytest
from attrs import evolve, frozen

from omniflash import Request
from omniflash.spec import File, ImageToVideo, Url
from omniflash_conformance.listening import listening
from omniflash_conformance.ours import logged
from omniflash_conformance.subject import ClientKind, Ended, Offers, Place, Told
from tests.clients.asking import APP, of_fal
from tests.clients.python_client import constants
from tests.peers.absent import Absent

OFFERS = frozenset({Offers.STATUS, Offers.WAIT, Offers.CANCEL, Offers.RESUME, Offers.PATIENCE})


@frozen
class FalClient(Absent):
    client: fal_client.SyncClient
    records: list[str]

    def submit(self, request: Request, *, key: str | None = None) -> fal_client.SyncRequestHandle:
        return self.client.submit(*of_fal(self._uploaded(request)))

    def _uploaded(self, request: Request) -> Request:
        if isinstance(request, ImageToVideo) and isinstance(request.image, File):
            return evolve(request, image=Url(self.client.upload_file(request.image.path)))
        return request

    def status(self, ticket: Any) -> Ended:
        match ticket.status():
            case fal_client.Queued():
                return Ended("queued", over=False)
            case fal_client.InProgress():
                return Ended("running", over=False)
            case completed:
                return Ended("failed" if completed.error else "succeeded", over=True)

    def wait(self, ticket: Any, *, timeout: float | None = None) -> str:
        return ticket.get()["video"]["url"]

    def cancel(self, ticket: Any) -> str:
        ticket.cancel()
        return "requested"

    def token(self, ticket: Any) -> str:
        return ticket.request_id

    def resume(self, token: str) -> fal_client.SyncRequestHandle:
        return self.client.get_handle(APP, token)

    def shown(self) -> str:
        return "\n".join([repr(self.client), *self.records])


@contextmanager
def opened(place: Place) -> Iterator[FalClient]:
    patience = {} if place.answer_s is None else {"default_timeout": place.answer_s}
    with pytest.MonkeyPatch.context() as patch, listening("fal_client") as records:
        for constant, url in constants(place.hosts).items():
            patch.setattr(fal_client.client, constant, url)  # they are read at each call
        client = fal_client.SyncClient(key=place.key, **patience)
        with closing(client._client):  # it has no way of its own to be closed
            yield FalClient(client, records)


def told(error: BaseException) -> Told:
    """What an error of fal_client tells; whether anybody was paid, or trying again helps, it never says."""
    return Told(
        kind=type(error).__name__,
        text="\n".join([str(error), repr(error), logged(error)]),
        status=getattr(error, "status_code", None),
        code=getattr(error, "error_type", None),
        token=getattr(error, "request_id", None),
    )


KIND = ClientKind("fal_client", fal_client.__version__, OFFERS, opened, told, virtual_time=False)
