"""A webhook, from whatever came in to an event that can be acted on (HOOK-VERIFY, HOOK-HOSTILE)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from attrs import evolve

from ..accounts import Account
from ..effects import Flow, now, record
from ..errors import ConfigurationError, InvalidWebhook
from ..jobs import Event, Job
from ..money.entries import Found
from .attempt import Attempt

Text: TypeAlias = str | bytes
Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[Text, Text]]

PATIENCE_S = 10.0  # a vendor waits about 15 s for the web app's answer
MOST_BYTES, MOST_HEADERS = 1024 * 1024, 200


def event(
    account: Account, headers: Headers, body: bytes, job: Job | None = None, order: str | None = None
) -> Flow[Event]:
    """The event of a webhook's raw headers and body. A verified one settles the uncertain `order` that it came for.

    Raises InvalidWebhook for whatever is not the vendor's, or not about `job`, and ProviderUnavailable when the
    vendor's keys cannot be fetched.
    """
    if not account.adapter.features.webhook:
        raise ConfigurationError(f"{account.name} sends no webhooks", remedy="ask for the job's status instead")
    content, told = checked_body(body), checked_headers(headers)
    moment = yield from now()
    attempt = Attempt(account, moment.ticks + PATIENCE_S)
    found = yield from attempt.run(account.adapter.event(told, content))
    if job is not None and (found.provider, found.handle) != (job.provider, job.handle):
        raise InvalidWebhook(f"this is about another job: {found.provider} {found.handle}")
    if order is not None and found.verified:
        yield from record(Found(order, (found.handle,)))
    clip = found.clip and evolve(found.clip, account=account.label, job=job.token if job else None)
    return evolve(found, clip=clip)


def checked_body(body: bytes) -> bytes:
    """The body as bytes. Raises ConfigurationError for what is none any more, InvalidWebhook for too many."""
    if not isinstance(body, bytes | bytearray | memoryview):
        remedy = "hand in the request's body as it came, before anything reads JSON from it"
        raise ConfigurationError(f"a webhook's body is bytes, not {type(body).__name__}", remedy=remedy)
    content = bytes(body)
    if len(content) > MOST_BYTES:
        raise InvalidWebhook(f"the body has {len(content):,} bytes, and no webhook has more than {MOST_BYTES:,}")
    return content


def checked_headers(headers: Headers) -> Mapping[str, str]:
    """The headers by their names in lower case; of any web framework, as text or as bytes.

    A name that stands there twice gets both values, with a line break between that no honest value has.
    """
    found: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(_pairs(headers)):
        if number == MOST_HEADERS:
            raise InvalidWebhook(f"there are more than {MOST_HEADERS} headers")
        found.setdefault(name.lower(), []).append(value)
    return {name: "\n".join(values) for name, values in found.items()}


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    try:
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            yield _text(name), _text(value)
    except (TypeError, ValueError) as problem:
        remedy = "hand in the request's own headers: a mapping, or pairs of names and values"
        raise ConfigurationError(f"these are no webhook's headers: {problem}", remedy=remedy) from problem


def _text(value: Text) -> str:
    match value:
        case str():
            return value
        case bytes():
            return value.decode("latin-1")
        case _:
            raise TypeError(f"{type(value).__name__} is no text")
