"""The id that a vendor lets its clients choose for a job, so that asking twice makes one (JOB-DEDUP)."""

from typing import Any


def vendor_takes_ids(contract: Any) -> bool:
    """Whether a vendor's contract has a place for the client's own id."""
    server = getattr(contract, "server", None)
    return getattr(server, "same_id", None) is not None
