"""Every clause of the request: what is right, and what is said of what is not (REQ-*).

That each clause is broken alone, in many ways, is tests/conformance/test_strategies.py.
"""

import json

import pycountry
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import errors, spec
from omniflash.spec import LATEST, Data, Edit, ImageToVideo, Previous, ReferenceToVideo, Refine, TextToVideo, Url, check
from omniflash.spec.requests import UNSENT_FIELDS
from omniflash_conformance.strategies import requests, within

IMAGE = "https://example.com/a.png"
HTTP = Url(IMAGE)


def broken(request: spec.Request, **options: bool) -> list[str]:
    return [violation.clause for violation in check(request, **options)]


@given(requests())
def test_a_right_request_has_no_violation(request: spec.Request) -> None:
    assert check(request) == ()


@given(requests())
def test_a_request_survives_its_json_form_exactly(request: spec.Request) -> None:
    text = json.dumps(spec.request_to_json(request))
    assert spec.request_from_json(json.loads(text)) == request


@given(requests())
def test_the_json_form_holds_only_what_the_caller_set(request: spec.Request) -> None:
    form = spec.request_to_json(request)
    assert None not in form.values()
    assert set(form) <= {"mode", *spec.FIELDS[type(request)]}


@given(requests())
def test_a_request_can_be_a_key_and_is_what_is_in_it(request: spec.Request) -> None:
    assert {request: 1}[evolve(request)] == 1
    assert evolve(request, prompt=request.prompt + "!") != request
    assert evolve(request, metadata={"other": "x" * 9}) != request


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (TextToVideo, "duration aspect_ratio"),
        (ImageToVideo, "duration aspect_ratio image"),
        (ReferenceToVideo, "duration aspect_ratio references"),
        (Edit, "video references"),
        (Refine, "previous references"),
    ],
)
def test_a_mode_has_its_fields_and_no_others_each_given_by_name(kind: type[spec.Request], names: str) -> None:
    common = ("prompt", "version", "seed", "output_format", "country", "metadata")
    assert spec.FIELDS[kind] == (*common, *names.split())
    assert spec.REQUESTS[kind.mode] is kind
    needed = {name: IMAGE for name in names.split() if name in ("image", "video", "previous")}
    needed |= {"references": [IMAGE]} if kind is ReferenceToVideo else {}
    made = kind("a", **needed)
    unset = [name for name in spec.FIELDS[kind] if getattr(made, name) in (None, (), {})]
    assert unset == [name for name in spec.FIELDS[kind] if name not in ("prompt", *needed)]
    for name in spec.FIELDS[kind][1:]:
        with pytest.raises(TypeError, match="positional argument"):
            kind("a", getattr(made, name), **{other: value for other, value in needed.items() if other != name})


def test_what_is_used_here_is_sent_nowhere() -> None:
    assert sorted(UNSENT_FIELDS) == ["country", "metadata", "version"]


def test_a_mode_is_called_as_the_vendors_call_it() -> None:
    assert [mode.value for mode in spec.Mode] == [
        *("text_to_video", "image_to_video", "reference_to_video", "edit", "refine")
    ]


class TestPrompt:
    @pytest.mark.parametrize("prompt", ["a", " a ", "x" * LATEST.prompt.maximum, "猫"])
    def test_right(self, prompt: str) -> None:
        assert broken(TextToVideo(prompt)) == []

    @pytest.mark.parametrize(
        "prompt", ["", " \t\n", "x" * (LATEST.prompt.maximum + 1), None, 7, "lone \ud800", "\udfff"]
    )
    def test_wrong(self, prompt: str) -> None:
        assert broken(TextToVideo(prompt)) == ["REQ-PROMPT"]


class TestDuration:
    @given(within(LATEST.duration))
    def test_right(self, seconds: int) -> None:
        assert broken(TextToVideo("a", duration=seconds)) == []

    @pytest.mark.parametrize(("seconds", "remedy"), [(2, "ask for 3"), (11, "ask for 10"), (8.0, "plain whole number")])
    def test_the_remedy_is_the_nearest_right_value(self, seconds: int, remedy: str) -> None:
        (violation,) = check(TextToVideo("a", duration=seconds))
        assert remedy in violation.remedy
        assert "3 to 10" in violation.limit


