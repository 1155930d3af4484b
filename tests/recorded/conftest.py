"""How scenarios are recorded and replayed: one cassette each, of which every front has to send the very same."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from omniflash import Ledger, TextToVideo
from omniflash.discovery import adapter
from omniflash.money.entries import Accepted, Answer, Entry, Intended, Uncertain
from omniflash_conformance.recordings.playing import same_json
from omniflash_conformance.recordings.readable import Readable, as_answered, as_asked
from tests.conftest import PNG
from tests.recorded.vendors import Recording, Replaying, Vendors
from tests.stage import order

CASSETTES = Path(__file__).parent.parent / "cassettes"
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    vcr.register_serializer("yaml", Readable())
    vcr.register_matcher("json", same_json)


@pytest.fixture
def vcr_config() -> dict[str, Any]:
    """Ports change and so do hosts; everything else has to be the same."""
    return {
        "match_on": ["method", "path", "query", "json"],
        "allow_playback_repeats": False,
        "serializer": "yaml",
        "before_record_request": as_asked,
        "before_record_response": as_answered,
    }


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    """One cassette for a scenario."""
    return str(request.node.callspec.params["name"])


class _Standing(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return MOMENT


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always the same moment, on both sides: what was signed then is in time then, and at no other."""
    monkeypatch.setattr("omniflash.drive.clock.datetime", _Standing)
    monkeypatch.setattr("omniflash_sandbox.fal_webhooks.time", SimpleNamespace(time=MOMENT.timestamp))


@pytest.fixture
def vendors(
    record_mode: str, request: pytest.FixtureRequest, one_moment: None, monkeypatch: pytest.MonkeyPatch
) -> Vendors:
    """Where the vendors are: the sandbox while recording, else nowhere."""
    webhook = CASSETTES / "webhooks" / "fal.yaml"
    if record_mode == "none":
        return Replaying(webhook)
    sandbox = request.getfixturevalue("omniflash_sandbox")
    monkeypatch.setattr(sandbox._running.clock, "_wall", lambda: int(MOMENT.timestamp()) * 10**9)
    return Recording(sandbox, webhook)


class Forgetful(Ledger):
    """A ledger that never hears of an acceptance: for it every order's answer was lost."""

    def __init__(self) -> None:
        super().__init__("sqlite://", now=lambda: MOMENT)

    def record(self, entry: Entry) -> Answer:
        if isinstance(entry, Intended):
            self.order = entry.order
        return super().record(Uncertain(self.order, "its answer was lost") if isinstance(entry, Accepted) else entry)


@pytest.fixture
def forgetful() -> Iterator[Forgetful]:
    """Such a ledger, with an order of long ago."""
    ledger = Forgetful()
    made = evolve(order(TextToVideo("A cat")), account="fal", offer=adapter("fal").offers[0], sandbox=True)
    ledger.record(Intended(made))
    ledger.record(Uncertain(made, "its answer was lost"))
    yield ledger
    ledger.close()


@pytest.fixture
def portrait(nobodys_machine: None) -> None:
    """A picture in the folder of the test."""
    Path("portrait.png").write_bytes(PNG)
