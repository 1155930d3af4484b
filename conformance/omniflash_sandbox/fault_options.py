"""The options of faults: how each is read, what it is where it is not given, and what a seed chooses from."""

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from omniflash_sandbox.clock import FURTHEST_S
from omniflash_sandbox.fal_failures import FAILURES
from omniflash_sandbox.messages import JSON

LONGEST_NUMBER = 18  # digits


@frozen
class Option:
    """How an option is read, raising ValueError with what it must be, and its value where it is not given.

    `draws` are the values that a seed chooses from; where there are none, it is the default.
    """

    read: Callable[[JSON], JSON]
    default: JSON
    draws: Sequence[JSON] = ()


def whole_number(given: JSON) -> int:
    if isinstance(given, bool) or not (str(given).isdecimal() and len(str(given)) <= LONGEST_NUMBER):
        raise ValueError(f"a whole number of 0 or more, not {given!r}")
    return int(str(given))


def rate(given: JSON) -> int:
    try:
        number = whole_number(given)
    except ValueError:
        number = 0
    if number == 0:
        raise ValueError(f"a whole number of 1 or more, not {given!r}")
    return number


def offset(given: JSON) -> int:
    """Raises ValueError for what would lead out of the calendar."""
    text = str(given)
    digits = text.removeprefix("-")
    if isinstance(given, bool) or not digits.isdecimal() or len(digits) > LONGEST_NUMBER or int(digits) > FURTHEST_S:
        raise ValueError(f"a whole number from -{FURTHEST_S} to {FURTHEST_S}, not {given!r}")
    return int(text)


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


def choice(*values: str) -> Option:
    """One of these texts, the first unless another is given."""
    return Option(one_of(*values), default=values[0], draws=values)


def code(*codes: int) -> Option:
    """One of these status codes, the first unless another is given; in a header it is a text."""
    reader = one_of(*map(str, codes))

    def read(given: JSON) -> int:
        return int(reader(str(given)))

    return Option(read, default=codes[0], draws=codes)


BOTH = (True, False)

ACCEPTED: Mapping[str, Option] = {"accepted": Option(yes_or_no, default=True, draws=BOTH)}
NOT_ACCEPTED: Mapping[str, Option] = {"accepted": Option(yes_or_no, default=False, draws=BOTH)}
HEAD: Mapping[str, Option] = {"head": Option(yes_or_no, default=False, draws=BOTH)}
RESET_AFTER: Mapping[str, Option] = {"bytes": Option(whole_number, default=0, draws=(0, 1, 100))}
SILENCE: Mapping[str, Option] = {"seconds": Option(whole_number, default=30, draws=(1,))}
DRIP: Mapping[str, Option] = {"bytes_per_second": Option(rate, default=100, draws=(100_000,))}
SECONDS: Mapping[str, Option] = {"seconds": Option(whole_number, default=3)}
SKEW: Mapping[str, Option] = {"seconds": Option(offset, default=3_600, draws=(-3_600, -60, 60, 3_600))}
STATUS: Mapping[str, Option] = {"status": Option(text, default="UNDER_REVIEW")}
SERVER_ERROR: Mapping[str, Option] = {"status": code(503, 500, 502, 504)}
GATEWAY: Mapping[str, Option] = {"status": code(502, 200, 500, 503, 504)}
REDIRECT: Mapping[str, Option] = {"status": code(307, 302)}
EXPIRED: Mapping[str, Option] = {"status": code(403, 410)}
BYTES: Mapping[str, Option] = {"bytes": Option(whole_number, default=1_000, draws=(0, 1, 1_000, 50_000))}
MORE_BYTES: Mapping[str, Option] = {"bytes": Option(rate, default=1_000, draws=(1, 1_000))}
SHAPE: Mapping[str, Option] = {"shape": choice("absent", "null", "empty")}
FAILURE: Mapping[str, Option] = {
    "error_type": choice(*FAILURES),
    "needs_retry": Option(yes_or_no, default=False, draws=BOTH),
}
