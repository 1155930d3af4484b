"""Who sends webhooks: one thread, one after another, to this machine and to no other."""

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from threading import Lock, Thread
from typing import TYPE_CHECKING

from omniflash_sandbox.vendor import Notice, NoticeOf
from omniflash_sandbox.webhooks import TIMEOUT_S, Errand
from omniflash_sandbox.world import World

if TYPE_CHECKING:
    import httpx

GRACE_S = 2.0
LOOK_S = 1.0  # another server on this state may have accepted a job, and be gone

# fal itself takes a target on loopback for a permanent failure (fal, webhooks); a stand-in on loopback must not, and
# must reach nobody else.
ELSEWHERE = "the sandbox sends webhooks to this machine only: nothing was sent"
NO_URL = "this is no URL: nothing was sent"

Outcome = tuple[int | None, str | None, bool]
"""The status that was answered, why it does not count, and whether that is the last word."""


class Courier:
    """Sends what is due, whenever the bell rings or time comes. What it needs is loaded by the first webhook."""

    def __init__(self, world: World, notices: Mapping[str, NoticeOf]) -> None:
        self._world, self._notices = world, notices
        self._closed, self._lock = False, Lock()
        self._thread = Thread(target=self._work, name="omniflash-sandbox-courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits for what is under way, but not for long; the state knows what is still to be told."""
        with self._lock:
            self._closed = True
        self._world.webhooks.bell.set()
        self._thread.join(GRACE_S)
        self._world.webhooks.give_up()

    def _work(self) -> None:
        webhooks = self._world.webhooks
        with suppress(asyncio.CancelledError):  # the studio has closed, in the middle of a clip
            while self._told_all():
                webhooks.bell.wait(min(webhooks.seconds_left(), LOOK_S))
                webhooks.bell.clear()

    def _told_all(self) -> bool:
        """Whether there will be more; once closed, nothing is asked of the state, which may be closed too."""
        for errand in self._world.webhooks.errands():
            duplicate = self._world.webhooks.again(errand) if self._tell(errand) else None
            if duplicate:
                self._tell(duplicate)
            if self._closed:
                break
        return not self._closed

    def _tell(self, errand: Errand) -> bool:
        """Whether it was acknowledged: "2xx", while "3xx is a permanent failure", and all else is tried again."""
        notice = asyncio.run(self._notices[errand.job.provider](self._world, errand.job))
        status, reason, final = self._sent(str(errand.job.webhook), notice)
        with self._lock:
            if not self._closed:
                self._world.webhooks.told(errand, json.loads(notice.body), status, reason, final=final)
            return reason is None and not self._closed

    def _sent(self, url: str, notice: Notice) -> Outcome:
        import httpx  # here, in the thread: it is loaded by the first webhook, not at start

        if reason := unreachable(url):
            return None, reason, True
        try:
            with self._client.stream("POST", url, content=notice.body, headers=notice.headers) as answer:
                return answer.status_code, *verdict(answer.status_code)
        except httpx.HTTPError as problem:
            return None, f"no answer ({type(problem).__name__}): it will be tried again", False

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        # No connection is kept, so that none is left open; no proxy of the user's is used, which would be elsewhere.
        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.Client(timeout=TIMEOUT_S, limits=limits, trust_env=False, follow_redirects=False)


def verdict(status: int) -> tuple[str | None, bool]:
    """Why an answer does not acknowledge, and whether it is the last word."""
    if 200 <= status < 300:
        return None, True
    if 300 <= status < 400:
        return f"answered {status}: a permanent failure", True
    return f"answered {status}: it will be tried again", False


def unreachable(url: str) -> str | None:
    """Why nothing is sent to a URL; None for one on this machine."""
    import httpx  # what is asked here is what will be connected to

    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return NO_URL
    if address.scheme not in ("http", "https") or not address.host:
        return NO_URL
    return None if is_loopback(address.host) else ELSEWHERE


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
