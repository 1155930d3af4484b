"""Keeping the zoo: which cases catch a specimen, and what is blamed in a sound subject."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.resources import files
from typing import Any

from attrs import evolve, frozen

from omniflash.adapter import Adapter
from omniflash.discovery import adapter
from omniflash.spec import Subject
from omniflash_sandbox.declared.contract import Contract

from ..case import cases
from ..choosing import SPEC, Options
from ..grounds.choice import contract_for
from ..grounds.paper import PaperStand
from ..grounds.sandbox import SandboxStand, sandbox_stand
from ..grounds.stand import Stand
from ..report import Result
from ..runner import Run, tasks
from ..verdicts import Verdict
from . import acme
from .specimen import Specimen


@frozen
class Caught:
    """What became of a specimen: the cases of its clause that caught it, with what they said."""

    habit: str
    clause: str
    by: tuple[str, ...]
    said: tuple[str, ...]


def sound(provider: str) -> Adapter:
    """The sound adapter of a provider: an installed one, or the made-up vendor's."""
    return acme.ADAPTER if provider == acme.PROVIDER else adapter(provider)


def contract_of(provider: str) -> Contract | None:
    """The contract of a provider's vendor."""
    if provider != acme.PROVIDER:
        return contract_for(provider, Options())
    return Contract.load(files(__package__) / "acme.toml")


def zoo_stand() -> AbstractContextManager[SandboxStand]:
    """A sandbox that speaks for the made-up vendor too."""
    contract = contract_of(acme.PROVIDER)
    return sandbox_stand([contract] if contract else [])


def run_of(provider: str, stand: Stand) -> Run:
    """A run of a sound provider, or of the spec."""
    if provider == SPEC:
        return Run(SPEC, stand=PaperStand())
    return Run(provider, stand=stand, adapter=sound(provider), contract=contract_of(provider))


def caught(specimen: Specimen, stand: Stand) -> Caught:
    """Which cases of the clause that a specimen breaks catch it."""
    broken = [result for result in results(specimen, stand) if result.verdict is Verdict.BROKEN]
    by = dict.fromkeys(result.case for result in broken)
    return Caught(specimen.habit, specimen.clause, tuple(by), tuple(result.said for result in broken))


def results(specimen: Specimen, stand: Stand) -> Iterator[Result]:
    """What the cases of the clause that a specimen breaks find of it, one after another."""
    run = _with(specimen, run_of(specimen.provider, stand))
    wanted = [case for case in cases().values() if case.clause.id == specimen.clause]
    return map(run.result, tasks(wanted))


def _with(specimen: Specimen, run: Run) -> Run:
    """The run with a specimen in its subject's place."""
    made: Any = specimen.make()
    match specimen.subject:
        case Subject.SPEC:
            return evolve(run, spec=made)
        case Subject.ADAPTER:
            return evolve(run, adapter=made)
        case Subject.CLIENT:
            return evolve(run, client=made)


def blamed(provider: str, stand: Stand) -> Iterator[Result]:
    """What is held against a sound provider, and should not be."""
    run = run_of(provider, stand)
    held_to = {Subject.SPEC} if provider == SPEC else {Subject.ADAPTER, Subject.CLIENT}
    for task in tasks(case for case in cases().values() if case.subject in held_to):
        result = run.result(task)
        if result.verdict in (Verdict.BROKEN, Verdict.ENGINE):
            yield result
