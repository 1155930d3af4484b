"""A report's file, read back with whatever is wrong with it in one line."""

import json
from pathlib import Path

from omniflash.errors import ConfigurationError

from ..report import Report

AGAIN = "make it again: omniflash conformance run"


def read(path: Path) -> Report:
    """The report in a file. Raises ConfigurationError where there is none, of this version, whole."""
    try:
        return Report.from_json(_json(path))
    except ConfigurationError as problem:
        raise ConfigurationError(f"{path}: {problem.message}", remedy=problem.remedy) from problem


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes().decode("utf-8"), parse_constant=_no_number)
    except OSError as problem:
        raise ConfigurationError(f"it cannot be read: {problem.strerror}", remedy=AGAIN) from problem
    except json.JSONDecodeError as problem:
        said = f"it is no JSON, or was cut short: {problem.msg} in line {problem.lineno}"
        raise ConfigurationError(said, remedy=AGAIN) from problem
    except RecursionError as problem:
        raise ConfigurationError("it is nested too deeply for a report", remedy=AGAIN) from problem
    except ValueError as problem:
        raise ConfigurationError(f"it is no JSON: {problem}", remedy=AGAIN) from problem


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no number")
