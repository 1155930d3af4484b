"""Clock skew: every date in a vendor's answer moved by so many seconds."""

import re
from datetime import datetime, timedelta

from omniflash_sandbox.clock import iso
from omniflash_sandbox.messages import JSON

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def moved(value: JSON, seconds: int) -> JSON:
    """The same value, in which every text that is a date, as `iso` writes them, tells another."""
    match value:
        case dict():
            return {name: moved(item, seconds) for name, item in value.items()}
        case list():
            return [moved(item, seconds) for item in value]
        case str() if DATE.fullmatch(value):
            return iso(datetime.fromisoformat(value) + timedelta(seconds=seconds))
        case _:
            return value