class TestAspectRatio:
    @given(st.sampled_from(LATEST.aspect_ratios))
    def test_right(self, ratio: str) -> None:
        assert broken(TextToVideo("a", aspect_ratio=ratio)) == []


class TestReferences:
    @pytest.mark.parametrize("count", [1, 7])
    def test_right(self, count: int) -> None:
        assert broken(ReferenceToVideo("a", references=[HTTP] * count)) == []

    @pytest.mark.parametrize("count", [0, 8])
    def test_wrong(self, count: int) -> None:
        assert broken(ReferenceToVideo("a", references=[HTTP] * count)) == ["REQ-REFS"]

    @pytest.mark.parametrize("count", [0, 5])
    def test_right_while_editing(self, count: int) -> None:
        assert broken(Edit("a", video="https://example.com/v.mp4", references=[HTTP] * count)) == []
        assert broken(Refine("a", previous="vid_1", references=[HTTP] * count)) == []

    def test_wrong_while_editing(self) -> None:
        assert broken(Edit("a", video="https://example.com/v.mp4", references=[HTTP] * 6)) == ["REQ-REFS-EDIT"]
        assert broken(Refine("a", previous="vid_1", references=[HTTP] * 6)) == ["REQ-REFS-EDIT"]

    def test_a_single_one_is_a_list_of_one(self) -> None:
        assert ReferenceToVideo("a", references="a.png") == ReferenceToVideo("a", references=["a.png"])


class TestTags:
    @pytest.mark.parametrize(
        "prompt", ["<IMAGE_REF_0> meets <IMAGE_REF_1>", "<IMAGE_REF_1> alone", "no tag", "<VIDEO>"]
    )
    def test_right(self, prompt: str) -> None:
        assert broken(ReferenceToVideo(prompt, references=[HTTP] * 2)) == []

    def test_a_tag_without_any_reference_is_wrong_in_every_mode(self) -> None:
        assert broken(TextToVideo("<IMAGE_REF_0>")) == ["REQ-TAG"]
        assert broken(Refine("<IMAGE_REF_0>", previous="vid_1")) == ["REQ-TAG"]

    def test_each_wrong_tag_is_told_once(self) -> None:
        assert broken(TextToVideo("<IMAGE_REF_0> <IMAGE_REF_0> <IMAGE_REF_1>")) == ["REQ-TAG", "REQ-TAG"]


class TestRegion:
    uploaded = Edit("a", video="https://example.com/v.mp4")

    @pytest.mark.parametrize("country", sorted(spec.UPLOADED_EDITS_REFUSED))
    def test_an_uploaded_video_is_not_edited_there(self, country: str) -> None:
        request = Edit("a", video="https://example.com/v.mp4", country=country)
        assert broken(request) == ["REQ-REGION"]

    @given(st.sampled_from(sorted(spec.ASSIGNED - spec.UPLOADED_EDITS_REFUSED)))
    def test_it_is_elsewhere(self, country: str) -> None:
        assert broken(Edit("a", video="https://example.com/v.mp4", country=country)) == []

    @given(st.sampled_from(sorted(spec.ASSIGNED)))
    def test_what_the_model_made_is_refined_everywhere(self, country: str) -> None:
        assert broken(Refine("a", previous="vid_1", country=country)) == []

    def test_an_unknown_country_is_let_through_unless_the_caller_is_strict(self) -> None:
        assert broken(self.uploaded) == []
        assert broken(self.uploaded, strict_region=True) == ["REQ-REGION"]
        assert broken(Refine("a", previous="vid_1"), strict_region=True) == []

    @pytest.mark.parametrize("country", ["IS", "LI", "NO", "AX", "GF", "GP", "MF", "MQ", "RE", "YT", "CH", "GB", "DE"])
    def test_the_region_reaches_beyond_the_union(self, country: str) -> None:
        assert country in spec.UPLOADED_EDITS_REFUSED

    def test_it_is_of_39_countries_and_territories(self) -> None:
        """27 of the Union, six outermost regions, Åland, three more of the EEA, Switzerland and the United Kingdom."""
        assert len(spec.EEA) == 27 + 6 + 1 + 3
        assert {"CH", "GB"} == spec.UPLOADED_EDITS_REFUSED - spec.EEA
        assert spec.UPLOADED_EDITS_REFUSED <= spec.ASSIGNED

    @pytest.mark.parametrize("country", ["US", "UA", "TR", "PF", "NC", "GL", "FO", "GI", "JE", "SJ"])
    def test_and_ends_somewhere(self, country: str) -> None:
        assert country not in spec.UPLOADED_EDITS_REFUSED


