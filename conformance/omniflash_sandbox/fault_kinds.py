"""The catalogue of faults: what can be made to go wrong, in which calls, with which options."""

from collections.abc import Callable, Mapping

from attrs import field, frozen

from omniflash_sandbox.jobs import Ending
from omniflash_sandbox.messages import JSON

STORAGE = ("initiate", "token", "upload", "complete")
CALLS: Mapping[str, tuple[str, ...]] = {
    "fal": ("submit", "status", "result", "cancel", "run", "stream", *STORAGE, "keys", "asset"),
    "pixeldojo": ("submit", "status", "asset"),
}
"""The calls that a fault can strike, by provider."""

ANY = CALLS["fal"]
WITH_JSON = tuple(call for call in ANY if call != "asset")


@frozen
class Option:
    """How an option is read, raising ValueError with what it must be, and its value where it is not given."""

    read: Callable[[JSON], JSON]
    default: JSON


@frozen
class Kind:
    """What a fault is: what happens, in which calls it can (the first unless another is named), and its options.

    `accepted`, where no option says it, is whether the vendor hears of the request at all. A fault with an `ending`
    strikes at the moment a job is accepted, and decides how the job ends; `modes` are those it can strike, None all.
    """

    happens: str
    calls: tuple[str, ...]
    options: Mapping[str, Option] = field(factory=dict)
    accepted: bool = True
    ending: Ending | None = None
    modes: frozenset[str] | None = None


def whole_number(given: JSON) -> int:
    if isinstance(given, bool) or not (str(given).isdecimal() and len(str(given)) <= LONGEST_NUMBER):
        raise ValueError(f"a whole number of 0 or more, not {given!r}")
    return int(str(given))


def yes_or_no(given: JSON) -> bool:
    word = str(given).lower()
    if word not in ("true", "false"):
        raise ValueError(f"true or false, not {given!r}")
    return word == "true"


def text(given: JSON) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError(f"a text, not {given!r}")
    return given


def one_of(*words: str) -> Callable[[JSON], str]:
    def read(given: JSON) -> str:
        if given not in words:
            raise ValueError(f"one of {', '.join(words)}, not {given!r}")
        return str(given)

    return read


LONGEST_NUMBER = 18  # digits

ACCEPTED = {"accepted": Option(yes_or_no, default=True)}
NOT_ACCEPTED = {"accepted": Option(yes_or_no, default=False)}
SECONDS = {"seconds": Option(whole_number, default=3)}
STATUS = {"status": Option(text, default="UNDER_REVIEW")}
BYTES = {"bytes": Option(whole_number, default=1_000)}
SHAPE = {"shape": Option(one_of("absent", "null", "empty"), default="absent")}
EDITS = frozenset({"edit"})  # Google: what the model made may be edited everywhere, so refining is never refused

KINDS: Mapping[str, Kind] = {
    "lose-response": Kind("the connection is closed without an answer", ANY, ACCEPTED),
    "rate-limit": Kind("429 with Retry-After", ANY, SECONDS, accepted=False),
    "unavailable": Kind("503", ANY, NOT_ACCEPTED),
    "malformed-json": Kind("only the first half of the answer's JSON", WITH_JSON, ACCEPTED),
    "unknown-status": Kind("a status that stands in no document", ("status",), STATUS),
    "cut-download": Kind("the connection is closed in the middle of a clip", ("asset",), BYTES),
    "no-video": Kind("the job completes without a video", ("submit",), SHAPE, ending=Ending.NO_VIDEO),
    "region": Kind("the edit is refused for the region", ("submit",), ending=Ending.REGION, modes=EDITS),
    "content-rejected": Kind("the prompt is rejected", ("submit",), ending=Ending.CONTENT_REJECTED),
}
