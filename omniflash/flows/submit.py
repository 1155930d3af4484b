"""Paying once: the paid call is written down before it is made, made at most once, and settled after (JOB-ONCE)."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import evolve, field, frozen

from ..accounts import Account
from ..adapter import Offer, Order
from ..effects import Call, Flow, Pause, Turn, now, record
from ..errors import (
    BudgetExceeded,
    ConfigurationError,
    OmniflashError,
    PlanOutdated,
    ProviderResting,
    RateLimited,
    SubmissionUncertain,
    UnsupportedFeature,
)
from ..jobs import Disposition, Job
from ..money.budgets import WAYS_OUT, Budget
from ..money.entries import (
    Accepted,
    Answer,
    Asking,
    Conflict,
    Intended,
    New,
    Over,
    Refused,
    Resting,
    Taken,
    Uncertain,
    Unsettled,
)
from ..money.matching import digests
from ..routing.hosting import noted
from ..routing.plan import Candidate, Plan, placeholders
from .attempt import Attempt
from .inputs import Inputs, Stored, on_the_wire
from .wait import kept

SUBMIT_PATIENCE_S = 120.0
ORDER_MARK = "{order}"  # in a webhook's URL: what comes there tells whose it is, though nobody read the vendor's id
TURN_PATIENCE_S = 1_200.0
ASK_AGAIN_S = 0.5  # between two questions after an order of the same key that is under way
PUBLIC_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)  # what is no ASCII has to be written as URLs write it


@frozen
class Intent:
    """A plan's candidate, about to be paid for: under our `order_id`, and the caller's own `key` if there is one.

    `run` is the client that pays, `budget` what it may spend. `webhook_url` is where the vendor is to tell that the job
    is over, with our order id in place of `{order}`. With `heed`, nothing is begun while the account rests. `chosen`
    and `before` tell why it is this candidate's turn. The paid call is made again for `patience_s`, and has
    `turn_patience_s` to wait for its turn. `host` is the account that the candidate is hosted by; what is `stored`
    already, for another candidate, is not sent again. Raises UnsupportedFeature where the provider tells nobody.
    """

    plan: Plan
    candidate: Candidate
    account: Account
    order_id: str
    key: str | None = None
    run: str = ""
    budget: Budget | None = None
    webhook_url: str | None = field(default=None, repr=False)
    heed: bool = False
    chosen: str = ""
    before: tuple[str, ...] = ()
    patience_s: float = SUBMIT_PATIENCE_S
    turn_patience_s: float = TURN_PATIENCE_S
    host: Account | None = None
    stored: Stored = field(factory=dict, repr=False, eq=False)

    @webhook_url.validator
    def _told(self, _: object, url: str | None) -> None:
        if url is None:
            return
        if not PUBLIC_URL.fullmatch(url):
            raise ConfigurationError("the webhook URL is no http(s) URL", remedy="write https://host/path")
        if not self.account.adapter.features.webhook:
            raise UnsupportedFeature(f"{self.account.name} sends no webhooks", remedy="leave webhook_url out")

    @property
    def offer(self) -> Offer:
        return offer_of(self.candidate, self.account)

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.account, self.offer, self.host, self.candidate.hosted, self.stored)

    def dispositions(self, order: Order) -> tuple[Disposition, ...]:
        """The fate of each field that the caller set."""
        told = self.account.adapter.wire(order).dispositions
        return noted(told, self.candidate.hosted, self.candidate.hosted_by)

    def order(self, media: Mapping[str, str], made_at: datetime | None = None) -> Order:
        """The order, with everything that is random or looked up in it."""
        return Order(
            id=self.order_id,
            account=self.account.name,
            offer=self.offer,
            request=self.plan.request,
            media=media,
            dropped=self.candidate.dropped,
            options=self.account.options,
            webhook_url=self.webhook_url and self.webhook_url.replace(ORDER_MARK, self.order_id),
            sandbox=self.account.sandbox,
            made_at=made_at,
        )


def offer_of(candidate: Candidate, account: Account) -> Offer:
    """The offer that a candidate was made of. Raises PlanOutdated where there is none any more."""
    for offer in account.offers:
        if (offer.version, offer.mode) == candidate.sold:
            return offer
    raise outdated(f"{account.name} no longer offers {' '.join(candidate.sold)}")


def outdated(told: str) -> PlanOutdated:
    """The error of a plan that does not hold any more."""
    return PlanOutdated(f"the plan is outdated: {told}", remedy="make the plan anew")


def resting(account: Account, why: str, rest_s: float) -> ProviderResting:
    """The error of an account at which nothing is begun for so many seconds."""
    told = f"nothing is begun at {account.name} for {max(rest_s, 0.0):.0f} s: {why}"
    remedy = "wait, or ask that provider alone, which is done all the same"
    return ProviderResting(told, remedy=remedy, retry_after=max(rest_s, 0.0))


def paid_call(intent: Intent) -> tuple[Order, Call]:
    """The paid call as it would be made, with files in words: nothing is read, sent or looked up."""
    candidate = intent.candidate
    order = intent.order(placeholders(intent.plan.request, candidate.hosted, candidate.hosted_by))
    first = next(intent.account.adapter.submit(order))
    if not isinstance(first, Call):
        raise ConfigurationError(f"the adapter {intent.account.adapter.name!r} does not begin with its paid call")
    return order, evolve(first, account=intent.account.name)


def submit(intent: Intent) -> Flow[Job]:
    """Have the vendor accept the job, once."""
    intent.account.credentials()
    if told := _too_dear(intent):
        raise BudgetExceeded(told, remedy=WAYS_OUT["job"])
    if intent.key is not None:
        taken = yield from _had(intent, Asking(intent.key, intent.plan.request, intent.order_id))
        if taken is not None:
            return taken
    media = yield from on_the_wire(intent.plan.request, intent.inputs)
    yield from _turn(intent)
    moment = yield from now()
    order = intent.order(media, moment.at)
    taken = yield from _had(intent, _intended(intent, order))
    if taken is not None:
        return taken
    moment = yield from now()
    job = yield from _paid(intent, order, moment.ticks)
    job = evolve(
        job,
        request=order.request,
        dispositions=intent.dispositions(order),
        quote=intent.candidate.quote,
        submitted_at=order.made_at,
    )
    try:
        yield from record(Accepted(job))
    except GeneratorExit:
        raise
    except BaseException as interruption:
        yield from record(Accepted(job))
        kept(interruption, job)
        raise
    return job


def _turn(intent: Intent) -> Flow[None]:
    """Wait for the account's pace before anything is written down: in a crowd that takes longer than paying may."""
    _, paid = paid_call(intent)
    moment = yield from now()
    granted = yield Turn(intent.account.name, paid.name, moment.ticks + intent.turn_patience_s)
    if not granted:
        patience = intent.turn_patience_s
        within = f"{patience / 60:g} minutes" if patience > 60 else f"{patience:g} s"
        told = f"the pace of {intent.account.name} leaves no room within {within}"
        raise RateLimited(told, remedy="submit fewer at once, or later")


