"""The state folder: one SQLite file, written before each answer, and shared by servers that run at once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

FILE = "sandbox.sqlite3"
APPLICATION = 0x4F464C53  # "OFLS", in the file's header: this file is ours
VERSION = 6
BUSY_S = 10.0

# Jobs, faults, exchanges and uploads are JSON; the columns beside it are views into it, so nothing stands twice.
SCHEMA = """
CREATE TABLE clock (advanced INTEGER NOT NULL);
CREATE TABLE jobs (
    n INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    id TEXT AS (json_extract(job, '$.id')),
    provider TEXT AS (json_extract(job, '$.provider')),
    account TEXT AS (json_extract(job, '$.account')),
    amount TEXT AS (json_extract(job, '$.amount')),
    state TEXT AS (json_extract(job, '$.state')),
    paid INTEGER AS (json_extract(job, '$.paid')),
    same_id TEXT AS (json_extract(job, '$.same_id'))
);
CREATE UNIQUE INDEX jobs_by_id ON jobs (id);
CREATE INDEX jobs_by_account ON jobs (provider, account, state, amount);
CREATE INDEX jobs_by_same_id ON jobs (provider, account, same_id) WHERE same_id IS NOT NULL;
CREATE INDEX jobs_to_refund ON jobs (n) WHERE state = 'billed' AND NOT paid;
CREATE TABLE inputs (job TEXT PRIMARY KEY, input TEXT NOT NULL);
CREATE TABLE faults (n INTEGER PRIMARY KEY, fault TEXT NOT NULL);
CREATE TABLE chaos (chaos TEXT NOT NULL);
CREATE TABLE turns (provider TEXT, call TEXT, n INTEGER NOT NULL, PRIMARY KEY (provider, call));
CREATE TABLE switches (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE prices (
    provider TEXT,
    endpoint TEXT,
    amount TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (provider, endpoint)
);
CREATE TABLE journal (n INTEGER PRIMARY KEY, exchange TEXT NOT NULL);
CREATE TABLE uploads (
    n INTEGER PRIMARY KEY,
    upload TEXT NOT NULL,
    id TEXT AS (json_extract(upload, '$.id'))
);
CREATE UNIQUE INDEX uploads_by_id ON uploads (id);
CREATE TABLE webhooks (
    job TEXT PRIMARY KEY,
    attempts INTEGER NOT NULL DEFAULT 0,
    next INTEGER DEFAULT 0,
    busy_until INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX webhooks_to_tell ON webhooks (job) WHERE next IS NOT NULL;
CREATE TABLE deliveries (n INTEGER PRIMARY KEY, delivery TEXT NOT NULL);
CREATE TABLE signing (seed TEXT NOT NULL, number INTEGER NOT NULL);
INSERT INTO clock VALUES (0);
INSERT INTO signing VALUES ('omniflash_sandbox', 0);
"""

EMPTY = """
DELETE FROM jobs;
DELETE FROM inputs;
DELETE FROM faults;
DELETE FROM chaos;
DELETE FROM turns;
DELETE FROM switches;
DELETE FROM prices;
DELETE FROM journal;
DELETE FROM uploads;
DELETE FROM webhooks;
DELETE FROM deliveries;
UPDATE signing SET number = 0;
UPDATE clock SET advanced = 0;
"""


class StateError(OSError):
    """The state folder cannot be used; the message is one line that says which, why, and what to do."""


class Store:
    """The open file. Threads may share it; a method takes microseconds, unless another server is just writing."""

    def __init__(self, folder: Path) -> None:
        """Opens the file in `folder`, making both where they are missing; raises StateError."""
        self._lock = RLock()
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as problem:
            raise StateError(f"{folder} cannot hold the sandbox's state: {reason(problem)}") from problem
        try:
            self._prepare(path)
        except sqlite3.Error as problem:
            self._database.close()
            raise StateError(f"{path} is not a usable state of the sandbox: {problem}; {REMEDY}") from problem
        except StateError:
            self._database.close()
            raise

    def _prepare(self, path: Path) -> None:
        self._recognise(path)
        self._share()
        self._database.execute("PRAGMA synchronous = NORMAL")
        with self.writing():
            if self._is_new():
                self._create()
        if (damage := str(self._pragma("quick_check(1)"))) != "ok":
            raise StateError(f"{path} is damaged ({' '.join(damage.split())}); {REMEDY}")

    def _recognise(self, path: Path) -> None:
        """Raises StateError for a file that is not ours, or not of our version, before anything in it is changed."""
        if self._is_new():
            return
        if self._pragma("application_id") != APPLICATION:
            raise StateError(f"{path} is somebody else's database; {REMEDY}")
        if (version := self._pragma("user_version")) != VERSION:
            raise StateError(f"{path} has version {version}, and this sandbox knows only {VERSION}; {REMEDY}")

    def _is_new(self) -> bool:
        return self._pragma("application_id") == self._pragma("user_version") == 0 and not self.rows(
            "SELECT 1 FROM sqlite_master"
        )

    def _share(self) -> None:
        """WAL: servers read while one writes. For this step alone SQLite does not wait for another that takes it."""
        deadline = time.monotonic() + BUSY_S
        while True:
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as problem:
                if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _create(self) -> None:
        self._execute(SCHEMA)
        self._database.execute(f"PRAGMA application_id = {APPLICATION}")
        self._database.execute(f"PRAGMA user_version = {VERSION}")

    def _execute(self, script: str) -> None:
        for statement in script.split(";\n"):  # not executescript, which would commit first
            self._database.execute(statement)

    def _pragma(self, name: str) -> object:
        return self._database.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that happens inside happens at once, or not at all, for every server on this state; may be nested."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def rows(self, sql: str, *values: str | float | None) -> list[tuple[str | int, ...]]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()

    def run(self, sql: str, *values: str | float | None) -> int:
        """Executes one statement; returns how many rows it changed."""
        with self.writing():
            return self._database.execute(sql, values).rowcount

    def clear(self) -> None:
        """As it was when it was made."""
        with self.writing():
            self._execute(EMPTY)

    def close(self) -> None:
        with self._lock:
            self._database.close()


REMEDY = "name another folder with --state, or remove this file"


def reason(problem: Exception) -> str:
    return problem.strerror or str(problem) if isinstance(problem, OSError) else str(problem)
