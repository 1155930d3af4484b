"""The simulated network: messages are lost, late, doubled, overtaken, or answered by somebody in between."""

from collections.abc import Mapping
from functools import partial

import httpx
from attrs import define, field, frozen

from omniflash.effects import NoAnswerTrouble, NotSentTrouble, Trouble
from omniflash.types import JSON
from tests.simulate.history import Chance
from tests.simulate.vendor import NEVER, Said, Vendors
from tests.simulate.world import Doing, Resume, Schedule


@frozen(kw_only=True)
class Way:
    """What a message meets: seconds `there` and `back`, which may be NEVER, and what the caller hears of that.

    `said` is heard in place of the vendor's own answer. `ago`: the answer is as old as that. `times` it arrives.
    `trouble` is heard at once. `part` of the body comes. `moved`: the clip's URL expires first.
    """

    name: str
    there: float = 0.05
    back: float = 0.05
    said: Said | None = None
    ago: float = 0.0
    times: int = 1
    trouble: type[Trouble] | None = None
    part: float = 1.0
    moved: bool = False

    def __str__(self) -> str:
        return self.name


def _error(status: int, **headers: str) -> Said:
    said, kind = WORDS[status]
    body: JSON = {"detail": said} | ({"error_type": kind} if kind else {})
    return Said(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


# In fal's words. No type stands in what may be heard of a result: one that stays for six tries is taken at its word.
WORDS = {
    408: ("Request timeout", "request_timeout"),
    429: ("Too many requests", "concurrent_requests_limit"),
    500: ("Internal server error", None),
    503: ("Service unavailable", "downstream_service_unavailable"),
}
ITS_ID = {"x_fal_request_id": "0b0e", "x_request_id": "0b0e"}
GATEWAY = Said(502, headers={"content-type": "text/html"}, content=b"<html>Bad gateway</html>")
GARBLED = Said(200, headers={"content-type": "text/html"}, content=b"<html>Welcome to the hotel</html>")

FINE = Way(name="fine")
ANY = (
    FINE,
    Way(name="lost on the way", there=NEVER),
    Way(name="never sent", there=NEVER, trouble=NotSentTrouble),
    Way(name="cut before it arrived", there=NEVER, trouble=NoAnswerTrouble),
    Way(name="its answer lost", back=NEVER),
    Way(name="its answer cut off", trouble=NoAnswerTrouble),
    Way(name="slow", there=20.0, back=30.0),
    Way(name="answered too late", back=200.0),
    Way(name="arrived after nobody waited", there=200.0),
    Way(name="502 on the way", there=NEVER, said=GATEWAY),
    Way(name="502 on the way back", said=GATEWAY),
    Way(name="500 and nothing done", there=NEVER, said=_error(500)),
    Way(name="500 with an id and done", said=_error(500, **ITS_ID)),
    Way(name="500 with an id and nothing done", there=NEVER, said=_error(500, **ITS_ID)),
    Way(name="429", there=NEVER, said=_error(429)),
    Way(name="429 with Retry-After 7", there=NEVER, said=_error(429, retry_after="7")),
    Way(name="429 with Retry-After 900", there=NEVER, said=_error(429, retry_after="900")),
    Way(name="another's page for its answer", said=GARBLED),
)
PAID = (
    *ANY,
    Way(name="408 and done", said=_error(408)),
    Way(name="an answer without an id", said=Said(200)),
    Way(name="503 as refused, and done", said=_error(503, retry_after="1")),
)
LOOKS = (
    *ANY,
    Way(name="doubled", times=2),
    Way(name="overtaken by an older answer", ago=20.0),
    Way(name="answered by a copy that lags", ago=100.0),
    Way(name="not known yet", said=Said(404, {"detail": "Request not found"})),
)
CLIPS = (
    *ANY,
    Way(name="cut half way", part=0.5),
    Way(name="cut at once", part=0.0),
    Way(name="expired", moved=True),
)
EARLY = Way(name="its result not there yet", said=Said(400, {"detail": "Request is still in progress"}))
WAYS: Mapping[str, tuple[Way, ...]] = {
    "submit": PAID,
    "status": LOOKS,
    "result": (*LOOKS, EARLY),
    "failure": LOOKS,
    "cancel": ANY,
    "download": CLIPS,
}


@frozen
class Heard:
    """An answer, and how much of its body came."""

    answer: httpx.Response
    part: float


@define
class Network:
    """Carries requests to the vendors and their answers back. `calls` counts what was sent."""

    chance: Chance
    schedule: Schedule
    vendors: Vendors
    calls: int = field(default=0)

    def exchange(self, who: str, name: str, request: httpx.Request, patience: float) -> Doing[Heard]:
        """The answer to a request. Raises NotSentTrouble and NoAnswerTrouble."""
        self.calls += 1
        way = self.chance.choose("message", who, name, WAYS.get(name, ANY))
        heard = yield partial(self._sent, way, request, patience)
        if isinstance(heard, Trouble):
            raise heard
        return heard  # type: ignore[no-any-return]

    def _sent(self, way: Way, request: httpx.Request, patience: float, resume: Resume) -> None:
        if way.moved:
            self._move(request)
        if way.there < NEVER:
            for _ in range(way.times):
                self.schedule.after(way.there, partial(self._arrived, way, request, resume))
        elif way.said is not None:
            self.schedule.after(0.1, partial(resume, Heard(way.said.to(request), 1.0)))
        if way.trouble is not None:
            self.schedule.after(0.2, partial(resume, way.trouble("ConnectionError")))
        self.schedule.after(patience, partial(resume, NoAnswerTrouble("ReadTimeout")))

    def _arrived(self, way: Way, request: httpx.Request, resume: Resume) -> None:
        told = self.vendors.answer(request, self.schedule.now - way.ago)
        if way.trouble is None and way.back < NEVER:
            heard = Heard((way.said or told).to(request), way.part)
            self.schedule.after(way.back, partial(resume, heard))

    def _move(self, request: httpx.Request) -> None:
        """Let the clip's URL expire: its vendor tells another one from now on."""
        job = self.vendors.jobs.get(request.url.path.strip("/").removesuffix(".mp4"))
        if job is not None:
            job.moved += 1
