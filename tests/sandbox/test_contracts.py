"""The contracts: good schemas, whose rules are the pages' own, held from both sides."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from omniflash_sandbox import contracts
from omniflash_sandbox.contracts import violations
from tests.sandbox.clients import IMAGE, VIDEO, keeps

PROMPTS = st.text(max_size=200)
URLS = st.sampled_from([IMAGE, VIDEO, "http://127.0.0.1:8000/a?b=c", "HTTPS://EXAMPLE.COM/a.png"])
DATA_URIS = st.sampled_from(
    ["data:image/png;base64,iVBORw0KGgo=", "data:video/mp4;base64,AAAA", "DATA:image/png;base64,iVBORw0KGgo="]
)
SHARED = {"aspect_ratio": st.sampled_from(["16:9", "9:16"]), "duration": st.integers(3, 10)}


def bodies(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Any:
    return st.fixed_dictionaries(required, optional=optional or {})


GOOD = {
    "fal-text-to-video": bodies({"prompt": PROMPTS}, SHARED),
    "fal-image-to-video": bodies({"prompt": PROMPTS, "image_url": URLS | DATA_URIS}, SHARED),
    "fal-edit": bodies({"prompt": PROMPTS, "video_url": URLS | DATA_URIS}),
    "fal-reference-to-video": bodies(
        {"prompt": PROMPTS, "image_urls": st.lists(URLS | DATA_URIS, min_size=1, max_size=20)}, SHARED
    ),
    "pixeldojo-run": bodies(
        {"prompt": PROMPTS},
        {
            **SHARED,
            "image": URLS,
            "reference_images": st.lists(URLS, max_size=7),
            "output_format": st.sampled_from(["mp4", "webm", "mov"]),
            "seed": st.integers(),
            "webhook_url": URLS,
        },
    )
    | bodies(
        {"prompt": PROMPTS, "video": URLS}, {"reference_images": st.lists(URLS, max_size=5), "seed": st.integers()}
    )
    | bodies({"prompt": PROMPTS, "video_id": PROMPTS}, {"reference_images": st.lists(URLS, max_size=5)}),
}
"""Bodies that the vendor's page allows, by contract."""

OUT_OF_RANGE = st.integers(max_value=2) | st.integers(min_value=11)
NO_NUMBER = st.text() | st.booleans() | st.none() | st.floats(3.1, 3.9)
NO_TEXT = st.integers() | st.booleans() | st.none() | st.lists(st.text(), max_size=2)
NO_URL = st.sampled_from(["", "cat.png", "/tmp/cat.png", "ftp://example.com/a", "file:///a"])
WRONG = {
    "prompt": NO_TEXT,
    "aspect_ratio": st.text().filter(lambda text: text not in ("16:9", "9:16")) | NO_TEXT,
    "duration": OUT_OF_RANGE | NO_NUMBER,
    "image_url": NO_URL | NO_TEXT,
    "video_url": NO_URL | NO_TEXT,
    "image_urls": st.just([]) | NO_URL,
    "image": NO_URL | NO_TEXT | DATA_URIS,
    "reference_images": st.lists(URLS, min_size=8, max_size=9) | NO_URL,
    "video": NO_URL | NO_TEXT,
    "output_format": st.text().filter(lambda text: text not in ("mp4", "webm", "mov")),
    "seed": st.text() | st.booleans() | st.floats(0.1, 0.9),
}
"""Values that a page forbids for a field, by the field's name."""


REQUIRED: dict[str, Any] = {name: contracts.load(name)["required"] for name in GOOD}
PROPERTIES: dict[str, Any] = {name: contracts.load(name)["properties"] for name in GOOD}


@pytest.mark.parametrize("name", contracts.names())
def test_every_contract_is_a_good_schema_that_names_its_source(name: str) -> None:
    schema = contracts.load(name)
    Draft202012Validator.check_schema(schema)
    assert str(schema["description"]).startswith("Source: https://")
    assert schema["title"]


def test_a_contract_that_there_is_not_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"no contract 'fal-refine', only .*fal-edit"):
        contracts.load("fal-refine")


def test_a_loaded_contract_is_a_copy() -> None:
    contracts.load("fal-edit").clear()
    assert contracts.load("fal-edit")["required"] == ["prompt", "video_url"]


@pytest.mark.parametrize("contract", GOOD)
@given(data=st.data())
def test_what_the_page_allows_is_accepted(contract: str, data: st.DataObject) -> None:
    assert keeps(contract, data.draw(GOOD[contract]))


@pytest.mark.parametrize("contract", GOOD)
@given(data=st.data())
def test_one_wrong_field_is_refused_at_its_place_and_nowhere_else(contract: str, data: st.DataObject) -> None:
    body = data.draw(GOOD[contract])
    field = data.draw(st.sampled_from([name for name in PROPERTIES[contract] if name in WRONG]))
    least = {name: body[name] for name in REQUIRED[contract]}
    found = violations(contract, least | {field: data.draw(WRONG[field])})
    assert found
    assert {violation.place[0] for violation in found} == {field}


@pytest.mark.parametrize("contract", GOOD)
@given(data=st.data())
def test_each_missing_field_is_named(contract: str, data: st.DataObject) -> None:
    body = data.draw(GOOD[contract])
    gone = data.draw(st.sets(st.sampled_from(REQUIRED[contract]), min_size=1))
    found = violations(contract, {name: value for name, value in body.items() if name not in gone})
    assert {(violation.place, violation.keyword) for violation in found} >= {((name,), "required") for name in gone}


@given(name=st.text(min_size=1), value=st.none() | st.booleans() | st.text())
def test_fal_ignores_a_field_that_pixeldojo_refuses(name: str, value: Any) -> None:
    assume(name not in PROPERTIES["fal-text-to-video"] | PROPERTIES["pixeldojo-run"])
    body = {"prompt": "A cat", name: value}
    assert keeps("fal-text-to-video", body)
    assert [violation.place for violation in violations("pixeldojo-run", body)] == [(name,)]
