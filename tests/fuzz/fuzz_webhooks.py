"""fal's webhooks, a million hostile ones: each is an event, or refused, as the judge knows it must be (HOOK-HOSTILE).

Each input is a good webhook to which up to three things were done.
"""

import traceback
from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from omniflash import InvalidWebhook, Job, Mode
from omniflash.flows.event import MOST_BYTES, MOST_HEADERS, event
from omniflash_conformance.strategies.nasty import NO_NUMBERS
from tests.fuzz.running import Tried, main
from tests.fuzz.spoiling import BYTES, TEXTS
from tests.fuzz.webhooks import (
    ACCOUNT,
    NAMES,
    NEAR,
    NEW,
    NOTHINGS,
    NOW,
    OLD,
    ORDER,
    SIGNATURE,
    STRANGE,
    TIMESTAMP,
    WINDOW_S,
    Webhook,
    text,
    told,
    uuid,
    vendor,
)
from tests.stage import Stage


def one_header(webhook: Webhook, change: Callable[[Random, str], str]) -> None:
    """Change the value of one header."""
    at = webhook.chance.randrange(len(webhook.headers)) if webhook.headers else 0
    webhook.headers[at : at + 1] = [
        (name, change(webhook.chance, text(value))) for name, value in webhook.headers[at : at + 1]
    ]


def stamped(webhook: Webhook, value: str) -> None:
    """Change the timestamp, without signing it."""
    webhook.headers = [(name, value if name == NAMES[TIMESTAMP] else old) for name, old in webhook.headers]


def whole_body(webhook: Webhook, change: Callable[[Random, bytes], bytes]) -> None:
    webhook.body = change(webhook.chance, webhook.body)


def missing(webhook: Webhook) -> None:
    if webhook.headers:
        webhook.headers.pop(webhook.chance.randrange(len(webhook.headers)))


def doubled(webhook: Webhook, change: Callable[[Random, str], str]) -> None:
    """The same header once more, in whatever case, before or behind."""
    name, value = webhook.chance.choice(webhook.headers or [("X-Other", "1")])
    name = webhook.chance.choice((str.upper, str.lower, str))(text(name))
    webhook.headers.insert(webhook.chance.randint(0, len(webhook.headers)), (name, change(webhook.chance, text(value))))


def named(webhook: Webhook, change: Callable[[str], str]) -> None:
    """Other names for the same headers."""
    webhook.headers = [(change(text(name)), value) for name, value in webhook.headers]


def in_bytes(webhook: Webhook) -> None:
    pairs = [(text(name), text(value)) for name, value in webhook.headers]
    webhook.headers = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in pairs]


def many(webhook: Webhook) -> None:
    """More headers, around the most that are taken."""
    wanted = MOST_HEADERS + webhook.chance.randint(-2, 2)
    webhook.headers += [(f"x-{n}", "y") for n in range(wanted - len(webhook.headers))]


def same_point(webhook: Webhook) -> None:
    """The signature in its other form, which a careless library takes as well."""
    at = next((n for n, (name, _) in enumerate(webhook.headers) if name == NAMES[SIGNATURE]), None)
    if at is not None and len(value := text(webhook.headers[at][1])) == 128:
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            return
        s = (int.from_bytes(raw[32:], "little") + ORDER) % 2**256
        webhook.headers[at] = (NAMES[SIGNATURE], (raw[:32] + s.to_bytes(32, "little")).hex())


def spliced(webhook: Webhook) -> None:
    """One part of another good webhook."""
    headers, body = webhook.headers, webhook.body
    webhook.good(at=NOW)
    part = webhook.chance.randrange(5)
    if part < 4:
        other = webhook.headers[part]
        webhook.headers = [other if name == NAMES[part] else (name, value) for name, value in headers]
        webhook.body = body
    else:
        webhook.headers = headers


def for_another(webhook: Webhook, body: Callable[[Random, str], bytes]) -> None:
    """Really signed, with a body that does not name the id that it was signed for."""
    handle = uuid(webhook.chance)
    webhook.sign(body(webhook.chance, handle), None, handle)


def with_job(webhook: Webhook, provider: str, *, own: bool) -> None:
    """Say which job is expected."""
    handle = webhook.handle if own else uuid(webhook.chance)
    webhook.job = Job(provider, "1.0", Mode.TEXT_TO_VIDEO, handle, "order-1")


def as_mapping(webhook: Webhook) -> None:
    webhook.mapping = True


def edge(webhook: Webhook) -> None:
    webhook.good(at=NOW + webhook.chance.choice((-WINDOW_S, 1 - WINDOW_S, WINDOW_S - 1, WINDOW_S)))


