"""What can be done to any bytes, or to any text: flip, cut, double, replace, insert."""

from collections.abc import Callable, Mapping
from random import Random

from omniflash_conformance.strategies.nasty import STRANGE


def flip(chance: Random, content: bytes) -> bytes:
    """One bit is another."""
    if not content:
        return b"\0"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def cut(chance: Random, content: bytes) -> bytes:
    """Its begin, its end, or a middle is missing."""
    low, high = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    return chance.choice((content[:low], content[high:], content[:low] + content[high:]))


def double(chance: Random, content: bytes) -> bytes:
    """A part stands there twice."""
    low, high = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    return content[:high] + content[low:]


def replace(chance: Random, content: bytes) -> bytes:
    """Some bytes are any others."""
    at, many = chance.randint(0, len(content)), chance.randint(1, 16)
    return content[:at] + chance.randbytes(many) + content[at + many :]


def insert(chance: Random, content: bytes) -> bytes:
    """Some bytes more."""
    at = chance.choice((0, len(content), chance.randint(0, len(content))))
    return content[:at] + chance.choice((b" ", b"\n", b"\0", chance.randbytes(chance.randint(1, 8)))) + content[at:]


BYTES: Mapping[str, Callable[[Random, bytes], bytes]] = {
    "flip": flip,
    "cut": cut,
    "double": double,
    "replace": replace,
    "insert": insert,
}


def of_text(change: Callable[[Random, bytes], bytes]) -> Callable[[Random, str], str]:
    """The same for a text, each of whose characters may be any of Latin-1."""
    return lambda chance, value: change(chance, value.encode("latin-1", "replace")).decode("latin-1")


def strange(chance: Random, value: str) -> str:
    """A character that nobody expects."""
    at = chance.choice((0, len(value), chance.randint(0, len(value))))
    return value[:at] + chance.choice(STRANGE) + value[at:]


TEXTS: Mapping[str, Callable[[Random, str], str]] = {name: of_text(change) for name, change in BYTES.items()} | {
    "strange character": strange,
    "empty": lambda chance, value: "",
    "huge": lambda chance, value: value + "0" * chance.choice((1_000, 100_000)),
    "case": lambda chance, value: value.swapcase(),
    "twice, between": lambda chance, value: value + chance.choice((",", ", ", "\n", "\r\n", ";")) + value,
}
