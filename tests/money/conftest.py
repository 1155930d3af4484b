"""A place for a ledger of each test's own."""

from pathlib import Path

import pytest

from tests.money.places import Place, in_folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where a ledger can be made, by several processes too."""
    return in_folder(tmp_path)
