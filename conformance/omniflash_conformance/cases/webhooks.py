"""Webhooks: only what the vendor signed, in time, about that job counts, and nothing breaks (HOOK-VERIFY, -HOSTILE)."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial

from attrs import evolve

from omniflash import Event, InvalidWebhook, OmniflashError, ProviderUnavailable, State
from omniflash.effects import Call, Response
from omniflash.types import JSON

from ..bench import AdapterBench
from ..case import Needs, Profile, case
from ..means.life import HEADERS
from ..means.mail import Letter, inbox, letter, posted, sends_webhooks, unheard
from ..means.places import leaves, shape, texts
from ..strategies import Webhook, hostile_bodies, hostile_webhooks
from ..strategies.nasty import put
from ..verdicts import Broken, NotDeclared, expect, expect_equal
from .cancelling import strangers
from .results import forms

HOOKS = Profile.WEBHOOKS


def signed(bench: AdapterBench) -> Letter:
    """A webhook that is verified. Raises NotDeclared where the vendor signs none."""
    found = letter(bench)
    if not found.event.verified:
        raise NotDeclared(f"{bench.adapter.name} takes its webhooks for unsigned, and verifies none")
    return found


@case("HOOK-VERIFY-1", "a webhook tells of the job that it came for", needs=Needs.FAULTS, profile=HOOKS)
def it_tells_of_its_job(bench: AdapterBench) -> None:
    found = letter(bench)
    told, received = found.event, found.received
    names = [name for name in received.headers if name.startswith("x-") or name in HEADERS]
    bench.note(
        headers=sorted(names), body=[*shape(json.loads(received.body))], verified=told.verified, state=told.state
    )
    expect_equal(told.handle, found.job.handle, "the job of a webhook")
    expect_equal(told.provider, bench.adapter.name, "the provider of a webhook")
    if not told.verified:
        says_nothing(told)
    elif told.state is not None:
        expect_equal(told.state, State.SUCCEEDED, "the state that a webhook tells of a job that ended well")
        clip = bench.client().status(found.job).clip
        expect_equal(told.clip and told.clip.url, clip and clip.url, "the URL of the clip that a webhook tells")


def says_nothing(told: Event) -> None:
    """An event that nobody signed is a hint to look, and no more."""
    known = [name for name in ("state", "clip", "error") if getattr(told, name) is not None]
    expect(not known, f"a webhook that nobody signed tells the job's {' and '.join(known)}")


def counts_for_nothing(take: Callable[[], Event], what: str) -> None:
    """Break the case if something that is not the vendor's counts, or ends in anything but an event or a refusal."""
    try:
        told = take()
    except InvalidWebhook:
        return
    except Broken:
        raise
    except Exception as problem:
        raise Broken(f"{what} raises {type(problem).__name__} ({problem!s:.200})") from problem
    expect(not told.verified, f"{what} counts as verified")
    says_nothing(told)


@case("HOOK-VERIFY-2", "a webhook that somebody changed does not count", needs=Needs.FAULTS, profile=HOOKS)
def a_changed_one_does_not_count(bench: AdapterBench) -> None:
    found = letter(bench)
    for what, headers, body in changes(found):
        counts_for_nothing(partial(found.heard, bench, headers, body), what)


def changes(found: Letter) -> Iterator[tuple[str, Mapping[str, str], bytes]]:
    """A real webhook, changed in one way each, in words."""
    headers, body = found.received.headers, found.received.body
    told, handle = json.loads(body), found.job.handle
    other = strangers(handle)
    renamed = {name: value.replace(handle, other) for name, value in headers.items()}
    swapped = body.replace(handle.encode(), other.encode())
    yield "a webhook whose body names another job", headers, swapped
    yield "a webhook whose headers and body name another job", renamed, swapped
    if renamed != headers:
        yield "a webhook whose headers name another job", renamed, body
    yield "a webhook with a space behind its body", headers, body + b" "
    for place, leaf in leaves(told):
        if isinstance(leaf, str) and "://" in leaf:
            stolen = json.dumps(put(told, place, "https://stranger.example/a.mp4")).encode()
            yield "a webhook whose clip is at a stranger's", headers, stolen
    for name in [name for name in headers if name.startswith("x-")]:
        yield f"a webhook without {name}", {n: v for n, v in headers.items() if n != name}, body
        yield f"a webhook with another {name}", {**headers, name: _other(headers[name])}, body


def _other(value: str) -> str:
    return value[:-1] + ("1" if value.endswith("0") else "0")


