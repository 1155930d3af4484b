"""Contracts as files: what is wrong with one is told in one line, and a right one reads requests back."""

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import (
    Client,
    Mode,
    Provider,
    Request,
    Url,
)
from omniflash.spec import REQUESTS
from omniflash.spec.requests import previous
from omniflash_conformance.strategies import requests
from omniflash_conformance.zoo.acme import ADAPTER
from omniflash_sandbox.declared import Contract, contract_from
from omniflash_sandbox.messages import JSON
from tests.sandbox.declaring import ACME, OWN, TINY, tiny

# --- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('provider = "tiny"', "", "provider: is missing; there is source, read_on, "),
        ('provider = "tiny"', 'provider = "Tiny!"', "provider: 'Tiny!' is not a name of small letters"),
        ('provider = "tiny"', 'provider = "tiny"\nkind = 1', "kind: there is no such entry, only provider, source, "),
        ("read_on = 2026-11-20", 'read_on = "today"', "read_on: 'today' is not a date, such as 2026-11-20"),
        ('api = "https://api', 'api = "ftp://api', "hosts.api: 'ftp://api.tiny.example/v1' is not a base URL"),
        ('scheme = "Bearer"', "scheme = 5", "key.scheme: 5 is not a text"),
        ('host = "api"', 'host = "www"', "requests[1].host: 'www' is not one of api"),
        ('path = "/videos"', 'path = "videos"', "requests[1].path: 'videos' is not a path, such as /jobs/{job}"),
        ('path = "/videos"', 'path = "/v/{job}"', "requests[1].path: '/v/{job}' is not a path without braces"),
        ('path = "/videos"', 'path = "/videos"\nmethod = "FETCH"', "requests[1].method: 'FETCH' is not one of POST, "),
        ('text = "prompt"', 'text = "words"', "requests[1].fields.text: 'words' is not one of prompt, previous, "),
        ('text = "prompt", ', "", "requests[1].fields: image_to_video needs a field that means 'prompt'"),
        ('"picture.url" = "image"', 'seed = "seed"', "requests[1].fields: image_to_video needs a field that means 'im"),
        ("text_to_video = {}", "video = {}", "requests[1].modes.video: there is no such entry, only text_to_video, "),
        ('given = ["picture"]', "given = 1", "requests[1].modes.image_to_video.given: 1 is not a list of texts"),
        ('given = ["picture"]', "", "requests[1].modes: image_to_video fits every body, so nothing after it"),
        ('given = ["picture"]', 'given = ["a.*"]', "requests[1].modes.image_to_video: * stands for each item"),
        ("duration = 8 }", "length = 8 }", "requests[1].defaults.length: there is no such entry, only prompt, "),
        ("duration = 8 }", "duration = 1979-05-27 }", "requests[1].defaults.duration: datetime.date(1979, 5, 27) is n"),
        ('type = "object"', 'type = "thing"', "requests[1].schema: is no JSON Schema: $.type: "),
        ('type = "object"', '"$ref" = "http://a/b"', "requests[1].schema: $ref 'http://a/b' leads elsewhere"),
        ("/videos/{job}", "/videos", "calls.status.path: '/videos' is not a path with {job} in it"),
        ("status = { host", "look = { host", "calls.look: there is no such entry, only status, result, cancel, "),
        ('new = "queued"', 'new = "waiting"', "statuses.words.new: 'waiting' is not one of queued, running, "),
        ('busy = "running"', "", "statuses.words: no word means running, and the sandbox has to tell it"),
        ("per_clip = 10", "per_clip = -1", "server.price.per_clip: -1 is not an amount of 0 or more"),
        ('usd = "0.05"', 'usd = "cheap"', "server.price.usd: 'cheap' is not an amount of 0 or more"),
        ("http = 202", "http = 700", "server.accepted.http: 700 is not a whole number from 200 to 499"),
        ('id = "{job}", state', "state", "server.accepted.body: {job} is missing; there is {status}"),
        (
            'video = "{video}"',
            'video = "{film}"',
            "server.status.succeeded: nothing fills {film}, only {job}, {status}",
        ),
        ('queued = { id = "{job}", state', 'queued = { id = "{job}", s', "server.status.running: {status} stands else"),
        ("unauthorized = { http = 401", "unauthorized = { http = 200", "server.errors.unauthorized.http: 200 is not"),
        ("[server.failures]", "[server.mishaps]", "server.mishaps: there is no such entry, only price, accepted, "),
        ("[server.accepted]", "[server.cancel]", "server.cancel: there is no calls.cancel, only status"),
        ("[server.accepted]", "[server.same_id]\n[server.accepted]", "server.same_id: needs header or field, not n"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place_the_value_and_what_there_is(old: str, new: str, told: str) -> None:
    with pytest.raises(ValueError) as refusal:
        tiny(old, new)
    assert str(refusal.value).startswith(told)
    assert "\n" not in str(refusal.value)


def test_what_stands_twice_is_refused() -> None:
    document = tomllib.loads(TINY)
    with pytest.raises(ValueError, match="requests: image_to_video is asked for by two paid calls"):
        contract_from({**document, "requests": document["requests"] * 2})
    calls = {**document["calls"], "list": {"host": "api", "method": "POST", "path": "/videos"}}
    without = {name: part for name, part in document.items() if name != "server"}
    with pytest.raises(ValueError, match="calls: POST /v1/videos stands for two calls"):
        contract_from({**without, "calls": calls})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"provider = ", "is no TOML: "),
        (b"\xff", "is no TOML: "),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"", "source: is missing; there is nothing"),
        (b"source = []", "source: [] is not a text"),
    ],
)
def test_what_is_no_contract_is_one_line_that_names_the_file(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "tiny.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError) as refusal:
        Contract.load(path)
    assert str(refusal.value).startswith(f"{path}: {told}")
    assert "\n" not in str(refusal.value)


def test_a_schema_is_found_beside_its_contract(tmp_path: Path) -> None:
    document = TINY[: TINY.index("[requests.schema]")] + TINY[TINY.index("[calls]") :]
    path = tmp_path / "tiny.toml"
    path.write_text(document.replace('path = "/videos"', 'path = "/videos"\nschema = "body"'))
    with pytest.raises(ValueError, match=r"schema: 'body' is not the name of a schema beside .+; there is none"):
        Contract.load(path)
    (tmp_path / "body.json").write_text("{")
    with pytest.raises(ValueError, match=r"schema: body\.json is no JSON: "):
        Contract.load(path)
    (tmp_path / "body.json").write_text('{"required": ["text"]}')
    (broken,) = Contract.load(path).violations("POST", "/v1/videos", {})
    assert (broken.place, broken.keyword) == (("text",), "required")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.sampled_from(sorted(tomllib.loads(TINY))), json_values, st.data())
