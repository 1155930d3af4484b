"""Reading a vendor's JSON: what its contract demands is demanded, the rest is optional, unknown keys are ignored."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from attrs import evolve, frozen

from .adapter import Listed, Order
from .effects import Call, Response
from .errors import ProtocolError
from .jobs import HANDLE, Job
from .reading import body_of, nonsense
from .types import JSON


@frozen
class Answer:
    """A JSON object of an answer, or of a part of one; what it lacks is a ProtocolError that shows the exchange."""

    provider: str
    call: Call
    response: Response
    body: Mapping[str, JSON]

    @classmethod
    def of(cls, provider: str, call: Call, response: Response) -> "Answer":
        """The object of an answer. Raises ProtocolError when there is none."""
        try:
            body = body_of(response)
        except ValueError:
            body = None
        if not isinstance(body, Mapping):
            raise nonsense(f"{provider} answered {call.name!r} with no JSON object", call, response)
        return cls(provider, call, response, body)

    def text(self, name: str) -> str:
        """A text that must be there. Raises ProtocolError."""
        value = self.optional(name)
        if not value:
            raise self.lacks(name)
        return value

    def optional(self, name: str) -> str | None:
        """A text, or None where there is none."""
        value = self.body.get(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """A whole number of 0 or more, or None where there is none."""
        value = self.body.get(name)
        return value if type(value) is int and value >= 0 else None

    def member(self, name: str) -> "Answer | None":
        """The object under a name, or None where there is none. Raises ProtocolError for anything else there."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.lacks(name)
        return evolve(self, body=value)

    def job(self, order: Order, handle: str) -> Job:
        """The job that an order has become. Raises ProtocolError when the vendor's handle cannot be one."""
        if not HANDLE.fullmatch(handle):
            raise self.lacks("job id")
        offer, account = order.offer, None if order.account == self.provider else order.account
        return Job(offer.provider, offer.version, offer.mode, handle, order.id, account, order.sandbox)

    def lacks(self, name: str) -> ProtocolError:
        """The error of an answer that has no usable value under a name."""
        return nonsense(
            f"{self.provider} answered {self.call.name!r} without a usable {name!r}", self.call, self.response
        )


_CLIP_URL = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f\ud800-\udfff]{1,8000}")


def clip_url(value: str | None) -> str | None:
    """A URL that a clip can be fetched from, or None."""
    return value if value and _CLIP_URL.fullmatch(value) else None


LONGEST_NUMBER = 30  # digits before or behind the point: no vendor's amount has so many


def number(value: object) -> Decimal | None:
    """An amount, exactly as it was written, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) < LONGEST_NUMBER else None


def listed(item: Mapping[str, JSON], *, handle: str, at: str, sent: str) -> Listed:
    """A row of a vendor's list, by the vendor's names for what tells requests apart; what it lacks matches nothing."""
    when, body = item.get(at), item.get(sent)
    return Listed(
        handle=str(item.get(handle) or ""),
        at=moment(when if isinstance(when, str) else None),
        sent=body if isinstance(body, Mapping) else None,
    )


def moment(value: str | None) -> datetime | None:
    """A time with its zone, or None where it is none."""
    try:
        when = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return when if when.tzinfo else None
