"""What tests against real servers share."""

import pytest


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries, and no rest between them."""
    monkeypatch.setattr("omniflash.flows.attempt.FIRST_BACKOFF_S", 0.001)
    monkeypatch.setattr("omniflash.flows.attempt.TRIES", 3)
