"""What the entries of an order tell of the provider that it went to."""

from datetime import datetime

from ..adapter import Order
from ..errors import EmptyResult, GenerationFailed, OmniflashError, ProviderUnavailable
from ..jobs import Job, State, Status
from ..redact import safe_text
from ..routing.health import NEAR_S, SIGNS, Sight, Sign


def refusal(error: OmniflashError | None, at: datetime) -> Sight | None:
    """Of an order that was not accepted; None where nobody answered because nobody was asked."""
    sign = next((sign for kind, sign in SIGNS.items() if isinstance(error, kind)), None)
    if error is None or sign is None:
        return None
    return Sight(sign=sign, at=at, rest_s=error.retry_after, told=safe_text(error.message))


def ending(seen: Status, at: datetime, begun: datetime | None, since_s: float | None) -> Sight | None:
    """Of a job that is over; None where its end tells of the request, or of whoever cancelled it.

    How long it took is known only where it was seen under way `since_s` before: a clip may have been ready for hours.
    """
    if seen.state is State.SUCCEEDED:
        near = since_s is not None and 0 <= since_s <= NEAR_S
        seconds = (at - begun).total_seconds() if begun and near else None
        return Sight(sign=Sign.MADE, at=at, mode=seen.job.mode, seconds=seconds)
    error = seen.error
    if not isinstance(error, GenerationFailed | ProviderUnavailable) or isinstance(error, EmptyResult):
        return None
    return Sight(sign=Sign.FAILED, at=at, told=safe_text(error.message))


def doubt(why: str, at: datetime) -> Sight:
    """Of an order of which nobody knows if it was accepted."""
    return Sight(sign=Sign.UNCERTAIN, at=at, told=safe_text(why))


def whose(work: Order | Job) -> tuple[str, bool]:
    """The account that an order or a job belongs to, and whether it is on a sandbox."""
    if isinstance(work, Order):
        return work.account, work.sandbox
    return work.account or work.provider, work.sandbox
