"""When a call may be sent again. This rule stands only here, for sync, async and simulated runs alike.

                unsent    refused   unclear               fine      final
    FREELY      again     again     again                 hand in   throw in
    SAME_ID     again     again     again                 hand in   throw in
    IF_REFUSED  again     again     SubmissionUncertain   hand in   throw in

"Again" is bounded by a number of tries, a deadline and the account's retry budget, and honours Retry-After, which holds
for all jobs of the account.
"""

import math
from collections.abc import Mapping
from enum import Enum, auto
from typing import TypeVar

from attrs import define, evolve

from ..accounts import Account
from ..adapter import Order, Outcome, Reading
from ..effects import (
    Call,
    Effect,
    Flow,
    Hold,
    NoAnswerTrouble,
    NotSentTrouble,
    Pause,
    Repeat,
    Response,
    Send,
    Trouble,
    Turn,
    now,
    perform,
    record,
    through,
)
from ..errors import (
    ConfigurationError,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
    SubmissionUncertain,
)
from ..money.entries import Attempted, Sending, Settled

T = TypeVar("T")


class Verdict(Enum):
    """What is done with an outcome."""

    AGAIN = auto()
    HAND_IN = auto()
    THROW_IN = auto()
    UNCERTAIN = auto()


_ALWAYS = {Outcome.UNSENT: Verdict.AGAIN, Outcome.REFUSED: Verdict.AGAIN, Outcome.FINE: Verdict.HAND_IN}
_ALWAYS |= {Outcome.FINAL: Verdict.THROW_IN}
VERDICTS: Mapping[Repeat, Mapping[Outcome, Verdict]] = {
    Repeat.FREELY: _ALWAYS | {Outcome.UNCLEAR: Verdict.AGAIN},
    Repeat.WITH_SAME_ID: _ALWAYS | {Outcome.UNCLEAR: Verdict.AGAIN},
    Repeat.IF_REFUSED: _ALWAYS | {Outcome.UNCLEAR: Verdict.UNCERTAIN},
}

SAYS_NOTHING = (ProviderUnavailable, RateLimited, ProtocolError, NotFound)  # of how a job ended
TRIES = 6
ANEW = "submit it anew"
FIRST_BACKOFF_S, LONGEST_BACKOFF_S, SPREAD = 0.5, 20.0, 0.5


def backoff(number: int) -> float:
    """Seconds to wait after the try with this number, counted from 1."""
    return min(FIRST_BACKOFF_S * 2.0 ** (number - 1), LONGEST_BACKOFF_S)


