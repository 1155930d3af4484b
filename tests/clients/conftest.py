"""The clients, each pointed at an empty sandbox under the virtual clock; and at the end, what each of them did."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import pytest

from omniflash_sandbox import Sandbox
from tests.clients import javascript_client, python_client, report
from tests.clients.javascript_client import JavaScript, Node
from tests.clients.official import Official

Pointing: TypeAlias = Callable[[Any], AbstractContextManager[Official]]
Did: TypeAlias = Callable[[str, str, str, str], None]

CLIENTS: Mapping[str, Callable[[Node], Pointing]] = {
    "python": lambda node: python_client.pointed,
    "javascript": lambda node: lambda site: nullcontext(JavaScript(node, site)),
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is never reached through the proxy of whoever runs the tests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def sandbox(omniflash_sandbox: Sandbox) -> Sandbox:
    """An empty sandbox under the virtual clock."""
    return omniflash_sandbox


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """The one process that the JavaScript client lives in."""
    with javascript_client.node() as process:
        yield process


@pytest.fixture(params=[*CLIENTS])
def pointed(request: pytest.FixtureRequest, node: Node) -> Pointing:
    """Each of fal's official clients in turn, to be pointed at some site."""
    return CLIENTS[request.param](node)


@pytest.fixture
def client(pointed: Pointing, sandbox: Sandbox) -> Iterator[Official]:
    """Each of fal's official clients in turn, pointed at the sandbox."""
    with pointed(sandbox.site) as client:
        yield client


@pytest.fixture
def did(record_property: Callable[[str, object], None]) -> Did:
    """Takes a line for the table: client, operation, endpoint, result."""

    def tell(*line: str) -> None:
        record_property(report.DID, line)

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in report.tables(terminalreporter.getreports("passed")):
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
