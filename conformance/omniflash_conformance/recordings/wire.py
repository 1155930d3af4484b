"""The vendors' calls as cassettes name them: where each goes, and the contracts that it and its answers are held to."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from omniflash_sandbox import contracts

HOSTS: Mapping[str, Mapping[str, str]] = {
    "fal": {"queue": "/fal/queue", "rest": "/fal/rest", "api": "/fal/api"},
    "pixeldojo": {"api": "/pixeldojo/api/v1"},
}
BASES: Mapping[str, Mapping[str, str]] = {
    "fal": {"queue": "https://queue.fal.run", "rest": "https://rest.fal.ai", "api": "https://api.fal.ai"},
    "pixeldojo": {"api": "https://pixeldojo.ai/api/v1"},
}
STRANGER = ""
MODEL = "/fal/queue/google/gemini-omni-flash"
REQUEST = f"{MODEL}(?:/[a-z-]+)?/requests/[^/]+"  # in what fal publishes, the whole endpoint id stands here
SUBMITTED = {200: "fal-submitted", 401: "fal-request-error"}
LISTED = {200: "fal-requests", 403: "fal-platform-error"}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(path)


@frozen
class Row:
    """One call: `asked` is the contract of its body, `answered` that of each answer by status; None is no JSON."""

    provider: str
    call: str
    method: str
    path: re.Pattern[str] = field(converter=_pattern)
    answered: Mapping[int, str | None] = field(hash=False)
    asked: str | None = None


ROWS = (
    Row("fal", "submit", "POST", MODEL, SUBMITTED, "fal-text-to-video"),
    Row("fal", "submit", "POST", f"{MODEL}/image-to-video", SUBMITTED, "fal-image-to-video"),
    Row("fal", "submit", "POST", f"{MODEL}/reference-to-video", SUBMITTED, "fal-reference-to-video"),
    Row("fal", "submit", "POST", f"{MODEL}/edit", SUBMITTED, "fal-edit"),
    Row("fal", "status", "GET", f"{REQUEST}/status", {200: "fal-status", 202: "fal-status"}),
    Row("fal", "result", "GET", REQUEST, {200: "fal-result", 422: "fal-model-error"}),
    Row("fal", "cancel", "PUT", f"{REQUEST}/cancel", dict.fromkeys((200, 202, 400), "fal-cancelled")),
    Row("fal", "list", "GET", "/fal/api/v1/models/requests/by-endpoint", LISTED),
    Row("fal", "prices", "GET", "/fal/api/v1/models/pricing", {200: "fal-prices", 401: "fal-platform-error"}),
    Row("fal", "estimate", "POST", "/fal/api/v1/models/pricing/estimate", {200: "fal-estimated"}, "fal-estimate"),
    Row("fal", "initiate", "POST", "/fal/rest/storage/upload/initiate", {200: "fal-upload-initiated"}, "fal-upload"),
    Row("fal", "upload", "PUT", "/fal/uploads/[^/]+", {200: None}),
    Row("fal", "keys", "GET", r"/fal/rest/\.well-known/jwks\.json", {200: "fal-webhook-keys"}),
    Row(
        "pixeldojo",
        "submit",
        "POST",
        "/pixeldojo/api/v1/models/google-gemini-omni-flash/run",
        {202: "pixeldojo-submitted", 401: "pixeldojo-error"},
        "pixeldojo-run",
    ),
    Row("pixeldojo", "status", "GET", "/pixeldojo/api/v1/jobs/[^/]+", {200: "pixeldojo-job"}),
    Row(
        "pixeldojo",
        "prices",
        "GET",
        "/pixeldojo/api/v1/models/google-gemini-omni-flash",
        {200: "pixeldojo-model"},
    ),
    Row("pixeldojo", "list", "GET", "/pixeldojo/api/v1/jobs", {200: "pixeldojo-jobs"}),
)


def row_of(method: str, path: str) -> Row:
    """The call that goes there; of a vendor whose calls are in no row, one that is held to nothing."""
    if path.removeprefix("/").partition("/")[0] not in HOSTS:
        return Row(STRANGER, "", method, re.escape(path), {})
    (row,) = (row for row in ROWS if row.method == method and row.path.fullmatch(path))
    return row


def prefixes(provider: str, hosts: Iterable[str]) -> Mapping[str, str]:
    """Where a vendor's hosts are in recordings: as on the sandbox."""
    return HOSTS.get(provider) or {host: f"/{provider}/{host}" for host in hosts}


def held_to(exchange: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The contracts of an exchange, each with what has to keep it."""
    asked, answered = exchange["request"], exchange["response"]
    row = row_of(asked["method"], asked["path"])
    if row.provider == STRANGER:
        return []
    pairs = [(row.asked, asked.get("json")), (row.answered[answered["status"]], answered.get("json"))]
    return [(name, body) for name, body in pairs if name is not None]


def breaches(exchange: Mapping[str, Any]) -> list[contracts.Violation]:
    """Where an exchange breaks its contracts."""
    return [violation for name, body in held_to(exchange) for violation in contracts.violations(name, body)]
