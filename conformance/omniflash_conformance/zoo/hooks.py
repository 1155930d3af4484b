"""Adapters that take webhooks for what they are not (HOOK-VERIFY, HOOK-HOSTILE)."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from omniflash.adapter import Adapter
from omniflash.discovery import adapter
from omniflash.effects import Call, Effect, Flow, Moment, Now, Response, perform, through
from omniflash.errors import InvalidWebhook, ProviderUnavailable
from omniflash.jobs import Event, State

from .mishearing import Hooked
from .specimen import broken

Take = Callable[[Adapter, Mapping[str, str], bytes], Flow[Event]]


def _retold(tell: Callable[[Event], Event]) -> Take:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        told = yield from sound.event(headers, body)
        return tell(told)

    return take


# --- HOOK-VERIFY ----------------------------------------------------------------------------------------------------


@broken("HOOK-VERIFY", "compares the signature without the time window")
def any_time_will_do() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        then = datetime.fromtimestamp(float(headers.get("x-fal-webhook-timestamp", "0")), UTC)

        def carry(effect: Effect) -> Flow[Any]:
            return (yield from perform(effect)) if not isinstance(effect, Now) else Moment(then, 0.0)

        return (yield from through(sound.event(headers, body), carry))

    return Hooked(adapter("fal"), take)


@broken("HOOK-VERIFY", "trusts an unsigned webhook", provider="pixeldojo")
def trusts_the_unsigned() -> Adapter:
    return Hooked(adapter("pixeldojo"), _retold(lambda told: evolve(told, verified=True)))


@broken("HOOK-VERIFY", "believes the state that an unsigned webhook tells", provider="pixeldojo")
def believes_the_unsigned() -> Adapter:
    return Hooked(adapter("pixeldojo"), _retold(lambda told: evolve(told, state=State.SUCCEEDED)))


@broken("HOOK-VERIFY", "checks that there is a signature, and not whose it is")
def any_signature_will_do() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        if "x-fal-webhook-signature" not in headers:
            raise InvalidWebhook("there is no signature")
        told = json.loads(body)
        return Event("fal", told["request_id"], verified=True)
        yield

    return Hooked(adapter("fal"), take)


@broken("HOOK-VERIFY", "never asks for the keys a second time")
def old_keys_for_ever() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        def carry(effect: Effect) -> Flow[Any]:
            kept = evolve(effect, cache_s=24 * 3600.0) if isinstance(effect, Call) else effect
            return (yield from perform(kept))

        return (yield from through(sound.event(headers, body), carry))

    return Hooked(adapter("fal"), take)


@broken("HOOK-VERIFY", "takes every webhook for a success")
def always_a_success() -> Adapter:
    def tell(told: Event) -> Event:
        return evolve(told, state=State.SUCCEEDED, error=None) if told.verified else told

    return Hooked(adapter("fal"), _retold(tell))


# --- HOOK-HOSTILE ---------------------------------------------------------------------------------------------------


@broken("HOOK-HOSTILE", "reads the body before it looks if it is JSON", provider="pixeldojo")
def reads_first() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        json.loads(body)
        return (yield from sound.event(headers, body))

    return Hooked(adapter("pixeldojo"), take)


@broken("HOOK-HOSTILE", "lets a KeyError out where a header is missing")
def expects_its_headers() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        bytes.fromhex(headers["x-fal-webhook-signature"])
        return (yield from sound.event(headers, body))

    return Hooked(adapter("fal"), take)


@broken("HOOK-HOSTILE", "takes keys that cannot be fetched for a forged webhook")
def no_keys_is_forged() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        try:
            return (yield from sound.event(headers, body))
        except ProviderUnavailable as problem:
            raise InvalidWebhook("the signature is not fal's") from problem

    return Hooked(adapter("fal"), take)


@broken("HOOK-HOSTILE", "takes for granted what a key set looks like")
def expects_its_keys() -> Adapter:
    def take(sound: Adapter, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        def carry(effect: Effect) -> Flow[Any]:
            came = yield from perform(effect)
            if isinstance(came, Response):
                _ = [key["x"] for key in json.loads(came.body)["keys"]]
            return came

        return (yield from through(sound.event(headers, body), carry))

    return Hooked(adapter("fal"), take)
