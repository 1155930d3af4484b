"""For the same input, our requests to fal are those of both its official clients, but for the table of differences."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from omniflash import Client, ImageToVideo, Job, Provider, Request, TextToVideo
from omniflash.discovery import adapter
from omniflash_conformance.strategies import offered
from omniflash_fal import Options as OurOptions
from omniflash_sandbox import Sandbox
from tests.clients import asking, report
from tests.clients.comparing import Comparison
from tests.clients.conftest import CLIENTS
from tests.clients.differences import JAVASCRIPT, QUEUE, STORAGE
from tests.clients.javascript_client import JavaScript, Node
from tests.clients.official import Official, Options, Refused, Upload
from tests.clients.wire import Sent, Tap, tapped
from tests.conftest import PNG
from tests.providers.test_mapping import EXAMPLES

PUBLISHED = [request for provider, request, _ in EXAMPLES if provider == "fal"]

OPTIONS = (
    OurOptions(),
    OurOptions(store_io=False),
    OurOptions(no_retry=True),
    OurOptions(no_fallback=True),
    *(OurOptions(priority=priority) for priority in ("normal", "low")),
    *(OurOptions(start_timeout_s=seconds) for seconds in (2, 30, 45.0, 59.5, 3599.999)),
    OurOptions(store_io=False, priority="low", start_timeout_s=120, no_retry=True, no_fallback=True),
)
"""Ours that both clients can say too."""

HOOKS = (
    None,
    "https://me.example/hook",
    "https://me.example:8443/hook?order=7&of=9",
    "https://me.example/a%20hook/%2F?q=a+b%26c==&empty=",
)


def as_published(ours: OurOptions, hook: str | None) -> Options:
    """The same options as a user of the official clients says them (fal, "Common parameters")."""
    headers = {
        "X-Fal-Store-IO": ours.store_io is False and "0",
        "X-Fal-No-Retry": ours.no_retry and "1",
        "x-app-fal-disable-fallback": ours.no_fallback and "true",
    }
    said = {name: value for name, value in headers.items() if value}
    return Options(priority=ours.priority, start_timeout=ours.start_timeout_s, webhook_url=hook, headers=said)


def ours(tap: Tap, client: Client, request: Request, hook: str | None) -> tuple[str, Mapping[str, Sent]]:
    """The request id, and what our client sends for each call."""
    jobs: list[Job] = []
    (submit,) = tap.during(lambda: jobs.append(client.submit(client.plan(request), webhook_url=hook)))
    (cancel,) = tap.during(lambda: client.cancel(jobs[0]))
    status, result = tap.during(lambda: client.status(jobs[0]))
    return jobs[0].handle, {"submit": submit, "cancel": cancel, "status": status, "result": result}


def theirs(tap: Tap, client: Official, request: Request, options: Options, request_id: str) -> Mapping[str, Sent]:
    """What an official client sends for each call, the later ones about the same request."""
    endpoint, body = asking.of_fal(request)
    calls: Mapping[str, Callable[[], Any]] = {
        "submit": lambda: client.submit(endpoint, body, options),
        "status": lambda: client.status(endpoint, request_id),
        "cancel": lambda: client.cancel(endpoint, request_id),
        "result": lambda: client.result(endpoint, request_id),
    }
    return {name: tap.during(lambda call=call: refusable(call))[-1] for name, call in calls.items()}  # type: ignore[misc]


def refusable(call: Callable[[], Any]) -> None:
    """Some answers are errors to them, as that of a second cancel; here only the requests count."""
    with suppress(Refused):
        call()


def test_every_request_is_the_same_but_for_the_table(
    node: Node, sandbox: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    comparison = Comparison()
    with ExitStack() as stack:
        tap = stack.enter_context(tapped(sandbox))
        official = [stack.enter_context(pointed(node)(tap.site)) for pointed in CLIENTS.values()]
        mine = {
            options: stack.enter_context(Client(Provider("fal", options=options), sandbox=tap.site))
            for options in OPTIONS
        }

        @settings(max_examples=150)
        @given(st.one_of(*map(offered, adapter("fal").offers)), st.sampled_from(OPTIONS), st.sampled_from(HOOKS))
        @published
        def same(request: Request, options: OurOptions, hook: str | None) -> None:
            request_id, sent = ours(tap, mine[options], request, hook)
            for client in official:
                for call, their in theirs(tap, client, request, as_published(options, hook), request_id).items():
                    comparison.compare(client.name, call, sent[call], their)

        same()
    comparison.still_true([client.name for client in official], QUEUE)
    record_property(report.MET, comparison.rows)


FILES = {
    "portrait.png": ("image/png", PNG),
    "portrait.jpeg": ("image/jpeg", b"\xff\xd8\xff\xe0" + bytes(16)),
    "portrait.webp": ("image/webp", b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(16)),
}


def test_an_upload_is_the_same_but_for_the_table(
    node: Node, sandbox: Sandbox, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    comparison = Comparison()
    with tapped(sandbox) as tap, Client("fal", sandbox=tap.site) as client:
        for name, (media_type, content) in FILES.items():
            path = tmp_path / name
            path.write_bytes(content)
            sandbox.reset()
            mine = tap.during(partial(client.submit, client.plan(ImageToVideo("She turns", image=path))))[:-1]
            sandbox.reset()  # so that both are told of the same place for the file
            official = tap.during(partial(JavaScript(node, tap.site).upload, Upload(path, media_type)))
            for call, our, their in zip(STORAGE, mine, official, strict=True):
                comparison.compare(JAVASCRIPT, call, our, their)
    comparison.still_true([JAVASCRIPT], STORAGE)
    record_property(report.MET, comparison.rows)


def published(test: Callable[..., None]) -> Callable[..., None]:
    """Adds the example bodies of fal's pages, every option and every webhook."""
    cases = [
        *((request, OurOptions(), None) for request in PUBLISHED),
        *((TextToVideo("A lighthouse"), options, None) for options in OPTIONS),
        *((TextToVideo("A lighthouse"), OurOptions(), hook) for hook in HOOKS),
    ]
    for case in cases:
        test = example(*case)(test)
    return test
