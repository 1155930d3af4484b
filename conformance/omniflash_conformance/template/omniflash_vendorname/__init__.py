"""Gemini Omni Flash at vendorname, for omniflash."""

from .adapter import ADAPTER, VendorNameAdapter

__all__ = ["ADAPTER", "VendorNameAdapter"]
