"""Where the tests' ledgers are: in files, or with OMNIFLASH_TEST_LEDGER=postgresql on a server of their own."""

import atexit
import os
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import create_engine, text

from omniflash.money.tables import metadata
from tests.money.server import Server, binaries

SERVED = os.environ.get("OMNIFLASH_TEST_LEDGER") == "postgresql"
if SERVED:
    try:
        binaries()
    except FileNotFoundError as missing:
        pytest.exit(str(missing), returncode=1)
files_only = pytest.mark.skipif(SERVED, reason="it is about the file")
Place: TypeAlias = str | Path


@cache
def server() -> Server:
    """The server that all these tests share."""
    made = Server.started()
    atexit.register(made.throw_away)
    return made


def anew() -> str:
    """A place that nobody has used: in memory, or a database of its own on the server."""
    return server().database() if SERVED else "sqlite://"


def in_folder(folder: Path) -> Place:
    """The same, which other processes can use too."""
    return server().database() if SERVED else folder / "ledger.sqlite3"


def url_of(place: Place) -> str:
    return f"sqlite:///{place}" if isinstance(place, Path) else place


def execute(place: Place, *statements: str) -> None:
    """Do something behind the ledger's back."""
    engine = create_engine(url_of(place))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def all_kept(place: Place) -> bytes:
    """Everything that a ledger holds: its files as they are, or its rows."""
    if isinstance(place, Path):
        return b"".join(path.read_bytes() for path in place.parent.iterdir())
    engine = create_engine(place)
    with engine.connect() as connection:
        rows = [repr(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(table.select())]
    engine.dispose()
    return "\n".join(rows).encode()