@case("HOOK-VERIFY-3", "a webhook that is forged, or signed long ago, is refused", needs=Needs.FAULTS, profile=HOOKS)
def a_forged_one_is_refused(bench: AdapterBench) -> None:
    signed(bench)
    name = f"{bench.adapter.name}.webhook_signature"
    for how in forms(bench.adapter.name, "webhook_signature")[1:]:
        bench.sandbox.reset()
        bench.sandbox.switch(name, how)
        with inbox(bench) as opened:
            client = bench.client()
            job, received = posted(bench, client, opened)
            what = f"a webhook whose signature is {how}"
            refused(partial(client.event, job.provider, received.headers, received.body), what)


def refused(take: Callable[[], Event], what: str) -> None:
    """Break the case unless something ends in InvalidWebhook."""
    try:
        take()
    except InvalidWebhook:
        return
    except Exception as problem:
        raise Broken(f"{what} raises {type(problem).__name__} ({problem!s:.200}), not InvalidWebhook") from problem
    raise Broken(f"{what} is taken")


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@case(
    "HOOK-VERIFY-4", "a webhook is refused long after it was signed, and long before", needs=Needs.FAULTS, profile=HOOKS
)
def a_replay_is_refused(bench: AdapterBench) -> None:
    found = signed(bench)
    expect(found.heard(bench).verified, "a webhook that was verified is not, at the same time")
    for away, when in (
        (DAY, "a day after"),
        (HOUR, "an hour after"),
        (-HOUR, "an hour before"),
        (-DAY, "a day before"),
    ):
        refused(partial(found.heard, bench, at=found.came_at + away), f"a webhook that comes {when} it was signed")


@case("HOOK-VERIFY-5", "a webhook about another job is refused for this one", needs=Needs.FAULTS, profile=HOOKS)
def another_jobs_is_refused(bench: AdapterBench) -> None:
    with inbox(bench) as opened:
        client = bench.client()
        first, received = posted(bench, client, opened)
        second = evolve(first, handle=strangers(first.handle))
        headers, body = received.headers, received.body
        refused(lambda: client.event(first.provider, headers, body, job=second), "a webhook about another job")
        expect_equal(client.event(first.provider, headers, body, job=first).handle, first.handle, "its own job")


@case("HOOK-VERIFY-6", "a webhook signed with a new key is verified too", needs=Needs.FAULTS, profile=HOOKS)
def a_new_key_is_found(bench: AdapterBench) -> None:
    signed(bench)
    with inbox(bench) as opened:
        client = bench.client()
        for turn in ("the first key", "a key that came after it", "one more key"):
            job, received = posted(bench, client, opened, waited=True)
            try:
                told = client.event(job.provider, received.headers, received.body)
            except OmniflashError as error:
                raise Broken(f"a webhook signed with {turn} raises {type(error).__name__}") from error
            expect(told.verified, f"a webhook signed with {turn} is not verified")
            bench.sandbox.rotate_keys()


@case("HOOK-VERIFY-7", "a webhook about a job that ended badly tells no clip", needs=Needs.FAULTS, profile=HOOKS)
def a_failure_is_told_as_one(bench: AdapterBench) -> None:
    sends_webhooks(bench)
    for fault in ("content-rejected", "job-failed", "no-video"):
        bench.sandbox.reset()
        bench.arm(fault)
        told = _told(bench)
        expect(told.clip is None, f"a webhook about a job that ended as {fault} tells a clip")
        expect(told.state in (None, State.FAILED), f"a webhook about a job that ended as {fault} tells {told.state}")
        whole = (told.state is None) is (told.error is None)
        expect(whole, f"a webhook about a job that ended as {fault} tells {told.state} with the error {told.error!r}")
    for form in forms(bench.adapter.name, "webhook_payload")[1:]:
        bench.sandbox.reset()
        bench.sandbox.switch(f"{bench.adapter.name}.webhook_payload", form)
        told = _told(bench)
        expect(told.state is None, f"a webhook whose payload is {form} tells {told.state}, which it cannot know")


def _told(bench: AdapterBench) -> Event:
    with inbox(bench) as opened:
        client = bench.client()
        job, received = posted(bench, client, opened)
        return client.event(job.provider, received.headers, received.body)


@case(
    "HOOK-HOSTILE-1", "whatever is made of a real webhook, it is an event or refused", needs=Needs.FAULTS, profile=HOOKS
)
def a_spoilt_one_is_an_event_or_refused(bench: AdapterBench) -> None:
    found = letter(bench)

    def look(spoilt: Webhook) -> None:
        merely_told(partial(found.heard, bench, spoilt.headers, spoilt.body), spoilt)

    bench.drawn(hostile_webhooks(found.received.headers, found.received.body), look)


