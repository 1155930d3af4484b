"""A vendor's published schemas against our contracts: from files and over HTTP, as they are and with one change."""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from cyclopts import App
from hypothesis import given
from hypothesis import strategies as st

from omniflash import ConfigurationError, ProviderUnavailable
from omniflash.cli.exits import exit_code
from omniflash.discovery import adapter
from omniflash.spec import CLAUSES
from omniflash_conformance.drift import published
from omniflash_conformance.drift.command import drift
from omniflash_conformance.drift.known import KNOWN, READ
from omniflash_conformance.drift.published import HOMES, Document
from omniflash_sandbox import contracts
from tests.conformance.vendor_documents import FAL_ENDPOINTS, MODEL, fal, pixeldojo, serving
from tests.drive.servers import http, raw

Change = Callable[[Any], None]
app = App()
app.command(drift)


def run(*words: str | Path) -> int:
    """The command as it is written in a shell; its exit code."""
    code = app(["drift", *map(str, words)], exit_on_error=False, print_error=False, result_action="return_value")
    assert isinstance(code, int)
    return code


def written(document: Any, name: str = "schema.json") -> Path:
    path = Path(name)
    path.write_text(json.dumps(document), "utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, list[tuple[str, ...]]]:
    """The exit code, and what is new."""
    code = run(*words, "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["format"] == "omniflash.drift/1"
    names = ("contract", "place", "kind", "clause")
    return code, [tuple(row[name] for name in names) for row in report["findings"] if row["known"] is None]


# --- as they are ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", FAL_ENDPOINTS)
def test_fals_documents_are_as_the_contracts_say(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "fal", "--schema", written(fal(endpoint))) == (0, [])


def test_pixeldojos_schema_is_as_the_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "pixeldojo", "--schema", written(pixeldojo())) == (0, [])


def test_every_known_difference_is_still_one() -> None:
    schemas = [
        one
        for endpoint in FAL_ENDPOINTS
        for one in published.published(adapter("fal"), Document("here", fal(endpoint)))
    ]
    seen = [(one.contract, change) for one in schemas for change in one.changes()]
    assert list(KNOWN) == ["fal"]
    for known in KNOWN["fal"]:
        for place in known.places:
            row = evolve(known, places=(place,))
            assert any(row.fits(name, change) for name, change in seen), row


@pytest.mark.parametrize("provider", HOMES)
def test_every_call_of_a_document_is_compared(provider: str) -> None:
    content = fal(FAL_ENDPOINTS[3]) if provider == "fal" else pixeldojo()
    found = {one.contract for one in published.published(adapter(provider), Document("here", content))}
    submit = {"fal-edit", "fal-submitted", "fal-status", "fal-result", "fal-cancelled"}
    assert found == (submit if provider == "fal" else {"pixeldojo-run"})
    assert found <= set(contracts.names())


# --- one change -----------------------------------------------------------------------------------------------------


def asked(document: Any) -> Any:
    return document["components"]["schemas"]["OmniInput"]["properties"]


def queue(document: Any) -> Any:
    return document["components"]["schemas"]["QueueStatus"]


def file(document: Any) -> Any:
    return document["components"]["schemas"]["File"]


def _renamed(document: Any) -> None:
    asked(document)["image_refs"] = asked(document).pop("image_urls")
    document["components"]["schemas"]["OmniInput"]["required"] = ["prompt", "image_refs"]


def _demanding(document: Any) -> None:
    asked(document)["resolution"] = {"type": "string"}
    document["components"]["schemas"]["OmniInput"]["required"].append("resolution")


def _without_video(document: Any) -> None:
    document["components"]["schemas"]["OmniOutput"] = {"properties": {"clip": {"$ref": "#/components/schemas/File"}}}


INPUT, OUTPUT = "fal-reference-to-video", "fal-result"
ASKED = "MAP-CONTRACT"
CHANGES: list[tuple[Change, int, list[tuple[str, ...]]]] = [
    (lambda d: asked(d)["duration"].update(maximum=8), 1, [(INPUT, "duration", "narrowed", ASKED)]),
    (lambda d: asked(d)["duration"].update(maximum=15), 0, [(INPUT, "duration", "widened", ASKED)]),
    (lambda d: asked(d)["duration"].update(default=5), 1, [(INPUT, "duration", "defaulted", ASKED)]),
    (lambda d: asked(d).update(duration={"enum": ["5s", "8s"]}), 1, [(INPUT, "duration", "retyped", ASKED)]),
    (lambda d: asked(d)["aspect_ratio"]["enum"].append("1:1"), 0, [(INPUT, "aspect_ratio", "widened", ASKED)]),
    (lambda d: asked(d)["aspect_ratio"]["enum"].remove("9:16"), 1, [(INPUT, "aspect_ratio", "narrowed", ASKED)]),
    (lambda d: asked(d)["image_urls"].update(maxItems=3), 1, [(INPUT, "image_urls", "narrowed", ASKED)]),
    (
        lambda d: asked(d)["image_urls"]["items"].update(pattern="^https:"),
        1,
        [(INPUT, "image_urls[]", "retyped", ASKED)],
    ),
    (lambda d: asked(d)["prompt"].update(maxLength=500), 1, [(INPUT, "prompt", "narrowed", ASKED)]),
    (lambda d: asked(d).update(seed={"type": "integer"}), 0, [(INPUT, "seed", "added", ASKED)]),
    (_demanding, 1, [(INPUT, "resolution", "added", ASKED)]),
    (_renamed, 1, [(INPUT, "image_refs", "added", ASKED), (INPUT, "image_urls", "removed", ASKED)]),
    (lambda d: file(d).update(required=[]), 1, [(OUTPUT, "video.url", "widened", "RES-VIDEO")]),
    (lambda d: file(d).update(nullable=True), 1, [(OUTPUT, "video", "widened", "RES-VIDEO")]),
    (lambda d: file(d)["properties"]["url"].update(nullable=True), 1, [(OUTPUT, "video.url", "widened", "RES-VIDEO")]),
    (lambda d: file(d)["properties"].pop("file_name"), 1, [(OUTPUT, "video.file_name", "removed", "RES-VIDEO")]),
    (_without_video, 1, [(OUTPUT, "video", "removed", "RES-VIDEO"), (OUTPUT, "clip", "added", "RES-VIDEO")]),
    (
        lambda d: queue(d)["properties"]["status"]["enum"].append("PAUSED"),
        1,
        [("fal-status", "status", "widened", "JOB-STATES"), ("fal-submitted", "status", "widened", "JOB-STATES")],
    ),
    (
        lambda d: (queue(d)["properties"].pop("request_id"), queue(d).update(required=["status"])),
        1,
        [
            ("fal-status", "request_id", "removed", "JOB-RESUME"),
            ("fal-submitted", "request_id", "removed", "JOB-RESUME"),
        ],
    ),
]


@pytest.mark.parametrize(("change", "code", "expected"), CHANGES)
def test_a_change_is_told_with_its_clause_and_nothing_else(
    change: Change, code: int, expected: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    document = fal(f"{MODEL}/reference-to-video")
    change(document)
    found_code, found = told(capsys, "fal", "--schema", written(document))
    assert sorted(found) == sorted(expected)
    assert found_code == code


def test_a_change_in_all_documents_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    words: list[str | Path] = []
    for number, endpoint in enumerate(FAL_ENDPOINTS):
        document = fal(endpoint)
        file(document)["properties"]["duration"] = {"type": "number"}
        words += ["--schema", written(document, f"{number}.json")]
    assert told(capsys, "fal", *words) == (0, [("fal-result", "video.duration", "added", "RES-VIDEO")])


def test_a_person_reads_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    document = fal()
    asked(document)["duration"].update(maximum=8)
    asked(document)["negative[bold]"] = {"type": "string"}
    assert run("fal", "--schema", written(document)) == 1
    out, err = capsys.readouterr()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines() if "│" in line]
    first = ["fal-text-to-video", "narrowed", "maximum 10", "maximum 8", "MAP-CONTRACT", "breaking"]
    assert rows[rows.index(first) + 1][0] == "duration"
    assert "negative[bold]" in [row[0] for row in rows]
    assert out.splitlines()[-1] == "fal: 2 new differences, 1 breaking"
    assert err.splitlines()[0] == "compared with schema.json"
    assert "known differences; --json" in err.splitlines()[1]


def test_the_run_in_the_documentation_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    document = fal()
    asked(document)["duration"].update(maximum=8)
    asked(document)["title"] = {"type": "string"}
    queue(document)["properties"]["status"]["enum"].append("PAUSED")
    written(document, "text-to-video.json")
    page = (Path(__file__).parents[2] / "docs" / "drift.md").read_text("utf-8")
    shown = page.partition("<!-- drift -->\n```console\n$ omniflash conformance ")[2].partition("\n```")[0]
    command, _, output = shown.partition("\n")
    assert run(*command.split()[1:]) == 1
    assert output.splitlines() == [line.rstrip() for line in capsys.readouterr().out.splitlines()]


# --- where schemas stand --------------------------------------------------------------------------------------------


def test_a_schema_is_read_over_http(capsys: pytest.CaptureFixture[str]) -> None:
    document = fal()
    asked(document)["duration"].update(minimum=5)
    with serving({"/schema.json?token=secret": document}) as url:
        assert told(capsys, "fal", "--schema", f"{url}/schema.json?token=secret")[0] == 1
        run("fal", "--schema", f"{url}/schema.json?token=secret")
    assert "secret" not in "".join(capsys.readouterr())


def test_without_a_schema_the_vendors_own_addresses_are_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _, template = HOMES["fal"].removeprefix("https://fal.ai").partition("?")
    documents = {f"{path}?{template.format(endpoint=endpoint)}": fal(endpoint) for endpoint in FAL_ENDPOINTS}
    asked(documents[f"{path}?{template.format(endpoint=FAL_ENDPOINTS[2])}"])["image_urls"]["maxItems"] = 6
    with serving(documents) as url:
        monkeypatch.setitem(published.HOMES, "fal", f"{url}{path}?{template}")  # type: ignore[arg-type]
        expected = (1, [("fal-reference-to-video", "image_urls", "narrowed", "MAP-CONTRACT")])
        assert told(capsys, "fal") == expected


def test_the_addresses_are_those_of_what_is_offered() -> None:
    assert [urlsplit(url).query for url in published.homes(adapter("fal"))] == [
        f"endpoint_id={endpoint}" for endpoint in FAL_ENDPOINTS
    ]
    (home,) = published.homes(adapter("pixeldojo"))
    assert home == "https://pixeldojo.ai/api/v1/models/google-gemini-omni-flash/schema"


def in_openapi(path: str) -> Callable[[Any], Any]:
    def document(schema: Any) -> Any:
        run_it = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
        return {"paths": {f"{path}/models/google-gemini-omni-flash/run": run_it}}

    return document


WRAPPED: dict[str, Callable[[Any], Any]] = {
    "as the SDK has it": lambda schema: {"schema": schema},
    "as the documentation has it": lambda schema: {"apiId": "google-gemini-omni-flash", "requestSchema": schema},
    "alone": lambda schema: schema,
    "in a list of models": lambda schema: {
        "models": [{"apiId": "veo-3.1", "requestSchema": {}}, {"apiId": "google-gemini-omni-flash", "schema": schema}]
    },
    "in OpenAPI": in_openapi(""),
    "in OpenAPI, by whole paths": in_openapi("/api/v1"),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=list(WRAPPED))
def test_pixeldojos_schema_is_found_in_every_wrapping(
    wrap: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    schema = pixeldojo()["schema"]
    schema["properties"]["reference_images"]["maxItems"] = 4
    expected = (1, [("pixeldojo-run", "reference_images", "narrowed", "MAP-CONTRACT")])
    assert told(capsys, "pixeldojo", "--schema", written(wrap(schema))) == expected


def test_fals_list_of_models_holds_its_documents_too(capsys: pytest.CaptureFixture[str]) -> None:
    documents = [{"endpoint_id": endpoint, "openapi": fal(endpoint)} for endpoint in FAL_ENDPOINTS]
    asked(documents[0]["openapi"])["prompt"]["maxLength"] = 9
    expected = (1, [("fal-text-to-video", "prompt", "narrowed", "MAP-CONTRACT")])
    assert told(capsys, "fal", "--schema", written({"models": documents})) == expected


# --- bad input ------------------------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    schema: Any = {}
    for _ in range(depth):
        schema = {"items": schema}
    return {"schema": {"properties": {"prompt": schema}}}


def dangling() -> Any:
    document = fal()
    del document["components"]["schemas"]["File"]
    return document


BAD: dict[str, tuple[str, str, str]] = {
    "another model's": ("fal", json.dumps(fal()).replace(MODEL, "fal-ai/veo3"), "holds no schema of fal's Omni Flash"),
    "another vendor's": ("fal", json.dumps(pixeldojo()), "holds no schema of fal's Omni Flash"),
    "nothing": ("pixeldojo", "{}", "holds no schema of pixeldojo's Omni Flash"),
    "another shape": ("pixeldojo", '[{"paths": 1}, null, "a"]', "holds no schema"),
    "no text for a name": ("pixeldojo", '{"apiId": ["a"], "schema": {"properties": {}}}', "holds no schema"),
    "no JSON": ("fal", "openapi: 3.0.4", "holds no JSON"),
    "no text": ("fal", "\ud800", "holds no JSON"),
    "no end": ("fal", "[" * 200_000, "holds no JSON"),
    "too deep": ("pixeldojo", json.dumps(nested(700)), "nested too deeply"),
    "a reference to nowhere": ("fal", json.dumps(dangling()), "refers to '#/components/schemas/File'"),
}


@pytest.mark.parametrize(("provider", "text", "said"), BAD.values(), ids=list(BAD))
def test_what_is_no_schema_of_this_model_is_told_in_one_line(provider: str, text: str, said: str) -> None:
    Path("schema.json").write_text(text, "utf-8", errors="surrogatepass")
    with pytest.raises(ConfigurationError, match=said) as caught:
        run(provider, "--schema", "schema.json")
    assert exit_code(caught.value) == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fall",), "there is no provider 'fall'; did you mean 'fal'?"),
        (("fal", "--schema", "nowhere.json"), "nowhere.json cannot be read: No such file or directory"),
        (("fal", "--schema", "."), "cannot be read: Is a directory"),
        (("fal", "--schema", "http://[::1"), "is no URL"),
        (("fal", "--schema", "none"), "there is nothing to compare"),
        (("fal", "--schema", "none", "--schema", "none"), "there is nothing to compare"),
        (("fal", "--schema", "none", "--cassettes", "nowhere"), "nowhere holds no recorded answer of fal"),
    ],
)
def test_bad_usage_is_told_in_one_line(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        run(*words)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert exit_code(caught.value) == 2


KEYS = ("paths", "schema", "requestSchema", "models", "openapi", "apiId", "endpoint_id", "properties", "post", "get")
KEYS += ("requestBody", "responses", "200", "content", "application/json", f"/{MODEL}", f"/{MODEL}/requests/{{id}}")
values = st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(["google-gemini-omni-flash", MODEL])


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)


@given(st.recursive(values, _nested, max_leaves=12), st.sampled_from(sorted(HOMES)))
def test_whatever_a_document_holds_is_found_or_told(content: Any, provider: str) -> None:
    with suppress(ConfigurationError):
        for one in published.published(adapter(provider), Document("here", content)):
            assert one.changes() is not None


def test_a_vendor_that_is_not_reached_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
    with pytest.raises(ProviderUnavailable, match="was not reached") as caught:
        run("fal", "--schema", nobody)
    assert "\n" not in str(caught.value)
    assert "--schema" in caught.value.remedy


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", http("200 OK", b"{}")[:-1], http("503 Busy"), b""])
def test_so_is_one_that_answers_nonsense(answer: bytes) -> None:
    with raw(answer) as server, pytest.raises(ProviderUnavailable):
        run("fal", "--schema", server.url)


def test_every_clause_that_is_named_is_one_of_the_spec() -> None:
    assert {named for _, _, named in READ} | {"MAP-CONTRACT"} <= set(CLAUSES)
