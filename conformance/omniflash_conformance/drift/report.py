"""What was found, as one value: each difference once, with its clause, and why it is no news if it is none."""

from collections.abc import Iterable

from attrs import frozen

from omniflash.codec import versioned

from .compare import Change, Direction, Kind
from .known import clause, reason


@frozen
class Finding:
    """A difference from a contract: the clause it touches, where it was seen, and why it is `known`, or None."""

    contract: str
    place: str
    direction: Direction
    kind: Kind
    before: str
    after: str
    breaking: bool
    clause: str
    seen: tuple[str, ...]
    known: str | None

    @property
    def news(self) -> bool:
        """Whether it was not there when the contract was written."""
        return self.known is None


@frozen
class Seen:
    """What was held against a contract, where it stands, and what is different in it."""

    where: str
    contract: str
    changes: tuple[Change, ...]
    recorded: bool = False


@versioned("omniflash.drift/1")
@frozen
class Report:
    """What was compared, and every difference, those that break first."""

    provider: str
    compared: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Whether anything new breaks."""
        return any(finding.breaking and finding.news for finding in self.findings)


def report(provider: str, everything: Iterable[Seen]) -> Report:
    """The report of everything that was compared."""
    found: dict[tuple[str, Change, str | None], list[str]] = {}
    compared: dict[str, None] = {}
    for seen in everything:
        compared[seen.where] = None
        for change in seen.changes:
            known = None if seen.recorded else reason(provider, seen.contract, change)
            found.setdefault((seen.contract, change, known), []).append(seen.where)
    findings = (_finding(*key, tuple(dict.fromkeys(places))) for key, places in found.items())
    ordered = sorted(findings, key=lambda finding: (not finding.breaking, finding.contract, finding.place))
    return Report(provider, tuple(compared), tuple(ordered))


def _finding(contract: str, change: Change, known: str | None, seen: tuple[str, ...]) -> Finding:
    return Finding(
        contract,
        change.place,
        change.direction,
        change.kind,
        change.before,
        change.after,
        change.breaking,
        clause(contract, change),
        seen,
        known,
    )
