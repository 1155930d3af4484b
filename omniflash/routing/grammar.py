"""Policies as text: "cheapest under 60 s", "prefer fal, else cheapest". What `policies` prints is read back as it was.

policy  = choice | "prefer" choice ", else" choice { ", else" choice }
choice  = ( ranking | names ) [ "under" limit [ "and" limit ] ]
ranking = "cheapest" | "fastest" | "ordered"
names   = name { "," name }
limit   = number "s" | "$" number                      (one of each kind)
number  = digits [ "." digits ]
name    = word | '"' text '"'                          (in quotes: one of these words, spaces, commas; "" is a quote)
"""

import re
from decimal import Decimal
from difflib import get_close_matches

from attrs import define, field

from ..errors import ConfigurationError
from .policies import AND, ELSE, PREFER, RANKINGS, RESERVED, UNDER, WORD, Policy, only, prefer, under

_TOKEN = re.compile(rf'"(?:[^"]|"")*"|{WORD.pattern}|[,"]')
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_LIMIT = re.compile(rf"(?P<seconds>{_NUMBER}) ?s|\$(?P<usd>{_NUMBER})")
_KINDS = {"seconds": "'60 s'", "usd": "'$0.80'"}
_SHOWN = 120
USAGE = "write it like 'cheapest', 'fal, pixeldojo', 'fastest under 60 s and $1' or 'prefer fal, else cheapest'"


def policy_of(given: str | Policy) -> Policy:
    """The policy that a text gives, or the caller's own function as it is. Raises ConfigurationError for neither."""
    if isinstance(given, str):
        return _policy(_Reader(given))
    if not callable(given):
        told = f"a policy is text or a function, not of type {type(given).__name__}"
        raise ConfigurationError(told, remedy=USAGE)
    return given


@define
class _Reader:
    """A text, read word by word."""

    text: str
    tokens: list[re.Match[str]] = field(init=False)
    at: int = 0

    def __attrs_post_init__(self) -> None:
        self.tokens = list(_TOKEN.finditer(self.text))

    def ahead(self, words: int = 1) -> tuple[str, ...]:
        """The next words, fewer at the end."""
        return tuple(token[0] for token in self.tokens[self.at : self.at + words])

    def take(self, *words: str) -> bool:
        """Go past these words, if they are the next."""
        there = self.ahead(len(words)) == words
        self.at += len(words) * there
        return there

    def wrong(self, wanted: str, *words: str) -> ConfigurationError:
        """The error of what stands here, where `wanted` should be: `words` are what may have been meant."""
        read = "".join(self.ahead())
        place = self.tokens[self.at].start() if read else len(self.text)
        close = get_close_matches(read, [word for word in words if word != read], 1, 0.5)
        shown = self.text if len(self.text) <= _SHOWN else f"{self.text[:_SHOWN]}…"
        told = f"policy {shown!r}, character {place + 1}: {repr(read[:_SHOWN]) if read else 'it ends'} where {wanted}"
        return ConfigurationError(f"{told} should be", remedy=f"did you mean {close[0]!r}?" if close else USAGE)


def _policy(reader: _Reader) -> Policy:
    made = _preference(reader) if reader.take(PREFER) else _choice(reader)
    if reader.ahead():
        raise reader.wrong("the end", UNDER, AND, ELSE)
    return made


def _preference(reader: _Reader) -> Policy:
    choices = [_choice(reader)]
    while reader.take(",", ELSE):
        choices.append(_choice(reader))
    if len(choices) == 1:
        raise reader.wrong("', else'", UNDER, AND, f", {ELSE}")
    return prefer(*choices)


def _choice(reader: _Reader) -> Policy:
    ranking = next((ranking for name, ranking in RANKINGS.items() if reader.take(name)), None)
    made = ranking or only(*_names(reader))
    return _limited(made, reader) if reader.take(UNDER) else made


def _names(reader: _Reader) -> list[str]:
    names = [_name(reader, f"{', '.join(RANKINGS)} or a name")]
    while reader.ahead() == (",",) and reader.ahead(2) != (",", ELSE):
        reader.take(",")
        name = _name(reader, "a name")
        if name in names:
            reader.at -= 1
            raise reader.wrong("another name")
        names.append(name)
    return names


def _name(reader: _Reader, wanted: str) -> str:
    word = "".join(reader.ahead())
    if word in ("", ",", '"', *RESERVED):
        raise reader.wrong(wanted)
    reader.take(word)
    return word[1:-1].replace('""', '"') if word.startswith('"') else word


def _limited(policy: Policy, reader: _Reader) -> Policy:
    limits = dict([_limit(reader, *_KINDS)])
    if reader.take(AND):
        limits |= dict([_limit(reader, *(_KINDS.keys() - limits))])
    return under(policy, **limits)


def _limit(reader: _Reader, *kinds: str) -> tuple[str, Decimal]:
    for words in (2, 1):
        found = _LIMIT.fullmatch(" ".join(reader.ahead(words)))
        if found and found.lastgroup in kinds and Decimal(found[found.lastgroup]) > 0:
            reader.at += words
            return found.lastgroup, Decimal(found[found.lastgroup])
    raise reader.wrong(f"a limit above 0, such as {' or '.join(_KINDS[kind] for kind in kinds)},")
