"""The one taxonomy of what can go wrong, for all vendors (ERR-KIND).

    OmniflashError
    ├── InvalidRequest            the request breaks the spec, or the vendor refused its content as malformed
    │   └── RegionRestricted      not for a person in this country
    ├── UnsupportedFeature        this provider cannot do that; others may
    ├── PlanOutdated              a price or an offer changed since the plan was made; nothing was sent
    ├── ConfigurationError        settings, names, tokens, folders on your side
    ├── NoEligibleProvider        nobody configured can do this job; each one's reason is on it
    ├── BudgetExceeded            it would cost more than you allowed
    ├── AuthenticationFailed      no key, a wrong key, a locked account
    ├── InsufficientCredits       the account at the vendor is empty
    ├── RateLimited               too fast; `retry_after` says when again
    ├── ProviderUnavailable       not reached, or an answer that says nothing of the job
    │   └── ProviderResting       trouble with it lately: nothing is begun there for now
    ├── StorageFailed             the account that was to store an input for another provider did not
    ├── NotFound                  the vendor does not know this job (any more)
    ├── ContentRejected           the model's filters refused the prompt, an input, or the result
    ├── GenerationFailed          the job ended without a clip
    │   └── EmptyResult           it "completed" without one: filtered, or not available in the region
    ├── JobCancelled              somebody cancelled it
    ├── SubmissionUncertain       a paid call has no readable answer: the job may exist, and is never sent again
    ├── DeadlineExceeded          waiting ended; the job goes on
    ├── DownloadFailed            the clip exists and could not be fetched or written
    ├── ProtocolError             the vendor sent what its contract does not allow
    └── InvalidWebhook            a webhook that is not the vendor's

Each says whose move it is, if trying again can help, and if money may have been spent; it carries the vendor's own
words and, where there is one, the job that goes on.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from attrs import field, frozen

from .redact import one_line, safe_text

if TYPE_CHECKING:
    from .adapter import Order
    from .jobs import Job
    from .spec import Violation


class Money(StrEnum):
    """If money may have been spent by the time an error is raised."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Fault(StrEnum):
    """Whose move it is."""

    CALLER = "caller"
    ACCOUNT = "account"
    VENDOR = "vendor"
    NETWORK = "network"


LONGEST_WORDS = 4_000  # characters


def _clean(text: str | None) -> str | None:
    return None if text is None else one_line(safe_text(text[:LONGEST_WORDS]))


@frozen
class VendorWords:
    """What the vendor itself said (ERR-WORDS), in one line and without secrets; `status` is the HTTP one."""

    code: str | None = field(default=None, converter=_clean)
    message: str | None = field(default=None, converter=_clean)
    request_id: str | None = field(default=None, converter=_clean)
    status: int | None = None

    def __str__(self) -> str:
        labels = {"HTTP": self.status, "code": self.code, "request id": self.request_id}
        facts = ", ".join(f"{label} {value}" for label, value in labels.items() if value is not None)
        return f"{self.message or 'no message'} ({facts})" if facts else self.message or ""


class OmniflashError(Exception):
    """Whatever omniflash raises. `str()` of it is one line: what happened, the vendor's words, what to do next.

    Attributes: `message`; `remedy`; `words` (VendorWords or None); `job` (the Job that is still alive, or None);
    `retry_helps`; `retry_after` in seconds or None; `money`; `fault`.
    """

    retry_helps: bool = False
    money: Money = Money.NO
    fault: ClassVar[Fault] = Fault.VENDOR

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        words: VendorWords | None = None,
        job: "Job | None" = None,
        retry_after: float | None = None,
        retry_helps: bool | None = None,
        money: Money | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.words = words
        self.job = job
        self.retry_after = retry_after
        self.retry_helps = type(self).retry_helps if retry_helps is None else retry_helps
        self.money = type(self).money if money is None else money

    def __str__(self) -> str:
        said = f": {self.words}" if self.words and str(self.words) else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.message}{said}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[OmniflashError], args: tuple[object, ...], state: Mapping[str, object]) -> OmniflashError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidRequest(OmniflashError):
    """The request is wrong; `violations` holds every problem that was found here, where nothing was sent."""

    fault = Fault.CALLER

    def __init__(
        self,
        message: str = "",
        *,
        violations: "tuple[Violation, ...]" = (),
        remedy: str = "",
        words: VendorWords | None = None,
        money: Money | None = None,
    ) -> None:
        super().__init__(message or "\n".join(map(str, violations)), remedy=remedy, words=words, money=money)
        self.violations = violations


