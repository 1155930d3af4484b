"""Planning a request: everything that is wrong with it at once, else who can make it and for how much."""

from attrs import evolve

from ..effects import Flow, now, record
from ..errors import ConfigurationError, InvalidRequest
from ..jobs import Job
from ..money.entries import Consulting, Known
from ..routing.plan import Desk, Outlook, Plan, make_plan
from ..spec.form import refuse
from ..spec.inputs import file_violations
from ..spec.requests import Previous, Refine, Request
from ..spec.rules import check
from ..spec.violations import Violation, violation
from .inputs import examine


def plan(request: Request | None, problems: tuple[Violation, ...], desk: Desk) -> Flow[Plan]:
    """Plan a request, or raise everything that is wrong with it at once, its local files included.

    A region that rules out an edit is not raised: each provider's reason stands in the plan.
    """
    if request is None:
        raise InvalidRequest(violations=problems)
    request, unknown = known(request)
    facts = yield from examine(request)
    problems += unknown + check(request, strict_region=desk.strict_region) + tuple(file_violations(request, facts))
    if any(problem.clause != "REQ-REGION" for problem in problems):
        refuse(problems)
    return make_plan(request, desk, facts, (yield from outlook(desk)))


def outlook(desk: Desk) -> Flow[Outlook]:
    """What is known of the desk's accounts, and of what its budget has left."""
    moment = yield from now()
    names = tuple(account.name for account in desk.accounts)
    prices = dict.fromkeys(offer.price.digest for account in desk.accounts for offer in account.offers)
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
