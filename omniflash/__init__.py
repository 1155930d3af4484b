"""Gemini Omni Flash from any vendor: one request, one contract, never paid twice.

The names below are loaded when they are first used, so that importing omniflash costs little.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import Provider as Provider
    from .accounts import Site as Site
    from .adapter import Pace as Pace
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .client import generate as generate
    from .effects import Transfer as Transfer
    from .errors import (
        AuthenticationFailed as AuthenticationFailed,
    )
    from .errors import (
        BudgetExceeded as BudgetExceeded,
    )
    from .errors import (
        ConfigurationError as ConfigurationError,
    )
    from .errors import (
        ContentRejected as ContentRejected,
    )
    from .errors import (
        DeadlineExceeded as DeadlineExceeded,
    )
    from .errors import (
        DownloadFailed as DownloadFailed,
    )
    from .errors import (
        EmptyResult as EmptyResult,
    )
    from .errors import (
        GenerationFailed as GenerationFailed,
    )
    from .errors import (
        InsufficientCredits as InsufficientCredits,
    )
    from .errors import (
        InvalidRequest as InvalidRequest,
    )
    from .errors import (
        InvalidWebhook as InvalidWebhook,
    )
    from .errors import (
        JobCancelled as JobCancelled,
    )
    from .errors import (
        NoEligibleProvider as NoEligibleProvider,
    )
    from .errors import (
        NotFound as NotFound,
    )
    from .errors import (
        OmniflashError as OmniflashError,
    )
    from .errors import (
        PlanOutdated as PlanOutdated,
    )
    from .errors import (
        ProtocolError as ProtocolError,
    )
    from .errors import (
        ProviderResting as ProviderResting,
    )
    from .errors import (
        ProviderUnavailable as ProviderUnavailable,
    )
    from .errors import (
        RateLimited as RateLimited,
    )
    from .errors import (
        RegionRestricted as RegionRestricted,
    )
    from .errors import (
        StorageFailed as StorageFailed,
    )
    from .errors import (
        SubmissionUncertain as SubmissionUncertain,
    )
    from .errors import (
        UnsupportedFeature as UnsupportedFeature,
    )
    from .jobs import (
        Cancellation as Cancellation,
    )
    from .jobs import (
        Charge as Charge,
    )
    from .jobs import (
        Clip as Clip,
    )
    from .jobs import (
        Event as Event,
    )
    from .jobs import (
        Job as Job,
    )
    from .jobs import (
        State as State,
    )
    from .jobs import (
        Status as Status,
    )
    from .money.budgets import Budget as Budget
    from .money.ledger import Ledger as Ledger
    from .money.overrides import OwnPrice as OwnPrice
    from .money.quotes import Quote as Quote
    from .routing.plan import Candidate as Candidate
    from .routing.plan import Plan as Plan
    from .routing.policies import Policy as Policy
    from .spec import (
        CLAUSES as CLAUSES,
    )
    from .spec import (
        LIMITS as LIMITS,
    )
    from .spec import (
        Data as Data,
    )
    from .spec import (
        Edit as Edit,
    )
    from .spec import (
        File as File,
    )
    from .spec import (
        ImageToVideo as ImageToVideo,
    )
    from .spec import (
        Mode as Mode,
    )
    from .spec import (
        ReferenceToVideo as ReferenceToVideo,
    )
    from .spec import (
        Refine as Refine,
    )
    from .spec import (
        Request as Request,
    )
    from .spec import (
        TextToVideo as TextToVideo,
    )
    from .spec import (
        Url as Url,
    )
    from .spec import (
        Violation as Violation,
    )
    from .spec import (
        check as check,
    )
    from .spec import (
        request_from_json as request_from_json,
    )
    from .spec import (
        request_to_json as request_to_json,
    )

_HOMES = {
    "accounts": ["Provider", "Site"],
    "adapter": ["Pace"],
    "client": ["AsyncClient", "Client", "generate"],
    "errors": [
        "AuthenticationFailed",
        "BudgetExceeded",
        "ConfigurationError",
        "ContentRejected",
        "DeadlineExceeded",
        "DownloadFailed",
        "EmptyResult",
        "GenerationFailed",
        "InsufficientCredits",
        "InvalidRequest",
        "InvalidWebhook",
        "JobCancelled",
        "NoEligibleProvider",
        "NotFound",
        "OmniflashError",
        "PlanOutdated",
        "ProtocolError",
        "ProviderResting",
        "ProviderUnavailable",
        "RateLimited",
        "RegionRestricted",
        "StorageFailed",
        "SubmissionUncertain",
        "UnsupportedFeature",
    ],
    "effects": ["Transfer"],
    "jobs": ["Cancellation", "Charge", "Clip", "Event", "Job", "State", "Status"],
    "money.budgets": ["Budget"],
    "money.ledger": ["Ledger"],
    "money.overrides": ["OwnPrice"],
    "money.quotes": ["Quote"],
    "routing.plan": ["Candidate", "Plan"],
    "routing.policies": ["Policy"],
    "spec": [
        "CLAUSES",
        "LIMITS",
        "Data",
        "Edit",
        "File",
        "ImageToVideo",
        "Mode",
        "ReferenceToVideo",
        "Refine",
        "Request",
        "TextToVideo",
        "Url",
        "Violation",
        "check",
        "request_from_json",
        "request_to_json",
    ],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    *_HOME_OF,
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'omniflash' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
