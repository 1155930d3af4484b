"""fal's Platform API, of which the sandbox has the list of past requests: what there is to find a lost submit by.

Source: https://api.fal.ai/v1/openapi.json and the page of this operation,
https://fal.ai/docs/platform-apis/v1/models/requests/by-endpoint.
"""

import asyncio
import math
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from attrs import frozen

from omniflash_sandbox import fal
from omniflash_sandbox.accounts import Account
from omniflash_sandbox.clock import iso
from omniflash_sandbox.fal import MODELS, NAME, answer_of
from omniflash_sandbox.fal_failures import FAILURES
from omniflash_sandbox.jobs import Ending, Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.vendor import Dialect, Operation
from omniflash_sandbox.world import World

API = "/fal/api"
DAY_S = 86_400
LONGEST_S, LONGEST_BY_ID_S = DAY_S, 90 * DAY_S
MOST_ENDPOINTS, MOST_ITEMS, USUAL_ITEMS = 50, 100, 50


def refusal(status: int, kind: str, message: str) -> Answer:
    return Answer(status, {"error": {"type": kind, "message": message}})


# Types, statuses and words are the source's, but for 413, 503 and 504, which it does not have.
UNAUTHENTICATED = refusal(401, "authorization_error", "Authentication required")
DENIED = refusal(403, "authorization_error", "Access denied")
NOT_FOUND = refusal(404, "not_found", "Resource not found")
TOO_MANY = refusal(429, "rate_limited", "Rate limit exceeded")
TOO_LARGE = refusal(413, "validation_error", "Request body is too large")
UNAVAILABLE = {
    status: refusal(status, "server_error", "An unexpected error occurred") for status in (500, 502, 503, 504)
}


def account(headers: Mapping[str, str]) -> Account | Answer:
    """The key is the queue's. That an account without credit is denied is an assumption, after what users report."""
    found = fal.account(headers)
    if isinstance(found, Answer):
        return UNAUTHENTICATED
    return found if found.solvent else DENIED


async def nowhere(world: World, ask: Ask) -> Answer:
    return NOT_FOUND


def invalid(problem: object) -> Answer:
    return refusal(400, "validation_error", f"Invalid request parameters: {problem}")


DIALECT = Dialect(
    account=account,
    nowhere=nowhere,
    rate_limited=TOO_MANY,
    locked=DENIED,
    unavailable=UNAVAILABLE,
    too_large=TOO_LARGE,
)


# --- what is looked for -----------------------------------------------------------------------------------------------


@frozen
class Search:
    """What a request looks for, with the source's defaults. `page` counts from 1; `end` is exclusive."""

    endpoints: frozenset[str]
    start: datetime | None
    end: datetime | None
    status: str | None
    request_id: str | None
    payloads: bool
    sort_by: str
    limit: int
    page: int


def searched(ask: Ask) -> Search:
    """Raises ValueError for a parameter that is wrong; one that there is not is ignored, which is an assumption."""
    query = ask.query
    return Search(
        endpoints=frozenset(endpoints_in(ask)),
        start=_date("start", query.get("start")),
        end=_date("end", query.get("end")),
        status=_one_of("status", query.get("status"), STATUSES.values()),
        request_id=_uuid(query.get("request_id")),
        payloads="payloads" in listed(ask, "expand"),
        sort_by=_one_of("sort_by", query.get("sort_by"), SORTS) or "ended_at",
        limit=_limit(query.get("limit", str(USUAL_ITEMS))),
        page=_page(query.get("cursor")),
    )


def listed(ask: Ask, name: str) -> list[str]:
    """A list may be a parameter that is repeated, or its values with commas between."""
    return [part for value in ask.every(name) for part in value.split(",") if part]


def endpoints_in(ask: Ask) -> tuple[str, ...]:
    """Those that are asked for, each once; raises ValueError for none, or too many."""
    given = listed(ask, "endpoint_id")
    if not 1 <= len(given) <= MOST_ENDPOINTS:
        raise ValueError(f"endpoint_id must be 1 to {MOST_ENDPOINTS} ids")
    return tuple(dict.fromkeys(given))


DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)


def _date(name: str, given: str | None) -> datetime | None:
    """A day begins at midnight of UTC, which is an assumption."""
    if given is None:
        return None
    with suppress(ValueError):
        if DATE.fullmatch(given):
            date = datetime.fromisoformat(given)
            return date if date.tzinfo else date.replace(tzinfo=UTC)
    raise ValueError(f"{name} must be a date in ISO 8601")


def _one_of(name: str, given: str | None, words: Collection[str]) -> str | None:
    if given is not None and given not in words:
        raise ValueError(f"{name} must be one of {', '.join(words)}")
    return given


UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _uuid(given: str | None) -> str | None:
    if given is not None and not UUID.fullmatch(given):
        raise ValueError("request_id must be a UUID")
    return given and given.lower()


def _limit(given: str) -> int:
    if not (re.fullmatch("[0-9]{1,3}", given) and 1 <= int(given) <= MOST_ITEMS):
        raise ValueError(f"limit must be a whole number from 1 to {MOST_ITEMS}")
    return int(given)


