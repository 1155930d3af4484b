"""The JSON form of a request: short where one reading is left, tagged where text alone would be read as another."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash import errors, spec
from omniflash.codec import converter, from_plain
from omniflash.spec import Data, Edit, File, ImageToVideo, Mode, Previous, ReferenceToVideo, Refine, TextToVideo, Url
from omniflash_conformance.strategies import images, requests

IMAGE, VIDEO = "https://example.com/a.png?v=1", "https://example.com/v.mp4"
TOKEN = "omni1.abc"


@pytest.mark.parametrize(
    ("image", "written"),
    [
        (IMAGE, IMAGE),
        (File("some/a.png"), "some/a.png"),
        (Path("a.png"), "a.png"),
        (Data.of(b"x", "image/png"), "data:image/png;base64,eA=="),
        (File("data:x"), {"file": "data:x"}),
        (Url("a.png"), {"url": "a.png"}),
        (Data("a.png"), {"data": "a.png"}),
    ],
)
def test_an_input_is_its_text_unless_that_would_be_another(image: Any, written: object) -> None:
    request = ImageToVideo("a", image=image)
    assert spec.request_to_json(request) == {"mode": "image_to_video", "prompt": "a", "image": written}
    several = ReferenceToVideo("a", references=[image, IMAGE])
    assert spec.request_to_json(several)["references"] == [written, IMAGE]
    edit = Edit("a", video=image)
    for form, made in (
        ({"image": written}, request),
        ({"references": [written, IMAGE]}, several),
        ({"video": written}, edit),
    ):
        assert spec.assemble({"prompt": "a", **form}) == (made, ())


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("vid_1", "vid_1"),
        (TOKEN, TOKEN),
        ("", ""),
        (Previous(handle=TOKEN), {"handle": TOKEN}),
        (Previous(job="vid_1"), {"job": "vid_1"}),
        (
            Previous("pixeldojo", "work", "vid_1", TOKEN),
            {"provider": "pixeldojo", "account": "work", "handle": "vid_1", "job": TOKEN},
        ),
        (Previous(provider="pixeldojo", handle="vid_1"), {"provider": "pixeldojo", "handle": "vid_1"}),
        (Previous(account="work", job=TOKEN), {"account": "work", "job": TOKEN}),
        (Previous(provider="pixeldojo"), {"provider": "pixeldojo"}),
    ],
)
def test_what_a_refine_goes_on_from_is_its_text_unless_more_is_known(source: Any, written: object) -> None:
    request = Refine("a", previous=source)
    form = spec.request_to_json(request)
    assert form == {"mode": "refine", "prompt": "a", "previous": written}
    assert spec.assemble(form) == (request, ())


def test_what_can_be_refined_says_itself_what_it_is() -> None:
    class Made:
        def as_previous(self) -> Previous:
            return Previous("acme", handle="made")

    assert Refine("a", previous=Made()).previous == Previous("acme", handle="made")


def test_a_form_holds_what_was_set_in_the_order_of_the_fields() -> None:
    request = TextToVideo("a", seed=0, metadata={"order": "7"}, duration=5, country="US")
    assert list(spec.request_to_json(request).items()) == [
        ("mode", "text_to_video"),
        ("prompt", "a"),
        ("seed", 0),
        ("country", "US"),
        ("metadata", {"order": "7"}),
        ("duration", 5),
    ]


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ({}, Mode.TEXT_TO_VIDEO),
        ({"image": IMAGE}, Mode.IMAGE_TO_VIDEO),
        ({"references": [IMAGE]}, Mode.REFERENCE_TO_VIDEO),
        ({"references": [IMAGE], "video": VIDEO}, Mode.EDIT),
        ({"references": [IMAGE], "previous": "v"}, Mode.REFINE),
        ({"references": [IMAGE], "image": IMAGE}, Mode.IMAGE_TO_VIDEO),
        ({"video": VIDEO, "image": IMAGE}, Mode.EDIT),
        ({"previous": "v", "video": VIDEO}, Mode.REFINE),
        ({"video": None, "image": IMAGE}, Mode.IMAGE_TO_VIDEO),
    ],
)
def test_the_field_that_says_most_tells_the_mode(form: dict[str, Any], mode: Mode) -> None:
    request, _ = spec.assemble({"prompt": "a", **form})
    assert type(request) is spec.REQUESTS[mode]


@pytest.mark.parametrize("mode", Mode)
def test_what_a_mode_cannot_be_without_is_missed_and_all_else_is_left_unset(mode: Mode) -> None:
    request, strangers = spec.assemble({"mode": mode.value})
    needed = {
        Mode.TEXT_TO_VIDEO: ["REQ-PROMPT"],
        Mode.IMAGE_TO_VIDEO: ["REQ-MEDIA", "REQ-PROMPT"],
        Mode.REFERENCE_TO_VIDEO: ["REQ-PROMPT", "REQ-REFS"],
        Mode.EDIT: ["REQ-MEDIA", "REQ-PROMPT"],
        Mode.REFINE: ["REQ-PREVIOUS", "REQ-PROMPT"],
    }[mode]
    assert request is not None
    assert strangers == ()
    assert sorted(violation.clause for violation in spec.check(request)) == needed


def test_a_region_is_an_error_of_its_own_only_where_nothing_else_is_wrong() -> None:
    form = {"prompt": " ", "video": VIDEO, "country": "DE"}
    with pytest.raises(errors.InvalidRequest) as caught:
        spec.request_from_json(form)
    assert type(caught.value) is errors.InvalidRequest
    with pytest.raises(errors.RegionRestricted):
        spec.request_from_json({**form, "prompt": "a"})
    spec.refuse(())


@given(requests())
def test_a_request_inside_another_value_is_written_and_read_the_same(request: spec.Request) -> None:
    written = converter.unstructure(request)
    assert written == spec.request_to_json(request)
    assert from_plain(written, spec.Request, "request") == request
    assert from_plain(written, spec.Request | None, "request") == request


def test_no_request_inside_another_value_is_none_and_what_is_no_request_is_not_read_as_one() -> None:
    assert from_plain(None, spec.Request | None, "request") is None
    assert from_plain(5, int | None, "number") == 5


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"mode": "edti"}, "REQ-SHAPE mode = 'edti'.*did you mean 'edit'"),
        ({"prompt": "a", "x": 1, "y": 2}, "REQ-SHAPE x = 1: .*; REQ-SHAPE y = 2"),
        (["a"], "REQ-SHAPE request"),
    ],
)
def test_a_broken_request_inside_another_value_tells_what_is_wrong_with_it(form: object, told: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=told):
        from_plain(form, spec.Request, "request")


@pytest.mark.parametrize("value", [{"file": 5}, {"url": IMAGE, "data": "x"}, {}, {"path": "a.png"}, 5, [IMAGE]])
def test_an_input_of_no_known_form_is_handed_on_for_the_check_to_name(value: Any) -> None:
    request, _ = spec.assemble({"prompt": "a", "image": value})
    assert request is not None
    assert request.image == value
    assert [violation.field for violation in spec.check(request)] == ["image"]


@given(st.lists(images(), max_size=9))
def test_references_are_any_sequence_and_one_alone_is_a_list_of_one(images: list[spec.Media]) -> None:
    for given_ in (images, tuple(images)):
        request, _ = spec.assemble({"mode": "reference_to_video", "prompt": "a", "references": given_})
        assert request == ReferenceToVideo("a", references=images)
    for image in images[:1]:
        assert spec.assemble({"prompt": "a", "references": image}) == (ReferenceToVideo("a", references=[image]), ())
        assert Edit("a", video=VIDEO, references=image).references == (image,)
