"""The id that a vendor lets its clients choose for a job, so that asking twice makes one (JOB-DEDUP)."""

from collections.abc import Iterable

from omniflash_sandbox.declared.contract import Contract
from omniflash_sandbox.declared.templates import at, stands
from omniflash_sandbox.journal import Exchange


def vendor_takes_ids(contract: Contract | None) -> bool:
    """Whether a vendor's contract has a place for the client's own id."""
    return contract is not None and contract.server is not None and contract.server.same_id is not None


def ids_sent(contract: Contract | None, submits: Iterable[Exchange]) -> tuple[str, ...]:
    """The client's own id in each of these paid calls, empty where there is none."""
    asked = contract.server.same_id if contract and contract.server else None
    if asked is None:
        return ()
    if asked.header:
        return tuple(each["headers"].get(asked.header.lower(), "") for each in submits)
    steps = asked.field or ()
    return tuple(str(at(each["body"], steps)) if stands(each["body"], steps) else "" for each in submits)
