"""Both vendors as a model: jobs that come of requests in their own wire shapes, and the bill, which is the judge."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from attrs import Factory, define, field, frozen

from omniflash.types import JSON
from omniflash_fal.offers import APP
from omniflash_pixeldojo.offers import MODEL
from tests.simulate.history import Chance

KEYS = {"fal": "the-id:the-secret-half", "pixeldojo": "pixeldojo-secret-key"}
ASSETS = "https://assets.example/"
NEVER = float("inf")
LIST_LAG_S = 7200.0  # fal's list has lagged by hours


@frozen
class Render:
    """How a job goes: it is over after so many `seconds`, and `ends` with a clip, or without."""

    ends: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.ends} after {self.seconds:g} s" if self.seconds < NEVER else "never over"


RENDERS = (
    Render("clip", 40.0),
    Render("clip", 3.0),
    Render("clip", 100.0),
    Render("clip", 290.0),
    Render("failed", 30.0),
    Render("rejected", 20.0),
    Render("empty", 45.0),
    Render("never", NEVER),
)


@define
class Made:
    """A job that a vendor has accepted, and bills unless it fails or is cancelled."""

    handle: str
    vendor: str
    prompt: str
    at: float
    render: Render
    cancelled: bool = False
    moved: int = 0

    def over(self, now: float) -> bool:
        return now >= self.at + self.render.seconds

    def billed(self, now: float) -> bool:
        """Whether its vendor asks money for it, or will once it is over."""
        return self.render.ends in ("clip", "never") and not self.cancelled

    @property
    def content(self) -> bytes:
        """The bytes of its clip."""
        return f"the clip of {self.handle} ".encode() * 40

    @property
    def url(self) -> str:
        return f"{ASSETS}{self.handle}.mp4?signature={self.moved}"


@frozen
class Said:
    """An answer of a vendor."""

    status: int
    body: JSON = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes | None = None

    def to(self, request: httpx.Request) -> httpx.Response:
        content = json.dumps(self.body).encode() if self.content is None else self.content
        return httpx.Response(
            self.status, headers={"content-type": "application/json", **self.headers}, content=content, request=request
        )


NOT_FOUND = Said(404, {"detail": "Request not found"})
UNAUTHORIZED = Said(401, {"detail": "No user found for Key ID and Secret"})


@define
class Vendors:
    """Both vendors and the host of their clips. `leaks` are the keys that came where none belongs."""

    chance: Chance
    jobs: dict[str, Made] = Factory(dict)
    leaks: list[str] = Factory(list)

    def answer(self, request: httpx.Request, now: float) -> Said:
        """Act on a request, and say what its vendor says."""
        return HOSTS[request.url.host](self, request, now)

    def accept(self, vendor: str, prompt: str, now: float) -> Made:
        """Write down a job; it is on the bill from here on."""
        handle = f"{vendor}-{len(self.jobs) + 1}"
        render = self.chance.choose("vendor", handle, "render", RENDERS)
        self.jobs[handle] = Made(handle, vendor, prompt, now, render)
        return self.jobs[handle]

    def on_the_bill(self, prompt: str, now: float, vendor: str | None = None) -> list[Made]:
        """What the dashboards of the vendors, or of one, show for a prompt."""
        return [job for job in self.jobs.values() if job.prompt == prompt and vendor in (None, job.vendor)]

    def on_the_list(self, prompt: str, now: float, vendor: str | None = None) -> list[Made]:
        """What the vendors' lists of requests show for a prompt: they lag."""
        return [job for job in self.on_the_bill(prompt, now, vendor) if job.at < now - LIST_LAG_S]


def fal(vendors: Vendors, request: httpx.Request, now: float) -> Said:
    """fal's queue."""
    if request.headers.get("authorization") != f"Key {KEYS['fal']}":
        return UNAUTHORIZED
    path = request.url.path.removeprefix(f"/{APP}")
    if request.method == "POST":
        made = vendors.accept("fal", json.loads(request.content)["prompt"], now)
        return Said(200, {"request_id": made.handle, "status": "IN_QUEUE"}, {"x-fal-request-id": made.handle})
    _, _, handle, *what = path.split("/")
    job = vendors.jobs.get(handle)
    if job is None or now < job.at:
        return NOT_FOUND
    return FAL[what[0] if what else "result"](job, now)