def merely_told(take: Callable[[], Event], given: object) -> None:
    """Break the case unless something ends in an event, or as no webhook of the vendor's."""
    try:
        told = take()
    except InvalidWebhook:
        return
    except Broken:
        raise
    except Exception as problem:
        raise Broken(
            f"{given!r:.200} raises {type(problem).__name__} ({problem!s:.200}), not InvalidWebhook"
        ) from problem
    expect(isinstance(told, Event), f"{given!r:.200} gives {told!r:.100}, which is no Event")


@case("HOOK-HOSTILE-2", "whatever anybody sends is refused, or a hint at most", profile=HOOKS)
def anything_at_all_is_refused(bench: AdapterBench) -> None:
    sends_webhooks(bench)

    def look(anybodys: Webhook) -> None:
        counts_for_nothing(partial(_without_keys, bench, anybodys), f"{anybodys!r:.200}")

    bench.drawn(hostile_webhooks(ANY_HEADERS, ANY), look)


ANY_HEADERS = {"content-type": "application/json", "x-signature": "00" * 32, "x-timestamp": "1763640000"}
ANY = json.dumps(
    {
        **dict.fromkeys(("request_id", "jobId", "id", "ticket"), "job_1"),
        **dict.fromkeys(("status", "state"), "completed"),
        **{name: {"video": {"url": "https://vendor.example/a.mp4"}} for name in ("payload", "output")},
    }
).encode()


def _without_keys(bench: AdapterBench, webhook: Webhook) -> Event:
    try:
        return unheard(bench, webhook.headers, webhook.body)
    except ProviderUnavailable as unavailable:  # it would have asked for the keys: nobody can say more
        raise InvalidWebhook("its keys cannot be fetched") from unavailable


KEY_TROUBLES: tuple[tuple[str, dict[str, JSON]], ...] = (
    ("unavailable", {}), ("rate-limit", {}), ("gateway-html", {}), ("gateway-html", {"status": 200}),
    ("malformed-json", {}), ("lose-response", {}), ("half-answer", {}), ("redirect", {}),
)  # fmt: skip


@case("HOOK-HOSTILE-3", "a key set that cannot be fetched is ProviderUnavailable", needs=Needs.FAULTS, profile=HOOKS)
def a_key_set_that_is_not_there(bench: AdapterBench) -> None:
    found = signed(bench)
    if not found.asked:
        raise NotDeclared(f"{bench.adapter.name} verifies webhooks without fetching a key")
    for fault, options in KEY_TROUBLES:
        bench.sandbox.reset()
        bench.arm(fault, call=found.asked[0].call.name, times=None, **options)
        client = bench.client()
        what = f"a key set that meets {' '.join([fault, *map(str, options.values())])}"
        _is_unavailable(partial(client.event, bench.adapter.name, found.received.headers, found.received.body), what)


def _is_unavailable(take: Callable[[], Event], what: str) -> None:
    try:
        take()
    except ProviderUnavailable:
        return
    except Exception as problem:
        raise Broken(f"{what} raises {type(problem).__name__} ({problem!s:.200}), not ProviderUnavailable") from problem
    raise Broken(f"{what} lets the webhook count")


@case("HOOK-HOSTILE-4", "a key set that says nonsense verifies nothing", needs=Needs.FAULTS, profile=HOOKS)
def a_key_set_of_nonsense(bench: AdapterBench) -> None:
    found = signed(bench)
    if not found.asked:
        raise NotDeclared(f"{bench.adapter.name} verifies webhooks without fetching a key")

    keys = [text.encode() for text in texts(found.asked[-1].body) if len(text) >= SHORTEST_KEY]

    def look(content: bytes) -> None:
        def answered(call: Call) -> Response:
            return evolve(found.asked[-1].response, body=content)

        what = f"a key set that is {content!r:.100}"
        try:
            told = found.heard(bench, answers=answered)
        except (InvalidWebhook, ProviderUnavailable):
            return
        except Broken:
            raise
        except Exception as problem:
            raise Broken(f"{what} raises {type(problem).__name__} ({problem!s:.200})") from problem
        expect(not told.verified or any(key in content for key in keys), f"{what} verifies a webhook")

    bench.drawn(hostile_bodies(found.asked[-1].response.body), look)


SHORTEST_KEY = 32  # characters of a public key, in whatever form