def test_no_file_breaks_the_reader(part: str, value: object, data: st.DataObject) -> None:
    document = tomllib.loads(TINY)
    inside = document[part]
    if isinstance(inside, dict) and data.draw(st.booleans()):
        value = {**inside, data.draw(st.sampled_from(sorted(inside))): value}
    with suppress(ValueError):
        contract_from({**document, part: value})


# --- reading a request back -----------------------------------------------------------------------------------------


def test_what_is_no_paid_call_is_refused_and_says_what_is() -> None:
    with pytest.raises(ValueError, match="GET /v1/videos is no paid call of tiny, only POST /v1/videos"):
        tiny().decode("GET", "/v1/videos", {})
    with pytest.raises(ValueError, match="no paid call"):
        tiny().violations("POST", "/videos", {})


def test_a_body_is_read_by_the_places_and_the_words_of_the_vendor() -> None:
    body: JSON = {"text": "A cat", "size": "tall", "picture": {"url": "https://e.com/a.png"}, "mood": 1}
    form = tiny().decode("POST", "/v1/videos", body)
    assert form == {"mode": "image_to_video", "prompt": "A cat", "image": "https://e.com/a.png", "aspect_ratio": "9:16"}


def test_a_body_of_no_mode_is_refused() -> None:
    told = "this body asks for none of text_to_video, image_to_video, reference_to_video"
    with pytest.raises(ValueError, match=told):
        ACME.decode("POST", "/v2/clips", {"text": "A cat"})


def test_calls_are_told_by_method_and_path() -> None:
    assert tiny().call_of("POST", "/v1/videos") == "submit"
    assert tiny().call_of("GET", "/v1/videos/a") == "status"
    assert tiny().call_of("GET", "/v1/videos") is None
    assert tiny().call_of("GET", "/v1/videos/a/b") is None
    assert ACME.call_of("DELETE", "/v2/tickets/a") == "cancel"


def test_every_fact_has_a_page_and_a_day() -> None:
    for contract in (*OWN, ACME, tiny()):
        server = [contract.server.source] if contract.server else []
        sources = [contract.source, contract.statuses_source, *(paid.source for paid in contract.requests), *server]
        assert all(source.page.startswith("https://") and source.read_on for source in sources)


def public(value: Any) -> Any:
    """The same, where Acme can take it: a URL in place of a data URI."""
    if isinstance(value, tuple):
        return tuple(public(item) for item in value)
    return value if isinstance(value, Url) else Url(f"https://example.com/{abs(hash(value))}")


def takes(request: Request) -> Request:
    given = {
        name: public(getattr(request, name)) for name in ("image", "video", "references") if hasattr(request, name)
    }
    lacks = {"output_format": None} if request.mode in (Mode.EDIT, Mode.REFINE) else {}
    return evolve(request, version=None, country=None, metadata={}, **given, **lacks)


OFFLINE = Client(Provider(ADAPTER, key="a-key-of-acmes-own"))


@given(requests(previous=st.builds("vid_{}".format, st.integers(0, 9)).map(previous)).map(takes))
def test_acmes_adapter_says_what_was_asked_and_its_contract_reads_it_back(request_: Request) -> None:
    preview = OFFLINE.preview(OFFLINE.plan(request_))
    path, body = ACME.path_of(preview.url), httpx.Response(200, content=preview.body).json()
    assert ACME.violations(preview.method, path or "", body) == []
    form = ACME.decode(preview.method, path or "", body)
    assert REQUESTS[Mode(str(form.pop("mode")))](**form) == request_
