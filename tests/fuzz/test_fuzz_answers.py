"""Some thousand of the fuzzer's answers, and that it wakes up for what is broken in their reading or in paying once."""

import pytest

from tests.fuzz.breaking import broken
from tests.fuzz.fuzz_answers import FLOWS, ask
from tests.fuzz.running import first_wrong, tried
from tests.fuzz.vendors import MEANINGS

SEED, SOME, ENOUGH = 1, 3_000, 20_000
ATTEMPT, SUBMIT, WAIT = "omniflash.flows.attempt", "omniflash.flows.submit", "omniflash.flows.wait"
READING, ANSWERS, FAL = "omniflash.reading", "omniflash.answers", "omniflash_fal.errors"


def test_thousands_of_answers_bring_nothing_but_our_own_errors_and_nobody_pays_twice() -> None:
    count = tried(ask, SEED, range(SOME))
    assert count.wrong == []
    assert {f"answer: {kind}" for kind in MEANINGS} <= set(count.kinds)
    assert {outcome.partition(":")[0] for outcome in count.outcomes} == set(FLOWS)


BREAKS = {
    "an unclear paid call is sent again": (ATTEMPT, "Verdict.UNCERTAIN}", "Verdict.AGAIN}"),
    "a refused paid call is sent again": (ATTEMPT, "Verdict.THROW_IN}", "Verdict.AGAIN}"),
    "an acceptance without an id is a refusal": (ATTEMPT, " or reading.outcome is Outcome.FINE", ""),
    "every failure is a refusal": (SUBMIT, "if not attempt.doubt:", "if True:"),
    "every failure is uncertain": (SUBMIT, "if not attempt.doubt:", "if False:"),
    "a timeout is a refusal": (READING, "status in (408, 409)", "status in (409,)"),
    "a server's error is a refusal": (READING, "not 400 <= status < 500", "not 400 <= status < 600"),
    "a date that is none": (READING, "(ValueError, TypeError, OverflowError)", "ValueError"),
    "JSON nested too deeply": (READING, "except RecursionError as problem:", "except KeyError as problem:"),
    "an amount that is none": (ANSWERS, "except InvalidOperation:", "except KeyError:"),
    "an object that is none": (ANSWERS, "if not isinstance(value, Mapping):", "if False:"),
    "a clip from anywhere": (ANSWERS, "_CLIP_URL.fullmatch(value)", "value"),
    "a problem that is none": (FAL, "for problem in detail if isinstance(problem, Mapping)]", "for problem in detail]"),
    "words of several lines": ("omniflash.redact", "return _CONTROL.sub(", "return text or _CONTROL.sub("),
    "a job forgotten": (WAIT, "error.job = error.job or job", "pass"),
}  # fmt: skip


@pytest.mark.parametrize("way", BREAKS)
def test_whatever_is_broken_is_found(way: str) -> None:
    with broken(*BREAKS[way]):
        assert first_wrong(ask, SEED, ENOUGH) is not None
    assert first_wrong(ask, SEED, 50) is None
