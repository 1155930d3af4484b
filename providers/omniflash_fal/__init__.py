"""Gemini Omni Flash at fal.ai, for omniflash."""

from .adapter import ADAPTER, Fal, Options

__all__ = ["ADAPTER", "Fal", "Options"]
