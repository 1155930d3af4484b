"""Plain HTTP clients of both vendors' protocols, for the sandbox's tests: nothing but httpx and the vendors' pages."""

import json
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from omniflash_sandbox import Sandbox, contracts
from omniflash_sandbox.messages import JSON
from omniflash_sandbox.vendor import calls_of
from omniflash_sandbox.vendors import VENDORS

LONG_ENOUGH_S = 120
"""No job takes longer."""

APP = "google/gemini-omni-flash"
IMAGE = "https://example.com/portrait.png"
VIDEO = "https://example.com/source.mp4"

FAL_BODIES: Mapping[str, dict[str, JSON]] = {
    APP: {"prompt": "A lighthouse at dusk", "aspect_ratio": "9:16", "duration": 3},
    f"{APP}/image-to-video": {"prompt": "She turns", "image_url": IMAGE, "duration": 3},
    f"{APP}/edit": {"prompt": "Make this video anime.", "video_url": VIDEO},
    f"{APP}/reference-to-video": {"prompt": "<IMAGE_REF_0> plays", "image_urls": [IMAGE, IMAGE], "duration": 3},
}
"""A body for each of fal's endpoints."""

CALL_OF_THE_PAST: dict[str, JSON] = {
    "estimate_type": "historical_api_price",
    "endpoints": {APP: {"call_quantity": 1}},
}

PIXELDOJO_BODIES: Mapping[str, dict[str, JSON]] = {
    "text_to_video": {"prompt": "Ocean waves", "aspect_ratio": "9:16", "duration": 3, "seed": 7},
    "image_to_video": {"prompt": "She turns", "image": IMAGE, "duration": 3},
    "reference_to_video": {"prompt": "They meet", "reference_images": [IMAGE] * 7, "duration": 3},
    "edit": {"prompt": "Make it night", "video": VIDEO, "reference_images": [IMAGE] * 5},
}
"""A body for each mode of PixelDojo's one endpoint, but for refine, which needs an earlier clip."""


CALLS = calls_of(VENDORS)
PROVIDERS = pytest.mark.parametrize("provider", CALLS)
ACCEPTED = pytest.mark.parametrize("accepted", [True, False])


def keeps(contract: str, value: JSON) -> bool:
    return contracts.violations(contract, value) == []


class Wall:
    """A wall clock for a test to set, in nanoseconds."""

    def __init__(self) -> None:
        self.ns = 1_750_000_000_000_000_000

    def __call__(self) -> int:
        return self.ns


class Fal:
    """fal's queue, as its Inference API reference describes it."""

    def __init__(self, sandbox: Sandbox, key: str | None = None) -> None:
        site = sandbox.site
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=site["hosts"]["fal"]["queue"], headers={"Authorization": f"Key {key or site['keys']['fal']}"}
        )

    def submit(self, body: JSON = None, endpoint: str = APP, **headers: str) -> httpx.Response:
        return self.http.send(self.submission(body, endpoint, **headers))

    def submission(self, body: JSON = None, endpoint: str = APP, **headers: str) -> httpx.Request:
        """The request of a submit, not sent."""
        json = body or FAL_BODIES[endpoint]
        return self.http.build_request("POST", f"/{endpoint}", json=json, headers=underscored(headers))

    def request(self, body: JSON = None, endpoint: str = APP, **headers: str) -> str:
        """The id of a request that was accepted."""
        request_id: str = self.submit(body, endpoint, **headers).raise_for_status().json()["request_id"]
        return request_id

    def finished(self, body: JSON = None, endpoint: str = APP, **headers: str) -> str:
        """The id of a request that is over."""
        request_id = self.request(body, endpoint, **headers)
        self.sandbox.advance(LONG_ENOUGH_S)
        return request_id

    def status(self, request_id: str, **query: str) -> httpx.Response:
        return self.http.get(f"/{APP}/requests/{request_id}/status", params=query)

    def result(self, request_id: str) -> httpx.Response:
        return self.http.get(f"/{APP}/requests/{request_id}")

    def cancel(self, request_id: str) -> httpx.Response:
        return self.http.put(f"/{APP}/requests/{request_id}/cancel")

    def listing(self, *endpoints: str, **query: str | int) -> httpx.Response:
        """Past requests to these endpoints, or to text-to-video."""
        url = f"{self.sandbox.site['hosts']['fal']['api']}/v1/models/requests/by-endpoint"
        return self.http.get(url, params={"endpoint_id": [*endpoints] or [APP], **query})

    def listed(self, *endpoints: str, **query: str | int) -> list[dict[str, Any]]:
        page = self.listing(*endpoints, **query).raise_for_status().json()
        assert keeps("fal-requests", page)
        items: list[dict[str, Any]] = page["items"]
        return items

    def prices(self, *endpoints: str) -> httpx.Response:
        """The prices of these endpoints, or of text-to-video."""
        url = f"{self.sandbox.site['hosts']['fal']['api']}/v1/models/pricing"
        return self.http.get(url, params={"endpoint_id": [*endpoints] or [APP]})

    def estimate(self, body: JSON = None) -> httpx.Response:
        """What a call has cost, or what the body asks for."""
        url = f"{self.sandbox.site['hosts']['fal']['api']}/v1/models/pricing/estimate"
        return self.http.post(url, json=body or CALL_OF_THE_PAST)

    def video_url(self, request_id: str) -> str:
        url: str = self.result(request_id).raise_for_status().json()["video"]["url"]
        return url


