"""What is asked for: jobs by number, each with a key and a prompt of its own, by which its user knows it everywhere."""

import re
from pathlib import Path

from attrs import frozen

from omniflash import Edit, File, TextToVideo
from omniflash_sandbox.clips import FPS, Footage, Recipe

SECONDS = 3  # of a clip: the shortest there is
EDITS_EVERY = 10  # at fal, which takes files: so many jobs have their source uploaded first
PROMPT = re.compile(r"A lighthouse at dusk, take (?P<number>\d+)")


@frozen
class Asked:
    """A job that somebody wants; `source` is the video to be edited, where it is an edit."""

    number: int
    source: Path | None = None

    @property
    def key(self) -> str:
        return f"order-{self.number}"

    @property
    def prompt(self) -> str:
        return f"A lighthouse at dusk, take {self.number}"

    @property
    def request(self) -> Edit | TextToVideo:
        if self.source is not None:
            return Edit(self.prompt, video=File(self.source))
        return TextToVideo(self.prompt, duration=SECONDS)


def asked(number: int, provider: str, folder: Path) -> Asked:
    """The job of a number; its source is in the folder."""
    edit = provider == "fal" and number % EDITS_EVERY == 0
    return Asked(number, source_in(folder) if edit else None)


def key_in(prompt: str) -> str | None:
    """Whose job it is that has this prompt."""
    found = PROMPT.fullmatch(prompt)
    return found and Asked(int(found["number"])).key


def source_in(folder: Path) -> Path:
    """The video that edits begin with, made when it is not there."""
    path = folder / "source.mp4"
    if not path.exists():
        from omniflash_sandbox.rendering import render  # with it comes PyAV

        render(Recipe("source", Footage(FPS)), path)
    return path
