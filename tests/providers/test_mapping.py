"""What goes over the wire, for both vendors: contract, lossless, minimal, order, key (MAP-*, CAP-DISPOSE)."""

import json
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import (
    Client,
    Data,
    Edit,
    File,
    ImageToVideo,
    Provider,
    ReferenceToVideo,
    Refine,
    Request,
    TextToVideo,
    Url,
)
from omniflash.discovery import adapter
from omniflash.house import Preview
from omniflash.jobs import Fate
from omniflash.spec import LATEST, LIMITS, REQUESTS, Mode, media_of
from omniflash_conformance.strategies import offered, outside
from omniflash_sandbox import contracts
from omniflash_sandbox.declared import Contract

KEY = "id-of-the-key:the-secret-half-of-it"
CLIENTS = {name: Client(Provider(name, key=KEY)) for name in ("fal", "pixeldojo")}
DECLARED = {name: Contract.load(files(contracts) / f"{name}.toml") for name in CLIENTS}
KEPT = ("country", "version", "metadata")
CONTRACTS = {
    ("fal", Mode.TEXT_TO_VIDEO): "fal-text-to-video",
    ("fal", Mode.IMAGE_TO_VIDEO): "fal-image-to-video",
    ("fal", Mode.REFERENCE_TO_VIDEO): "fal-reference-to-video",
    ("fal", Mode.EDIT): "fal-edit",
    **{("pixeldojo", mode): "pixeldojo-run" for mode in Mode},
}


OFFERS = [(name, offer) for name in CLIENTS for offer in adapter(name).offers]
cases = st.one_of(*(st.tuples(st.just(name), offered(offer)) for name, offer in OFFERS))
with_references = st.one_of(
    *(st.tuples(st.just(name), offered(offer)) for name, offer in OFFERS if offer.mode is Mode.REFERENCE_TO_VIDEO)
)
refused = st.one_of(*(st.tuples(st.just(name), outside(offer)) for name, offer in OFFERS))


def sent(provider: str, request: Request) -> Preview:
    client = CLIENTS[provider]
    return client.preview(client.plan(request))


def body_of(preview: Preview) -> Mapping[str, object]:
    return json.loads(preview.body)


def decoded(provider: str, preview: Preview) -> Request:
    """The wire request by the vendor's own rules, which are independent of the adapters."""
    form = DECLARED[provider].decode(preview.method, urlsplit(preview.url).path, body_of(preview))
    return REQUESTS[Mode(form.pop("mode"))](**form)


@given(cases)
def test_every_body_keeps_the_vendors_contract(case: tuple[str, Request]) -> None:
    provider, request = case
    preview = sent(provider, request)
    assert DECLARED[provider].violations(preview.method, urlsplit(preview.url).path, body_of(preview)) == []


@given(cases)
def test_decoding_the_wire_gives_the_request_back(case: tuple[str, Request]) -> None:
    provider, request = case
    preview = sent(provider, request)
    unsent = {"country": None, "version": None, "metadata": {}}
    if provider == "fal":
        unsent["output_format"] = None
    assert decoded(provider, preview) == evolve(request, **unsent)


@given(cases)
def test_nothing_is_sent_that_was_not_asked_for(case: tuple[str, Request]) -> None:
    provider, request = case
    body = body_of(sent(provider, request))
    offer = next(offer for offer in adapter(provider).offers if offer.mode is request.mode)
    asked = [offer.fields[name].wire for name in request.given if name in offer.fields]
    assert set(body) == {wire for wire in asked if wire}
    assert None not in body.values()
    assert not {"duration", "aspect_ratio"} & set(body) or request.mode not in (Mode.EDIT, Mode.REFINE)


@given(with_references)
def test_references_keep_their_order(case: tuple[str, ReferenceToVideo]) -> None:
    provider, request = case
    name = {"fal": "image_urls", "pixeldojo": "reference_images"}[provider]
    wanted = [medium.url if isinstance(medium, Url) else medium.uri for medium in request.references]
    assert body_of(sent(provider, request))[name] == wanted