class RegionRestricted(InvalidRequest):
    """Editing an uploaded video is not available for a person in this country (REQ-REGION)."""


class UnsupportedFeature(OmniflashError):
    """The provider cannot do what was asked; another one may."""

    fault = Fault.CALLER


class PlanOutdated(OmniflashError):
    """A price or an offer changed since the plan was made; nothing was sent."""

    fault = Fault.CALLER


class ConfigurationError(OmniflashError):
    """A setting, a name, a token, a file or a folder on this side is wrong; nothing was sent."""

    fault = Fault.CALLER


class NoEligibleProvider(OmniflashError):
    """Nobody configured can do this job. `reasons` maps each account to why."""

    fault = Fault.CALLER

    def __init__(self, message: str, *, reasons: "Mapping[str, tuple[Violation, ...]]", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reasons = reasons


class BudgetExceeded(OmniflashError):
    """It would cost more than was allowed; nothing was sent."""

    fault = Fault.ACCOUNT


class AuthenticationFailed(OmniflashError):
    """There is no key, the vendor refused it, or the account is locked."""

    fault = Fault.ACCOUNT


class InsufficientCredits(OmniflashError):
    """The account at the vendor has no money left."""

    fault = Fault.ACCOUNT


class RateLimited(OmniflashError):
    """Too many requests; `retry_after` says in how many seconds to come again, where the vendor said so."""

    retry_helps = True
    fault = Fault.ACCOUNT


class ProviderUnavailable(OmniflashError):
    """The vendor was not reached, or its answer says nothing of the job."""

    retry_helps = True
    fault = Fault.NETWORK


class ProviderResting(ProviderUnavailable):
    """There was trouble with a provider, or a limit was reached: nothing is begun there for `retry_after` seconds."""


class StorageFailed(OmniflashError):
    """The account that was to store an input for another provider did not. That one was not asked, nothing was paid."""

    fault = Fault.NETWORK


class NotFound(OmniflashError):
    """The vendor does not know this job: a wrong token, or one that has expired."""

    fault = Fault.CALLER


class ContentRejected(OmniflashError):
    """The model's filters refused the prompt, an input or the result. The verdict is partly random."""

    money = Money.MAYBE
    fault = Fault.CALLER


class GenerationFailed(OmniflashError):
    """The job ended without a clip."""

    retry_helps = True
    money = Money.MAYBE


class EmptyResult(GenerationFailed):
    """The job completed without a video: filtered, or not available in the region (JOB-EMPTY)."""

    retry_helps = False


class JobCancelled(OmniflashError):
    """The job was cancelled."""

    money = Money.MAYBE
    fault = Fault.CALLER


class SubmissionUncertain(OmniflashError):
    """A paid call has no readable answer: the job may exist. It is never sent again by itself.

    `order` holds what is needed to look for it at the vendor: provider, endpoint, request, our order id, when it was
    made.
    """

    money = Money.MAYBE
    fault = Fault.NETWORK

    def __init__(self, message: str, *, order: "Order", remedy: str = "", words: VendorWords | None = None) -> None:
        super().__init__(message, remedy=remedy, words=words)
        self.order = order


class DeadlineExceeded(OmniflashError):
    """Waiting ended before the job did; `job` is alive and can be waited for again."""

    retry_helps = True
    money = Money.YES
    fault = Fault.NETWORK


class DownloadFailed(OmniflashError):
    """The clip exists, and could not be fetched or written whole; the target was not touched."""

    retry_helps = True
    money = Money.YES
    fault = Fault.NETWORK


class ProtocolError(OmniflashError):
    """The vendor sent what its contract does not allow; `exchange` shows the call and the answer without secrets."""

    money = Money.MAYBE

    def __init__(
        self,
        message: str,
        *,
        exchange: str = "",
        remedy: str = "",
        words: VendorWords | None = None,
        job: "Job | None" = None,
    ) -> None:
        super().__init__(message, remedy=remedy, words=words, job=job)
        self.exchange = exchange


class InvalidWebhook(OmniflashError):
    """What came in is no webhook of the vendor's."""

    fault = Fault.NETWORK
