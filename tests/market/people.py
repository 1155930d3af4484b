"""Who asks for what and when: requests of all kinds, as they come over some hours, by a seed."""

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from attrs import frozen

from omniflash import Edit, ImageToVideo, ReferenceToVideo, Refine, Request, TextToVideo, Url
from omniflash.spec import Mode, Previous
from tests.market.vendors import EDIT, EVERYTHING, IMAGE, REFERENCES, REFINE, TEXT

HOUR = 3_600.0
HOURS = 6.0
FULL_CROWD = 10_000
TIDE = 0.5  # how far the crowd rises above its mean, and falls below it, once in the whole time
LENGTHS: Mapping[int, int] = {3: 5, 4: 18, 5: 17, 6: 10, 7: 5, 8: 25, 9: 3, 10: 17}


@frozen
class Mix:
    """How often what is asked for: the weights of the modes, and the shares of those that come with something more."""

    modes: Sequence[float] = (62, 20, 12, 4, 2)
    seed: float = 0.15
    formats: float = 0.05
    europe: float = 0.0


@frozen
class Asked:
    """One request: when it comes, and how many seconds its clip has, whatever it says of that."""

    number: int
    at: float
    request: Request
    seconds: int


def crowd(seed: int, many: int, mix: Mix) -> tuple[Asked, ...]:
    """So many requests, in order of their time."""
    chance = Random(f"{seed} crowd")
    times = sorted(_moment(chance) for _ in range(many))
    return tuple(_asked(chance, number, at, mix) for number, at in enumerate(times))


def _moment(chance: Random) -> float:
    """A moment: given their number, the moments of a Poisson process are drawn each by itself."""
    while True:
        share = chance.random()
        if chance.random() * (1.0 + TIDE) < 1.0 + TIDE * math.sin(2.0 * math.pi * share):
            return share * HOURS * HOUR


def _asked(chance: Random, number: int, at: float, mix: Mix) -> Asked:
    (mode,) = chance.choices(EVERYTHING, mix.modes)
    (seconds,) = chance.choices(tuple(LENGTHS), tuple(LENGTHS.values()))
    given: dict[str, object] = dict(_more(chance, mix))
    if mode in (TEXT, IMAGE, REFERENCES):
        given |= {"duration": seconds, "aspect_ratio": chance.choice(("16:9", "9:16", None))}
    if mode is EDIT:
        given |= {"country": "DE" if chance.random() < mix.europe else "US"}
    return Asked(number, at, _made(mode, f"clip {number}", chance, given), seconds)


def _more(chance: Random, mix: Mix) -> Iterator[tuple[str, object]]:
    if chance.random() < mix.seed:
        yield "seed", chance.randrange(1_000)
    if chance.random() < mix.formats:
        yield "output_format", chance.choice(("mp4", "webm", "mov"))


def _made(mode: Mode, prompt: str, chance: Random, given: Mapping[str, object]) -> Request:
    pictures = tuple(Url(f"https://pictures.example/{n}.png") for n in range(chance.randint(1, 5)))
    makers = {
        TEXT: lambda: TextToVideo(prompt, **given),
        IMAGE: lambda: ImageToVideo(prompt, image=pictures[0], **given),
        REFERENCES: lambda: ReferenceToVideo(prompt, references=pictures, **given),
        EDIT: lambda: Edit(prompt, video=Url("https://films.example/1.mp4"), **given),
        REFINE: lambda: Refine(prompt, previous=Previous("clips", handle="turn-1"), **given),
    }
    return makers[mode]()
