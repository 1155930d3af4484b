"""The one taxonomy: what each error says, keeps and hides (ERR-KIND, ERR-WORDS, ERR-SECRET)."""

import copy
import pickle
import re

import pytest

from omniflash import errors
from omniflash.cli.exits import MEANINGS, exit_code
from omniflash.codec import error_to_json
from omniflash.errors import Fault, Money, OmniflashError, VendorWords
from omniflash.spec import Violation
from tests.stage import job, order

VIOLATION = Violation("REQ-SEED", "seed", -1, "the seed is a whole number", "ask for 0")
WORDS = VendorWords("content_policy_violation", "no", "req-1", 422)


def example(kind: type[OmniflashError]) -> OmniflashError:
    more = {
        errors.NoEligibleProvider: {"reasons": {"fal": (VIOLATION,)}},
        errors.SubmissionUncertain: {"order": order(), "words": WORDS},
        errors.ProtocolError: {"exchange": "GET /", "words": WORDS, "job": job()},
        errors.InvalidRequest: {"violations": (VIOLATION,)},
        errors.RegionRestricted: {"violations": (VIOLATION,)},
    }
    return kind("it went wrong", **more.get(kind, {"words": WORDS, "job": job(), "retry_after": 3.0}))


def kinds(base: type[OmniflashError] = OmniflashError) -> list[type[OmniflashError]]:
    return [
        kind
        for child in base.__subclasses__()
        for kind in (child, *kinds(child))
        if child.__module__ == errors.__name__
    ]


EXAMPLES = [example(kind) for kind in kinds()]
every = pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^[ │]*[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(kind.__name__ for kind in kinds())


@every
def test_an_error_survives_pickling_and_copying(error: OmniflashError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert other.__dict__ == error.__dict__


@every
def test_an_error_says_whose_move_it_is_and_what_may_be_spent(error: OmniflashError) -> None:
    assert error.fault in Fault
    assert error.money in Money
    assert isinstance(error.retry_helps, bool)


@every
def test_an_error_has_an_exit_code_and_a_json_form(error: OmniflashError) -> None:
    assert exit_code(error) in MEANINGS
    assert error_to_json(error)["kind"] == type(error).__name__


def test_the_vendors_words_stand_in_the_line_with_the_remedy() -> None:
    error = errors.ContentRejected("fal answered 'result' with HTTP 422", words=WORDS, remedy="say it differently")
    assert str(error) == (
        "fal answered 'result' with HTTP 422: no (HTTP 422, code content_policy_violation, request id req-1);"
        " say it differently"
    )


def test_words_without_any_fact_add_nothing() -> None:
    assert str(errors.NotFound("gone", words=VendorWords())) == "gone"
    assert str(VendorWords(message="hm")) == "hm"


@pytest.mark.parametrize(
    "text",
    [
        "see https://cdn.example/a.mp4?X-Amz-Signature=SECRETSECRET",
        "sent Authorization: Key abcd:SECRETSECRET",
        "sent Authorization: Bearer pd_SECRETSECRET",
        "fetch https://user:SECRETSECRET@host/",
    ],
)
def test_the_vendors_words_are_cleaned(text: str) -> None:
    assert "SECRETSECRET" not in str(VendorWords(message=text))


def test_a_refusal_by_the_spec_and_one_by_the_vendor_differ_in_exit_code() -> None:
    assert exit_code(errors.InvalidRequest(violations=(VIOLATION,))) == 2
    assert exit_code(errors.InvalidRequest("the vendor said 422", words=WORDS)) == 4


def test_a_value_of_its_own_replaces_the_kinds() -> None:
    error = errors.GenerationFailed("broken", retry_helps=False, money=Money.NO)
    assert (error.retry_helps, error.money) == (False, Money.NO)
