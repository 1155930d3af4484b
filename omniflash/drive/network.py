"""From a Call to an httpx request and from its answer to a Response: what the sync and the async driver share.

The key is added here and nowhere else, and blotted out of every answer before anyone sees it.
"""

import json
import logging
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from ipaddress import ip_address, ip_network
from typing import TypeVar

import httpx

from ..accounts import Account
from ..effects import Call, NoAnswerTrouble, NotSentTrouble, Repeat, Response, Send, Trouble
from ..errors import ConfigurationError, ProtocolError
from ..redact import HIDDEN, one_line, safe_text, safe_url
from .settings import ANSWER_S, CONNECT_S, MOST_BYTES, Network

T = TypeVar("T", httpx.Client, httpx.AsyncClient)

HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": f"omniflash/{version('omniflash')}"}

# The connection was never made, so nothing has reached anybody. Whatever else goes wrong may have happened after
# sending: InvalidURL, too, is what an answer's Location can be.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def client(kind: type[T], network: Network, context: ssl.SSLContext, *, fresh: bool) -> T:
    """An httpx client; a `fresh` one makes a new connection for each request.

    Paid calls are sent by fresh ones: an idle connection that the other side has just closed would leave it unknown
    whether the call was received.
    """
    return kind(
        transport=network.transport,
        proxy=network.proxy,
        limits=httpx.Limits(max_keepalive_connections=0) if fresh else httpx.Limits(),
        verify=context,
        trust_env=network.environment,
    )


def request_of(account: Account, call: Call, timeout: float = ANSWER_S) -> httpx.Request:
    """The request of a call, with the key if it is for the vendor's own host and nothing else.

    Raises NotSentTrouble for what HTTP has no words for, as a URL of a vendor's may be.
    """
    try:
        return _built(account, call, timeout)
    except (httpx.InvalidURL, ValueError) as problem:
        raise _trouble(NotSentTrouble, problem, account) from problem


def _built(account: Account, call: Call, timeout: float) -> httpx.Request:
    url = address(account, call)
    headers = {**HEADERS, **call.headers}
    if call.keyed:
        if origin(url) not in {origin(host) for host in account.hosts.values()}:
            raise ProtocolError(
                f"{account.name} named a host that is not its own: {one_line(safe_url(url))}; it was not called"
            )
        headers |= account.credentials()
    content = None if call.json is None else encoded(call)
    if content is not None:
        headers["Content-Type"] = "application/json"
    extensions = {"timeout": httpx.Timeout(timeout, connect=min(CONNECT_S, timeout)).as_dict()}
    query = dict(call.query) or None
    return httpx.Request(call.method, url, params=query, headers=headers, content=content, extensions=extensions)


def upload_of(account: Account, what: Send, size: int, timeout: float = ANSWER_S) -> httpx.Request:
    """The request for `size` bytes of a local input, still without them. Raises ProtocolError for a bad target."""
    if what.call.keyed or not may_upload_to(account, what.call.url):
        where = one_line(safe_url(what.call.url))
        raise ProtocolError(
            f"{account.name} named a place for uploads that is private or not https: {where}; nothing was sent there",
            remedy="if it is yours, name its origin in Provider(uploads=…)",
        )
    request = request_of(account, what.call, timeout)
    request.headers["Content-Length"] = str(size)
    return request


def may_upload_to(account: Account, url: str) -> bool:
    """Whether a vendor may have a local input sent there: to the public over https, or where the user allows it."""
    try:
        target = httpx.URL(url)
        if (target.scheme, target.host, target.port) in {origin(allowed) for allowed in account.uploads}:
            return True
    except (httpx.InvalidURL, ValueError):
        return False
    return target.scheme == "https" and is_public(target.host)


PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa")  # RFC 6761, 6762, 8375, and what ICANN left to users


def is_public(host: str) -> bool:
    """Whether a host's name is one of the internet's; where it leads is known only when it is looked up."""
    try:
        address = ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and name.rpartition(".")[2][:1].isalpha() and not name.endswith(PRIVATE_NAMES)
    return address.is_global and not any(address in network for network in TRANSLATED)


# Addresses of IPv6 that stand for others of IPv4, private ones included: NAT64 (RFC 6052, 8215) and 6to4 (RFC 3056).
TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))


