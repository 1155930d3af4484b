"""The vendors that every sandbox serves. One more is one more row, or a contract that the sandbox is given."""

from collections.abc import Iterable

from omniflash_sandbox import fal_vendor, pixeldojo
from omniflash_sandbox.declared import Contract
from omniflash_sandbox.vendor import Vendor

VENDORS = (fal_vendor.VENDOR, pixeldojo.VENDOR)


def vendors_with(contracts: Iterable[Contract]) -> tuple[Vendor, ...]:
    """Those, and one for each contract; raises ValueError where a provider has two, or a contract no answers."""
    from omniflash_sandbox.declared.vendor import vendor_of

    vendors = (*VENDORS, *(vendor_of(contract) for contract in contracts))
    names = [vendor.name for vendor in vendors]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the sandbox would speak for {name!r} twice: it speaks for {', '.join(names)}")
    return vendors
