"""Exemptions: cases that are known not to hold, each with one of three words, a reason, and a day on which it ends.

An exempt case is still run. That it holds, or breaks otherwise than is expected, is a failure: the exemption is wrong.
"""

import tomllib
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import evolve, fields_dict, frozen

from omniflash.codec import from_plain
from omniflash.errors import ConfigurationError
from omniflash.spec import Mode, did_you_mean

from .case import cases
from .report import Result
from .verdicts import Verdict


class Why(StrEnum):
    """Who would have to move for an exempt case to hold."""

    NOT_HERE = "not implemented here"
    NOT_YET = "not yet at the vendor"
    NEVER = "never"


@frozen(kw_only=True)
class Exemption:
    """One row of the file: `[[exempt]]`.

    `mode` None is every mode. `expects` stands in the sentence that the case breaks with. From `until` on it counts no
    more.
    """

    provider: str
    case: str
    why: Why
    reason: str
    expects: str
    until: date
    mode: Mode | None = None

    def is_for(self, provider: str, result: Result) -> bool:
        """Whether it is about this result."""
        return (self.provider, self.case) == (provider, result.case) and self.mode in (None, result.mode)


def read(path: Path) -> tuple[Exemption, ...]:
    """The exemptions of a file. Raises ConfigurationError that names every mistake in it."""
    try:
        rows: Any = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise ConfigurationError(f"the exemptions in {path} cannot be read: {problem}", remedy="mend it") from problem
    if set(rows) - {"exempt"} or not isinstance(rows.get("exempt", []), list):
        raise ConfigurationError(f"{path} holds more than [[exempt]] rows", remedy="write one [[exempt]] for each")
    return tuple(_row(row, f"{path}, row {number}") for number, row in enumerate(rows.get("exempt", []), 1))


def _row(row: object, where: str) -> Exemption:
    if not isinstance(row, dict):
        raise ConfigurationError(f"{where} is {row!r}", remedy="write one [[exempt]] for each")
    known = fields_dict(Exemption)
    for name in row:
        if name not in known:
            raise ConfigurationError(f"{where}: there is no field {name!r}", remedy=did_you_mean(name, known))
    plain = {**row, "until": str(row["until"])} if isinstance(row.get("until"), date) else row
    made = from_plain(plain, Exemption, where)
    case = cases().get(made.case)
    if case is None:
        raise ConfigurationError(f"{where}: there is no case {made.case!r}", remedy=did_you_mean(made.case, cases()))
    if made.mode and made.mode not in (case.modes or ()):
        raise ConfigurationError(f"{where}: {made.case} is not run for {made.mode}", remedy="leave its mode out")
    if not made.reason.strip() or not made.expects.strip():
        raise ConfigurationError(f"{where}: it needs a reason and what it expects", remedy="say both in words")
    return made


def applied(result: Result, provider: str, exemptions: Iterable[Exemption], today: date) -> Result:
    """A result as its exemption makes it, if there is one."""
    for exemption in exemptions:
        if exemption.is_for(provider, result):
            return _judged(result, exemption, today)
    return result


def _judged(result: Result, exemption: Exemption, today: date) -> Result:
    if result.verdict not in (Verdict.BROKEN, Verdict.HELD, Verdict.LAX):
        return result
    problem = _problem(result, exemption, today)
    if problem:
        return evolve(result, verdict=Verdict.BROKEN, said="; ".join(filter(None, (result.said, problem))))
    told = f"{exemption.why}: {exemption.reason} (until {exemption.until}); {result.said}"
    return evolve(result, verdict=Verdict.EXEMPT, said=told)


def _problem(result: Result, exemption: Exemption, today: date) -> str | None:
    if today >= exemption.until:
        return f"its exemption ended on {exemption.until}"
    if result.verdict is not Verdict.BROKEN:
        return f"it is exempt ({exemption.reason}) and holds: take the exemption out"
    if exemption.expects not in result.said:
        return f"its exemption expects {exemption.expects!r}"
    return None