@define
class Attempt:
    """One adapter flow under the rule, until a deadline in ticks; no call is made again after `again_until`.

    `has_turn` says that the first call has waited for its turn already. `doubt` holds while a paid call may have been
    accepted and nobody knows: from its sending until its answer is read, and for good once one was `unclear`.
    """

    account: Account
    until: float
    order: Order | None = None
    again_until: float = math.inf
    has_turn: bool = False
    doubt: bool = False
    unclear: bool = False

    def run(self, flow: Flow[T]) -> Flow[T]:
        """Run `flow` with each of its calls repeated as the rule says."""
        return through(flow, self._carry)

    def _carry(self, effect: Effect) -> Flow[object]:
        match effect:
            case Call():
                asked = self._ours(effect)
                return self._repeat(asked, asked)
            case Send():
                asked = self._ours(effect.call)
                return self._repeat(asked, evolve(effect, call=asked))
            case _:
                return perform(effect)

    def _ours(self, what: Call) -> Call:
        return evolve(what, account=self.account.name, until=self.until)

    def _repeat(self, what: Call, effect: Call | Send) -> Flow[Response]:
        number, so_far = 0, None
        while True:
            number += 1
            if number > 1 or not self.has_turn:
                yield from self._turn(what, number, so_far)
            response, reading = yield from self._once(what, effect, number)
            verdict = VERDICTS[what.repeat][reading.outcome]
            if verdict is Verdict.HAND_IN and response is not None:
                return response
            error = reading.error or ProviderUnavailable(f"{self.account.name} gave no answer to {what.name!r}")
            if verdict is Verdict.UNCERTAIN:
                raise self.uncertain(error)
            if verdict is Verdict.THROW_IN or number == TRIES:
                raise error
            so_far = self._so_far(reading, error)
            yield from self._rest(what, number, reading, so_far)

    def _turn(self, what: Call, number: int, so_far: OmniflashError | None) -> Flow[None]:
        until = self.until if number == 1 else min(self.until, self.again_until)
        granted = yield Turn(self.account.name, what.name, until, again=number > 1)
        if not granted:
            raise so_far or RateLimited(f"the pace of {self.account.name} leaves no room before the deadline")

    def _once(self, what: Call, effect: Call | Send, number: int) -> Flow[tuple[Response | None, Reading]]:
        paid = what.repeat is not Repeat.FREELY
        if paid and self.order is not None:
            yield from self._still_open(self.order)
        self.doubt = self.doubt or paid
        response, reading = yield from self._sent(what, effect)
        if paid:  # a later refusal says nothing of an earlier sending that nobody answered
            self.unclear = self.unclear or reading.outcome is Outcome.UNCLEAR
            self.doubt = self.unclear or reading.outcome is Outcome.FINE
        if paid and self.order is not None:
            yield from record(Attempted(self.order, number, reading.outcome))
        return response, reading

    def _still_open(self, order: Order) -> Flow[None]:
        # A process that was stopped for long, as in a closed laptop, is taken for dead: its order may have been settled
        # by hand, and its key been used again.
        if isinstance((yield from record(Sending(order))), Settled):
            raise ConfigurationError(f"order {order.id} was settled before it was sent; nothing was sent", remedy=ANEW)

    def _sent(self, what: Call, effect: Call | Send) -> Flow[tuple[Response | None, Reading]]:
        try:
            response: Response = yield effect
        except NotSentTrouble as trouble:
            return None, Reading(Outcome.UNSENT, self._unreachable(what, trouble))
        except NoAnswerTrouble as trouble:
            return None, Reading(Outcome.UNCLEAR, self._unreachable(what, trouble))
        return response, self.account.adapter.read(what, response)

    def _unreachable(self, what: Call, trouble: Trouble) -> OmniflashError:
        return ProviderUnavailable(f"{self.account.name} gave no answer to {what.name!r}: {trouble.reason}")

    def _rest(self, what: Call, number: int, reading: Reading, so_far: OmniflashError) -> Flow[None]:
        rest = backoff(number) if reading.retry_after is None else reading.retry_after
        if isinstance(so_far, RateLimited) or reading.retry_after is not None:
            yield Hold(self.account.name, what.name, rest)
        moment = yield from now()
        if moment.ticks + rest > min(self.until, self.again_until):
            raise so_far
        yield Pause(rest, SPREAD, so_far.message)

    def _so_far(self, reading: Reading, error: OmniflashError) -> OmniflashError:
        """What is raised when no time is left to ask again: what may pass is not yet the end that it looks like."""
        if reading.outcome is not Outcome.UNCLEAR or isinstance(error, SAYS_NOTHING):
            return error
        told = f"{self.account.name} gave no clear answer, and there is no time to ask again: {error.message}"
        return ProviderUnavailable(told, words=error.words, retry_after=error.retry_after)

    def uncertain(self, why: BaseException) -> BaseException:
        """The error of a paid call whose fate is unknown: it is never sent again."""
        if self.order is None:
            return why
        said = getattr(why, "message", str(why)) or "interrupted"
        return SubmissionUncertain(
            f"{self.account.name} may or may not have accepted order {self.order.id}: {said}",
            order=self.order,
            words=getattr(why, "words", None),
            remedy="look at the vendor's dashboard before paying again; omniflash never sends it a second time",
        )
