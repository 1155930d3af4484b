"""A ledger that cannot be used is told in one clear line before anything is sent, and nothing is lost by it."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from omniflash import Client, ConfigurationError, Ledger
from omniflash_sandbox import Sandbox
from tests.money.places import files_only

pytestmark = files_only
Spoil = Callable[[Path], object]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A ledger that was used before."""
    path = tmp_path / "ledger.sqlite3"
    Ledger(path).close()
    return path


def execute(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def torn(path: Path) -> None:
    """Its first page is there, and the rest is not what it was: a disk that lies, or a copy that was broken off."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x00" * (len(content) - 4096))


BROKEN: dict[str, tuple[Spoil, str]] = {
    "no database": (lambda path: path.write_bytes(b"no database at all " * 500), "file is not a database"),
    "torn": (torn, "malformed|no such table|not a database|disk image"),
    "newer": (
        lambda path: execute(path, "UPDATE omniflash_version SET version_num = '9999'"),
        "of version 9999, and this release knows .*; use the release of omniflash that wrote it, or a newer one",
    ),
    "without its tables": (lambda path: execute(path, "DROP TABLE omniflash_orders"), "no such table"),
}


def nothing_is_sent(sandbox: Sandbox, ledger: Ledger | str | Path, told: str) -> None:
    """Whatever is asked for is refused in one line that names the ledger, and the vendor hears nothing."""
    with Client("fal", sandbox=sandbox.site, ledger=ledger) as client:
        plan = client.plan("A cat", duration=3)
        with pytest.raises(ConfigurationError, match=told) as caught:
            client.submit(plan, key="order-123")
    assert "\n" not in str(caught.value)
    assert sandbox.journal() == []


def submitted(sandbox: Sandbox, ledger: Ledger | Path) -> None:
    with Client("fal", sandbox=sandbox.site, ledger=ledger) as client:
        client.submit(client.plan("A cat", duration=3), key="order-123")
    assert len(sandbox.charges()) == 1


@pytest.mark.parametrize("how", BROKEN)
def test_one_that_is_broken(how: str, place: Path, omniflash_sandbox: Sandbox) -> None:
    spoil, told = BROKEN[how]
    spoil(place)
    nothing_is_sent(omniflash_sandbox, place, told)


def test_one_that_may_only_be_read(place: Path, omniflash_sandbox: Sandbox) -> None:
    url = f"sqlite:///file:{place}?mode=ro&uri=true"
    nothing_is_sent(omniflash_sandbox, url, "attempt to write a readonly database; name another file or URL")


def test_one_that_somebody_else_holds_for_too_long(
    place: Path, omniflash_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omniflash.money.database.BUSY_S", 0)
    ledger = Ledger(place)
    somebody = sqlite3.connect(place, isolation_level=None)
    somebody.execute("BEGIN IMMEDIATE")
    nothing_is_sent(omniflash_sandbox, ledger, "database is locked")
    somebody.execute("COMMIT")
    somebody.close()
    submitted(omniflash_sandbox, ledger)
    ledger.close()


@contextmanager
def no_room() -> Iterator[None]:
    """A disk on which there is not a byte left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_one_on_a_full_disk_goes_on_when_there_is_room(place: Path, omniflash_sandbox: Sandbox) -> None:
    ledger = Ledger(place)
    with Client("fal", sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        plan = client.plan("A cat", duration=3)
        with no_room(), pytest.raises(ConfigurationError, match=r"cannot be used: .*(full|disk I/O error)"):
            client.submit(plan, key="order-123")
        assert omniflash_sandbox.journal() == []
        assert ledger.records() == ()
    submitted(omniflash_sandbox, ledger)
    ledger.close()


def test_one_that_fills_up_after_the_vendor_accepted_loses_no_job(
    place: Path, omniflash_sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """What was paid for counts for more than what cannot be written down: the job is handed out, and a line logged."""

    class Filling(Ledger):
        def record(self, entry: object) -> object:  # type: ignore[override]
            if type(entry).__name__ not in ("Asking", "Intended", "Sending"):
                raise ConfigurationError("the ledger cannot be used: database or disk is full")
            return super().record(entry)  # type: ignore[arg-type]

    ledger = Filling(place)
    with Client("fal", sandbox=omniflash_sandbox.site, ledger=ledger) as client:
        job = client.submit(client.plan("A cat", duration=3), key="order-123")
    assert job.handle == omniflash_sandbox.charges()[0]["job"]
    assert "accepted could not be written down: the ledger cannot be used: database or disk is full" in caplog.text
    ledger.close()
