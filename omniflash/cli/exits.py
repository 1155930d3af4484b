"""What a command's exit code says; the documentation prints this table."""

from collections.abc import Mapping

from ..errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ConfigurationError,
    DeadlineExceeded,
    InsufficientCredits,
    InvalidRequest,
    NoEligibleProvider,
    OmniflashError,
    PlanOutdated,
    SubmissionUncertain,
)
from . import INTERRUPTED

BUG, BAD, NO_KEY, AT_VENDOR, UNCERTAIN, NO_MONEY, LATE, NOBODY = range(1, 9)
TERMINATED = 143

MEANINGS: Mapping[int, str] = {
    0: "done",
    BUG: "a mistake in omniflash itself, or in an adapter",
    BAD: "a bad request, usage or configuration: nothing was sent",
    NO_KEY: "no key, or a wrong one",
    AT_VENDOR: "refused or failed at the vendor",
    UNCERTAIN: "a paid call whose fate is unknown: look at the vendor's dashboard before trying again",
    NO_MONEY: "out of budget, or out of credits",
    LATE: "out of time: the job goes on",
    NOBODY: "no configured provider can do this",
    INTERRUPTED: "interrupted: an accepted job goes on",
    TERMINATED: "told to stop by SIGTERM: an accepted job goes on",
}

_CODES: Mapping[type[OmniflashError], int] = {
    ConfigurationError: BAD,
    PlanOutdated: BAD,
    AuthenticationFailed: NO_KEY,
    SubmissionUncertain: UNCERTAIN,
    BudgetExceeded: NO_MONEY,
    InsufficientCredits: NO_MONEY,
    DeadlineExceeded: LATE,
    NoEligibleProvider: NOBODY,
}


def exit_code(error: OmniflashError) -> int:
    """The exit code of an error. A request that breaks the spec was refused here, any other at the vendor."""
    if isinstance(error, InvalidRequest) and error.violations:
        return BAD
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), AT_VENDOR)