def encoded(call: Call) -> bytes:
    """The body of a call, as compact JSON in UTF-8."""
    return json.dumps(call.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


_NAMED = re.compile(r"(?P<host>[a-z_]+):(?P<path>/(?!/).*)")


def address(account: Account, call: Call) -> str:
    """The URL of a call: its host's base URL with the path behind it, or what the vendor gave."""
    named = _NAMED.fullmatch(call.url)
    if named is None:
        return call.url
    if named["host"] not in account.hosts:
        raise ConfigurationError(f"{account.adapter.name} calls a host that it does not name: {named['host']!r}")
    return account.hosts[named["host"]].rstrip("/") + named["path"]


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port


def response_of(answer: httpx.Response, secrets: tuple[str, ...], body: bytes = b"") -> Response:
    """The answer as flows see it, with our `secrets` blotted out wherever the other side repeats them."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for secret in secrets:
        headers = {name: value.replace(secret, HIDDEN) for name, value in headers.items()}
        body = body.replace(secret.encode(), HIDDEN.encode())
    return Response(answer.status_code, headers, body, str(answer.request.url))


def secrets_in(account: Account, call: Call) -> tuple[str, ...]:
    """What of ours an answer to this call may repeat: nothing where no key was sent, as with a clip."""
    return account.secrets if call.keyed else ()


TOO_SLOW = "it took too long to send"


class Body:
    """An answer's body in the making: neither endless nor for ever on its way, whatever the other side sends."""

    def __init__(self, seconds: float) -> None:
        self.content = bytearray()
        self._until = time.monotonic() + seconds

    def add(self, piece: bytes) -> None:
        self.content += piece

    @property
    def problem(self) -> str | None:
        """Why no more of it is read: it is too long, or too late."""
        if len(self.content) > MOST_BYTES:
            return f"the answer is longer than {MOST_BYTES:,} bytes"
        return "the answer took too long to come whole" if time.monotonic() >= self._until else None


_CONTENT_RANGE_START = re.compile(r"bytes (\d{1,18})-", re.ASCII)


def start_of(answer: httpx.Response, asked: int) -> int:
    """From which byte on a download's answer is. Raises NoAnswerTrouble when it leaves a hole."""
    if answer.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    told = _CONTENT_RANGE_START.match(answer.headers.get("content-range", ""))
    if told is None or int(told[1]) > asked:
        raise NoAnswerTrouble("the answer begins behind what was asked for")
    return int(told[1])


@contextmanager
def troubles(account: Account) -> Iterator[None]:
    """Turn what httpx raises into the two troubles that matter: never sent, or no whole answer."""
    hushed = _HUSHED.set(account.secrets)
    try:
        yield
    except NEVER_SENT as problem:
        raise _trouble(NotSentTrouble, problem, account) from problem
    except (httpx.RequestError, httpx.StreamError, httpx.InvalidURL) as problem:
        raise _trouble(NoAnswerTrouble, problem, account) from problem
    finally:
        _HUSHED.reset(hushed)


def _trouble(kind: type[Trouble], problem: Exception, account: Account) -> Trouble:
    return kind(safe_text(f"{type(problem).__name__} {problem}".strip(), account.secrets))


_HUSHED: ContextVar[tuple[str, ...] | None] = ContextVar("omniflash_hushed", default=None)
_QUERY = re.compile(r"""\?[^\s"'?…]+""")  # that of a relative Location, too
_HTTP_LOGGERS = ("httpx", "httpcore.http11", "httpcore.http2", "httpcore.connection", "httpcore.proxy")


def _without_secrets(record: logging.LogRecord) -> bool:
    secrets = _HUSHED.get()
    if secrets is not None:
        record.msg, record.args = _QUERY.sub("?…", safe_text(record.getMessage(), secrets)), ()
    return True


def hush() -> None:
    """See that httpx's log lines about our calls show no URL query; other people's lines stay as they are."""
    for name in _HTTP_LOGGERS:
        logging.getLogger(name).addFilter(_without_secrets)


@cache
def ssl_context() -> ssl.SSLContext:
    """One context for all clients of this process: making it is the dearest part of making a client."""
    return httpx.create_ssl_context()


def follows(call: Call) -> bool:
    """Whether redirects are followed: a clip may have moved, but keys, key sets and uploads go where they were sent.

    So does what is asked of one of the vendor's own hosts: a stranger's answer is not the vendor's.
    """
    return call.method == "GET" and not call.keyed and not call.cache_s and not _NAMED.fullmatch(call.url)


def is_paid(call: Call) -> bool:
    """Whether sending the call twice may cost money."""
    return call.repeat is not Repeat.FREELY
