"""Keeping the zoo: which cases catch a specimen, and whether they are of the clause that it breaks."""

from typing import Any

from attrs import evolve, frozen

from omniflash.discovery import adapter
from omniflash.spec import Subject

from ..case import cases
from ..grounds.stand import Stand
from ..report import Result
from ..runner import Run, tasks
from ..verdicts import Verdict
from .specimen import Specimen


@frozen
class Catch:
    """What became of a specimen: the results of its clause's cases."""

    specimen: Specimen
    results: tuple[Result, ...]

    @property
    def by(self) -> tuple[Result, ...]:
        """The results that caught it."""
        return tuple(result for result in self.results if result.verdict is Verdict.BROKEN)


def caught(specimen: Specimen, stand: Stand, *, seed: int = 0, examples: int = 25) -> Catch:
    """Run the cases of the clause that a specimen breaks."""
    run = run_of(specimen, Run(specimen.provider, stand=stand, seed=seed, examples=examples))
    wanted = [case for case in cases().values() if case.clause.id == specimen.clause]
    return Catch(specimen, tuple(run.result(task) for task in tasks(wanted)))


def run_of(specimen: Specimen, run: Run) -> Run:
    """The run with a specimen in its subject's place; what it does not replace is ours."""
    made: Any = specimen.make()
    match specimen.subject:
        case Subject.SPEC:
            return evolve(run, spec=made)
        case Subject.ADAPTER:
            return evolve(run, adapter=made)
        case Subject.CLIENT:
            return evolve(run, client=made, adapter=adapter(run.provider))
