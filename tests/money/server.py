"""A PostgreSQL server of the tests' own: made in a folder, reached on loopback, thrown away after.

It is set up as unkindly as a server may be: another time zone, an order of letters that passes over marks, transactions
that see nothing new, and commits that a crash forgets.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path

from attrs import field, frozen

ROLE, PASSWORD = "omniflash", "s3cret/of the tests"
QUOTED = "s3cret%2Fof%20the%20tests"
HOW = "apt install postgresql, or put a PostgreSQL server's initdb and pg_ctl (15 or newer) on the PATH"
UNKIND = {
    "timezone": "Asia/Kolkata",
    "default_transaction_isolation": "repeatable read",
    "synchronous_commit": "off",
    "fsync": "off",  # nobody pulls this machine's plug
    "listen_addresses": "127.0.0.1",
}


def binaries() -> Path:
    """The folder of a server's programs. Raises FileNotFoundError where there is none, saying what to do."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        raise FileNotFoundError(f"there is no PostgreSQL server here: {HOW}")
    return installed[-1].parent


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@frozen
class Server:
    """One server. It refuses to be root's: root runs it as `postgres`, as Debian's package has it."""

    folder: Path
    programs: Path
    port: int = field(factory=free_port)
    numbers: "count[int]" = field(factory=count)

    @classmethod
    def started(cls) -> "Server":
        server = cls(Path(tempfile.mkdtemp(prefix="omniflash-postgres-")), binaries())
        if server._user:
            shutil.chown(server.folder, server._user)
        word = server.folder / "password"
        word.write_text(PASSWORD)
        letters = ("--locale-provider=icu", "--icu-locale=en-u-ka-shifted", "--encoding=UTF8", "--locale=C")
        entry = ("--auth=scram-sha-256", f"--username={ROLE}", f"--pwfile={word}")
        server._run("initdb", "--no-sync", *letters, *entry)
        settings = {**UNKIND, "port": server.port, "unix_socket_directories": server.folder}
        with (server.folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        server.start()
        return server

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}")

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast` sends everybody away, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={how}")

    def throw_away(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def url(self, database: str, password: str = QUOTED) -> str:
        return f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new one: a schema of its own, which is made in no time."""
        name = f"ledger_{next(self.numbers)}"
        self.told(f"CREATE SCHEMA {name}")
        return f"{self.url('postgres')}?options=-csearch_path%3D{name}"

    def told(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What comes of a statement of its administrator's."""
        import psycopg  # which nobody needs who has no server

        place = {"host": "127.0.0.1", "port": self.port, "user": ROLE, "password": PASSWORD, "dbname": database}
        with psycopg.connect(**place, autocommit=True) as connection:  # type: ignore[arg-type]
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    @property
    def _user(self) -> str | None:
        return "postgres" if os.geteuid() == 0 else None

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), f"--pgdata={self.folder / 'data'}", *arguments]
        found = subprocess.run(  # its output goes to a file: a server keeps a pipe open for as long as it lives
            command, user=self._user, cwd=self.folder, stdout=(out := (self.folder / "out").open("a+")), stderr=out
        )
        out.close()
        if found.returncode:
            raise RuntimeError(f"{program} failed: {(self.folder / 'out').read_text()[-2_000:]}")
