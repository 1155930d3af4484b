"""Asking a plan's candidates in turn: on to the next only where it is certain that nothing was, or will be, billed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from ..accounts import Account
from ..effects import Flow, Pause, now, record
from ..errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ConfigurationError,
    GenerationFailed,
    InsufficientCredits,
    InvalidRequest,
    Money,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderResting,
    ProviderUnavailable,
    RateLimited,
    StorageFailed,
    UnsupportedFeature,
)
from ..jobs import Job
from ..money.budgets import Budget
from ..money.entries import Consulting, Known
from ..money.records import errand_of, number_of
from ..redact import safe_text
from ..routing.health import UNKNOWN
from ..routing.plan import Candidate, Plan, RuledOut, news
from ..spec.form import refuse
from ..spec.rules import check
from ..spec.violations import Violation
from .inputs import Stored
from .submit import SUBMIT_PATIENCE_S, TURN_PATIENCE_S, Intent, offer_of, outdated, resting, submit

Failed: TypeAlias = tuple[Job, OmniflashError]  # a job, and how it failed, unbilled
MARK = 4  # letters of a fresh id: two processes may go on from the same job at once
OTHERS_S = 10.0  # how long somebody is given to take a job that others would take too
# What a provider says that others may not say. A filter's verdict is not among it: it is the same model everywhere.
REFUSALS = (
    ProviderUnavailable,
    RateLimited,
    AuthenticationFailed,
    InsufficientCredits,
    UnsupportedFeature,
    NotFound,
    InvalidRequest,
    ProtocolError,
    StorageFailed,
    BudgetExceeded,
)
IN_PLACE = "give instead_of= a job that failed unbilled, and its error"
FAILURES = (GenerationFailed,)  # which may be billed unless its vendor says otherwise


@frozen
class Errand:
    """A plan on its way: with which accounts, under which order id and key, by which client, with which budget.

    Each further order of it has a number behind that id, from `number` on, and a `mark` where others may be at the
    same. `before` tells who was asked already, and what came of it; what is `stored` for one candidate serves the next
    as well.
    """

    plan: Plan
    accounts: Mapping[str, Account]
    order_id: str
    key: str | None = None
    run: str = ""
    budget: Budget | None = None
    webhook_url: str | None = field(default=None, repr=False)
    number: int = 1
    mark: str = ""
    before: tuple[str, ...] = ()
    stored: Stored = field(factory=dict, repr=False, eq=False)

    @property
    def routed(self) -> bool:
        """Whether anybody but one was ever in question: who names one provider means that one, rested or not."""
        return sum(account.key is not None for account in self.accounts.values()) > 1

    @property
    def candidates(self) -> Iterator[Candidate]:
        """Those that can be asked from here: a plan may come from where there are other accounts and keys."""
        for candidate in self.plan.candidates:
            account = self.accounts.get(candidate.account)
            if account is not None and account.key is not None:
                yield candidate

    def instead_of(self, failed: Failed) -> "Errand":
        """The same in place of a job that failed unbilled: its order's id goes on, and so does its key.

        Raises ConfigurationError for a job that may be billed, or go on.
        """
        job, problem = failed
        if not unbilled(problem):
            told = f"job {job.handle} may be billed, or go on: {problem}"
            raise ConfigurationError(told, remedy=IN_PLACE)
        return evolve(
            self,
            order_id=errand_of(job.order_id) or self.order_id,
            mark=f"-{self.order_id[:MARK]}",
            number=number_of(job.order_id) + 1,
            before=(*self.before, said(job.account or job.provider, problem)),
        )

    def intent(self, candidate: Candidate, number: int, before: Sequence[str], *, alone: bool) -> Intent:
        """What is to be paid for at a candidate; `alone` where nobody else is left to take it."""
        return Intent(
            plan=self.plan,
            candidate=candidate,
            account=self.accounts[candidate.account],
            order_id=self.order_id if number == 1 else f"{self.order_id}-{number}{self.mark}",
            key=self.key,
            run=self.run,
            budget=self.budget,
            webhook_url=self.webhook_url,
            heed=self.routed,
            chosen=self.plan.chosen(candidate),
            before=tuple(before),
            patience_s=SUBMIT_PATIENCE_S if alone else OTHERS_S,
            turn_patience_s=TURN_PATIENCE_S if alone else OTHERS_S,
            host=self.accounts.get(candidate.hosted_by or ""),
            stored=self.stored,
        )


def route(errand: Errand) -> Flow[Job]:
    """Have one of the plan's candidates accept the job, the best one that does.

    Raises PlanOutdated before anything is paid where the plan does not hold any more, what stops the job, or what
    everybody said.
    """
    check_offers(errand)
    return (yield from _Round(errand, errand.number, list(errand.before)).run())


@define
class _Round:
    """One errand under way: the `number` of its next order, and what was said `before`."""

    errand: Errand
    number: int
    before: list[str]
    problems: list[OmniflashError] = field(factory=list)

    def run(self) -> Flow[Job]:
        moment = yield from now()
        until = moment.ticks + SUBMIT_PATIENCE_S
        left = list(self.errand.candidates)
        while True:
            job, left, rest_s = yield from self._asked(left)
            if job is not None:
                return job
            moment = yield from now()
            if not left or moment.ticks + rest_s > until:
                raise nobody(self.problems)
            rests = [problem for problem in self.problems if isinstance(problem, ProviderResting)]
            self.problems = [problem for problem in self.problems if problem not in rests]
            yield Pause(rest_s, why="; ".join(rest.message for rest in rests))

    def _asked(self, candidates: list[Candidate]) -> Flow[tuple[Job | None, list[Candidate], float]]:
        """The job that one of these took; else those who rest, and how long the first of them goes on resting."""
        at_rest: list[Candidate] = []
        rests: list[float] = []
        for place, candidate in enumerate(candidates):
            alone = place + 1 == len(candidates) and not at_rest
            try:
                return (yield from self._at(candidate, alone=alone)), [], 0.0
            except ProviderResting as rest:
                self.problems.append(rest)
                at_rest.append(candidate)
                rests.append(rest.retry_after or 0.0)
            except REFUSALS as problem:
                if not goes_on(problem):
                    raise
                self.problems.append(problem)
                self.before.append(said(candidate.account, problem))
        return None, at_rest, min(rests, default=0.0)

    def _at(self, candidate: Candidate, *, alone: bool) -> Flow[Job]:
        if self.errand.routed:
            yield from _rested(self.errand.accounts[candidate.account])
        intent = self.errand.intent(candidate, self.number, self.before, alone=alone)
        try:
            return (yield from submit(intent))
        except ProviderResting:
            raise
        except OmniflashError:
            self.number += 1  # an id is used once, whatever came of it
            raise


def said(account: str, problem: OmniflashError) -> str:
    """What an account said, with its name."""
    told = safe_text(str(problem))
    return told if told.startswith(account) else f"{account}: {told}"


def goes_on(problem: OmniflashError) -> bool:
    """Whether the next may be asked: it is certain that nothing was created, and the request itself is not at fault."""
    return problem.money is Money.NO and not getattr(problem, "violations", ())


def _rested(account: Account) -> Flow[None]:
    """Raise ProviderResting while nothing is to be begun there: asked before anything is uploaded."""
    known = yield from record(Consulting((account.name,), account.sandbox))
    moment = yield from now()
    health = known.health.get(account.name, UNKNOWN) if isinstance(known, Known) else UNKNOWN
    if until := health.resting_until(moment.at):
        raise resting(account, health.why(moment.at), (until - moment.at).total_seconds())


def nobody(problems: Sequence[OmniflashError]) -> OmniflashError:
    """The error of a job that nobody took: the one that there was, or what everybody said."""
    if len(problems) == 1:
        return problems[0]
    kinds = {type(problem) for problem in problems}
    kind = kinds.pop() if len(kinds) == 1 and ProviderResting not in kinds else ProviderUnavailable
    told = "; ".join(str(problem) for problem in problems)
    error = kind(f"nobody took it: {told}")
    waits = [problem.retry_after for problem in problems if problem.retry_after is not None]
    error.money = Money.NO
    error.remedy = "nothing was billed; `omniflash plan` tells how they are doing"
    error.retry_after = min(waits, default=None)
    error.retry_helps = any(problem.retry_helps for problem in problems)
    return error


def check_offers(errand: Errand) -> None:
    """Raise PlanOutdated where a candidate is not what it was when the plan was made, or the request is another.

    Raises InvalidRequest for a request that breaks the spec: a plan may come from a file that somebody wrote in.
    """
    request = errand.plan.request
    for candidate in errand.candidates:
        refuse(check(request, version=candidate.version))
        account = errand.accounts[candidate.account]
        if told := news(candidate, request, offer_of(candidate, account), account):
            raise outdated(told)


def unbilled(problem: OmniflashError) -> bool:
    """Whether an error says that its job is over, without a clip and without a bill."""
    return isinstance(problem, FAILURES) and problem.money is Money.NO and problem.job is None


def onward(plan: Plan, job: Job, problem: OmniflashError) -> Plan | None:
    """The plan without whoever failed a job; None where that may have been billed, or nobody else is left."""
    if not unbilled(problem):
        return None
    failed = job.account or job.provider
    left = tuple(candidate for candidate in plan.candidates if candidate.account != failed)
    if len(left) == len(plan.candidates) or not any(candidate.has_key for candidate in left):
        return None
    told = Violation("FAILED", "job", job.handle, f"it failed, unbilled: {problem}", "another is asked")
    return evolve(plan, candidates=left, ruled_out=(*plan.ruled_out, RuledOut(failed, job.provider, (told,))))