class TestCountry:
    def test_the_codes_are_those_of_iso_3166(self) -> None:
        assert {country.alpha_2 for country in pycountry.countries} == spec.ASSIGNED

    @pytest.mark.parametrize(
        ("code", "remedy"),
        [
            ("UK", "write GB"),
            ("de", "write DE"),
            ("uk", "write GB"),
            ("XX", "leave it out"),
            ("", "leave it out"),
            (["DE"], "leave it out"),
        ],
    )
    def test_wrong(self, code: str, remedy: str) -> None:
        (violation,) = check(TextToVideo("a", country=code))
        assert violation.clause == "REQ-COUNTRY"
        assert remedy in violation.remedy


class TestSeed:
    @pytest.mark.parametrize("seed", [0, 2**31 - 1])
    def test_right(self, seed: int) -> None:
        assert broken(TextToVideo("a", seed=seed)) == []


class TestVersionAndFormat:
    def test_right(self) -> None:
        assert broken(TextToVideo("a", version="1.0", output_format="webm")) == []


class TestMedia:
    @pytest.mark.parametrize(
        "source",
        [
            *("https://example.com/a.png", "http://localhost:8000/a", "HTTPS://example.com/?of=https://example.org/a"),
            *("a.png", Data.of(b"x", "image/webp")),
        ],
    )
    def test_right(self, source: spec.MediaLike) -> None:
        assert broken(ImageToVideo("a", image=source)) == []

    def test_every_wrong_reference_is_told_by_its_place(self) -> None:
        request = ReferenceToVideo("a", references=["https://example.com/a.png", "s3://b", 5])
        assert [violation.field for violation in check(request)] == ["references[1]", "references[2]"]

    def test_a_picture_is_no_video_and_the_reverse(self) -> None:
        assert broken(Edit("a", video=Data.of(b"x", "image/png"))) == ["REQ-MEDIA"]
        assert broken(Edit("a", video=Data.of(b"x", "video/mp4"))) == []

    @given(st.binary(max_size=80), st.sampled_from(["image/png", "video/mp4"]))
    def test_data_gives_its_bytes_back(self, content: bytes, media_type: str) -> None:
        data = Data.of(content, media_type)
        assert (data.content(), data.media_type) == (content, media_type)

    def test_data_need_not_be_base64(self) -> None:
        assert Data("data:image/png,%00a").content() == b"\x00a"

    def test_no_repr_shows_a_signature_or_the_bytes(self) -> None:
        request = ImageToVideo("a", image="https://user:pw@example.com/a.png?X-Signature=SECRET#SECRET")
        assert "SECRET" not in repr(request)
        assert "pw" not in repr(request)
        assert "SECRET" not in str(request.image)
        assert len(repr(Data.of(b"x" * 10_000, "image/png"))) < 120


class TestPrevious:
    def test_a_token_is_told_from_a_handle(self) -> None:
        assert Refine("a", previous="omni1.abc").previous == Previous(job="omni1.abc")
        assert Refine("a", previous="vid_1").previous == Previous(handle="vid_1")

    def test_what_is_not_known_of_it_is_unset(self) -> None:
        assert Previous(handle="vid_1") == Previous(None, None, "vid_1", None)
        assert Previous("fal", "work", job="omni1.abc") == Previous("fal", "work", None, "omni1.abc")

    @pytest.mark.parametrize("source", ["", None, 5, Previous(provider="fal")])
    def test_wrong(self, source: str) -> None:
        assert broken(Refine("a", previous=source)) == ["REQ-PREVIOUS"]


