"""Planning a request: everything that is wrong with it at once, else who can make it and for how much."""

from collections.abc import Iterator

from attrs import evolve

from ..accounts import Account
from ..adapter import Offer
from ..effects import Flow
from ..errors import ConfigurationError, InvalidRequest
from ..jobs import Job
from ..routing.plan import Desk, Plan, make_plan, offers_for
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
    made = make_plan(request, desk, facts)
    if not online:
        return made
    asked = yield from prices(_offered(made, request, desk))
    return make_plan(request, evolve(desk, online={one.account: one for one in asked}), facts)


def _offered(made: Plan, request: Request, desk: Desk) -> Iterator[tuple[Account, tuple[Offer, ...]]]:
    able = {candidate.account for candidate in made.candidates}
    for account in desk.accounts:
        if account.name in able:
            yield account, tuple(offers_for(request, account))


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
