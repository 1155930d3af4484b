"""Reading answers: what every vendor shares, whatever bytes come."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.adapter import Outcome
from omniflash.answers import Answer, clip_url, moment, number
from omniflash.effects import Call, Response
from omniflash.errors import ProtocolError, VendorWords
from omniflash.reading import body_of, exchange, is_json, kind_of, outcome_of, retry_after, unreadable
from tests.stage import answer, order

CALL = Call("status", "GET", "api:/jobs/1")


def parsed(body: object) -> Answer:
    return Answer.of("acme", CALL, answer(200, body))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": " 7 "}, 7.0),
        ({"retry_after": "Sat, 21 Nov 2026 10:01:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 60.0),
        ({"retry_after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry_after": "Sat, 21 Nov 2026 10:01:00 GMT"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_beside_the_answers_own(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(answer(429, None, **headers)) == seconds


@given(st.binary())
def test_any_bytes_are_json_or_not(body: bytes) -> None:
    response = Response(200, {}, body)
    assert is_json(response) in (True, False)
    assert exchange(CALL, response)
    assert unreadable("acme", CALL, response, None).outcome is Outcome.UNCLEAR  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"[" * 200_000, b"", b"\xff", b"nope", b'"' + b"9" * 10 + b"\\u00"])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        body_of(Response(200, {}, body))


def test_a_long_answer_is_shown_by_its_beginning() -> None:
    shown = exchange(CALL, Response(200, {"content-type": "text/html"}, b"x" * 10_000))
    assert shown.startswith("GET api:/jobs/1\n200 text/html\nxxx")
    assert len(shown) < 2100


@pytest.mark.parametrize("body", [b"nope", [], "text", 5, None])
def test_an_answer_that_is_no_object_is_nonsense(body: object) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ProtocolError, match="no JSON object") as caught:
        parsed(content)
    assert "GET api:/jobs/1" in caught.value.exchange


def test_what_must_be_there_is_demanded_and_the_rest_is_optional() -> None:
    given = parsed({"id": "j1", "count": 3, "inner": {"x": "y"}, "nothing": None, "wrong": ["z"]})
    assert (given.text("id"), given.whole("count"), given.optional("count")) == ("j1", 3, None)
    inner = given.member("inner")
    assert inner is not None
    assert inner.text("x") == "y"
    assert given.member("nothing") is None
    assert given.member("missing") is None
    for ask in (lambda: given.text("missing"), lambda: given.text("count"), lambda: given.member("wrong")):
        with pytest.raises(ProtocolError, match="without a usable"):
            ask()


@pytest.mark.parametrize("value", [True, -1, 1.0, "1", None])
def test_a_whole_number_is_one(value: object) -> None:
    assert parsed({"n": value}).whole("n") is None


@pytest.mark.parametrize("handle", ["../x", "a/b", "", "a b", "."])
def test_a_job_id_that_cannot_be_one_is_nonsense(handle: str) -> None:
    with pytest.raises(ProtocolError, match="job id"):
        parsed({}).job(order(), handle)


def test_small_readers() -> None:
    assert [clip_url(text) for text in ("https://a/b", "http://a", "file:///a", "", None)] == [
        "https://a/b",
        "http://a",
        None,
        None,
        None,
    ]
    assert [number(value) for value in (1.5, "1.50", "inf", "x", [], True)] == [
        Decimal("1.5"),
        Decimal("1.50"),
        None,
        None,
        None,
        None,
    ]
    assert moment("2026-11-21T10:00:00Z") is not None
    assert [moment(text) for text in ("2026-11-21T10:00:00", "soon", None)] == [None, None, None]


@given(st.integers(100, 599))
def test_every_status_is_an_outcome_and_a_kind(status: int) -> None:
    assert outcome_of(status) in Outcome
    assert (outcome_of(status) is Outcome.FINE) is (200 <= status < 300)
    assert issubclass(kind_of(status), Exception)


@pytest.mark.parametrize("told", ["²", "9" * 400, "-1", "1.5", "Fri, 99 Nov 2026", "Sat, 21 Nov 999999 08:00:00 GMT"])
def test_a_hint_that_is_none_is_passed_over(told: str) -> None:
    headers = {"retry-after": told, "date": "Sat, 21 Nov 2026 08:00:00 GMT"}
    assert retry_after(Response(429, headers, b"")) is None


@pytest.mark.parametrize("told", ["1E+99999999", "1E-99999999", "NaN", "-Infinity", "0x1", "", None, True, []])
def test_an_amount_that_is_none_is_passed_over(told: object) -> None:
    assert number(told) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://e.com/a",
        "https://",
        "https://e.com/a b",
        "https://e.com/\n",
        "https://e.com/\ud800",
        "https://" + "e" * 9000,
    ],
)
def test_a_url_that_no_clip_has_is_none(url: str) -> None:
    assert clip_url(url) is None


def test_a_vendors_words_are_one_line_without_controls() -> None:
    words = VendorWords("a\x1b[31m", "no\x1b]0;pwn\x07\nomniflash: all is well", "id\r\nx", 400)
    assert str(words) == "no\\x1b]0;pwn\\x07 omniflash: all is well (HTTP 400, code a\\x1b[31m, request id id x)"
