"""Planning a request: everything that is wrong with it at once, else who can make it and for how much."""

from attrs import evolve

from ..effects import Flow
from ..errors import ConfigurationError, InvalidRequest
from ..jobs import Job
from ..routing.plan import Desk, Plan, make_plan
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
    return make_plan(request, desk, facts)


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
