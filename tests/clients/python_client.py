"""fal_client, fal's client for Python: as installed, no function replaced, pointed elsewhere by its own constants."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import fal_client
import pytest
from attrs import frozen

from omniflash_sandbox.admin import SiteData
from tests.clients.official import PLAIN, Options, Refused, Told, Update, Upload

NAME = f"fal_client {fal_client.__version__}"
OFTEN_S = 0.001  # between two looks; under the virtual clock there is nothing to wait for
STATUS = {fal_client.Queued: "IN_QUEUE", fal_client.InProgress: "IN_PROGRESS", fal_client.Completed: "COMPLETED"}


@contextmanager
def pointed(site: SiteData) -> Iterator["Python"]:
    """The client, pointed at a site as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for constant, url in constants(site["hosts"]["fal"]).items():
            patch.setattr(fal_client.client, constant, url)
        client = fal_client.SyncClient(key=site["keys"]["fal"])
        with closing(client._client):  # it has no way of its own to be closed
            yield Python(client)


CONSTANTS = {
    "queue": ("QUEUE_URL_FORMAT", "{}/"),
    "run": ("RUN_URL_FORMAT", "{}/"),
    "rest": ("REST_URL", "{}"),
    "cdn": ("CDN_URL", "{}"),
}
"""The module's constant for each host, by the sandbox's name for it; they are read at each call."""


def constants(hosts: Mapping[str, str]) -> Mapping[str, str]:
    return {CONSTANTS[name][0]: CONSTANTS[name][1].format(url) for name, url in hosts.items() if name in CONSTANTS}


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the client's HTTP error into ours."""
    try:
        yield
    except fal_client.FalClientHTTPError as error:
        says = {"detail": error.message, "error_type": error.error_type}
        raise Refused(error.status_code, says, error.response_headers.get("x-fal-request-id", "")) from error


def told(status: fal_client.Status) -> Told:
    """A status in fal's words."""
    return {"status": STATUS[type(status)], **vars(status)}


@frozen
class Python:
    """The client behind the common face."""

    client: fal_client.SyncClient
    name: str = NAME

    def run(self, endpoint: str, body: Told) -> Told:
        with refusing():
            return self.client.run(endpoint, dict(body))

    def subscribe(self, endpoint: str, body: Told, on_update: Update) -> Told:
        def update(status: fal_client.Status) -> None:
            on_update(told(status))

        with refusing():
            return self.client.subscribe(endpoint, dict(body), with_logs=True, interval=OFTEN_S, on_queue_update=update)

    def submit(self, endpoint: str, body: Told, options: Options = PLAIN) -> str:
        with refusing():
            return self.client.submit(
                endpoint,
                dict(body),
                priority=options.priority,
                start_timeout=options.start_timeout,
                webhook_url=options.webhook_url,
                headers=dict(options.headers),
            ).request_id

    def status(self, endpoint: str, request_id: str, *, logs: bool = False) -> Told:
        with refusing():
            return told(self.client.status(endpoint, request_id, with_logs=logs))

    def result(self, endpoint: str, request_id: str) -> Told:
        with refusing():
            return self.client.result(endpoint, request_id)

    def cancel(self, endpoint: str, request_id: str) -> None:
        with refusing():
            self.client.cancel(endpoint, request_id)

    def upload(self, file: Upload) -> str:
        with refusing():
            return self.client.upload_file(file.path)