@given(cases)
def test_every_field_that_was_set_has_exactly_one_fate(case: tuple[str, Request]) -> None:
    provider, request = case
    preview = sent(provider, request)
    fates = [disposition.field for disposition in preview.dispositions]
    assert sorted(fates) == sorted(request.given)
    body = body_of(preview)
    for disposition in preview.dispositions:
        assert (disposition.wire in body) is (disposition.fate is Fate.SENT)
        assert (disposition.field in KEPT) <= (disposition.fate is Fate.KEPT)


@given(cases)
def test_the_key_is_in_one_header_and_nowhere_else(case: tuple[str, Request]) -> None:
    provider, request = case
    client = CLIENTS[provider]
    from omniflash.drive.network import request_of
    from omniflash.flows.submit import Intent, paid_call

    plan = client.plan(request)
    account = client.accounts[provider]
    _, call = paid_call(Intent(plan, plan.best, account, "order-1"))
    http = request_of(account, call)
    scheme = {"fal": "Key", "pixeldojo": "Bearer"}[provider]
    assert http.headers["Authorization"] == f"{scheme} {KEY}"
    rest = [
        str(http.url),
        http.content.decode(),
        *(value for name, value in http.headers.items() if name != "authorization"),
    ]
    assert not any(part in text for part in KEY.split(":") for text in rest)
    assert KEY not in repr(account)


@given(refused)
def test_a_request_outside_the_declaration_is_not_mapped_at_all(case: tuple[str, tuple[Request, str]]) -> None:
    provider, (request, field) = case
    (out,) = CLIENTS[provider].plan(request).ruled_out
    assert [(reason.clause, reason.field) for reason in out.reasons] == [("CAP-REJECT", field)]


# The example bodies of the vendors' pages, word for word.
LIGHTHOUSE = (
    "A cinematic wide shot of a lighthouse on a rocky cliff at dusk, waves crashing below, the beam slowly sweeping"
    " across the dark sea."
)
TURN = "The subject slowly turns to face the camera as the wind picks up and the background gently comes to life."
ANIME = "Make this video anime. Keep everything else the same."
YARN = "A cat playfully batting at a ball of yarn in a sunlit living room."
WAVES = "A cinematic shot of ocean waves crashing at golden hour, 4K quality"
STORE = "https://storage.googleapis.com/falserverless/example_inputs/"
YARN_IMAGES = [f"{STORE}veo31-r2v-input-1.png", f"{STORE}veo31-r2v-input-2.png"]
EXAMPLES = [
    ("fal", TextToVideo(LIGHTHOUSE), {"prompt": LIGHTHOUSE}),
    (
        "fal",
        TextToVideo(LIGHTHOUSE, aspect_ratio="16:9", duration=8),
        {"prompt": LIGHTHOUSE, "aspect_ratio": "16:9", "duration": 8},
    ),
    (
        "fal",
        ImageToVideo(TURN, image=f"{STORE}veo3-i2v-input.png"),
        {"prompt": TURN, "image_url": f"{STORE}veo3-i2v-input.png"},
    ),
    (
        "fal",
        ImageToVideo(TURN, image=f"{STORE}veo3-i2v-input.png", aspect_ratio="16:9", duration=8),
        {"prompt": TURN, "image_url": f"{STORE}veo3-i2v-input.png", "aspect_ratio": "16:9", "duration": 8},
    ),
    (
        "fal",
        Edit(ANIME, video=f"{STORE}veo3-v2v-input.mp4"),
        {"prompt": ANIME, "video_url": f"{STORE}veo3-v2v-input.mp4"},
    ),
    ("fal", ReferenceToVideo(YARN, references=YARN_IMAGES), {"prompt": YARN, "image_urls": YARN_IMAGES}),
    (
        "fal",
        ReferenceToVideo(YARN, references=YARN_IMAGES, aspect_ratio="16:9", duration=8),
        {"prompt": YARN, "image_urls": YARN_IMAGES, "aspect_ratio": "16:9", "duration": 8},
    ),
    (
        "pixeldojo",
        TextToVideo(WAVES, aspect_ratio="16:9", duration=5),
        {"prompt": WAVES, "aspect_ratio": "16:9", "duration": 5},
    ),
]


