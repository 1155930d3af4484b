"""Plain HTTP clients of both vendors' protocols, for the sandbox's tests: nothing but httpx and the vendors' pages."""

import re
from collections.abc import Callable, Mapping

import httpx

from omniflash_sandbox import Sandbox, contracts
from omniflash_sandbox.messages import JSON

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

PIXELDOJO_BODIES: Mapping[str, dict[str, JSON]] = {
    "text_to_video": {"prompt": "Ocean waves", "aspect_ratio": "9:16", "duration": 3, "seed": 7},
    "image_to_video": {"prompt": "She turns", "image": IMAGE, "duration": 3},
    "reference_to_video": {"prompt": "They meet", "reference_images": [IMAGE] * 7, "duration": 3},
    "edit": {"prompt": "Make it night", "video": VIDEO, "reference_images": [IMAGE] * 5},
}
"""A body for each mode of PixelDojo's one endpoint, but for refine, which needs an earlier clip."""


def keeps(contract: str, value: JSON) -> bool:
    return contracts.violations(contract, value) == []


class Fal:
    """fal's queue, as its Inference API reference describes it."""

    def __init__(self, sandbox: Sandbox, key: str | None = None) -> None:
        site = sandbox.site
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=site["hosts"]["fal"]["queue"], headers={"Authorization": f"Key {key or site['keys']['fal']}"}
        )

    def submit(self, body: JSON = None, endpoint: str = APP, **headers: str) -> httpx.Response:
        return self.http.post(f"/{endpoint}", json=body or FAL_BODIES[endpoint], headers=underscored(headers))

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
        body = body or PIXELDOJO_BODIES["text_to_video"]
        return self.http.post("/models/google-gemini-omni-flash/run", json=body, headers=underscored(headers))

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
