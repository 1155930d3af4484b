"""The comparison itself is awake: it finds whatever differs, and a row that is no longer true."""

import pytest
from attrs import evolve

from tests.clients.comparing import Comparison, differences
from tests.clients.differences import PYTHON, QUEUE, ROWS
from tests.clients.wire import Sent

HEADERS = b"User-Agent: omniflash/1\r\nContent-Type: application/json"
OURS = Sent.of(b"POST /google/x?a=1 HTTP/1.1\r\n" + HEADERS + b'\r\n\r\n{"duration":8}')


@pytest.mark.parametrize(
    ("place", "theirs"),
    [
        ("method", evolve(OURS, method="PUT")),
        ("path", evolve(OURS, path="/google/x/")),
        ("query a", evolve(OURS, query=(("a", "2"),))),
        ("query b", evolve(OURS, query=(("a", "1"), ("b", "")))),
        ("header content-type", evolve(OURS, headers=OURS.headers[1:])),
        ("header x-fal-new", evolve(OURS, headers=(*OURS.headers, ("x-fal-new", "1")))),
        ("body duration", evolve(OURS, body={"duration": 8.0})),
        ("body seed", evolve(OURS, body={"duration": 8, "seed": None})),
    ],
)
def test_whatever_differs_is_found_and_fails(place: str, theirs: Sent) -> None:
    assert [difference.place for difference in differences(PYTHON, "submit", OURS, theirs)] == [place]
    with pytest.raises(AssertionError, match="not in the table"):
        Comparison().compare(PYTHON, "submit", OURS, theirs)


def test_the_order_of_names_and_headers_is_no_difference() -> None:
    one, other = (Sent.of(b"POST / HTTP/1.1\r\n" + rest) for rest in (b"A: 1\r\nB: 2\r\n\r\n", b"b:2\r\na:1\r\n\r\n"))
    assert list(differences(PYTHON, "submit", one, other)) == []
    assert evolve(OURS, body={"a": 1, "b": 2}).parts == evolve(OURS, body={"b": 2, "a": 1}).parts


def test_a_row_that_no_longer_differs_fails() -> None:
    comparison = Comparison()
    comparison.met.update((row, call) for row in ROWS if row.client == PYTHON for call in row.calls)
    comparison.still_true([PYTHON], QUEUE)
    del comparison.met[next(iter(comparison.met))]
    with pytest.raises(AssertionError, match="no longer differs"):
        comparison.still_true([PYTHON], QUEUE)


def test_a_number_that_is_written_otherwise_has_to_be_the_same_number() -> None:
    theirs = evolve(OURS, headers=(*OURS.headers, ("x-fal-request-timeout", "30.0")))
    for seconds, fits in (("30", True), ("31", False)):
        ours = evolve(OURS, headers=(*OURS.headers, ("x-fal-request-timeout", seconds)))
        (difference,) = differences(PYTHON, "submit", ours, theirs)
        assert any(difference.stands_in(row) for row in ROWS) is fits
