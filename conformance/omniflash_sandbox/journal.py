"""The journal: every exchange with a vendor as it went over the wire, keys left out."""

import json
from collections.abc import Mapping
from typing import TypedDict

from omniflash_sandbox.accounts import without_key
from omniflash_sandbox.clock import Clock, iso
from omniflash_sandbox.messages import JSON, Answer, Ask, shortened
from omniflash_sandbox.store import Store

KEPT = 5_000  # exchanges; the older ones go

HEADERS = frozenset({
    "accept", "authorization", "content-type", "if-none-match", "if-range", "range", "user-agent", "x-sandbox-fault",
    # fal, queue/submit and common parameters
    "x-app-fal-disable-fallback", "x-fal-no-retry", "x-fal-object-lifecycle-preference", "x-fal-queue-priority",
    "x-fal-request-start-timeout", "x-fal-request-timeout", "x-fal-retry-config", "x-fal-runner-hint", "x-fal-store-io",
    "x-fal-tags",
    # fal_client 1.0.3 and @fal-ai/client 1.10.1, uploads
    "x-fal-file-name", "x-fal-object-lifecycle",
})  # fmt: skip
"""The request headers that are written down; of `authorization` only its scheme and the account's name."""


class Exchange(TypedDict):
    """One exchange.

    `call` is the operation's name, or `other`. `query` has the values of a repeated parameter with commas between.
    `status` and `answer` are None where no answer was sent. `job` is the id of the job it was about, `fault` what was
    made to go wrong. `key_leaked`: a key came to where none is asked for.
    """

    n: int
    at: str
    provider: str
    call: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: JSON
    status: int | None
    answer: JSON
    job: str | None
    fault: str | None
    key_leaked: bool


class Journal:
    """The exchanges of a state, numbered from 1 in the order in which they were answered."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def next_number(self) -> int:
        ((number,),) = self._store.rows("SELECT coalesce(max(n), 0) + 1 FROM journal")
        return int(number)

    def write(self, ask: Ask, answer: Answer, key_header: str, shown: frozenset[str], *, key_leaked: bool) -> None:
        """`key_header` has the key, `shown` are other headers of the vendor's own; `key_leaked`: the request carried a
        key to where none is asked for.
        """
        headers = _headers(ask.headers, key_header, shown)
        with self._store.writing():
            n = self.next_number()
            exchange = _exchange(n, iso(self._clock.now()), ask, answer, headers, key_leaked=key_leaked)
            self._store.run("INSERT INTO journal VALUES (?, ?)", n, json.dumps(exchange))
            self._store.run("DELETE FROM journal WHERE n <= ?", n - KEPT)

    def exchanges(self) -> list[Exchange]:
        return [json.loads(str(text)) for (text,) in self._store.rows("SELECT exchange FROM journal ORDER BY n")]


def _exchange(n: int, at: str, ask: Ask, answer: Answer, headers: dict[str, str], *, key_leaked: bool) -> Exchange:
    sent = answer.delivery.head
    return Exchange(
        n=n,
        at=at,
        provider=ask.provider,
        call=ask.call,
        method=ask.method,
        path=ask.path,
        query={name: ",".join(ask.every(name)) for name in ask.query},
        headers=headers,
        body=shortened(ask.readable),
        status=answer.status if sent else None,
        answer=_shown(answer) if sent else None,
        job=answer.job,
        fault=answer.fault,
        key_leaked=key_leaked,
    )


def _headers(headers: Mapping[str, str], key_header: str, shown: frozenset[str]) -> dict[str, str]:
    keys = {"authorization", key_header}
    known = HEADERS | keys | shown
    return {
        name: without_key(value) if name in keys else value for name, value in sorted(headers.items()) if name in known
    }


def _shown(answer: Answer) -> JSON:
    """A clip is shown as its type and how many of its bytes were sent, a stream as its type."""
    if answer.stream is not None and answer.fault is None:
        return {"content_type": answer.headers.get("content-type")}
    if not isinstance(answer.body, bytes):
        return shortened(answer.body)
    if "content-type" not in answer.headers:
        return shortened(answer.body.decode(errors="replace"))
    return {
        "content_type": answer.headers["content-type"],
        "bytes": len(answer.content[: answer.delivery.bytes_of_body]),
    }
