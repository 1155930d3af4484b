"""The judge: what was asked, what the bill says, and what the user can still get at, held beside each other."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen

from omniflash.money.records import OrderState, Record
from tests.chaos.asked import Asked
from tests.chaos.ground import Charge
from tests.chaos.settling import Settled


@frozen
class Verdict:
    """What came of the jobs that were asked for; `lost` and `twice` are told one by one."""

    asked: int
    accepted: int
    billed: int
    delivered: int
    without_clip: int
    settled: Settled
    lost: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether the promise was kept: at most one bill for each job, and no accepted one out of reach."""
        return not self.lost and not self.twice


def bought_twice(bill: Iterable[Charge]) -> tuple[str, ...]:
    """The keys that more than one job was accepted under, billed in the end or not."""
    times = Counter(charge.key for charge in bill)
    return tuple(f"{key}: {number} jobs" for key, number in sorted(times.items()) if number > 1)


def out_of_reach(bill: Iterable[Charge], records: Iterable[Record]) -> frozenset[str]:
    """The accepted jobs that the ledger neither has nor holds for uncertain."""
    by_key = {record.key: record for record in records}
    return frozenset(unknown(charge) for charge in bill if not _reached(charge, by_key.get(charge.key)))


def unknown(charge: Charge) -> str:
    return f"{charge.key}: job {charge.job} is unknown"


def given_up(bill: Iterable[Charge], records: Iterable[Record]) -> frozenset[str]:
    """The jobs that were taken for failed, and were not."""
    failures = {record.job.handle: record for record in records if record.job and failed(record)}
    mistaken = (charge for charge in bill if charge.made and charge.job in failures)
    return frozenset(f"{charge.key}: was taken for {failures[charge.job].told}" for charge in mistaken)


def _reached(charge: Charge, record: Record | None) -> bool:
    if record is None:
        return False
    return record.job.handle == charge.job if record.job else record.state is OrderState.UNCERTAIN


def missing(wanted: Iterable[Asked], records: Iterable[Record]) -> frozenset[str]:
    """The jobs that were asked for and came to no end: neither a clip on disk, nor the vendor's word that none is."""
    by_key: Mapping[str | None, Record] = {record.key: record for record in records}
    found = {one.key: by_key.get(one.key) for one in wanted}
    return frozenset(f"{key}: {_state(record)}" for key, record in found.items() if not ended(record))


def _state(record: Record | None) -> str:
    return "was never accepted" if record is None else f"{record.state}, {record.outcome}, {record.file}"


def ended(record: Record | None) -> bool:
    """Whether an order has come to its end."""
    if record is None or record.state is not OrderState.FINISHED:
        return False
    return delivered(record) if record.outcome == "succeeded" else True


def failed(record: Record) -> bool:
    return record.outcome not in (None, "succeeded")


def delivered(record: Record) -> bool:
    """Whether the clip that the ledger says was saved is there, and is one."""
    return record.file is not None and Path(record.file).read_bytes()[4:8] == b"ftyp"


def verdict(
    wanted: Iterable[Asked],
    bill: Iterable[Charge],
    records: Iterable[Record],
    settled: Settled,
    lost_before: frozenset[str],
) -> Verdict:
    """All in all; `lost_before` is what was out of reach at an earlier time, also if something has covered it since."""
    wanted, bill, records = tuple(wanted), tuple(bill), tuple(records)
    whole = [record for record in records if record.delivered_at is not None and delivered(record)]
    gone = out_of_reach(bill, records) | given_up(bill, records)
    return Verdict(
        asked=len(wanted),
        accepted=len(bill),
        billed=sum(charge.billed for charge in bill),
        delivered=len(whole),
        without_clip=sum(map(failed, records)),
        settled=settled,
        lost=tuple(sorted(lost_before | gone | missing(wanted, records))),
        twice=bought_twice(bill),
    )
