"""Listening to what a library logs, for who looks for a secret in it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Listening(logging.Handler):
    def __init__(self, records: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.records = records

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


@contextmanager
def listening(name: str, level: int = logging.DEBUG) -> Iterator[list[str]]:
    """What the logger of this name hears while the block lasts, from this level on, as a log would show it."""
    records: list[str] = []
    heard, log = _Listening(records), logging.getLogger(name)
    before = log.level
    log.addHandler(heard)
    log.setLevel(level)
    try:
        yield records
    finally:
        log.setLevel(before)
        log.removeHandler(heard)