def _intended(intent: Intent, order: Order) -> Intended:
    sent = digests(intent.account.adapter.wire(evolve(order, webhook_url=None)).body)
    return Intended(
        order=order,
        key=intent.key,
        quote=intent.candidate.quote,
        run=intent.run,
        budget=intent.budget,
        sent=sent,
        priced=intent.candidate.priced or intent.offer.price.digest,
        heed=intent.heed,
        chosen=intent.chosen,
        before=intent.before,
    )


def _had(intent: Intent, entry: Asking | Intended) -> Flow[Job | None]:
    """None where nothing stands in the way of paying, or the job that the key already has.

    Where another process is just paying under the same key, what comes of that is waited for.
    """
    moment = yield from now()
    until = moment.ticks + SUBMIT_PATIENCE_S
    while True:
        answer = yield from _recorded(entry)
        match answer:
            case New():
                return None
            case Taken(job):
                return job
            case Over(told, remedy):
                raise BudgetExceeded(told, remedy=remedy)
            case Resting(rested_at, why):
                moment = yield from now()
                raise resting(intent.account, why, (rested_at - moment.at).total_seconds())
            case Conflict(remedy):
                raise ConfigurationError(f"the key {intent.key!r} stands for another request", remedy=remedy)
            case Unsettled(earlier, under_way):
                moment = yield from now()
                if not under_way or moment.ticks > until:
                    raise _unsettled(intent.order(placeholders(intent.plan.request)), intent.key, earlier)
                yield Pause(ASK_AGAIN_S)


def _too_dear(intent: Intent) -> str | None:
    """How the job alone goes beyond its budget."""
    limits = intent.budget.limits(intent.account.name, intent.candidate.provider) if intent.budget else ()
    own = (limit.passed(intent.candidate.quote.bound, Decimal(0)) for limit in limits if limit.span == "job")
    return next(filter(None, own), None)


def _recorded(entry: Asking | Intended) -> Flow[Answer]:
    """The ledger's answer; whatever breaks in on it leaves no order behind that seems to be on its way."""
    try:
        return (yield from record(entry))
    except (GeneratorExit, OmniflashError):
        raise
    except BaseException:
        if isinstance(entry, Intended):
            yield from record(Refused(entry.order, None))
        raise


def _unsettled(order: Order, key: str | None, earlier: str) -> SubmissionUncertain:
    told = f"order {earlier} was made under the key {key!r}, and nobody knows what came of it"
    by_hand = f"look at the vendor's dashboard, then `omniflash jobs resolve {earlier}`"
    remedy = f"try `omniflash jobs reconcile {earlier}`; else {by_hand}"
    return SubmissionUncertain(told, order=order, remedy=remedy)


def _paid(intent: Intent, order: Order, begin: float) -> Flow[Job]:
    again_until = begin + intent.patience_s
    attempt = Attempt(intent.account, begin + SUBMIT_PATIENCE_S, order, again_until, has_turn=True)
    try:
        return (yield from attempt.run(intent.account.adapter.submit(order)))
    except GeneratorExit:
        raise
    except BaseException as problem:
        if not attempt.doubt:
            yield from record(Refused(order, problem if isinstance(problem, OmniflashError) else None))
            raise
        yield from record(Uncertain(order, str(problem) or type(problem).__name__))
        if isinstance(problem, SubmissionUncertain):
            raise
        uncertain = attempt.uncertain(problem)
        if isinstance(problem, Exception):
            raise uncertain from problem
        problem.add_note(str(uncertain))
        raise
