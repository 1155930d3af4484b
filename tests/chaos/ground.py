"""Where it happens: a sandbox, a folder for clips, two zygotes, and what the sandbox's own books say."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from attrs import field, frozen

from omniflash.money.ledger import Ledger
from omniflash.money.records import Record
from omniflash_sandbox import Sandbox
from omniflash_sandbox.jobs import Ending
from tests.chaos.asked import key_in
from tests.chaos.zygote import Zygote, zygote

SPEED = 100.0
LEDGER = "ledger.sqlite3"  # where the command line has that of a sandbox: beside its state
ROUND_TRIPS = 5
LATER = timedelta(hours=1)


@frozen
class Charge:
    """A line of the bill beside what was asked: whose job it is, by its prompt, as a vendor's dashboard would show.

    `made`: there is a clip, or will be one.
    """

    key: str
    job: str
    billed: bool
    made: bool


@frozen
class Ground:
    """A sandbox and all that is beside it. `prompts` are those of jobs, as far as anybody looked."""

    sandbox: Sandbox
    folder: Path
    zygotes: tuple[Zygote, ...]
    prompts: dict[str, str] = field(factory=dict)
    faults: Counter[str] = field(factory=Counter)
    seen: set[int] = field(factory=set)

    @property
    def ledger(self) -> Path:
        return Path(self.sandbox.site["state"]) / LEDGER

    @property
    def given(self) -> Mapping[str, object]:
        """What each process has to know."""
        site = {name: value for name, value in self.sandbox.site.items() if name != "sleep"}
        return {"site": site, "ledger": str(self.ledger), "folder": str(self.folder)}

    def look(self) -> None:
        """Read on in the sandbox's journal, which keeps only the last few thousand exchanges."""
        for exchange in self.sandbox.journal():
            if exchange["n"] in self.seen:
                continue
            self.seen.add(exchange["n"])
            self.faults.update((exchange["fault"] or "").split(", ") if exchange["fault"] else ())
            if exchange["call"] == "submit" and exchange["job"] and isinstance(exchange["body"], dict):
                self.prompts[exchange["job"]] = str(exchange["body"].get("prompt"))

    def bill(self) -> tuple[Charge, ...]:
        """Every job that the sandbox ever accepted."""
        self.look()
        lines = self.sandbox.charges()
        return tuple(
            Charge(
                key=key_in(self.prompts.get(line["job"], "")) or "nobody's",
                job=line["job"],
                billed=line["state"] == "billed",
                made=self._makes(line["job"]),
            )
            for line in lines
        )

    def _makes(self, handle: str) -> bool:
        job = self.sandbox._running.jobs.find(handle)
        return job is not None and job.ending is Ending.VIDEO

    def records(self) -> tuple[Record, ...]:
        """What the ledger knows, an hour later: whatever has lost its process is uncertain by then."""
        if not self.ledger.exists():
            return ()
        ledger = Ledger(self.ledger, now=lambda: datetime.now(UTC) + LATER)
        try:
            return ledger.records(limit=1_000_000)
        finally:
            ledger.close()

    def quiet(self) -> None:
        """Wait until the sandbox has taken in whatever a killed process had sent."""
        with httpx.Client(trust_env=False, verify=False) as client:
            for _ in range(ROUND_TRIPS):
                client.get(f"{self.sandbox.url}/_sandbox/clock")
        server = self.sandbox._server
        while server is not None and server.server_state.tasks:
            time.sleep(0.01)

    def clear(self) -> None:
        """An empty sandbox, an empty ledger, no clip of anybody's."""
        self.sandbox.reset()
        for path in (*self.ledger.parent.glob(f"{LEDGER}*"), *self.folder.glob("order-*")):
            path.unlink()
        for known in (self.prompts, self.faults, self.seen):
            known.clear()


def aged(ledger: Path) -> None:
    """Let an hour pass for the orders that are written down there."""
    database = sqlite3.connect(ledger)
    with database:
        database.execute("UPDATE omniflash_orders SET intended_at = datetime(intended_at, '-1 hour')")
    database.close()


@contextmanager
def ground(*more: str, speed: float = SPEED, zygotes: int = 2) -> Iterator[Ground]:
    """An empty one; its zygotes have loaded these modules besides."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="omniflash-chaos-")))
        forking = tuple(stack.enter_context(zygote(*more)) for _ in range(zygotes))
        sandbox = stack.enter_context(Sandbox(speed=speed))
        yield Ground(sandbox, folder, forking)
