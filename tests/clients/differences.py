"""The table of differences: where our requests are not those of a vendor's own client, why, and where that is said."""

from attrs import frozen

PYTHON, JAVASCRIPT = "fal_client 1.0.3", "@fal-ai/client 1.10.1"


@frozen(kw_only=True)
class Row:
    """What differs from which client, in which calls. `ours` and `theirs` are patterns; None is what is not sent."""

    client: str
    calls: tuple[str, ...]
    place: str
    ours: str | None
    theirs: str | None
    reason: str
    source: str


ROWS: tuple[Row, ...] = ()
