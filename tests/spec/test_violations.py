"""What a person reads of every mistake: the clause, the field, what was given, what is allowed, and what to do next."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash import spec
from omniflash.spec import (
    CLAUSES,
    LATEST,
    Data,
    Edit,
    File,
    FileFacts,
    ImageToVideo,
    Previous,
    ReferenceToVideo,
    Refine,
    TextToVideo,
    check,
    did_you_mean,
)
from omniflash.spec.inputs import file_violations
from omniflash.spec.violations import Violation, shown

IMAGE, VIDEO = "https://example.com/a.png", "https://example.com/v.mp4"
IMAGE_TYPES, VIDEO_TYPES = ", ".join(LATEST.image_types), ", ".join(LATEST.video_types)
OF_IMAGE, OF_VIDEO = (f'write omniflash.Data.of(content, "{kind}")' for kind in ("image/png", "video/mp4"))

# The limit is the clause's own sentence.
WRONG: list[tuple[spec.Request, str, str, str]] = [
    (TextToVideo(" "), "REQ-PROMPT", "prompt = ' '", "say in words what the clip should show"),
    (
        TextToVideo("x" * 21_234),
        "REQ-PROMPT",
        f"prompt = '{'x' * 49}… (21,236 characters)",
        "cut 1,234 characters",
    ),
    (TextToVideo("a", duration=2), "REQ-DURATION", "duration = 2", "ask for 3"),
    (TextToVideo("a", duration=8.0), "REQ-DURATION", "duration = 8.0", "write it as a plain whole number"),
    (
        TextToVideo("a", duration=10**400),
        "REQ-DURATION",
        "duration = 'a number without end'",
        "ask for 10",
    ),
    (TextToVideo("a", seed=-1), "REQ-SEED", "seed = -1", "ask for 0"),
    (TextToVideo("a", seed=2**31), "REQ-SEED", "seed = 2147483648", "ask for 2147483647"),
    (TextToVideo("a", aspect_ratio="16x9"), "REQ-ASPECT", "aspect_ratio = '16x9'", "did you mean '16:9'?"),
    (TextToVideo("a", aspect_ratio=["1"]), "REQ-ASPECT", "aspect_ratio = \"['1']\"", "use one of 16:9, 9:16"),
    (TextToVideo("a", output_format="avi"), "REQ-FORMAT", "output_format = 'avi'", "use one of mp4, webm, mov"),
    (TextToVideo("a", version="1.1"), "REQ-VERSION", "version = '1.1'", "did you mean '1.0'?"),
    (TextToVideo("a", country="UK"), "REQ-COUNTRY", "country = 'UK'", "write GB"),
    (TextToVideo("a", country="el"), "REQ-COUNTRY", "country = 'el'", "write GR"),
    (
        TextToVideo("a", country="XX"),
        "REQ-COUNTRY",
        "country = 'XX'",
        "leave it out if the country is not known",
    ),
    (
        TextToVideo("a", metadata={"order": 7}),
        "REQ-METADATA",
        "metadata = \"{'order': 7}\"",
        "write both keys and values as text",
    ),
    (
        TextToVideo("<IMAGE_REF_0>"),
        "REQ-TAG",
        "prompt = '<IMAGE_REF_0>'",
        "add the reference, or take the tag out",
    ),
    (
        ReferenceToVideo("<IMAGE_REF_9>", references=[IMAGE] * 3),
        "REQ-TAG",
        "prompt = '<IMAGE_REF_9>'",
        "use <IMAGE_REF_0> to <IMAGE_REF_2>",
    ),
    (ReferenceToVideo("a", references=[]), "REQ-REFS", "references = '0 images'", "add at least one"),
    (ReferenceToVideo("a", references=[IMAGE] * 9), "REQ-REFS", "references = '9 images'", "leave out 2"),
    (Edit("a", video=VIDEO, references=[IMAGE] * 6), "REQ-REFS-EDIT", "references = '6 images'", "leave out 1"),
    (
        Edit("a", video=VIDEO, country="DE"),
        "REQ-REGION",
        "country = 'DE'",
        "generate a clip and refine that one: refining what the model made is allowed everywhere",
    ),
    *(
        (
            Refine("a", previous=source),
            "REQ-PREVIOUS",
            f"previous = {told}",
            "give a finished job, a clip that has a handle, or the vendor's handle",
        )
        for source, told in (("", "'nothing'"), (5, "5"), (Previous("fal", handle="\ud800"), r"'\ud800'"))
    ),
]

KINDS = "an input is an http(s) URL, a data URI, or a local file", "give a path, a URL or omniflash.Data"
PUBLIC = "an input's URL is http or https and has a host", "give a public URL, or a local file"
IMAGE_ASKED = "an image is asked for, and this is", f"give one of {IMAGE_TYPES}"
VIDEO_ASKED = "a video is asked for, and this is", f"give one of {VIDEO_TYPES}"
WRONG_MEDIA: list[tuple[spec.Request, str, str, str]] = [
    (ImageToVideo("a", image="s3://bucket/a?sig=1"), "image = 's3://bucket/a?…'", *PUBLIC),
    (Edit("a", video="ftp://example.com/https://x"), "video = 'ftp://example.com/https://x'", *PUBLIC),
    (ImageToVideo("a", image=5), "image = 5", *KINDS),
    (
        ImageToVideo("a", image=b"\x89PNG"),
        "image = \"b'\\\\x89PNG'\"",
        "bytes need their media type beside them",
        OF_IMAGE,
    ),
    (Edit("a", video=b"x"), "video = \"b'x'\"", "bytes need their media type beside them", OF_VIDEO),
    (
        ImageToVideo("a", image=Data.of(b"", "image/png")),
        "image = 'data:image/png;base64,… (0 characters)'",
        "inline data is not empty",
        OF_IMAGE,
    ),
    (
        Edit("a", video="data:video/mp4;base64,?,?"),
        "video = 'data:video/mp4;base64,… (3 characters)'",
        "inline data is a data URI, and this is broken: its base64 is broken: ",
        OF_VIDEO,
    ),
    (
        ImageToVideo("a", image=Data.of(b"x" * 999, "video/mp4")),
        "image = 'data:video/mp4;base64,… (1,332 characters)'",
        f"{IMAGE_ASKED[0]} video/mp4",
        IMAGE_ASKED[1],
    ),
    (
        Edit("a", video="data:,hello"),
        "video = 'data:,… (5 characters)'",
        f"{VIDEO_ASKED[0]} of no type that is known here",
        VIDEO_ASKED[1],
    ),
]


@pytest.mark.parametrize(("request_", "clause", "given", "remedy"), WRONG)
def test_a_mistake_is_told_with_what_was_given_and_what_to_do(
    request_: spec.Request, clause: str, given: str, remedy: str
) -> None:
    (violation,) = check(request_)
    assert str(violation) == f"{clause} {given}: {CLAUSES[clause].sentence()}; {remedy}"


@pytest.mark.parametrize(("request_", "given", "limit", "remedy"), WRONG_MEDIA)
def test_a_wrong_input_is_told_without_its_bytes_and_its_signature(
    request_: spec.Request, given: str, limit: str, remedy: str
) -> None:
    (violation,) = check(request_)
    assert str(violation).startswith(f"REQ-MEDIA {given}: {limit}")
    assert str(violation).endswith(f"; {remedy}")


@pytest.mark.parametrize(
    ("facts", "limit", "remedy"),
    [
        (FileFacts(problem="the file is empty"), "the file is empty", "give the path of a video file"),
        (FileFacts(9, "image/png"), f"{VIDEO_ASKED[0]} image/png", VIDEO_ASKED[1]),
        (FileFacts(9), f"{VIDEO_ASKED[0]} of no type that is known here", VIDEO_ASKED[1]),
    ],
)
def test_a_wrong_file_is_told_by_its_path(facts: FileFacts, limit: str, remedy: str) -> None:
    film = File("film.mp4")
    request = Edit("a", video=film, references=[File("unseen.png"), IMAGE])
    (violation,) = file_violations(request, {film: facts})
    assert str(violation) == f"REQ-MEDIA video = 'film.mp4': {limit}; {remedy}"
    assert list(file_violations(request, {film: FileFacts(9, "video/mp4")})) == []


def test_a_picture_file_is_asked_for_by_that_word() -> None:
    (violation,) = file_violations(ImageToVideo("a", image="a.png"), {File("a.png"): FileFacts(problem="it is gone")})
    assert violation.remedy == "give the path of an image file"


def test_nothing_is_shown_of_what_was_not_given() -> None:
    (violation,) = check(Edit("a", video=VIDEO), strict_region=True)
    sentence = CLAUSES["REQ-REGION"].sentence()
    remedy = "say where the person is: strict_region refuses an unknown country"
    assert str(violation) == f"REQ-REGION country: {sentence}; {remedy}"


OTHER_FIELDS = "prompt, version, seed, output_format, country, metadata, duration, aspect_ratio, image"


@pytest.mark.parametrize(
    ("form", "given", "remedy"),
    [
        ([], "request = '[]'", "write a JSON object"),
        ({"mode": "edti"}, "mode = 'edti'", "did you mean 'edit'?"),
        (
            {"mode": 5},
            "mode = 5",
            "use one of text_to_video, image_to_video, reference_to_video, edit, refine",
        ),
        ({"prompt": "a", "durations": 5}, "durations = 5", "did you mean 'duration'?"),
        (
            {"prompt": "a", "xyz": 5},
            "xyz = 5",
            f"use one of {OTHER_FIELDS.removesuffix(', image')}",
        ),
        (
            {"prompt": "a", "mode": "image_to_video", "image": IMAGE, "video": VIDEO},
            f"video = '{VIDEO}'",
            f"leave it out: image_to_video takes {OTHER_FIELDS}",
        ),
        (
            {"prompt": "a", "video": VIDEO, "duration": 8},
            "duration = 8",
            "leave it out: the clip keeps its source's length and aspect ratio",
        ),
        (
            {"prompt": "a", "previous": "v", "aspect_ratio": "9:16"},
            "aspect_ratio = '9:16'",
            "leave it out: the clip keeps the previous one's length and aspect ratio",
        ),
    ],
)
def test_a_form_that_is_no_request_is_told_with_the_name_that_may_be_meant(
    form: object, given: str, remedy: str
) -> None:
    (violation,) = spec.assemble(form)[1]
    assert str(violation) == f"REQ-SHAPE {given}: {CLAUSES['REQ-SHAPE'].sentence()}; {remedy}"


def test_the_likeliest_of_several_names_is_meant() -> None:
    assert did_you_mean("ab", ["abcd", "abc"]) == "did you mean 'abc'?"
    assert did_you_mean("abc", ["abxyz"]) == "did you mean 'abxyz'?"  # half of it is the same
    assert did_you_mean("abc", ["abwxyz"]) == "use one of abwxyz"


JSON_VALUES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.integers(-(2**999), 2**999)


@given(JSON_VALUES)
def test_a_plain_value_is_carried_as_it_is(value: object) -> None:
    assert shown(value) == value
    assert type(shown(value)) is type(value)


@given(
    st.integers()
    | st.integers().map(lambda n: n * 10**5_000)
    | st.tuples(st.text())
    | st.binary()
    | st.sets(st.integers())
)
def test_whatever_a_value_is_it_is_shown_as_json_and_in_few_words(value: object) -> None:
    violation = Violation("REQ-SEED", "seed", shown(value), "", "")
    assert json.loads(json.dumps(violation.value)) == violation.value
    assert len(str(violation)) < 200


@pytest.mark.parametrize(("number", "told"), [(2**1_000 - 1, 2**1_000 - 1), (2**1_000, "a number without end")])
def test_a_number_that_nobody_reads_is_not_written_out(number: int, told: object) -> None:
    assert shown(number) == told


@pytest.mark.parametrize(("length", "whole"), [(118, True), (119, False)])
def test_a_long_value_is_shown_by_its_beginning(length: int, whole: bool) -> None:
    text = str(Violation("REQ-PROMPT", "prompt", "x" * length, "limit", "remedy"))
    beginning = "x" * length + "'" if whole else "x" * 49 + f"… ({length + 2} characters)"
    assert text == f"REQ-PROMPT prompt = '{beginning}: limit; remedy"


def test_several_inputs_are_shown_one_after_another() -> None:
    assert shown((File("a.png"), spec.Url("https://e.com/b.png?sig=1"))) == "a.png, https://e.com/b.png?…"
