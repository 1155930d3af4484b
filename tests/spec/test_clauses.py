"""The table of clauses: what every page, error and report is derived from."""

import re

import pytest

from omniflash.spec import CLAUSES, LIMITS, Level, Subject


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=str)
def test_a_clause_is_one_plain_sentence_with_a_source(clause) -> None:
    assert re.fullmatch(r"(REQ|CAP|MAP|JOB|RES|ERR|COST|HOOK)-[A-Z]+(-[A-Z]+)?", clause.id)
    assert clause.source
    assert clause.level in Level
    assert clause.subject in Subject
    for limits in LIMITS.values():
        sentence = clause.sentence(limits)
        assert "{" not in sentence
        assert sentence[-1] not in ".;"


def test_a_limit_stands_in_its_row_and_in_no_rule() -> None:
    numbers = {
        clause.id: re.findall(r"\d+", clause.rule.replace("3166-1 alpha-2", "").replace("720p", ""))
        for clause in CLAUSES.values()
    }
    assert {name: found for name, found in numbers.items() if found} == {
        "REQ-TAG": ["0"],
        "JOB-RESUME": ["300"],
    }


def test_sentences_carry_the_limits_of_their_version() -> None:
    assert CLAUSES["REQ-DURATION"].sentence() == "the duration is a whole number of seconds, 3 to 10"
    assert CLAUSES["REQ-FORMAT"].sentence() == "the output format is mp4, webm or mov"
