"""The vendors that are served. One more is one more row."""

from omniflash_sandbox import fal, pixeldojo

VENDORS = (fal.VENDOR, pixeldojo.VENDOR)
