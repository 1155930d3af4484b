"""Who is told of a flow's progress. Apart from the drivers, so that a client can be made without loading them."""

from collections.abc import Callable

from attrs import frozen

from ..effects import Transfer
from ..jobs import Status


@frozen
class Watchers:
    """`update` is told of each look at the job, `upload` of each piece of an upload."""

    update: Callable[[Status], object] | None = None
    upload: Callable[[Transfer], object] | None = None


NOBODY = Watchers()
