"""What no recording may hold: anything like a key, a signature, or a token (ERR-SECRET)."""

import re
from collections.abc import Iterator

from omniflash.errors import ConfigurationError

_LIKE = re.compile(
    r"authorization(?!_error)|bearer|\bkey\s+\S+:|api[-_]key|sandbox:omniflash|pd_\w{6,}|secret-|wrong-id"
    # the words alone are in many a refusal; a value after them is none that may be kept
    r"|(?:token|credential)s?(?:[\"']?\s*[:=]|\W{1,3}\w*\d)"
    r"|sign(?:ature|ed)|[?&](?:sig|x-\w+-\w+|expires)=|[0-9a-f]{64}|\beyJ\w|-----begin|\w{60}",
    re.IGNORECASE,
)


def secrets_in(text: str) -> Iterator[str]:
    """Everything in a text that looks like a secret."""
    return (found[0] for found in _LIKE.finditer(text))


def checked(text: str, what: str) -> str:
    """The text of a recording. Raises ConfigurationError, without showing it, where something in it is like a key."""
    for found in secrets_in(text):
        told = f"{what} would hold something like a key, in line {text.count(chr(10), 0, text.index(found)) + 1}"
        raise ConfigurationError(f"{told}: it is not written", remedy="see what the vendor answers there now")
    return text
