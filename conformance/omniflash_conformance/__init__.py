"""Proves any adapter of omniflash right, and catches a vendor that changes: cases by clause, on three grounds."""