def _fal_status(job: Made, now: float) -> Said:
    if job.cancelled or job.over(now):
        failed = job.cancelled or job.render.ends == "failed"
        return Said(200, {"status": "COMPLETED", "error": "it failed" if failed else None})
    waits = now < job.at + job.render.seconds / 4
    return Said(202, {"status": "IN_QUEUE" if waits else "IN_PROGRESS"})


def _fal_result(job: Made, now: float) -> Said:
    if job.cancelled:
        return Said(499, {"detail": "it was cancelled", "error_type": "client_cancelled"})
    if not job.over(now):
        return Said(400, {"detail": "Request is still in progress"})
    clip: JSON = {"url": job.url, "content_type": "video/mp4", "file_size": len(job.content)}
    return {
        "clip": Said(200, {"video": clip}, {"x-fal-billable-units": "8"}),
        "empty": Said(200, {}),
        "failed": Said(500, {"detail": [{"msg": "it failed", "type": "internal_server_error"}]}),
        "rejected": Said(422, {"detail": [{"msg": "it was rejected", "type": "content_policy_violation"}]}),
    }[job.render.ends]


def _fal_cancel(job: Made, now: float) -> Said:
    if job.over(now):
        return Said(400, {"status": "ALREADY_COMPLETED"})
    job.cancelled = True
    return Said(202, {"status": "CANCELLATION_REQUESTED"})


FAL: Mapping[str, Callable[[Made, float], Said]] = {
    "status": _fal_status,
    "result": _fal_result,
    "cancel": _fal_cancel,
}


def pixeldojo(vendors: Vendors, request: httpx.Request, now: float) -> Said:
    """PixelDojo's job API."""
    if request.headers.get("authorization") != f"Bearer {KEYS['pixeldojo']}":
        return UNAUTHORIZED
    path = request.url.path.removeprefix("/api/v1")
    if path == f"/models/{MODEL}/run":
        made = vendors.accept("pixeldojo", json.loads(request.content)["prompt"], now)
        return Said(202, {"jobId": made.handle, "status": "pending"})
    job = vendors.jobs.get(path.removeprefix("/jobs/"))
    if job is None or now < job.at:
        return NOT_FOUND
    if not job.over(now):
        waits = now < job.at + job.render.seconds / 4
        return Said(200, {"jobId": job.handle, "status": "pending" if waits else "processing"})
    ends: Mapping[str, dict[str, Any]] = {
        "clip": {"status": "completed", "output": {"video": job.url}, "creditCost": 16},
        "empty": {"status": "completed", "output": {}, "creditCost": 0},
        "failed": {"status": "failed", "error": {"code": "internal_error", "message": "it failed"}},
        "rejected": {"status": "failed", "error": {"message": "input blocked"}},
    }
    return Said(200, {"jobId": job.handle, **ends[job.render.ends]})


def assets(vendors: Vendors, request: httpx.Request, now: float) -> Said:
    """The host of the clips, which knows ranges, and is told no key."""
    if "authorization" in request.headers:
        vendors.leaks.append(str(request.url))
    job = vendors.jobs.get(request.url.path.strip("/").removesuffix(".mp4"))
    if job is None or str(request.url) != job.url:
        return Said(403, {"detail": "expired"})
    content, start = job.content, int(request.headers.get("range", "bytes=0-")[6:].partition("-")[0])
    headers = {"content-type": "video/mp4", "etag": f'"{job.handle}"'}
    if "range" not in request.headers:
        return Said(200, headers={**headers, "content-length": str(len(content))}, content=content)
    if start >= len(content):
        return Said(416, headers=headers)
    told = f"bytes {start}-{len(content) - 1}/{len(content)}"
    return Said(206, headers={**headers, "content-range": told}, content=content[start:])


HOSTS: Mapping[str, Callable[[Vendors, httpx.Request, float], Said]] = {
    "queue.fal.run": fal,
    "pixeldojo.ai": pixeldojo,
    "assets.example": assets,
}
