"""fal as one vendor: its hosts, with all that is done on each of them."""

from omniflash_sandbox import fal, fal_failures, fal_storage, fal_waiting, fal_webhooks
from omniflash_sandbox.vendor import Vendor

VENDOR = Vendor(
    name=fal.NAME,
    hosts={"queue": fal.QUEUE, "rest": fal_storage.REST, "run": fal_waiting.RUN, "cdn": fal_storage.CDN},
    operations=(*fal.OPERATIONS, *fal_waiting.OPERATIONS, *fal_storage.OPERATIONS, *fal_webhooks.OPERATIONS),
    nowhere=fal.nowhere,
    account=fal.account,
    rate_limited=fal.TOO_MANY,
    unavailable=fal_failures.SERVER_ERRORS,
    unknown=fal.UNKNOWN,
    too_large=fal.TOO_LARGE,
    stamp=fal.stamp,
    notice=fal_webhooks.notice,
    files=fal_storage.FILES,
)
