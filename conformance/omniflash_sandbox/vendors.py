"""The vendors that are served. One more is one more row."""

from omniflash_sandbox import fal_vendor, pixeldojo

VENDORS = (fal_vendor.VENDOR, pixeldojo.VENDOR)
