"""Who is told of a flow's progress. Apart from the drivers, so that a client can be made without loading them."""

from collections.abc import Callable

from attrs import frozen

from ..adapter import Order
from ..effects import Transfer
from ..jobs import Status


@frozen
class Watchers:
    """`update` is told of each look at the job, `upload` of an upload's pieces, `paying` of the paid call to come."""

    update: Callable[[Status], object] | None = None
    upload: Callable[[Transfer], object] | None = None
    paying: Callable[[Order], object] | None = None


NOBODY = Watchers()
