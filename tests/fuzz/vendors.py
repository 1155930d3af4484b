"""Vendors that answer anything: a good answer of theirs, or one of their errors, to which some things were done."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random

from attrs import define, field

from omniflash.effects import Call, Effect, NoAnswerTrouble, NotSentTrouble, Response, Send
from omniflash.types import JSON
from omniflash_conformance.strategies import nasty
from omniflash_conformance.strategies.nasty import RAW, STATUSES, VALUES, at, places, put, without
from tests.fuzz.spoiling import BYTES, TEXTS

REQUEST_ID, JOB_ID = "5057fca7-2eb3-468f-b95d-cefe92b0b9d4", "job_1"
FILM = "https://v3b.fal.media/a.mp4"
DETAIL: JSON = [{"loc": ["body", "prompt"], "msg": "Request blocked", "type": "content_policy_violation", "url": "u"}]

# Sources: fal, "queue/submit", "queue/status", "queue/cancel", "Errors" and "Request errors"; @fal-ai/client 1.10.1 for
# uploads; PixelDojo's model page.
FAL_ERRORS: tuple[tuple[int, JSON], ...] = (
    (422, {"detail": DETAIL}),
    (401, {"detail": "Cannot access application"}),
    (403, {"detail": "User is locked. Reason: Exhausted balance."}),
    (429, {"detail": "Too many requests", "error_type": "concurrent_requests_limit"}),
    (500, {"detail": "Internal error", "error_type": "internal_error"}),
    (504, {"error": {"type": "request_timeout", "message": "Took too long"}}),
)
PIXELDOJO_ERRORS: tuple[tuple[int, JSON], ...] = (
    (401, {"error": {"code": "unauthorized", "message": "No key"}}),
    (402, {"error": "insufficient_credits", "message": "Not enough"}),
    (429, {"error": {"code": "rate_limited", "message": "Slower"}}),
    (500, {"error": {"code": "internal_error"}}),
)
GOOD: Mapping[tuple[str, str], tuple[tuple[int, JSON], ...]] = {
    ("fal", "submit"): ((200, {"status": "IN_QUEUE", "request_id": REQUEST_ID, "queue_position": 0}),),
    ("fal", "status"): (
        (202, {"status": "IN_QUEUE", "request_id": REQUEST_ID, "queue_position": 3}),
        (202, {"status": "IN_PROGRESS", "request_id": REQUEST_ID, "logs": []}),
        (200, {"status": "COMPLETED", "request_id": REQUEST_ID, "metrics": {"inference_time": 40.1}}),
        (200, {"status": "COMPLETED", "error": "Invalid status code: 422", "error_type": "content_policy_violation"}),
    ),
    ("fal", "result"): ((200, {"video": {"url": FILM, "content_type": "video/mp4", "file_size": 9}}),),
    ("fal", "failure"): ((200, {"video": None}), (400, {"detail": "Request is still in progress"})),
    ("fal", "cancel"): ((202, {"status": "CANCELLATION_REQUESTED"}), (400, {"status": "ALREADY_COMPLETED"})),
    ("fal", "initiate"): ((200, {"upload_url": "https://store.example/1", "file_url": "https://v3.fal.media/1.png"}),),
    ("fal", "upload"): ((200, ""),),
    ("pixeldojo", "submit"): ((202, {"jobId": JOB_ID, "status": "pending", "creditCost": 16}),),
    ("pixeldojo", "status"): (
        (200, {"jobId": JOB_ID, "status": "processing"}),
        (200, {"jobId": JOB_ID, "status": "completed", "output": {"video": FILM}, "creditCost": 16}),
        (200, {"status": "completed", "outputs": {"videos": [{"url": FILM}], "videoId": "vid_1"}, "expiresAt": "2027"}),
        (200, {"status": "completed", "assets": [{"type": "video/mp4", "url": FILM}]}),
        (200, {"jobId": JOB_ID, "status": "failed", "error": {"code": "model_error", "message": "Input blocked"}}),
    ),
}
ERRORS = {"fal": FAL_ERRORS, "pixeldojo": PIXELDOJO_ERRORS}

HEADERS: Mapping[str, Sequence[str]] = {
    **nasty.HEADERS,
    "x-fal-request-id": (REQUEST_ID, "", "a\tb", "\x1b[31m", "x" * 9_000),
    "x-fal-needs-retry": ("1", "0", "true", "maybe"),
    "x-fal-billable-units": ("0", "8", "NaN", "-Infinity", "1E+999999", "٣", "", "8" * 5_000),
}
TROUBLES = (NotSentTrouble("connection refused"), NoAnswerTrouble("reset by peer"))


@define
class Said:
    """An answer in the making."""

    chance: Random
    status: int
    told: JSON
    headers: dict[str, str] = field(factory=dict)
    body: bytes = b""


def another_status(said: Said) -> None:
    said.status = said.chance.choice((*STATUSES, said.chance.randint(100, 999)))


def another_value(said: Said) -> None:
    said.told = put(said.told, said.chance.choice(places(said.told)), said.chance.choice(VALUES))


def lacking(said: Said) -> None:
    names = [str(path[-1]) for path in places(said.told) if path]
    said.told = without(said.told, said.chance.choice(names or [""]))


def changed_text(said: Said) -> None:
    """A text in it is almost what it was."""
    where = [path for path in places(said.told) if isinstance(at(said.told, path), str)]
    if where:
        path = said.chance.choice(where)
        change = said.chance.choice(tuple(TEXTS.values()))
        said.told = put(said.told, path, change(said.chance, str(at(said.told, path))))


def wrapped(said: Said) -> None:
    said.told = said.chance.choice(([said.told], {"data": said.told}, json.dumps(said.told)))


def more_headers(said: Said) -> None:
    for name in said.chance.sample(sorted(HEADERS), said.chance.randint(2, 5)):
        said.headers[name] = said.chance.choice(HEADERS[name])


MEANINGS: Mapping[str, Callable[[Said], None]] = {
    "nothing": lambda said: None,
    "another status": another_status,
    "another value": another_value,
    "a lack": lacking,
    "a changed text": changed_text,
    "wrapped": wrapped,
    "headers": more_headers,
}
NAMED = tuple(MEANINGS)


@define
class Vendor:
    """A world that answers each call anew; `kinds` is what was done, `heard` what came of each call, by its name."""

    name: str
    chance: Random
    kinds: list[str] = field(factory=list)
    heard: list[tuple[str, Response | Exception]] = field(factory=list)

    def __call__(self, effect: Effect) -> object:
        call = effect.call if isinstance(effect, Send) else effect
        assert isinstance(call, Call)
        said = self._trouble() or self._said(call.name)
        self.heard.append((call.name, said))
        if isinstance(said, Exception):
            raise said
        return said

    def _trouble(self) -> Exception | None:
        if self.chance.random() > 0.1:
            return None
        trouble = self.chance.choice(TROUBLES)
        self.kinds.append(f"trouble: {type(trouble).__name__}")
        return trouble

    def _said(self, call: str) -> Response:
        known = GOOD[self.name, call] if self.chance.random() < 0.7 else ERRORS[self.name]
        status, told = self.chance.choice(known)
        said = Said(self.chance, status, told)
        done = [self.chance.choice(NAMED) for _ in range(self.chance.choice((1, 1, 2, 3)))]
        for kind in done:
            MEANINGS[kind](said)
        said.body = json.dumps(said.told).encode()
        self._spoil(said)
        self.kinds += [f"answer: {kind}" for kind in done]
        return Response(said.status, said.headers, said.body)

    def _spoil(self, said: Said) -> None:
        """Now and then, what comes is no JSON any more, or other JSON."""
        dice = self.chance.random()
        if dice < 0.1:
            kind = self.chance.choice(tuple(BYTES))
            said.body = BYTES[kind](self.chance, said.body)
            self.kinds.append(f"body: {kind}")
        elif dice < 0.15:
            said.body = self.chance.choice(RAW)
            self.kinds.append("body: raw")
