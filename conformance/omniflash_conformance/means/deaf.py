"""A ledger that never hears of an acceptance: to it, every answer was lost."""

from omniflash import Ledger
from omniflash.money.entries import Accepted, Answer, Entry, Intended, Uncertain


class DeafLedger(Ledger):
    """Takes down everything else."""

    def record(self, entry: Entry) -> Answer:
        if isinstance(entry, Intended):
            self.order = entry.order
        return super().record(Uncertain(self.order, "its answer was lost") if isinstance(entry, Accepted) else entry)
