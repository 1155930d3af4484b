"""Which clause a change touches; and the differences that a vendor's documents have among themselves, each with its
reason."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from attrs import frozen

from .compare import Change, Direction, Kind

# The first row that fits: contract, place, clause.
READ: tuple[tuple[str, str, str], ...] = (
    ("fal-result", "*", "RES-VIDEO"),
    ("fal-cancelled", "*", "JOB-CANCEL"),
    ("fal-webhook*", "*", "HOOK-VERIFY"),
    ("fal-upload*", "*", "MAP-ORIGIN"),
    ("fal-requests", "*", "JOB-ONCE"),
    ("pixeldojo-jobs", "*", "JOB-ONCE"),
    ("fal-prices", "*", "COST-QUOTE"),
    ("fal-estimate*", "*", "COST-QUOTE"),
    ("pixeldojo-model", "*", "COST-QUOTE"),
    ("*-error", "*", "ERR-WORDS"),
    ("*", "error*", "ERR-WORDS"),
    ("*", "credit*", "COST-ACTUAL"),
    ("pixeldojo-job", "output*", "RES-VIDEO"),
    ("pixeldojo-job", "assets*", "RES-VIDEO"),
    ("pixeldojo-job", "expiresAt", "RES-VIDEO"),
    ("*-submitted", "status", "JOB-STATES"),
    ("*-submitted", "*", "JOB-RESUME"),
    ("*", "request_id", "JOB-RESUME"),
    ("*", "jobId", "JOB-RESUME"),
    ("*", "*_url", "MAP-ORIGIN"),
    ("*", "*", "JOB-STATES"),
)


def clause(contract: str, change: Change) -> str:
    """The clause that a change touches."""
    if change.direction is Direction.REQUEST:
        return "MAP-CONTRACT"
    return next(told for name, place, told in READ if fnmatchcase(contract, name) and fnmatchcase(change.place, place))


@frozen
class Known:
    """Differences that were there when the contract was written; `after` is what the vendor's document says."""

    contracts: str
    places: tuple[str, ...]
    kind: Kind
    because: str
    after: str = "*"

    def fits(self, contract: str, change: Change) -> bool:
        """Whether a change of a contract is one of these."""
        there = any(fnmatchcase(change.place, place) for place in self.places)
        same = fnmatchcase(change.after, self.after) and change.kind is self.kind
        return there and same and fnmatchcase(contract, self.contracts)


# The shape of these documents is taken from the stored ones of fal's other endpoints: that those of this model have the
# same is an assumption.
OLDER = "the documents of endpoints describe the queue in the words of an older generation than its own reference"
NO_FORM = "the documents of endpoints say nothing of the form of a text or the size of a number; the pages do"
URLS = ("response_url", "status_url", "cancel_url")

KNOWN: Mapping[str, tuple[Known, ...]] = {
    "fal": (
        Known("fal-*", ("*_url", "*_urls*", "video.url", "request_id"), Kind.WIDENED, NO_FORM, "no pattern"),
        Known("fal-*", ("video.file_size", "queue_position"), Kind.WIDENED, NO_FORM, "no minimum"),
        Known("fal-*", (*URLS, "logs", "queue_position"), Kind.WIDENED, OLDER, "optional"),
        Known("fal-status", URLS, Kind.NARROWED, OLDER, "string"),
        Known("fal-*", ("logs",), Kind.RETYPED, OLDER, "object"),
        Known("fal-status", ("error", "error_type", "metrics.inference_time"), Kind.REMOVED, OLDER),
        Known("fal-submitted", ("gateway_request_id",), Kind.REMOVED, OLDER),
        Known("fal-submitted", ("logs", "metrics"), Kind.ADDED, OLDER),
        Known(
            "fal-submitted",
            ("status",),
            Kind.WIDENED,
            "one schema stands for submit and status",
            '"COMPLETED", "IN_PROGRESS", "IN_QUEUE"',
        ),
        Known("fal-cancelled", ("status",), Kind.REMOVED, OLDER),
        Known("fal-cancelled", ("success",), Kind.ADDED, OLDER),
        Known("fal-result", ("video.content_type", "video.file_name"), Kind.NARROWED, OLDER, "string"),
        Known("fal-result", ("video.file_size",), Kind.NARROWED, OLDER, "integer"),
        Known("fal-result", ("video.file_data",), Kind.ADDED, "the queue answers with a URL, never with the file"),
    ),
}


def reason(provider: str, contract: str, change: Change) -> str | None:
    """Why a difference is none of today's, or None."""
    return next((known.because for known in KNOWN.get(provider, ()) if known.fits(contract, change)), None)
