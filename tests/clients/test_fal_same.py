"""For the same input, our requests to fal are those of both its official clients, but for the table of differences."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from omniflash import Client, Provider, Request, TextToVideo
from omniflash_fal import Options as OurOptions
from omniflash_sandbox import Sandbox
from tests.clients import asking, report
from tests.clients.comparing import Comparison
from tests.clients.conftest import CLIENTS
from tests.clients.javascript_client import Node
from tests.clients.official import Official, Options, Refused
from tests.clients.wire import Sent, Tap, tapped
from tests.providers.test_mapping import EXAMPLES, offered

CALLS = ("submit", "status", "cancel", "result")
PUBLISHED = [request for provider, request, _ in EXAMPLES if provider == "fal"]

options = st.builds(
    OurOptions,
    store_io=st.sampled_from([None, False]),
    priority=st.sampled_from([None, "normal", "low"]),
    start_timeout_s=st.none() | st.integers(2, 3600) | st.floats(1.5, 3600),
    no_retry=st.sampled_from([None, True]),
    no_fallback=st.sampled_from([None, True]),
)


def as_published(ours: OurOptions) -> Options:
    """The same options as a user of the official clients says them (fal, "Common parameters")."""
    headers = {
        "X-Fal-Store-IO": ours.store_io is False and "0",
        "X-Fal-No-Retry": ours.no_retry and "1",
        "x-app-fal-disable-fallback": ours.no_fallback and "true",
    }
    said = {name: value for name, value in headers.items() if value}
    return Options(priority=ours.priority, start_timeout=ours.start_timeout_s, headers=said)


def ours(tap: Tap, request: Request, options: OurOptions) -> tuple[str, Mapping[str, Sent]]:
    """The request id, and what our client sends for each call."""
    jobs = []
    with Client(Provider("fal", options=options), sandbox=tap.site) as client:
        (submit,) = tap.during(lambda: jobs.append(client.submit(client.plan(request))))
        (cancel,) = tap.during(lambda: client.cancel(jobs[0]))
        status, result = tap.during(lambda: client.status(jobs[0]))
    return jobs[0].handle, dict(zip(CALLS, (submit, status, cancel, result), strict=True))


def theirs(tap: Tap, client: Official, request: Request, options: OurOptions, request_id: str) -> Mapping[str, Sent]:
    """What an official client sends for each call, the later ones about the same request."""
    endpoint, body = asking.of_fal(request)
    calls: Mapping[str, Callable[[], Any]] = {
        "submit": lambda: client.submit(endpoint, body, as_published(options)),
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
        tap = stack.enter_context(tapped(sandbox.site))
        clients = [stack.enter_context(pointed(node)(tap.site)) for pointed in CLIENTS.values()]

        @given(offered("fal"), options)
        @published
        def same(request: Request, options: OurOptions) -> None:
            request_id, sent = ours(tap, request, options)
            for client in clients:
                for call, their in theirs(tap, client, request, options, request_id).items():
                    comparison.compare(client.name, call, sent[call], their)

        same()
    comparison.still_true(*(client.name for client in clients))
    record_property(report.MET, comparison.rows)


def published(test: Callable[..., None]) -> Callable[..., None]:
    """Adds the example bodies of fal's pages, and every option that there is."""
    for request in PUBLISHED:
        test = example(request, OurOptions())(test)
    for seconds in (30, 30.0):
        every = OurOptions(store_io=False, priority="low", start_timeout_s=seconds, no_retry=True, no_fallback=True)
        test = example(TextToVideo("A lighthouse"), every)(test)
    return test
