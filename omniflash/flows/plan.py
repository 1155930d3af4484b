"""Planning a request: everything that is wrong with it at once, else who can make it and for how much."""

from ..effects import Flow
from ..errors import InvalidRequest
from ..routing.plan import Desk, Plan, make_plan
from ..spec.form import refuse
from ..spec.inputs import file_violations
from ..spec.requests import Request
from ..spec.rules import check
from ..spec.violations import Violation
from .inputs import examine


def plan(request: Request | None, problems: tuple[Violation, ...], desk: Desk) -> Flow[Plan]:
    """Plan a request, or raise everything that is wrong with it at once, its local files included.

    A region that rules out an edit is not raised: each provider's reason stands in the plan.
    """
    if request is None:
        raise InvalidRequest(violations=problems)
    facts = yield from examine(request)
    problems += check(request, strict_region=desk.strict_region) + tuple(file_violations(request, facts))
    if any(problem.clause != "REQ-REGION" for problem in problems):
        refuse(problems)
    return make_plan(request, desk, facts)
