"""The suite as tests: one for each case of the providers that `--omniflash-provider` names, or of all there are."""

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

from omniflash.discovery import adapter
from omniflash.errors import OmniflashError

from .choosing import CASSETTES, HELD_TO, SPEC, Ground, Options, check, checked, chosen
from .grounds.choice import contract_for, stand
from .grounds.paper import PaperStand
from .means.declaration import malformed
from .runner import Run, Task, tasks
from .verdicts import Verdict
from .worker import NO_DECLARATION, WELL_FORMED, name_of


@frozen
class Asked:
    """A case of a provider, with the options that it is run with."""

    provider: str
    task: Task
    options: Options

    def __str__(self) -> str:
        return f"{self.provider}-{name_of(self.task).replace(' ', '-')}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each case: the spec's once, the others for each provider."""
    try:
        options = asked_for(metafunc.config)
        check(options)
        providers = (SPEC, *checked(metafunc.config.getoption("--omniflash-provider")))
    except InvalidOperation as problem:
        raise pytest.UsageError("--omniflash-max-cost is no amount in USD") from problem
    except (OmniflashError, ValueError) as problem:
        raise pytest.UsageError(str(problem)) from problem
    asked = [
        Asked(provider, task, options)
        for provider in providers
        for task in tasks(chosen(options, *HELD_TO[provider == SPEC]))
    ]
    metafunc.parametrize("asked", asked, ids=str)


def asked_for(config: pytest.Config) -> Options:
    """The options of the command line, as the suite takes them."""
    value = config.getoption
    cost, cassettes = value("--omniflash-max-cost"), value("--omniflash-cassettes")
    return Options(
        ground=Ground(value("--omniflash-against")),
        only=tuple(value("--omniflash-case")),
        seed=value("--omniflash-seed"),
        examples=value("--omniflash-examples"),
        cassettes=Path(cassettes) if cassettes else CASSETTES,
        max_cost=Decimal(cost) if cost else None,
    )


class Stands:
    """A ground for each provider, kept for the whole session."""

    def __init__(self, exit_: ExitStack) -> None:
        self._exit = exit_
        self.run = cache(self._run)

    def _run(self, provider: str, options: Options) -> Run:
        made = Run(SPEC, stand=PaperStand()) if provider == SPEC else self._of(provider, options)
        return made.by(options)

    def _of(self, provider: str, options: Options) -> Run:
        contract = contract_for(provider, options)
        given = adapter(provider)
        ground = self._exit.enter_context(stand(provider, options, contract))
        return Run(provider, stand=ground, adapter=given, contract=contract)


@pytest.fixture(scope="session")
def stands() -> Iterator[Stands]:
    """Every ground that is needed."""
    with ExitStack() as exit_:
        yield Stands(exit_)


def test_conformance(asked: Asked, stands: Stands) -> None:
    """It holds; what was not declared or could not be run is skipped, in the words of the report."""
    try:
        run = stands.run(asked.provider, asked.options)
    except OmniflashError as problem:
        pytest.fail(f"{asked.provider} cannot be looked at: {problem}", pytrace=False)
    if asked.task[0].id != WELL_FORMED and run.adapter is not None and malformed(run.adapter):
        pytest.skip(NO_DECLARATION)
    result = run.result(asked.task)
    if result.verdict in (Verdict.NOT_DECLARED, Verdict.NOT_RUN):
        pytest.skip(f"{result.verdict}: {result.said}")
    if result.verdict in (Verdict.BROKEN, Verdict.ENGINE):
        pytest.fail(f"{result.title}\n{result.verdict}: {result.said}\nagain: {result.again}", pytrace=False)
