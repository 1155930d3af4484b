"""Faults by script: a file of TOML with one row for each fault, or the same rows over HTTP.

faults = [
    {fault = "unavailable", provider = "fal", call = "result", status = 504, times = 2},
    {fault = "lose-response", skip = 3},  # the fourth submit is accepted, and its answer lost
]
"""

import tomllib
from pathlib import Path

from omniflash_sandbox.faults import Calls, Fault, fault_from
from omniflash_sandbox.messages import JSON


def read_script(path: Path, calls: Calls) -> list[Fault]:
    """The faults of a file; raises ValueError in one line that names the file and the row."""
    try:
        return faults_in(_rows(path), calls)
    except ValueError as problem:
        raise ValueError(f"{path}: {problem}") from problem


def faults_in(rows: JSON, calls: Calls) -> list[Fault]:
    """The faults of a script's rows, counted from 1; raises ValueError for the first row that is none."""
    match rows:
        case list():
            return [_fault(number, row, calls) for number, row in enumerate(rows, 1)]
        case _:
            raise ValueError(f"a script is a list of faults, not {rows!r}")


def _fault(number: int, row: JSON, calls: Calls) -> Fault:
    try:
        return fault_from(_fields(row), calls)
    except ValueError as problem:
        raise ValueError(f"row {number}: {problem}") from problem


def _fields(row: JSON) -> dict[str, JSON]:
    match row:
        case dict():
            return row
        case _:
            raise ValueError(f"a fault and what else is to be said of it, not {row!r}")


def _rows(path: Path) -> JSON:
    try:
        document: dict[str, JSON] = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ValueError(f"cannot be read: {problem.strerror or problem}") from problem
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as problem:
        raise ValueError(f"is no TOML: {problem}") from problem
    if set(document) != {"faults"}:
        raise ValueError(f"needs faults = […] and nothing else, not {', '.join(document) or 'nothing'}")
    return document["faults"]
