"""The life of one job as its vendor tells it: each look with every answer of it, to be told again in another way."""

import re
from collections.abc import Callable, Iterable, Iterator

from attrs import evolve, frozen

from omniflash import Clip, Job, Status
from omniflash.flows.wait import status
from omniflash.types import JSON

from ..bench import RENDER_S, AdapterBench
from ..strategies.nasty import put
from ..verdicts import Broken
from .overheard import Heard, repeating
from .places import Place, places_of, shape, texts
from .scripted import Script

BEGUN_S = 6.0  # longer than any job waits on the sandbox, and shorter than any takes


@frozen
class Look:
    """One look at a job: what it came to, and the answers that it was made of."""

    status: Status
    heard: tuple[Heard, ...]

    @property
    def clip(self) -> Clip:
        """The clip. Raises Broken where there is none."""
        if self.status.clip is None:
            raise Broken(f"a job that ended well has no clip: {self.status.state} ({self.status.word!r})")
        return self.status.clip

    def saying(self, word: str) -> "Look":
        """The same answers with another word for the state."""
        if not any(places_of(one.body, self.status.word) for one in self.heard):
            raise Broken(f"{self.status.word!r} is told as the vendor's word, and stands in none of its answers")
        return self.changed(lambda body: _replaced(body, self.status.word, word))

    def changed(self, change: Callable[[JSON], JSON]) -> "Look":
        """The same answers, each body changed; what holds no JSON is left as it is."""
        return evolve(
            self, heard=tuple(one if one.body is None else one.saying(change(one.body)) for one in self.heard)
        )

    @property
    def urls(self) -> tuple[tuple[int, Place], ...]:
        """Where the clip's URL stands: in which answer, and where in it."""
        found = tuple((n, place) for n, one in enumerate(self.heard) for place in places_of(one.body, self.clip.url))
        if not found:
            raise Broken("the clip's URL stands in none of the vendor's answers")
        return found

    def with_body(self, number: int, body: JSON) -> "Look":
        """The same answers with another body in one of them."""
        return evolve(self, heard=tuple(o.saying(body) if n == number else o for n, o in enumerate(self.heard)))

    def again(self, bench: AdapterBench) -> Status:
        """What the adapter makes of these answers."""
        return Script(repeating(self.heard)).run(status(bench.account, self.status.job))


@frozen
class Life:
    """A job from its first look to its end."""

    job: Job
    queued: Look
    running: Look
    over: Look

    def __iter__(self) -> Iterator[Look]:
        return iter((self.queued, self.running, self.over))


def lived(bench: AdapterBench) -> Life:
    """The life of the cheapest job there is."""
    client, ears = bench.overheard()
    job = bench.submitted(client)
    looks: list[Look] = []
    for seconds in (0.0, BEGUN_S, RENDER_S):
        if seconds:
            bench.stand.advance(seconds)
        begin = len(ears.heard)
        looks.append(Look(client.status(job), ears.since(begin)))
    return Life(job, *looks)


def ended(bench: AdapterBench) -> Look:
    """The last look at the cheapest job, once it is over."""
    client, ears = bench.overheard()
    job = bench.submitted(client)
    bench.stand.advance(RENDER_S)
    begin = len(ears.heard)
    return Look(client.status(job), ears.since(begin))


HEADERS = ("content-type", "retry-after")


def facts_of(heard: Iterable[Heard]) -> list[JSON]:
    """What is worth comparing of some answers: status, headers and the shape of the body, the call's name first."""
    return [
        {
            "call": one.call.name,
            "status": one.response.status,
            "headers": sorted(name for name in one.response.headers if name.startswith("x-") or name in HEADERS),
            "content_type": one.response.headers.get("content-type"),
            "body": [*shape(one.body)],
        }
        for one in heard
    ]


def words_of(heard: Iterable[Heard], handle: str) -> list[JSON]:
    """The vendor's own words in some answers, without ids, URLs and times, which are others each time."""
    return [text for one in heard for text in texts(one.body) if WORD.fullmatch(text) and text != handle]


WORD = re.compile(r"[A-Za-z][^/:0-9]{1,200}")


def _replaced(body: JSON, old: str, new: str) -> JSON:
    for place in places_of(body, old):
        body = put(body, place, new)
    return body