@pytest.mark.parametrize(("provider", "request_", "body"), EXAMPLES)
def test_the_published_examples(provider: str, request_: Request, body: Mapping[str, object]) -> None:
    assert body_of(sent(provider, request_)) == body
    assert contracts.violations(CONTRACTS[provider, request_.mode], body) == []


@pytest.mark.parametrize(
    ("provider", "request_", "url"),
    [
        ("fal", TextToVideo("a"), "https://queue.fal.run/google/gemini-omni-flash"),
        (
            "fal",
            ImageToVideo("a", image="https://e.com/a.png"),
            "https://queue.fal.run/google/gemini-omni-flash/image-to-video",
        ),
        (
            "fal",
            ReferenceToVideo("a", references=["https://e.com/a.png"]),
            "https://queue.fal.run/google/gemini-omni-flash/reference-to-video",
        ),
        ("fal", Edit("a", video="https://e.com/v.mp4"), "https://queue.fal.run/google/gemini-omni-flash/edit"),
        ("pixeldojo", Refine("a", previous="vid_1"), "https://pixeldojo.ai/api/v1/models/google-gemini-omni-flash/run"),
    ],
)
def test_the_real_hosts(provider: str, request_: Request, url: str) -> None:
    preview = sent(provider, request_)
    assert (preview.method, preview.url) == ("POST", url)
    assert "***" in preview.headers["authorization"]


def test_a_local_file_is_shown_in_words_and_nothing_of_it_is_read(picture) -> None:
    preview = sent("fal", ImageToVideo("a", image=picture))
    assert body_of(preview)["image_url"] == f"<the file {picture}>"


def test_pixeldojo_takes_only_public_urls(picture) -> None:
    for image in (File(picture), Data.of(b"x", "image/png")):
        (out,) = CLIENTS["pixeldojo"].plan(ImageToVideo("a", image=image)).ruled_out
        assert [reason.clause for reason in out.reasons] == ["CAP-REJECT"]
        assert "takes only url" in out.reasons[0].limit
        assert "public" in out.reasons[0].remedy


def test_a_file_above_the_stated_size_is_refused(tmp_path) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(b"\x00\x00\x00\x18ftypisom")
    with large.open("rb+") as file:
        file.truncate(200_000_000)
    (out,) = CLIENTS["fal"].plan(Edit("a", video=large)).ruled_out
    assert "94,371,840 bytes, and this has 200,000,000" in out.reasons[0].limit
    assert "give that URL" in out.reasons[0].remedy
    assert "200,000,000" in out.reasons[0].limit


@pytest.mark.parametrize("provider", ["fal", "pixeldojo"])
def test_no_default_of_a_vendor_differs_from_the_specs(provider: str) -> None:
    for offer in adapter(provider).offers:
        paid = DECLARED[provider].request(offer.mode)
        schema = contracts.load(CONTRACTS[provider, offer.mode])["properties"]
        assert {name: getattr(LIMITS[offer.version], f"{name}_default") for name in paid.defaults} == paid.defaults
        for name in ("duration", "aspect_ratio", "output_format"):
            wire = offer.fields[name].wire if name in offer.fields else None
            if wire is not None:
                assert schema[wire]["default"] == getattr(LIMITS[offer.version], f"{name}_default")


def test_a_references_limit_of_a_contract_is_the_specs() -> None:
    schema = contracts.load("pixeldojo-run")["properties"]
    assert schema["reference_images"]["maxItems"] == LATEST.references.maximum
    assert media_of(TextToVideo("a")) == {}