class PixelDojo:
    """PixelDojo's jobs, as the model's page describes them."""

    def __init__(self, sandbox: Sandbox, key: str | None = None) -> None:
        site = sandbox.site
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=site["hosts"]["pixeldojo"]["api"],
            headers={"Authorization": f"Bearer {key or site['keys']['pixeldojo']}"},
        )

    def submit(self, body: JSON = None, **headers: str) -> httpx.Response:
        return self.http.send(self.submission(body, **headers))

    def submission(self, body: JSON = None, **headers: str) -> httpx.Request:
        """The request of a submit, not sent."""
        json, headers = body or PIXELDOJO_BODIES["text_to_video"], underscored(headers)
        return self.http.build_request("POST", "/models/google-gemini-omni-flash/run", json=json, headers=headers)

    def request(self, body: JSON = None, **headers: str) -> str:
        """The id of a job that was accepted."""
        job_id: str = self.submit(body, **headers).raise_for_status().json()["jobId"]
        return job_id

    def finished(self, body: JSON = None, **headers: str) -> str:
        """The id of a job that is over."""
        job_id = self.request(body, **headers)
        self.sandbox.advance(LONG_ENOUGH_S)
        return job_id

    def status(self, job_id: str) -> httpx.Response:
        return self.http.get(f"/jobs/{job_id}")

    def listing(self) -> httpx.Response:
        """Recent jobs; an assumption, as the sandbox says."""
        return self.http.get("/jobs")

    def listed(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = self.listing().raise_for_status().json()["jobs"]
        return jobs

    def model(self, name: str = "google-gemini-omni-flash") -> httpx.Response:
        """What discovery tells of a model; asked without a key."""
        return httpx.get(f"{self.http.base_url}models/{name}")

    def video_url(self, job_id: str) -> str:
        url: str = self.status(job_id).raise_for_status().json()["output"]["video"]
        return url

    def video_id(self, job_id: str) -> str:
        video_id: str = self.status(job_id).raise_for_status().json()["outputs"]["videoId"]
        return video_id


def underscored(headers: Mapping[str, str]) -> dict[str, str]:
    """`X_Sandbox_Fault="…"` is the header X-Sandbox-Fault."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def lost(call: Callable[[], httpx.Response]) -> bool:
    """Whether a call ends without a whole answer, because the connection was closed."""
    try:
        call()
    except httpx.RemoteProtocolError:
        return True
    return False


def path_of(url: str) -> str:
    return re.sub(r"^http://127\.0\.0\.1:\d+", "", url)


def calls(vendor: Fal | PixelDojo) -> dict[str, Callable[[], httpx.Response]]:
    """Every call of a vendor, on a job that is over."""
    job = vendor.finished()
    video = vendor.video_url(job)
    common: dict[str, Callable[[], httpx.Response]] = {
        "submit": vendor.submit,
        "status": lambda: vendor.status(job),
        "list": vendor.listing,
        "asset": lambda: httpx.get(video),
    }
    if isinstance(vendor, PixelDojo):
        return common | {"prices": vendor.model}
    about = {"result": lambda: vendor.result(job), "cancel": lambda: vendor.cancel(job)}
    return common | about | {"prices": vendor.prices, "estimate": vendor.estimate}


def readable(answer: httpx.Response) -> bool:
    try:
        answer.json()
    except json.JSONDecodeError:
        return False
    return True


def on_the_wire(request: httpx.Request) -> tuple[bytes, bool]:
    """What comes back through a bare socket until the connection ends, and whether that was a reset."""
    address = urlsplit(str(request.url))
    lines = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + request.read())
        received = b""
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionResetError:
            return received, True
        return received, False


def body_of(received: bytes) -> bytes:
    return received.partition(b"\r\n\r\n")[2]
