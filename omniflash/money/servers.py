"""A ledger on a server, PostgreSQL's: its driver, how long anything waits there, and whose clock goes for everybody."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from ..errors import ConfigurationError
from ..redact import one_line, safe_url
from .rows import utc

REMEDY = "name another file or URL, or mend this one"
REMEDIES = {"postgresql": "see that the server runs, has this database and lets you in, then do it again"}
KINDS = ("sqlite", "postgresql")  # in others, nothing would keep one process's writes out of another's
INSTALL = "pip install 'omniflash[postgres]', or name your driver: postgresql+…://"
DRIVER = "postgresql+psycopg"
USUAL = ("postgresql", "postgres")  # which one that means differs between SQLAlchemy's releases
# Whoever vanishes without a word (a cut cable, a machine asleep) is noticed in a minute, and not in two hours.
WAITS: Mapping[str, str] = {
    "connect_timeout": "30",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
LIBPQ = ("psycopg", "psycopg2")  # the drivers that know these names
# The server keeps the lock of nobody who fell silent with it, and what it says is written down stays so in a crash.
SETTINGS = (
    "SET lock_timeout = '30s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)
CLOCKS = {"postgresql": select(func.clock_timestamp())}


class Away(ConfigurationError):
    """A server that cannot be reached just now, or broke off."""


def engine_at(text: str) -> Engine:
    """The engine of a URL. Raises ConfigurationError, which never shows more of it than its place."""
    url = _url(text)
    if url.get_backend_name() not in KINDS:
        raise _nowhere(url, f"of {url.get_backend_name()} no ledger can be made", "use PostgreSQL, or a file")
    try:
        engine = create_engine(url, **_ways(url))
    except ImportError as missing:
        remedy = INSTALL if url.drivername == DRIVER else f"install {missing.name or 'it'}, or name another driver"
        raise _nowhere(url, one_line(str(missing)), remedy) from missing
    except ArgumentError as problem:
        raise _nowhere(url, one_line(str(problem))) from problem
    if engine.dialect.is_async:
        raise _nowhere(
            url, f"{engine.dialect.driver} is a driver for asyncio alone", "name another: postgresql+psycopg"
        )
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _settle)
    return engine


def time_of(connection: Connection) -> datetime:
    """The time that goes for all who share the ledger: of a server its own, for machines differ."""
    asked = CLOCKS.get(connection.dialect.name)
    return datetime.now(UTC) if asked is None else utc(connection.execute(asked).scalar_one())


def trouble(engine: Engine, problem: SQLAlchemyError) -> ConfigurationError:
    """What the database raised, as one clear line."""
    said = one_line(str(problem.orig if isinstance(problem, DBAPIError) else problem).strip())
    kind = Away if engine.dialect.name in CLOCKS and isinstance(problem, (OperationalError, InterfaceError)) else None
    remedy = REMEDIES.get(engine.dialect.name, REMEDY)
    return (kind or ConfigurationError)(f"the ledger {place_of(engine.url)} cannot be used: {said}", remedy=remedy)


def place_of(url: URL) -> str:
    """A URL as it may be shown."""
    return safe_url(url.render_as_string(hide_password=True))


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # whose words may have any part of it in them
        raise _unreadable(text) from None
    if "@" in (url.host or ""):
        raise _unreadable(text)
    return url.set(drivername=DRIVER) if url.drivername in USUAL else url


def _unreadable(text: str) -> ConfigurationError:
    remedy = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for @ in a password"
    return ConfigurationError(f"no ledger can be at {text.partition('://')[0]}://…: it is no URL", remedy=remedy)


def _nowhere(url: URL, why: str, remedy: str = REMEDY) -> ConfigurationError:
    return ConfigurationError(f"no ledger can be at {place_of(url)}: {why}", remedy=remedy)


def _ways(url: URL) -> dict[str, object]:
    """How PostgreSQL is connected to. Nothing seen before the lock was had may be seen after it: READ COMMITTED."""
    kind, _, driver = url.drivername.partition("+")
    if kind != "postgresql":
        return {}
    waits = {name: value for name, value in WAITS.items() if name not in url.query} if driver in LIBPQ else {}
    return {"connect_args": waits, "isolation_level": "READ COMMITTED", "pool_pre_ping": True}


def _settle(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for setting in SETTINGS:
        cursor.execute(setting)
    cursor.close()
    connection.commit()  # type: ignore[attr-defined]
