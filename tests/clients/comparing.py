"""Two clients' requests side by side: whatever differs has to stand in the table, and the table has to be true."""

from collections import Counter
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from attrs import Factory, define, frozen

from tests.clients.differences import ROWS, Row
from tests.clients.wire import Sent


@frozen
class Difference:
    """One place where our request and theirs are not the same; None is what is not there."""

    client: str
    call: str
    place: str
    ours: str | None
    theirs: str | None

    def stands_in(self, row: Row) -> bool:
        return (
            (row.client, row.place) == (self.client, self.place)
            and self.call in row.calls
            and _fits(self.ours, row.ours)
            and _fits(self.theirs, row.theirs)
            and (row.equal_as is None or row.equal_as(str(self.ours)) == row.equal_as(str(self.theirs)))
        )


def _fits(value: str | None, pattern: str | None) -> bool:
    return value is pattern if value is None or pattern is None else fnmatchcase(value, pattern)


def differences(client: str, call: str, ours: Sent, theirs: Sent) -> Iterator[Difference]:
    """All of them, nothing left out."""
    one, other = ours.parts, theirs.parts
    for place in sorted({*one, *other}):
        if one.get(place) != other.get(place):
            yield Difference(client, call, place, one.get(place), other.get(place))


@define
class Comparison:
    """Comparisons with some clients, and how often each row of the table was met in which call."""

    met: Counter[tuple[Row, str]] = Factory(Counter)

    def compare(self, client: str, call: str, ours: Sent, theirs: Sent) -> None:
        """Fails on a difference that is not in the table."""
        for difference in differences(client, call, ours, theirs):
            row = next((row for row in ROWS if difference.stands_in(row)), None)
            assert row is not None, f"not in the table: {difference}"
            self.met[row, call] += 1

    @property
    def rows(self) -> set[Row]:
        return {row for row, _ in self.met}

    def still_true(self, clients: Collection[str], calls: Collection[str]) -> None:
        """Fails on a row about one of these clients and calls that no longer differs."""
        stated = {(row, call) for row in ROWS if row.client in clients for call in row.calls if call in calls}
        assert stated - set(self.met) == set(), "no longer differs"
