"""Opening the ledger's database: a file of SQLite's, or any other by its URL; brought up to date, or left alone."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from ..errors import ConfigurationError
from .servers import REMEDY, engine_at, trouble
from .tables import VERSION, VERSION_TABLE, metadata, version_table

BUSY_S = 30
# How a transaction keeps all others that write out until its end. PostgreSQL's lock goes by any number: "OFLS" is ours.
ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(1330007123)"}


def default_path() -> Path:
    """Where the ledger is unless told otherwise: under the platform's folder for data."""
    from platformdirs import user_data_path

    return user_data_path("omniflash") / "ledger.sqlite3"


def opened(where: str | os.PathLike[str]) -> Engine:
    """The engine of a ledger at a URL (`postgresql://…`, `sqlite://…`) or in a file, its tables being of this release.

    Raises ConfigurationError when it cannot be opened, is no ledger, or one of a newer release.
    """
    engine = _engine(where)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _bring_up_to_date(engine: Engine) -> None:
    with told(engine), engine.connect() as connection:
        found = _version(connection)
    if found is None:
        _create(engine)
    elif found != VERSION:
        migrate(engine, found)


def _engine(where: str | os.PathLike[str]) -> Engine:
    text_ = os.fspath(where)
    if "://" in text_:
        engine = engine_at(text_)
    else:
        path = Path(text_).expanduser()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigurationError(f"no ledger can be at {path}: {problem.strerror}", remedy=REMEDY) from problem
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_S})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _settle_sqlite)
    return engine


def _settle_sqlite(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # transactions are begun by `writing`
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for setting in (f"busy_timeout = {BUSY_S * 1000}", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {setting}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Have it write ahead. Who else opens the file just then makes that fail at once, whatever the time to wait is."""
    for left in reversed(range(BUSY_S * 20)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if not left or "locked" not in str(problem):
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that nobody else's writes can come between. Raises ConfigurationError."""
    with told(engine), engine.connect() as connection:
        try:
            if alone := ALONE.get(engine.dialect.name):
                connection.exec_driver_sql(alone)
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that keeps nobody from writing. Raises ConfigurationError."""
    with told(engine), engine.connect() as connection:
        yield connection


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Turn what the database raises into one clear line."""
    try:
        yield
    except SQLAlchemyError as problem:
        raise trouble(engine, problem) from problem


def _version(connection: Connection) -> str | None:
    there = inspect(connection).has_table(VERSION_TABLE)
    return connection.execute(select(version_table.c.version_num)).scalar() if there else None


def _create(engine: Engine) -> None:
    """Make a new ledger as the migrations would, which a test compares, without loading what runs them."""
    with writing(engine) as connection:
        if _version(connection) is None:  # nobody else was faster
            metadata.create_all(connection)
            connection.execute(insert(version_table).values(version_num=VERSION))


def migrate(engine: Engine, found: str | None) -> None:
    """Bring an older ledger up to date. Raises ConfigurationError for a newer one."""
    if found is not None and found > VERSION:
        remedy = "use the release of omniflash that wrote it, or a newer one"
        raise ConfigurationError(f"the ledger is of version {found}, and this release knows {VERSION}", remedy=remedy)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
