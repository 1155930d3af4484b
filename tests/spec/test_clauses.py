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


def test_most_clauses_have_to_be_kept_and_some_say_more_than_their_rule() -> None:
    assert [clause.id for clause in CLAUSES.values() if clause.level is Level.SHOULD] == ["JOB-POLL", "RES-PROBE"]
    assert {clause.id for clause in CLAUSES.values() if clause.note} == {
        *("REQ-DURATION", "REQ-REGION", "REQ-COUNTRY", "REQ-MEDIA", "REQ-VERSION")
    }
    assert all(isinstance(text, str) for clause in CLAUSES.values() for text in (clause.note, clause.source))


def test_who_is_held_to_a_clause_is_told_by_its_kind_but_for_a_few() -> None:
    """A request is the spec's, the wire an adapter's; what waits, pays, follows a URL and saves is the whole client."""
    kinds = {Subject.SPEC: {"REQ"}, Subject.CLIENT: set(), Subject.ADAPTER: {"CAP", "MAP", "ERR", "COST", "HOOK"}}
    one_by_one = {
        Subject.SPEC: set(),
        Subject.ADAPTER: {"JOB-STATES", "JOB-EMPTY", "JOB-CANCEL", "RES-VIDEO"},
        Subject.CLIENT: {
            *("CAP-REJECT", "MAP-ORIGIN", "MAP-KEY", "JOB-ONCE", "JOB-DEDUP", "JOB-KEY", "JOB-RESUME", "JOB-DEADLINE"),
            *("JOB-POLL", "RES-SAVE", "RES-PROBE", "ERR-SECRET", "COST-ACTUAL"),
        },
    }
    for clause in CLAUSES.values():
        named = [subject for subject in Subject if clause.id in one_by_one[subject]]
        by_kind = [subject for subject in Subject if clause.id.partition("-")[0] in kinds[subject]]
        assert [clause.subject] == (named or by_kind)
    assert [subject.value for subject in Subject] == ["spec", "adapter", "client"]
    assert [level.value for level in Level] == ["MUST", "SHOULD"]
