"""Adding a version of the model is adding a row: nothing else knows a limit."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import spec
from omniflash.spec import (
    CLAUSES,
    LATEST,
    LIMITS,
    Data,
    Edit,
    ImageToVideo,
    ReferenceToVideo,
    Refine,
    Span,
    TextToVideo,
    check,
)

OLD = evolve(
    LATEST,
    version="0.9",
    prompt=Span(1, 30),
    duration=Span(4, 6),
    aspect_ratios=("1:1", "4:3"),
    references=Span(2, 3),
    references_editing=Span(0, 1),
    seed=Span(10, 99),
    output_formats=("gif",),
    image_types=("image/gif",),
    video_types=("video/x-msvideo",),
)
IMAGE, VIDEO = "https://example.com/a.png", "https://example.com/v.mp4"


@pytest.fixture(autouse=True)
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up older version, which takes less."""
    monkeypatch.setitem(LIMITS, OLD.version, OLD)  # type: ignore[arg-type]


# Each is right for the latest version alone.
NARROWED: list[tuple[str, spec.Request]] = [
    ("REQ-PROMPT", TextToVideo("x" * 31)),
    ("REQ-DURATION", TextToVideo("a", duration=8)),
    ("REQ-ASPECT", TextToVideo("a", aspect_ratio="16:9")),
    ("REQ-SEED", TextToVideo("a", seed=7)),
    ("REQ-FORMAT", TextToVideo("a", output_format="mp4")),
    ("REQ-REFS", ReferenceToVideo("a", references=[IMAGE])),
    ("REQ-REFS-EDIT", Edit("a", video=VIDEO, references=[IMAGE] * 2)),
    ("REQ-REFS-EDIT", Refine("a", previous="v", references=[IMAGE] * 2)),
    ("REQ-MEDIA", ImageToVideo("a", image=Data.of(b"x", "image/png"))),
    ("REQ-MEDIA", Edit("a", video=Data.of(b"x", "video/mp4"))),
]


@pytest.mark.parametrize(("clause", "request_"), NARROWED)
def test_a_request_is_held_to_the_limits_of_its_version(clause: str, request_: spec.Request) -> None:
    for found in (check(request_, version="0.9"), check(evolve(request_, version="0.9"))):
        assert [violation.clause for violation in found] == [clause]
    assert check(request_, version=LATEST.version) == ()


@pytest.mark.parametrize(("clause", "request_"), NARROWED)
def test_without_a_version_it_is_right_when_it_is_for_any(clause: str, request_: spec.Request) -> None:
    assert check(request_) == ()


def test_it_may_be_right_for_an_older_one_alone() -> None:
    assert check(TextToVideo("a", aspect_ratio="1:1", output_format="gif")) == ()
    assert check(TextToVideo("a", aspect_ratio="1:1"), version=LATEST.version) != ()


@pytest.mark.parametrize(("clause", "request_"), [*NARROWED, ("REQ-PROMPT", TextToVideo(" "))])
def test_the_versions_own_limit_is_told(clause: str, request_: spec.Request) -> None:
    (violation,) = check(request_, version="0.9")
    if clause != "REQ-MEDIA":
        assert violation.limit == CLAUSES[clause].sentence(OLD) != CLAUSES[clause].sentence()


@pytest.mark.parametrize(
    ("request_", "remedy"),
    [
        (TextToVideo("x" * 31), "cut 1 characters"),
        (TextToVideo("a", duration=8), "ask for 6"),
        (TextToVideo("a", seed=7), "ask for 10"),
        (TextToVideo("a", aspect_ratio="x"), "use one of 1:1, 4:3"),
        (ImageToVideo("a", image=Data.of(b"", "image/gif")), 'write omniflash.Data.of(content, "image/gif")'),
    ],
)
def test_the_remedy_is_one_for_that_version(request_: spec.Request, remedy: str) -> None:
    (violation,) = check(request_, version="0.9")
    assert violation.remedy == remedy


def test_the_version_that_is_checked_is_the_one_asked_about_not_the_requests() -> None:
    assert check(TextToVideo("a", duration=8, version="0.9"), version=LATEST.version) == ()
    assert check(TextToVideo("a", duration=8, version=LATEST.version), version="0.9") != ()


def test_an_unknown_version_is_held_to_the_latest_limits() -> None:
    (violation,) = check(TextToVideo("a", duration=8, version="7.7"))
    assert violation.clause == "REQ-VERSION"
    assert violation.remedy == "use one of 1.0, 0.9"


def test_of_several_versions_the_one_with_the_fewest_violations_tells_them() -> None:
    (violation,) = check(TextToVideo("x" * 31, duration=11, seed=7))
    assert violation.limit == CLAUSES["REQ-DURATION"].sentence()


def test_every_limit_that_a_rule_names_is_in_its_sentence() -> None:
    assert CLAUSES["REQ-PROMPT"].sentence(OLD).endswith("at most 30 characters")
    assert CLAUSES["REQ-ASPECT"].sentence(OLD) == "the aspect ratio is 1:1 or 4:3"


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        ("REQ-PROMPT", "the prompt has at least one non-blank character and at most 20,000 characters"),
        ("REQ-DURATION", "the duration is a whole number of seconds, 3 to 10"),
        ("REQ-ASPECT", "the aspect ratio is 16:9 or 9:16"),
        ("REQ-REFS", "reference_to_video takes 1 to 7 reference images"),
        ("REQ-REFS-EDIT", "edit and refine take at most 5 reference images"),
        ("REQ-SEED", "the seed is a whole number, 0 to 2,147,483,647"),
        ("REQ-FORMAT", "the output format is mp4, webm or mov"),
    ],
)
def test_what_the_pages_say_of_the_version_that_there_is(clause: str, sentence: str) -> None:
    assert CLAUSES[clause].sentence() == sentence


def test_what_an_unset_field_stands_for_and_which_types_the_model_reads() -> None:
    assert LATEST.version == "1.0"
    assert "are assumptions" in LATEST.source
    assert (LATEST.duration_default, LATEST.aspect_ratio_default, LATEST.output_format_default) == (8, "16:9", "mp4")
    assert (LATEST.prompt.minimum, LATEST.references_editing.minimum) == (1, 0)
    assert LATEST.image_types == ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
    assert LATEST.video_types == (
        *("video/mp4", "video/quicktime", "video/webm", "video/mpeg", "video/x-flv", "video/x-ms-wmv", "video/3gpp"),
    )


@given(st.integers(), st.integers(), st.integers())
def test_the_nearest_number_of_a_span_is_in_it_and_none_in_it_is_nearer(one: int, other: int, number: int) -> None:
    span = Span(min(one, other), max(one, other))
    nearest = span.nearest(number)
    assert nearest in span
    assert (number in span) is (nearest == number)
    assert all(abs(number - nearest) <= abs(number - end) for end in (span.minimum, span.maximum))
    assert (span.minimum - 1 in span, span.maximum + 1 in span) == (False, False)
    assert str(Span(1_000, 20_000)) == "1,000 to 20,000"
