"""The table of differences: where our requests are not those of a vendor's own client, why, and where that is said.

Requests are compared whole, every header included but Accept-Encoding, which says what a machine happens to be able to
unpack; what is in no row has to be the same.
"""

from collections.abc import Callable

from attrs import field, frozen

from tests.clients import javascript_client, pixeldojo_examples, python_client

PYTHON, JAVASCRIPT = python_client.NAME, javascript_client.NAME
EXAMPLE, EXAMPLE_IN_JAVASCRIPT = (example.name for example in pixeldojo_examples.EXAMPLES)
QUEUE = ("submit", "status", "result", "cancel")
JOBS = ("submit", "status")
STORAGE = ("initiate", "upload")


@frozen(kw_only=True)
class Row:
    """What differs from which client, in which calls. `ours` and `theirs` are patterns; None is what is not sent.

    `equal_as` reads both values to what must be the same in them.
    """

    client: str
    calls: tuple[str, ...]
    place: str
    ours: str | None
    theirs: str | None
    reason: str
    source: str
    equal_as: Callable[[str], object] | None = field(default=None, repr=False)


def _names(client: str, theirs: str, calls: tuple[str, ...] = QUEUE) -> Row:
    return Row(
        client=client,
        calls=calls,
        place="header user-agent",
        ours="omniflash/*",
        theirs=theirs,
        reason="each says its own name",
        source="RFC 9110, 10.1.5",
    )


def _kept_open(client: str, calls: tuple[str, ...] = QUEUE) -> Row:
    return Row(
        client=client,
        calls=calls,
        place="header connection",
        ours=None,
        theirs="keep-alive",
        reason="a connection is kept open unless one side says otherwise",
        source="RFC 9112, 9.3",
    )


def _fetched(client: str, header: str, theirs: str, calls: tuple[str, ...] = QUEUE) -> Row:
    return Row(
        client=client,
        calls=calls,
        place=f"header {header}",
        ours=None,
        theirs=theirs,
        reason="fetch() adds it by itself, and no vendor asks for it",
        source="the Fetch standard",
    )


def _no_logs(client: str, theirs: str) -> Row:
    return Row(
        client=client,
        calls=("status",),
        place="query logs",
        ours=None,
        theirs=theirs,
        reason="we show no logs, and without it there are none",
        source="fal, queue/status: null unless logs=1",
    )


def _timeout(client: str, ours: str, theirs: str) -> Row:
    return Row(
        client=client,
        calls=("submit",),
        place="header x-fal-request-timeout",
        ours=ours,
        theirs=theirs,
        reason="whole seconds are written as they were given; it is the same number",
        source="both clients, which differ from each other in this",
        equal_as=float,
    )


ROWS: tuple[Row, ...] = (
    _names(PYTHON, "fal-client/1.0.3 (python)"),
    _kept_open(PYTHON),
    _no_logs(PYTHON, "false"),
    _timeout(PYTHON, "[1-9]*", "*.0"),
    _names(JAVASCRIPT, "@fal-ai/client/1.10.1"),
    _kept_open(JAVASCRIPT),
    _fetched(JAVASCRIPT, "accept-language", "[*]"),
    _fetched(JAVASCRIPT, "sec-fetch-mode", "cors"),
    _no_logs(JAVASCRIPT, "0"),
    _timeout(JAVASCRIPT, "*.0", "[1-9]*"),
    Row(
        client=JAVASCRIPT,
        calls=(*QUEUE, "initiate"),
        place="header accept",
        ours="[*]/[*]",
        theirs="application/json",
        reason="JSON is all that there is, as with fal's Python client, which accepts anything too",
        source="fal_client 1.0.3",
    ),
    Row(
        client=JAVASCRIPT,
        calls=("status", "result", "cancel"),
        place="header content-type",
        ours=None,
        theirs="application/json",
        reason="there is no body for it to describe",
        source="RFC 9110, 8.3; fal_client 1.0.3 does not send it either",
    ),
    Row(
        client=JAVASCRIPT,
        calls=("submit",),
        place="header x-fal-queue-priority",
        ours=None,
        theirs="normal",
        reason="sent only when it was asked for",
        source="fal_client 1.0.3 does the same",
    ),
    _names(JAVASCRIPT, "@fal-ai/client/1.10.1", ("initiate",)),
    _names(JAVASCRIPT, "node", ("upload",)),
    _kept_open(JAVASCRIPT, STORAGE),
    _fetched(JAVASCRIPT, "accept-language", "[*]", STORAGE),
    _fetched(JAVASCRIPT, "sec-fetch-mode", "cors", STORAGE),
    Row(
        client=JAVASCRIPT,
        calls=("initiate",),
        place="body file_name",
        ours='"image.*"',
        theirs='"portrait.*"',
        reason="the name of the user's own file is nobody's business",
        source="fal's storage takes any name: @fal-ai/client makes one up where there is none",
    ),
    Row(
        client=JAVASCRIPT,
        calls=("initiate",),
        place="header content-length",
        ours="*",
        theirs="*",
        reason="the other name has another length",
        source="the row above",
    ),
    _names(EXAMPLE, "python-requests/*", JOBS),
    _kept_open(EXAMPLE, JOBS),
    Row(
        client=EXAMPLE,
        calls=("submit",),
        place="header content-length",
        ours="*",
        theirs="*",
        reason="the same JSON, which requests writes with blanks in it",
        source="RFC 8259, 2: blanks mean nothing",
    ),
    _names(EXAMPLE_IN_JAVASCRIPT, "node", JOBS),
    _kept_open(EXAMPLE_IN_JAVASCRIPT, JOBS),
    _fetched(EXAMPLE_IN_JAVASCRIPT, "accept-language", "[*]", JOBS),
    _fetched(EXAMPLE_IN_JAVASCRIPT, "sec-fetch-mode", "cors", JOBS),
)
