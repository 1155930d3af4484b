"""fal as one vendor: its hosts, with all that is done on each of them."""

from omniflash_sandbox import fal, fal_storage
from omniflash_sandbox.vendor import Vendor

VENDOR = Vendor(
    name=fal.NAME,
    hosts={"queue": fal.QUEUE, "rest": fal_storage.REST, "run": "/fal/run", "cdn": fal_storage.CDN},
    operations=(*fal.OPERATIONS, *fal_storage.OPERATIONS),
    nowhere=fal.nowhere,
    account=fal.account,
    rate_limited=fal.TOO_MANY,
    unavailable=fal.UNAVAILABLE,
    too_large=fal.TOO_LARGE,
    stamp=fal.stamp,
    files=fal_storage.FILES,
)
