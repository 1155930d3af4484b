"""The table of faults as tests read it: each row with every call it strikes, before and after accepting."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from omniflash_sandbox.fault_kinds import KINDS
from omniflash_sandbox.vendor import calls_of
from omniflash_sandbox.vendors import VENDORS

TABLE = tomllib.loads((Path(__file__).parents[2] / "docs" / "faults.toml").read_text("utf-8"))
OUTCOMES: Mapping[str, str] = TABLE["outcomes"]
ROWS: Mapping[str, Mapping[str, Any]] = TABLE["faults"]
# What our client never asks of a vendor: the synchronous run, the status stream, and uploads in parts.
NOT_OURS = {"run", "stream", "token", "complete"}
COLUMNS = {"submit": "submit", "asset": "clip"}


@frozen
class Case:
    """One fault in one call of one provider, and what has to come of it."""

    fault: str
    provider: str
    call: str
    options: Mapping[str, Any]
    outcome: str

    def __str__(self) -> str:
        told = ",".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.provider}-{self.call}-{self.fault}{f'({told})' if told else ''}"

    @property
    def accepted(self) -> bool:
        """Whether the vendor hears of the call that is struck."""
        return bool(self.options.get("accepted", KINDS[self.fault].accepted))


def cases() -> Iterator[Case]:
    """Every case of the table."""
    for name, row in ROWS.items():
        fault = row.get("fault", name)
        for provider, calls in calls_of(VENDORS).items():
            for call in (call for call in KINDS[fault].calls if call in calls and call not in NOT_OURS):
                outcome = row.get(call) or row.get(COLUMNS.get(call, "others"))
                for options in _variants(fault, row):
                    yield Case(fault, provider, call, options, outcome)


def _variants(fault: str, row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for variant in row.get("variants", [{}]):
        if "accepted" in KINDS[fault].options:
            yield from ({**variant, "accepted": accepted} for accepted in row.get("accepted", (True, False)))
        else:
            yield variant
