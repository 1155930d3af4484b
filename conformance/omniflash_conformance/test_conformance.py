"""The suite as tests: one for each case of the providers that `--omniflash-provider` names, or of all there are."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from attrs import evolve, frozen

from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.spec import Subject

from .choosing import Ground, Options, chosen
from .grounds.choice import contract_for, stand
from .grounds.paper import PaperStand
from .runner import Run, Task, tasks
from .verdicts import Verdict
from .worker import SPEC, name_of

HELD_TO: dict[bool, tuple[Subject, ...]] = {True: (Subject.SPEC,), False: (Subject.ADAPTER, Subject.CLIENT)}


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
    value = metafunc.config.getoption
    options = Options(
        ground=Ground(value("--omniflash-against")),
        only=tuple(value("--omniflash-case")),
        seed=value("--omniflash-seed"),
        examples=value("--omniflash-examples"),
    )
    providers = (SPEC, *(value("--omniflash-provider") or installed(PROVIDERS)))
    asked = [
        Asked(provider, task, options)
        for provider in providers
        for task in tasks(chosen(options, *HELD_TO[provider == SPEC]))
    ]
    metafunc.parametrize("asked", asked, ids=str)


class Stands:
    """A ground for each provider, kept for the whole session."""

    def __init__(self, exit_: ExitStack) -> None:
        self._exit = exit_
        self.run = cache(self._run)

    def _run(self, provider: str, options: Options) -> Run:
        made = Run(SPEC, stand=PaperStand()) if provider == SPEC else self._of(provider, options)
        return evolve(made, seed=options.seed, examples=options.examples)

    def _of(self, provider: str, options: Options) -> Run:
        contract = contract_for(provider, options)
        ground = self._exit.enter_context(stand(provider, options, contract))
        return Run(provider, stand=ground, adapter=adapter(provider), contract=contract)


@pytest.fixture(scope="session")
def stands() -> Iterator[Stands]:
    """Every ground that is needed."""
    with ExitStack() as exit_:
        yield Stands(exit_)


def test_conformance(asked: Asked, stands: Stands) -> None:
    """It holds; what was not declared or could not be run is skipped, in the words of the report."""
    result = stands.run(asked.provider, asked.options).result(asked.task)
    if result.verdict in (Verdict.NOT_DECLARED, Verdict.NOT_RUN):
        pytest.skip(f"{result.verdict}: {result.said}")
    if result.verdict in (Verdict.BROKEN, Verdict.ENGINE):
        pytest.fail(f"{result.title}\n{result.verdict}: {result.said}\nagain: {result.again}", pytrace=False)
