"""What a run prints at its end: what each client did, and where our requests differ from theirs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from tests.clients.asking import APP
from tests.clients.differences import ROWS

HEAD = ("client", "operation", "endpoint", "result")
DID, MET = "did", "met"
"""The properties of a test that the tables are made of."""


def tables(passed: Iterable[pytest.TestReport]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each table's title and lines, of the tests that passed."""
    told: list[tuple[str, Any]] = [pair for each in passed for pair in each.user_properties]
    did = [line for name, line in told if name == DID]
    if did:
        yield "what the vendors' own clients did", columns([HEAD, *together(did)])
    met = {row for name, rows in told if name == MET for row in rows}
    if met:
        yield "where our requests differ from theirs", list(differing(met))


def together(did: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """One line for all endpoints where the same came of the same."""
    endpoints: dict[tuple[str, str, str], list[str]] = {}
    for client, operation, endpoint, result in did:
        endpoints.setdefault((client, operation, result), []).append(endpoint.removeprefix(APP) or "/")
    for (client, operation, result), several in sorted(endpoints.items()):
        yield client, operation, " ".join(dict.fromkeys(several)), result


def columns(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def differing(met: set[object]) -> Iterator[str]:
    for row in ROWS:
        if row in met:
            yield f"{row.client}, {', '.join(row.calls)}: {row.place}"
            yield f"    ours {shown(row.ours)}, theirs {shown(row.theirs)}: {row.reason} [{row.source}]"


def shown(pattern: str | None) -> str:
    return "not sent" if pattern is None else repr(pattern)
