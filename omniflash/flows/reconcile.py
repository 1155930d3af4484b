"""Looking for a lost order in its vendor's own list. What is not there proves nothing: fal's has lagged by hours."""

from datetime import timedelta

from ..accounts import Account
from ..adapter import Lost
from ..effects import Flow, now, record
from ..errors import UnsupportedFeature
from ..jobs import HANDLE, Job
from ..money.entries import Found, Taken
from ..money.matching import is_same
from ..money.records import Record
from .attempt import Attempt
from .submit import SUBMIT_PATIENCE_S

PATIENCE_S = 60.0
BEFORE, AFTER = timedelta(seconds=60), timedelta(seconds=SUBMIT_PATIENCE_S + 60)  # their clock is not ours


def reconcile(account: Account, order: Record) -> Flow[Job | None]:
    """The job that an uncertain order has become, and that is written down; None where the list leaves it open.

    It settles as accepted if exactly one request in the list was sent at that time with that very body, and no other
    order of the ledger has it. Raises UnsupportedFeature where the vendor has no such list.
    """
    if not account.adapter.features.find:
        raise UnsupportedFeature(f"{account.name} has no list to find it in", remedy=by_hand(order))
    lost = Lost(order.endpoint, order.mode, order.intended_at - BEFORE, order.intended_at + AFTER)
    moment = yield from now()
    attempt = Attempt(account, moment.ticks + PATIENCE_S)
    listed = yield from attempt.run(account.adapter.find(lost))
    handles = tuple(one.handle for one in listed if HANDLE.fullmatch(one.handle) and is_same(order.sent, one, lost))
    answer = yield from record(Found(order.id, handles))
    return answer.job if isinstance(answer, Taken) else None


def by_hand(order: Record) -> str:
    """How a person settles an order."""
    return f"look at {order.provider}'s dashboard, then `omniflash jobs resolve {order.id}`"
