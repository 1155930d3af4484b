"""The catalogue of faults: what can be made to go wrong, in which calls, with which options."""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from omniflash_sandbox import fault_options as of
from omniflash_sandbox.fault_options import Option
from omniflash_sandbox.jobs import Ending

STORAGE = ("initiate", "token", "upload", "complete")
PRICES = ("prices", "estimate")
ANY = ("submit", "status", "result", "cancel", "list", "run", "stream", *STORAGE, *PRICES, "keys", "asset")
"""The calls that a fault can strike. A vendor has some of them."""

WITH_JSON = tuple(call for call in ANY if call != "asset")
ABOUT_A_JOB = tuple(call for call in ANY if call in ("status", "result", "cancel"))


class Moment(Enum):
    """When in an exchange a fault strikes. Faults of different moments do not get in each other's way."""

    ANSWER = "answer"
    ACCEPTANCE = "acceptance"
    DATES = "dates"


@frozen
class Kind:
    """What a fault is: what happens, in which calls it can, and its options.

    Unless a call is named it strikes the first of them, or all that are `usual`. `accepted`, where no option says it,
    is whether the vendor hears of the request at all. `refuses`: a client can know from the answer that a paid call was
    not accepted. A fault with an `ending` strikes at the moment a job is accepted, and decides how the job ends;
    `modes` are those it can strike, None all. One of `dates` strikes beside any other.
    """

    happens: str
    calls: tuple[str, ...]
    options: Mapping[str, Option] = field(factory=dict)
    accepted: bool = True
    refuses: bool = False
    ending: Ending | None = None
    modes: frozenset[str] | None = None
    dates: bool = False
    usual: tuple[str, ...] = ()

    @property
    def moment(self) -> Moment:
        if self.ending is not None:
            return Moment.ACCEPTANCE
        return Moment.DATES if self.dates else Moment.ANSWER

    @property
    def usual_calls(self) -> tuple[str, ...]:
        return self.usual or self.calls[:1]


SUBMIT, ASSET = ("submit",), ("asset",)
NAMING = ("status", "result", "asset")
EDITS = frozenset({"edit"})  # Google: what the model made may be edited everywhere, so refining is never refused

KINDS: Mapping[str, Kind] = {
    # The connection
    "lose-response": Kind("the connection is closed without an answer", ANY, of.ACCEPTED),
    "reset": Kind(
        "the connection is reset (TCP RST): before the answer, after its head, or after so many bytes of its body",
        ANY, {**of.ACCEPTED, **of.HEAD, **of.RESET_AFTER},
    ),
    "half-answer": Kind("the answer's whole length is announced, half of it comes, the connection is closed", ANY,
        of.ACCEPTED),
    "stall": Kind("nothing, or only the answer's head, then silence for so many seconds of wall time, then the end",
        ANY, {**of.ACCEPTED, **of.SILENCE, **of.HEAD}),
    "slow-drip": Kind("the answer's body comes at so many bytes in a second of wall time, whole in the end", ANY,
        of.DRIP),
    # Another answer
    "rate-limit": Kind("429 with Retry-After", ANY, of.SECONDS, accepted=False, refuses=True),
    "locked": Kind("the account is locked, having no money: 403 of fal's, 402 of PixelDojo's", SUBMIT, accepted=False,
        refuses=True),
    "unavailable": Kind("500, 502, 503 or 504 in the vendor's own form", ANY, {**of.NOT_ACCEPTED, **of.SERVER_ERROR}),
    "gateway-html": Kind("a gateway's HTML in place of the vendor's answer, with an error's status or with 200", ANY,
        {**of.NOT_ACCEPTED, **of.GATEWAY}),
    "malformed-json": Kind("only the first half of the answer's JSON", WITH_JSON, of.ACCEPTED),
    "redirect": Kind("a redirect to the same path on a stranger's host", ANY, {**of.NOT_ACCEPTED, **of.REDIRECT}),
    "foreign-urls": Kind("the job's own URLs in the answer are on a stranger's host", ("submit", "status")),
    "unknown-job": Kind("the job is unknown, as if it were too fresh to be seen", ABOUT_A_JOB, accepted=False),
    "unknown-status": Kind("a status that stands in no document", ("status",), of.STATUS),
    "clock-skew": Kind("every date in the answer is off by so many seconds", ANY, of.SKEW, dates=True, usual=ANY),
    # The clip
    "cut-download": Kind("the connection is closed in the middle of a clip", ASSET, of.BYTES),
    "overstated-length": Kind("more bytes of a clip are announced than there are", ASSET, of.MORE_BYTES),
    "asset-redirect": Kind("the clip's URL redirects to where the clip is", ASSET, of.REDIRECT),
    "asset-expired": Kind("the clip's URL has expired for good; the job then tells another", ASSET, of.EXPIRED),
    "wrong-file-size": Kind("the result states a file size that is so many bytes too large", ("result",),
        of.MORE_BYTES),
    "hostile-name": Kind("the clip's file name leads out of its folder, in the answer and where it is fetched", NAMING,
        usual=NAMING),
    # The job
    "no-video": Kind("the job completes without a video", SUBMIT, of.SHAPE, ending=Ending.NO_VIDEO),
    "region": Kind("the edit is refused for the region", SUBMIT, ending=Ending.REGION, modes=EDITS),
    "content-rejected": Kind("the prompt is rejected", SUBMIT, ending=Ending.CONTENT_REJECTED),
    "job-failed": Kind("the job fails on the vendor's side", SUBMIT, of.FAILURE, ending=Ending.FAILED),
    "short-clip": Kind("the clip is half as long as was asked for", SUBMIT, ending=Ending.VIDEO),
    "silent-clip": Kind("the clip has no sound", SUBMIT, ending=Ending.VIDEO),
}  # fmt: skip
