"""A vendor's contract as one file: what a provider's package ships so that it is tested without a line of code.

docs/contracts.md tells the format. The sandbox speaks the protocol of a contract that has a `[server]` part.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from urllib.parse import urlsplit

from attrs import frozen

from omniflash_sandbox.contracts import Schema, Violation
from omniflash_sandbox.declared.reading import Part, wrong
from omniflash_sandbox.declared.requests import Paid, method_from, paid_from, path_from
from omniflash_sandbox.declared.server import STATES, Server, server_from
from omniflash_sandbox.declared.sources import Source, source_from
from omniflash_sandbox.messages import JSON, parsed

SUBMIT = "submit"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@frozen
class Key:
    """Where the key goes: into which header, after which word, if any."""

    header: str
    scheme: str

    def told(self, key: str) -> str:
        """The header's value."""
        return f"{self.scheme} {key}".lstrip()

    def read(self, headers: Mapping[str, str]) -> str | None:
        """The key in a request's headers, whose names are in lower case, or None."""
        value = headers.get(self.header.lower(), "").strip()
        scheme, _, key = value.partition(" ") if self.scheme else ("", "", value)
        return key.strip() or None if scheme.lower() == self.scheme.lower() else None


@frozen
class Place:
    """Where a call is: on which host, by which method, at which path; `{job}` in it stands for a job's id."""

    host: str
    method: str
    path: str


@frozen
class Contract:
    """A vendor's contract. Its paths are those of its own hosts, as in `https://vendor.example/v1/jobs` `/v1/jobs`.

    `hosts` are base URLs by name; `statuses` says for each of the vendor's words which state it is.
    """

    provider: str
    hosts: Mapping[str, str]
    key: Key
    requests: tuple[Paid, ...]
    calls: Mapping[str, Place]
    statuses: Mapping[str, str]
    source: Source
    statuses_source: Source
    server: Server | None = None

    @classmethod
    def load(cls, path: Traversable) -> "Contract":
        """The contract in a file of TOML; raises ValueError in one line that says what is wrong where."""
        try:
            return contract_from(_document(path), beside=getattr(path, "parent", None))
        except ValueError as problem:
            raise ValueError(f"{path}: {problem}") from problem

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that can be asked for."""
        return tuple(mode for paid in self.requests for mode in paid.modes)

    def request(self, mode: str) -> Paid:
        """The paid call of a mode; raises KeyError for one there is not."""
        return next((paid for paid in self.requests if mode in paid.modes), None) or _no_mode(mode, self.modes)

    def call_of(self, method: str, path: str) -> str | None:
        """The name of a call, such as `submit` or `status`, or None for what is none."""
        if self._paid(method, path):
            return SUBMIT
        return next((name for name, place in self.calls.items() if self._is(place, method, path)), None)

    def violations(self, method: str, path: str, body: JSON) -> list[Violation]:
        """Where a paid call's body breaks its schema; raises ValueError for what is no paid call."""
        return self._known(method, path).violations(body)

    def decode(self, method: str, path: str, body: JSON) -> dict[str, JSON]:
        """The request that a paid call makes, by the vendor's own rules: its mode, and the fields that are there.

        Raises ValueError for what is no paid call.
        """
        return self._known(method, path).decode(body)

    def path_of(self, url: str, hosts: Mapping[str, str] | None = None) -> str | None:
        """The path on the vendor's own host of a URL that begins with one of `hosts`, such as a sandbox's, or None."""
        place = re.split("[?#]", url)[0]
        for name, base in (hosts or self.hosts).items():
            if name in self.hosts and f"{place}/".startswith(base.rstrip("/") + "/"):
                return self.base(name) + place.removeprefix(base.rstrip("/"))
        return None

    def base(self, host: str) -> str:
        """The path that all calls to a host begin with, without a slash at its end."""
        return urlsplit(self.hosts[host]).path.rstrip("/")

    def _known(self, method: str, path: str) -> Paid:
        paid = self._paid(method, path)
        if paid is None:
            calls = ", ".join(f"{paid.method} {self.base(paid.host)}{paid.path}" for paid in self.requests)
            raise ValueError(f"{method} {path} is no paid call of {self.provider}, only {calls}")
        return paid

    def _paid(self, method: str, path: str) -> Paid | None:
        return next((paid for paid in self.requests if self._is(paid, method, path)), None)

    def _is(self, place: Place | Paid, method: str, path: str) -> bool:
        told = "[^/]+".join(re.escape(part) for part in (self.base(place.host) + place.path).split("{job}"))
        return method == place.method and re.fullmatch(told, path) is not None


def _no_mode(mode: str, modes: tuple[str, ...]) -> Paid:
    raise KeyError(f"no mode {mode!r}, only {', '.join(modes)}")


