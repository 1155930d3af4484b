"""Planning a request: everything that is wrong with it at once, else who can make it and for how much."""

from collections.abc import Iterator

from attrs import evolve

from ..accounts import Account
from ..adapter import Offer
from ..effects import Flow, now, record
from ..errors import ConfigurationError, InvalidRequest
from ..jobs import Job
from ..money.budgets import Budget
from ..money.entries import Consulting, Known
from ..routing.plan import Desk, Outlook, Plan, make_plan
from ..routing.policies import cheapest
from ..spec.form import refuse
from ..spec.inputs import file_violations
from ..spec.requests import Previous, Refine, Request
from ..spec.rules import check
from ..spec.violations import Violation, violation
from .inputs import examine
from .prices import prices


def plan(request: Request | None, problems: tuple[Violation, ...], desk: Desk, *, online: bool = False) -> Flow[Plan]:
    """Plan a request, or raise everything that is wrong with it at once, its local files included.

    A region that rules out an edit is not raised: each provider's reason stands in the plan. With `online`, the vendors
    of those who can are asked what they ask now.
    """
    if request is None:
        raise InvalidRequest(violations=problems)
    request, unknown = known(request)
    facts = yield from examine(request)
    problems += unknown + check(request, strict_region=desk.strict_region) + tuple(file_violations(request, facts))
    if any(problem.clause != "REQ-REGION" for problem in problems):
        refuse(problems)
    if online:
        able = make_plan(request, evolve(desk, budget=Budget(), policy=cheapest), facts, (yield from outlook(desk)))
        asked = yield from prices(_sold_by(able, desk))
        desk = evolve(desk, online={one.account: one for one in asked})
    return make_plan(request, desk, facts, (yield from outlook(desk)))


def _sold_by(able: Plan, desk: Desk) -> Iterator[tuple[Account, tuple[Offer, ...]]]:
    """The offers of those who can, whatever the budget: a price that has fallen may fit it."""
    for account in desk.accounts:
        sold = {candidate.sold for candidate in able.candidates if candidate.account == account.name}
        if offers := tuple(offer for offer in account.offers if (offer.version, offer.mode) in sold):
            yield account, offers


def outlook(desk: Desk) -> Flow[Outlook]:
    """What is known of the desk's accounts, and of what its budget has left."""
    moment = yield from now()
    names = tuple(account.name for account in desk.accounts)
    prices = dict.fromkeys(row.digest for row in desk.prices)
    sandbox = any(account.sandbox for account in desk.accounts)
    asked = Consulting(names, sandbox, desk.run, tuple(desk.budget.spans), tuple(prices))
    known = yield from record(asked)
    return Outlook(moment.at, known) if isinstance(known, Known) else Outlook(moment.at)


def known(request: Request) -> tuple[Request, tuple[Violation, ...]]:
    """The request with what the token of a job to refine tells: who made it."""
    if not (isinstance(request, Refine) and isinstance(request.previous, Previous) and request.previous.job):
        return request, ()
    try:
        job = Job.parse(request.previous.job)
    except ConfigurationError as problem:
        return request, (violation("REQ-PREVIOUS", "previous", problem.message, problem.remedy),)
    made_by = Previous(job.provider, job.account, request.previous.handle, request.previous.job)
    return (request if request.previous.provider else evolve(request, previous=made_by)), ()
