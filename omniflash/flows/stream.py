"""Handing a clip over piece by piece, without a file."""

import re

from attrs import evolve, frozen

from ..accounts import Account
from ..adapter import Outcome
from ..effects import Call, Flow, Pause, Response, Trouble, call
from ..jobs import Clip
from ..reading import outcome_of
from .attempt import SPREAD, TRIES, backoff
from .download import RANGE, failed, stated_size, unfit_for_video

PIECE_BYTES = 1 << 20


@frozen
class Piece:
    """Some bytes of a clip: where they `end`, of how many in `total` if that is known, from the file of this `tag`."""

    content: bytes = b""
    end: int = 0
    total: int | None = None
    tag: str | None = None

    @property
    def last(self) -> bool:
        return self.total is not None and self.end >= self.total


def piece(account: Account, clip: Clip, before: Piece) -> Flow[Piece]:
    """The bytes of a clip that follow those `before`; a server that knows no ranges gives all of them."""
    start = before.end
    asked = account.adapter.download(clip)
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={start}-{start + PIECE_BYTES - 1}"}
    answer = yield from _fetched(clip, evolve(asked, account=account.name, headers=headers))
    tag = answer.headers.get("etag")
    if answer.status == 200:
        found = Piece(answer.body[start:], len(answer.body), len(answer.body), tag)
    else:
        found = Piece(answer.body, start + len(answer.body), stated_size(answer), tag)
    if problem := _misfit(answer, found, before):
        raise failed(clip, f"could not be fetched: {problem}")
    return found


def _misfit(answer: Response, found: Piece, before: Piece) -> str | None:
    told = RANGE.fullmatch(answer.headers.get("content-range", "")) if answer.status == 206 else None
    if answer.status == 206 and (told is None or _span(told) != (before.end, found.end)):
        return "another part came than was asked for"
    if not found.content or found.end == before.end:
        return "it is shorter than it was said to be"
    return "the file changed while it was fetched" if before.end and found.tag != before.tag else None


def _span(told: re.Match[str]) -> tuple[int, int]:
    return int(told["start"]), int(told["last"]) + 1


def _fetched(clip: Clip, what: Call) -> Flow[Response]:
    problem: str | None = None
    for number in range(1, TRIES + 1):
        try:
            answer = yield from call(what)
        except Trouble as trouble:
            problem = trouble.reason
        else:
            problem = f"HTTP {answer.status}" if answer.status not in (200, 206) else unfit_for_video(answer)
            if problem is None:
                return answer
            if outcome_of(answer.status) in (Outcome.FINAL, Outcome.FINE):
                break
        yield Pause(backoff(number), SPREAD)
    raise failed(clip, f"could not be fetched: {problem}")
