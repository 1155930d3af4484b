"""Subjects to try the suite on: a made-up vendor with a sound adapter, as its author would write them."""
