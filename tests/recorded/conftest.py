"""Cassettes that a person can read: parsed bodies, few headers, and on top against whom they were made, and when."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from omniflash_sandbox import Sandbox

CASSETTES = Path(__file__).parent.parent / "cassettes"
SERVER = f"the sandbox of omniflash {version('omniflash')}, not the vendor"
NOBODY = "http://vendor.invalid"  # cassettes name no host: the sandbox has another port each time
SHOWN = ("content-type", "retry-after", "x-fal-request-id", "x-fal-billable-units")
PREFIXES = {"fal": "/fal/queue", "pixeldojo": "/pixeldojo/api/v1"}
CONTRACTS = {
    "fal": ["fal-text-to-video", "fal-submitted", "fal-status", "fal-result", "fal-request-error"],
    "pixeldojo": ["pixeldojo-run", "pixeldojo-submitted", "pixeldojo-job", "pixeldojo-error"],
}


class Readable:
    """The serializer: from vcrpy's form of a cassette to ours and back."""

    @staticmethod
    def serialize(cassette: Mapping[str, Any]) -> str:
        exchanges = [_written(interaction) for interaction in cassette["interactions"]]
        vendor = next(name for name, prefix in PREFIXES.items() if exchanges[0]["request"]["path"].startswith(prefix))
        made = {"server": SERVER, "at": datetime.now(UTC).date(), "contract": CONTRACTS[vendor]}
        text = yaml.safe_dump({"made": made, "exchanges": exchanges}, sort_keys=False, allow_unicode=True, width=120)
        return re.sub(r"http://127\.0\.0\.1:\d+", NOBODY, text)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        return {"version": 1, "interactions": [_read(exchange) for exchange in yaml.safe_load(text)["exchanges"]]}


def _written(interaction: Mapping[str, Any]) -> dict[str, Any]:
    request, response = interaction["request"], interaction["response"]
    url = urlsplit(request["uri"])
    asked = {"method": request["method"], "path": url.path, "query": url.query, "json": _json(request["body"])}
    headers = {name.lower(): values for name, values in response["headers"].items()}
    shown = {name: headers[name][0] for name in SHOWN if name in headers}
    answered = {"status": response["status"]["code"], "headers": shown, "json": _json(response["body"]["string"])}
    return {"request": {name: value for name, value in asked.items() if value}, "response": answered}


def _json(body: str | bytes | None) -> Any:
    return json.loads(body) if body else None


def _read(exchange: Mapping[str, Any]) -> dict[str, Any]:
    asked, answered = exchange["request"], exchange["response"]
    query = f"?{asked['query']}" if "query" in asked else ""
    body = json.dumps(asked["json"]) if "json" in asked else None
    return {
        "request": {"method": asked["method"], "uri": f"{NOBODY}{asked['path']}{query}", "body": body, "headers": {}},
        "response": {
            "status": {"code": answered["status"], "message": ""},
            "headers": {name: [value] for name, value in answered["headers"].items()},
            "body": {"string": json.dumps(answered["json"])},
        },
    }


def _same_json(one: Any, other: Any) -> None:
    assert _json(one.body) == _json(other.body)


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    vcr.register_serializer("yaml", Readable)
    vcr.register_matcher("json", _same_json)


@pytest.fixture
def vcr_config() -> dict[str, Any]:
    """Ports change and so do hosts; everything else has to be the same."""
    return {"match_on": ["method", "path", "query", "json"], "allow_playback_repeats": False, "serializer": "yaml"}


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """One cassette for a provider and an operation: every front sends the same."""
    called = request.node.callspec.params
    return f"{called['provider']}/{called['operation']}"


@pytest.fixture
def site(record_mode: str, request: pytest.FixtureRequest) -> Iterator[Mapping[str, Any]]:
    """Where the vendors are: the sandbox while recording, else nowhere."""
    if record_mode != "none":
        sandbox: Sandbox = request.getfixturevalue("omniflash_sandbox")
        yield sandbox.site
        return
    hosts = {"fal": {"queue": f"{NOBODY}{PREFIXES['fal']}"}, "pixeldojo": {"api": f"{NOBODY}{PREFIXES['pixeldojo']}"}}
    keys = {"fal": "sandbox:omniflash", "pixeldojo": "pd_sandbox_omniflash"}
    yield {"url": NOBODY, "hosts": hosts, "keys": keys, "speed": 0.0, "sleep": lambda seconds: None}