def test_metadata_maps_text_to_text() -> None:
    assert broken(TextToVideo("a", metadata={"order": "7"})) == []


@pytest.mark.parametrize(
    ("form", "clauses"),
    [
        ([], ["REQ-SHAPE"]),
        ("a cat", ["REQ-SHAPE"]),
        ({"mode": "edti", "prompt": "a"}, ["REQ-SHAPE"]),
        ({"mode": ["edit"], "prompt": "a"}, ["REQ-SHAPE"]),
        ({"mode": "edit", "prompt": "a", "video": "https://e.com/v.mp4", "duration": 8}, ["REQ-SHAPE"]),
        ({"prompt": "a", "colour": "red"}, ["REQ-SHAPE"]),
        ({"mode": "image_to_video", "prompt": "a"}, ["REQ-MEDIA"]),
        ({"mode": "reference_to_video", "prompt": "a"}, ["REQ-REFS"]),
        ({"mode": "refine", "prompt": "a"}, ["REQ-PREVIOUS"]),
        ({"mode": "text_to_video"}, ["REQ-PROMPT"]),
        ({"prompt": "a", "image": {"url": "https://e.com/a.png", "data": "x"}}, ["REQ-MEDIA"]),
        ({"prompt": "a", "image": {"path": "a.png"}}, ["REQ-MEDIA"]),
        ({"prompt": "a", "previous": {"handle": ""}}, ["REQ-PREVIOUS"]),
        (
            {"prompt": " ", "video": "s3://b", "duration": "8", "country": "UK", "seed": -1, "output_format": "avi"},
            ["REQ-SHAPE", "REQ-PROMPT", "REQ-SEED", "REQ-FORMAT", "REQ-COUNTRY", "REQ-MEDIA"],
        ),
    ],
)
def test_a_wrong_form_tells_everything_at_once(form: object, clauses: list[str]) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        spec.request_from_json(form)
    assert sorted(violation.clause for violation in caught.value.violations) == sorted(clauses)
    assert len(str(caught.value).splitlines()) == len(clauses)


@pytest.mark.parametrize(
    ("form", "request_"),
    [
        ({"prompt": "a"}, TextToVideo("a")),
        ({"prompt": "a", "image": "a.png", "seed": None}, ImageToVideo("a", image="a.png")),
        ({"prompt": "a", "image": {"file": "data:x"}}, ImageToVideo("a", image=spec.File("data:x"))),
        (
            {"prompt": "a", "references": "https://e.com/a.png"},
            ReferenceToVideo("a", references=["https://e.com/a.png"]),
        ),
        ({"prompt": "a", "video": "https://e.com/v.mp4", "references": []}, Edit("a", video="https://e.com/v.mp4")),
        (
            {"prompt": "a", "previous": {"provider": "pixeldojo", "handle": "v"}},
            Refine("a", previous=Previous("pixeldojo", handle="v")),
        ),
    ],
)
def test_the_fields_that_are_there_tell_the_mode(form: object, request_: spec.Request) -> None:
    assert spec.request_from_json(form) == request_
    assert spec.request_from_json(spec.request_to_json(request_)) == request_


def test_a_region_alone_is_an_error_of_its_own() -> None:
    with pytest.raises(errors.RegionRestricted):
        spec.request_from_json({"prompt": "a", "video": "https://e.com/v.mp4", "country": "DE"})


@given(
    requests(),
    st.sampled_from(["duration", "seed", "country", "output_format", "version", "aspect_ratio"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
)
def test_whatever_a_field_holds_the_check_answers(request: spec.Request, name: str, value: object) -> None:
    form = {**spec.request_to_json(request), name: value}
    made, strangers = spec.assemble(form)
    assert made is not None
    problems = strangers + check(made)
    assert {problem.field for problem in problems} <= {name}
    assert problems or getattr(made, name, None) == value
