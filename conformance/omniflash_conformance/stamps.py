"""When each case last held against the real vendor: a small file that live runs write and every run reads."""

import json
from collections.abc import Container, Mapping
from datetime import date
from pathlib import Path

from attrs import evolve, field, frozen
from platformdirs import user_data_path

from omniflash.codec import from_json, to_json, versioned
from omniflash.errors import ConfigurationError

from .replacing import replace_text
from .report import Column, Report, Result
from .verdicts import Verdict


def default_path() -> Path:
    """Where the stamps of this machine are."""
    return user_data_path("omniflash") / "conformance-live.json"


@versioned("omniflash.stamps/1")
@frozen
class Stamps:
    """The day of each case that ever held live, by "provider case mode"."""

    held: Mapping[str, date] = field(factory=dict, hash=False)

    def on(self, column: Column) -> Column:
        """A column with the day in each of its results."""
        return evolve(column, results=tuple(self._stamped(column.name, result) for result in column.results))

    def _stamped(self, provider: str, result: Result) -> Result:
        return evolve(result, last_live=self.held.get(_key(provider, result)))

    def after(self, report: Report, vendors: Container[str]) -> "Stamps":
        """The stamps once a live report is known. It counts for the providers that it met the vendors themselves of."""
        day = report.made_at.date()
        held = {
            _key(column.name, result): day
            for column in report.columns
            if column.name in vendors
            for result in column.results
            if result.verdict is Verdict.HELD
        }
        return Stamps({**self.held, **held})


def _key(provider: str, result: Result) -> str:
    return " ".join(filter(None, (provider, *result.key)))


def load(path: Path) -> Stamps:
    """The stamps of a file; none where there is no file. Raises ConfigurationError when it cannot be read."""
    try:
        return from_json(json.loads(path.read_text("utf-8")), Stamps)
    except FileNotFoundError:
        return Stamps()
    except (OSError, ValueError) as problem:
        remedy = "remove it: only when something last held live is lost"
        raise ConfigurationError(f"{path} cannot be read: {problem}", remedy=remedy) from problem


def save(stamps: Stamps, path: Path) -> None:
    """Write the stamps, whole or not at all. Raises ConfigurationError where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, json.dumps(to_json(stamps), indent=1))
    except OSError as problem:
        remedy = "make its folder writable: what held live is not kept"
        raise ConfigurationError(f"{path} cannot be written: {problem}", remedy=remedy) from problem
