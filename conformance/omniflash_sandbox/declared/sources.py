"""Where a contract's facts stand: the page, and the day on which it was read."""

from datetime import date

from attrs import frozen

from omniflash_sandbox.declared.reading import Part


@frozen
class Source:
    """A page, and when it was read."""

    page: str
    read_on: date


def source_from(part: Part, whole: Source | None = None) -> Source:
    """A part's own source, or else that of the `whole` contract."""
    page, day = (whole.page, whole.read_on) if whole else (None, None)
    return Source(part.text("source", default=page), part.day("read_on", default=day))
