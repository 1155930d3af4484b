"""fal as one vendor: its hosts, with all that is done on each of them."""

from omniflash_sandbox import (
    fal,
    fal_failures,
    fal_platform,
    fal_prices,
    fal_storage,
    fal_submit,
    fal_waiting,
    fal_webhooks,
)
from omniflash_sandbox.vendor import Dialect, Vendor

PARTS = (fal_submit, fal, fal_waiting, fal_platform, fal_prices, fal_storage, fal_webhooks)

VENDOR = Vendor(
    name=fal.NAME,
    hosts={
        "queue": fal.QUEUE,
        "rest": fal_storage.REST,
        "run": fal_waiting.RUN,
        "cdn": fal_storage.CDN,
        "api": fal_platform.API,
    },
    operations=tuple(operation for part in PARTS for operation in part.OPERATIONS),
    dialects={"api": fal_platform.DIALECT},
    dialect=Dialect(
        account=fal.account,
        nowhere=fal.nowhere,
        rate_limited=fal.TOO_MANY,
        locked=fal.LOCKED,
        unavailable=fal_failures.SERVER_ERRORS,
        too_large=fal.TOO_LARGE,
    ),
    unknown=fal.UNKNOWN,
    stamp=fal.stamp,
    notice=fal_webhooks.notice,
    files=fal_storage.FILES,
    prices=fal.PRICES,
)