def _document(path: Traversable) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ValueError(f"cannot be read: {problem.strerror or problem}") from problem
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as problem:
        raise ValueError(f"is no TOML: {problem}") from problem


def contract_from(document: Mapping[str, object], beside: Traversable | None = None) -> Contract:
    """The contract that a document describes; the schemas that it names are files in the folder `beside`."""
    whole = Part("", document).only(
        "provider", "source", "read_on", "hosts", "key", "requests", "calls", "statuses", "server"
    )
    source, hosts = source_from(whole), _hosts(whole)
    calls = {name: _place(name, part, hosts) for name, part in whole.open("calls").only(*CALLS).parts().items()}
    words = whole.table("statuses").only("source", "read_on", "words")
    statuses = {word: words.table("words").word(word, STATES) for word in words.table("words").values}
    served = whole.optional("server")
    contract = Contract(
        provider=_provider(whole),
        hosts=hosts,
        key=_key(whole.table("key").only("header", "scheme")),
        requests=tuple(_paid(part, hosts, beside, source) for part in whole.tables("requests")),
        calls=calls,
        statuses=statuses,
        source=source,
        statuses_source=source_from(words, source),
        server=server_from(served, tuple(calls), tuple(statuses.values()), source) if served else None,
    )
    _apart(contract)
    return contract


ABOUT_A_JOB = ("status", "result", "cancel")
CALLS = (*ABOUT_A_JOB, "list", "initiate", "prices", "estimate")
"""The calls beside the paid one, by the names that the journal and the faults have for them."""


def _provider(whole: Part) -> str:
    if not NAME.fullmatch(whole.text("provider")):
        raise whole.wrong("provider", "a name of small letters, digits, - and _")
    return whole.text("provider")


def _hosts(whole: Part) -> dict[str, str]:
    hosts = {name: whole.table("hosts").text(name) for name in whole.table("hosts").values}
    for name, url in hosts.items():
        if not NAME.fullmatch(name) or not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", url):
            raise wrong(f"hosts.{name}", url, "a base URL, such as https://api.vendor.example/v1, under a plain name")
    if not hosts:
        raise whole.wrong("hosts", "one base URL or several")
    return hosts


def _key(part: Part) -> Key:
    return Key(part.text("header"), part.text("scheme", default=""))


def _place(name: str, part: Part, hosts: Mapping[str, str]) -> Place:
    place = Place(part.only("host", "method", "path").word("host", hosts), method_from(part), path_from(part))
    if place.path.count("{job}") != (name in ABOUT_A_JOB) or re.search("[{}]", place.path.replace("{job}", "")):
        must = "a path with {job} in it" if name in ABOUT_A_JOB else "a path without braces"
        raise part.wrong("path", must)
    return place


def _paid(part: Part, hosts: Mapping[str, str], beside: Traversable | None, source: Source) -> Paid:
    part.only("host", "method", "path", "schema", "fields", "modes", "defaults", "source", "read_on")
    return paid_from(part, hosts, _schema(part, beside), source_from(part, source))


def _schema(part: Part, beside: Traversable | None) -> Schema:
    """The schema that stands there, or that of a file beside the contract."""
    given = part.json("schema")
    document = _stored(part, given, beside) if isinstance(given, str) else given
    if not isinstance(document, dict):
        raise part.wrong("schema", "a JSON Schema, or the name of a file with one")
    try:
        return Schema.of(document)
    except ValueError as problem:
        raise ValueError(f"{part.at('schema')}: {problem}") from problem


def _stored(part: Part, name: str, beside: Traversable | None) -> JSON:
    there = sorted(file.name.removesuffix(".json") for file in (beside.iterdir() if beside else ()) if _is_json(file))
    if beside is None or name not in there:
        raise part.wrong("schema", f"the name of a schema beside this file; there is {', '.join(there) or 'none'}")
    try:
        return parsed(beside.joinpath(f"{name}.json").read_bytes())
    except ValueError as problem:
        raise ValueError(f"{part.at('schema')}: {name}.json is no JSON: {problem}") from problem


def _is_json(file: Traversable) -> bool:
    return file.name.endswith(".json")


def _apart(contract: Contract) -> None:
    """Raises ValueError where a mode, or a call's method and path, stands twice."""
    twice = [mode for mode in contract.modes if contract.modes.count(mode) > 1]
    if twice:
        raise ValueError(f"requests: {twice[0]} is asked for by two paid calls")
    places = [
        *((paid.method, contract.base(paid.host) + paid.path) for paid in contract.requests),
        *((place.method, contract.base(place.host) + place.path) for place in contract.calls.values()),
    ]
    for method, path in places:
        if places.count((method, path)) > 1:
            raise ValueError(f"calls: {method} {path} stands for two calls")