def _page(cursor: str | None) -> int:
    """A cursor is the number of a page, in base64."""
    if cursor is None:
        return 1
    with suppress(ValueError):
        number = b64decode(cursor, validate=True).decode()
        if re.fullmatch("[1-9][0-9]{0,8}", number):
            return int(number)
    raise ValueError("cursor must be one that was given")


# --- what is found ----------------------------------------------------------------------------------------------------


async def requests(world: World, ask: Ask) -> Answer:
    """List requests by endpoint(s): those of the account, as far as they are listed by now."""
    try:
        search = searched(ask)
    except ValueError as problem:
        return invalid(problem)
    if not search.endpoints <= set(MODELS):
        return NOT_FOUND  # assumption: so is an endpoint that there is not
    found = [job for job in world.history.of(NAME, ask.account.name) if wanted(world, search, job)]
    found.sort(key=lambda job: SORTS[search.sort_by](world, job), reverse=True)
    shown = found[(search.page - 1) * search.limit :][: search.limit]
    items: list[JSON] = [*await asyncio.gather(*(item(world, job, payloads=search.payloads) for job in shown))]
    more = len(found) > search.page * search.limit
    cursor = b64encode(str(search.page + 1).encode()).decode() if more else None
    return Answer(200, {"items": items, "next_cursor": cursor, "has_more": more})


def wanted(world: World, search: Search, job: Job) -> bool:
    return (
        ENDPOINTS[job.mode] in search.endpoints
        and search.request_id in (None, job.id)
        and search.status in (None, status(world, job))
        and in_window(world, search, job)
    )


def in_window(world: World, search: Search, job: Job) -> bool:
    """By when the request was sent, which is an assumption; the longest age is in the job's own time."""
    sent = job.start.wall_date()
    longest = LONGEST_BY_ID_S if search.request_id else LONGEST_S
    begun = world.clock.since(job.start) <= longest if search.start is None else sent >= search.start
    return begun and (search.end is None or sent < search.end)


def is_over(world: World, job: Job) -> bool:
    return job.phase(world.clock.since(job.start)) is Phase.OVER


def ended(world: World, job: Job) -> float:
    return job.start.wall_date(job.over_s).timestamp() if is_over(world, job) else math.inf


def duration(world: World, job: Job) -> float:
    return round(job.over_s, 3) if is_over(world, job) else math.inf


# Assumption: the last to end and the longest come first, and before them what has not ended.
SORTS: Mapping[str, Callable[[World, Job], float]] = {"ended_at": ended, "duration": duration}


def status_code(job: Job) -> int:
    """That of the result."""
    if job.ending is Ending.FAILED:
        return FAILURES[str(job.options["error_type"])].status
    return STATUS_CODES[job.ending]


STATUS_CODES: Mapping[Ending, int] = {
    Ending.VIDEO: 200,
    Ending.NO_VIDEO: 200,
    Ending.INVALID: 422,
    Ending.REGION: 422,
    Ending.CONTENT_REJECTED: 422,
    Ending.CANCELLED: 499,
}

STATUSES = {2: "success", 4: "user_error", 5: "error"}
"""By the hundreds of the status code, as fal's page on analytics counts them."""


def status(world: World, job: Job) -> str | None:
    """None before the end."""
    return STATUSES[status_code(job) // 100] if is_over(world, job) else None


async def item(world: World, job: Job, *, payloads: bool) -> JSON:
    """One request. Every one has a `started_at`, says the source. Assumption: of one that still waits it is when it was
    sent, and of one that was cancelled before it started, when it ended.
    """
    waited_s = min(job.queue_s, job.over_s)
    started_s = waited_s if world.clock.since(job.start) >= waited_s else 0.0
    about: dict[str, JSON] = {
        "request_id": job.id,
        "endpoint_id": ENDPOINTS[job.mode],
        "started_at": iso(job.start.wall_date(started_s)),
        "sent_at": iso(job.start.wall_date()),
    }
    if is_over(world, job):
        ended_at = iso(job.start.wall_date(job.over_s))
        about |= {"ended_at": ended_at, "status_code": status_code(job), "duration": duration(world, job)}
    return about | (await payloads_of(world, job) if payloads else {})


ENDPOINTS: Mapping[str, str] = {model.mode: endpoint for endpoint, model in MODELS.items()}


async def payloads_of(world: World, job: Job) -> dict[str, JSON]:
    """Input and output, of a request whose payloads are stored. Assumptions: the input is as it was sent, no default
    added; the output of a failure is what its result says.
    """
    asked = world.history.asked(job)
    if asked is None:
        return {}
    if not is_over(world, job):
        return {"json_input": asked}
    answer = await answer_of(world, job)
    return {"json_input": asked, "json_output": None if isinstance(answer.body, bytes) else answer.body}


OPERATIONS = (Operation("list", "GET", f"{API}/v1/models/requests/by-endpoint", requests, dialect=DIALECT),)
