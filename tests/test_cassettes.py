"""Every cassette says against whom it was made, keeps the contract it names, and holds no secret (ERR-SECRET)."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniflash_sandbox import contracts

CASSETTES = sorted((Path(__file__).parent / "cassettes").rglob("*.yaml"))
SECRETS = re.compile(
    r"authorization|bearer|\bkey\s+\S+:|api[-_]key|sandbox:omniflash|pd_\w{6,}|secret-|wrong-id|signature|[?&]sig=",
    re.IGNORECASE,
)

# Which contract an exchange is held to, by provider, method, path's end and status.
REQUESTS = {"fal": "fal-text-to-video", "pixeldojo": "pixeldojo-run"}
ANSWERS = {
    ("fal", "POST", 200): "fal-submitted",
    ("pixeldojo", "POST", 202): "pixeldojo-submitted",
    ("fal", "POST", 401): "fal-request-error",
    ("pixeldojo", "POST", 401): "pixeldojo-error",
    ("pixeldojo", "GET", 200): "pixeldojo-job",
}

cassettes = pytest.mark.parametrize("path", CASSETTES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def loaded(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))  # type: ignore[no-any-return]


def test_there_are_cassettes_for_each_operation_of_each_provider() -> None:
    names = {f"{path.parent.name}/{path.stem}" for path in CASSETTES}
    assert names == {
        f"{provider}/{call}" for provider in ("fal", "pixeldojo") for call in ("submit", "status", "refusal")
    }


@cassettes
def test_it_says_against_whom_it_was_made(path: Path) -> None:
    made = loaded(path)["made"]
    assert "not the vendor" in made["server"]
    assert isinstance(made["at"], date)
    assert set(made["contract"]) <= set(contracts.names())


@cassettes
def test_it_holds_nothing_like_a_key_and_no_clip(path: Path) -> None:
    text = path.read_text("utf-8")
    assert SECRETS.findall(text) == []
    assert "!!binary" not in text
    assert len(text) < 20_000


@cassettes
def test_it_keeps_the_contract_that_it_names(path: Path) -> None:
    provider = path.parent.name
    for exchange in loaded(path)["exchanges"]:
        request, response = exchange["request"], exchange["response"]
        if "json" in request:
            assert contracts.violations(REQUESTS[provider], request["json"]) == []
        name = ANSWERS.get((provider, request["method"], response["status"])) or (
            "fal-status" if request["path"].endswith("/status") else "fal-result"
        )
        assert name in loaded(path)["made"]["contract"]
        assert contracts.violations(name, response["json"]) == []