def beyond(webhook: Webhook) -> None:
    webhook.good(at=NOW + webhook.chance.choice((-1, 1)) * (WINDOW_S + webhook.chance.choice((1, 2, 60, 10**5, 10**9))))


CHANGES = tuple(TEXTS.values())
Kind = Callable[[Webhook], object]
KINDS: Mapping[str, Kind] = {
    "nothing": lambda webhook: None,
    **{f"body: {name}": partial(whole_body, change=change) for name, change in BYTES.items()},
    "body: empty": lambda webhook: setattr(webhook, "body", b""),
    "body: nothing in it": lambda webhook: setattr(webhook, "body", webhook.chance.choice(NOTHINGS)),
    **{f"header: {name}": partial(one_header, change=change) for name, change in TEXTS.items()},
    "header: missing": missing,
    "header: doubled alike": partial(doubled, change=lambda chance, value: value),
    "header: doubled otherwise": partial(doubled, change=lambda chance, value: chance.choice(CHANGES)(chance, value)),
    "headers: lower case": partial(named, change=str.lower),
    "headers: upper case": partial(named, change=str.upper),
    "headers: underscores": partial(named, change=lambda name: name.replace("-", "_")),
    "headers: a space behind the name": partial(named, change=lambda name: name + " "),
    "headers: in bytes": in_bytes,
    "headers: a mapping": as_mapping,
    "headers: many": many,
    "timestamp: at the edge": edge,
    "timestamp: beyond it": beyond,
    "timestamp: moved": lambda webhook: stamped(webhook, str(NOW + webhook.chance.randint(-310, 310))),
    "timestamp: no number": lambda webhook: stamped(webhook, webhook.chance.choice(NO_NUMBERS)),
    "key: the one before": lambda webhook: webhook.good(key=OLD),
    "key: a new one": lambda webhook: webhook.good(key=NEW),
    "key: a strange one": lambda webhook: webhook.good(key=STRANGE),
    "signature: its other form": same_point,
    "signed: nothing in it": partial(for_another, body=lambda chance, own: chance.choice(NOTHINGS)),
    "signed: another's id": partial(for_another, body=lambda chance, own: told(chance, uuid(chance))),
    "signed: a near id": partial(for_another, body=lambda chance, own: told(chance, chance.choice(NEAR)(own))),
    "a part of another": spliced,
    "replayed": lambda webhook: webhook.good(at=NOW - webhook.chance.randint(WINDOW_S + 1, 10**6)),
    "job: its own": partial(with_job, provider="fal", own=True),
    "job: another": partial(with_job, provider="fal", own=False),
    "job: another vendor's": partial(with_job, provider="pixeldojo", own=True),
}
NAMED = tuple(KINDS)
HUGE = "body: huge"  # a thousand times as dear as the others, and so a hundred times as rare
RARE = 0.0005


def huge(webhook: Webhook) -> None:
    """A body around the longest that is taken, really signed."""
    body = told(webhook.chance, webhook.handle)
    longer = body + b" " * (MOST_BYTES + webhook.chance.randint(-1, 1) - len(body))
    webhook.sign(longer, webhook.handle, webhook.handle)


def made(chance: Random) -> tuple[Webhook, tuple[str, ...]]:
    """A good webhook to which up to three things were done, and which."""
    webhook = Webhook(chance)
    webhook.good()
    kinds = tuple(chance.choice(NAMED) for _ in range(chance.choice((1, 1, 1, 2, 3))))
    for kind in kinds:
        KINDS[kind](webhook)
    if chance.random() < RARE:
        huge(webhook)
        return webhook, (*kinds, HUGE)
    return webhook, kinds


REFUSED = "refused"


def outcome(webhook: Webhook) -> tuple[str, str]:
    """What comes of it, and how: an event's id, why it is refused, or whatever else in words."""
    try:
        heard = Stage(vendor).run(event(ACCOUNT, webhook.handed(), webhook.body, webhook.job))
    except InvalidWebhook as error:
        return REFUSED, error.message.partition(":")[0]
    except Exception:  # noqa: BLE001 - that is what is looked for
        return traceback.format_exc(), ""
    return (heard.handle, f"event {heard.state}") if heard.verified and heard.provider == "fal" else (repr(heard), "")


def hear(chance: Random) -> Tried:
    """Make one and hear it."""
    webhook, kinds = made(chance)
    must = webhook.genuine() or REFUSED
    came, how = outcome(webhook)
    if came == must:
        return Tried(f"refused, {how}" if came == REFUSED else how, kinds)
    return Tried("wrong", kinds, f"must come out as {must!r}, and did as {came!r}: {kinds} {webhook!r:.3000}")


if __name__ == "__main__":
    main("webhooks", hear)
