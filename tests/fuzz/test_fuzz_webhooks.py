"""Some thousand of the fuzzer's webhooks, and that it wakes up for whatever is broken in their verification."""

import pytest

from tests.fuzz.breaking import broken
from tests.fuzz.fuzz_webhooks import KINDS, hear
from tests.fuzz.running import first_wrong, tried

SEED, SOME, ENOUGH = 1, 3_000, 20_000
WEBHOOKS, SIGNATURES, EVENT = "omniflash_fal.webhooks", "omniflash.signatures", "omniflash.flows.event"
READING = "omniflash.reading"


def test_thousands_of_webhooks_are_events_or_refused_as_they_must_be() -> None:
    count = tried(hear, SEED, range(SOME))
    assert count.wrong == []
    assert set(KINDS) <= set(count.kinds)
    assert {outcome.partition(" ")[0].strip(",") for outcome in count.outcomes} == {"event", "refused"}


AGE, SAME_ID = "abs(moment.at.timestamp() - int(signed.timestamp))", 'told.get("request_id") != signed.request_id'
VERIFIED = "Ed25519PublicKey.from_public_bytes(key).verify(signature, message)"
ALIKE = """from tests.fuzz.webhooks import PUBLISHED
            if not any(own.sign(message)[:32] == signature[:32] for own in PUBLISHED):
                continue"""
STRANGERS = """from tests.fuzz.webhooks import STRANGE
    for key in (*keys, STRANGE.public_key().public_bytes_raw()):"""

BREAKS = {
    "no window": (WEBHOOKS, "> LEEWAY_S", "> 10**15"),
    "a window that is a second wider": (WEBHOOKS, "> LEEWAY_S", "> LEEWAY_S + 1"),
    "a window that is a second narrower": (WEBHOOKS, "> LEEWAY_S", "> LEEWAY_S - 1"),
    "a window that is open to the future": (WEBHOOKS, AGE, AGE.removeprefix("abs")),
    "no look at the id": (WEBHOOKS, SAME_ID, "False"),
    "only a prefix of the id": (WEBHOOKS, SAME_ID, 'str(told.get("request_id"))[:36] != signed.request_id'),
    "an id in any case": (WEBHOOKS, SAME_ID, 'str(told.get("request_id")).lower() != signed.request_id'),
    "any signature": (SIGNATURES, "continue", "pass"),
    "only a prefix of the signature": (SIGNATURES, VERIFIED, ALIKE),
    "a key that is not published": (SIGNATURES, "for key in keys:", STRANGERS),
    "only the first key": (SIGNATURES, "in keys:", "in tuple(keys)[:1]:"),
    "no look for new keys": (WEBHOOKS, "(KEYS, NEW_KEYS)", "(KEYS,)"),
    "headers that begin in their form": (WEBHOOKS, "form.fullmatch", "form.match"),
    "a timestamp in any form": (WEBHOOKS, '"[0-9]{1,12}"', '"(?s).*"'),
    "a signature in any form": (WEBHOOKS, '"[0-9A-Fa-f]{128}"', '"(?s).*"'),
    "the last of two headers": (EVENT, '"\\n".join(values)', "values[-1]"),
    "the first of two headers": (EVENT, '"\\n".join(values)', "values[0]"),
    "names in one case only": (EVENT, "found.setdefault(name.lower(), [])", "found.setdefault(name, [])"),
    "a header more": (EVENT, "number == MOST_HEADERS", "number > MOST_HEADERS"),
    "another job": (EVENT, "if job is not None", "if False"),
    "another vendor's job": (EVENT, "(found.provider, found.handle) != (job.provider, job.handle)",
                             "found.handle != job.handle"),
    "a body that is no JSON": (WEBHOOKS, "except ValueError as problem:", "except KeyError as problem:"),
    "a body nested too deeply": (READING, "except RecursionError as problem:", "except KeyError as problem:"),
}  # fmt: skip


@pytest.mark.parametrize("way", BREAKS)
def test_whatever_is_broken_is_found(way: str) -> None:
    with broken(*BREAKS[way]):
        assert first_wrong(hear, SEED, ENOUGH) is not None
    assert first_wrong(hear, SEED, 50) is None
