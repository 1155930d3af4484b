"""Gemini Omni Flash at PixelDojo, for omniflash."""

from .adapter import ADAPTER, PixelDojo

__all__ = ["ADAPTER", "PixelDojo"]
