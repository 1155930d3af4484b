"""Mutation testing of the spec and of both adapters: what of their code can be changed without a test noticing.

Every survivor has to stand in equivalent.toml with the reason why no test can notice it; a row there that is no
survivor any more is told too. `--only form` tries the modules of that name alone, `--processes N` so many at once.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from tests.mutation.equivalent import Verdict, judged
from tests.mutation.mutants import mutants_of
from tests.mutation.trial import survivors

LEAST = 95.0  # percent


@frozen
class Target:
    """A package, and the tests that judge it: those that need no server, so that a mutant takes well below a second."""

    package: str
    folder: str
    tests: tuple[str, ...]
    part: str


TARGETS = (
    Target("omniflash.spec", "omniflash/spec", ("tests/spec",), "omniflash/spec"),
    Target(
        "omniflash_pixeldojo",
        "providers/omniflash_pixeldojo",
        tuple(f"tests/providers/test_{name}.py" for name in ("pixeldojo", "protocols", "lists")),
        "providers",
    ),
    Target(
        "omniflash_fal",
        "providers/omniflash_fal",
        tuple(f"tests/providers/test_{name}.py" for name in ("fal", "fal_webhooks", "protocols", "lists")),
        "providers",
    ),
)


def trial(target: Target, only: str, processes: int) -> Verdict:
    """Every mutant of a package, or of the modules of one name, tried."""
    modules = {
        target.package if path.stem == "__init__" else f"{target.package}.{path.stem}": path
        for path in sorted(Path(target.folder).glob("*.py"))
    }
    tried = [module for module, path in modules.items() if only in ("", path.stem)]
    mutants = [mutant for module in tried for mutant in mutants_of(module, modules[module])]
    alive = survivors(mutants, target.tests, processes) if mutants else ()
    return judged(tried, modules, len(mutants), [mutant.change for mutant in alive])


def report(name: str, verdict: Verdict) -> None:
    print(
        f"{name:<22}{verdict.made:>6,} mutants, {verdict.killed:>6,} killed: {verdict.score:.1f} %;"
        f" {len(verdict.equivalent)} equivalent, {len(verdict.unexplained)} unexplained",
        flush=True,
    )


def main(arguments: Sequence[str] = sys.argv[1:]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", default=[target.package for target in TARGETS], metavar="PACKAGE")
    parser.add_argument("--only", default="", metavar="MODULE")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    begin = time.perf_counter()
    parts: dict[str, Verdict] = {}
    for target in TARGETS:
        if target.package in asked.packages:
            verdict = trial(target, asked.only, asked.processes)
            report(target.package, verdict)
            parts[target.part] = parts[target.part] + verdict if target.part in parts else verdict
    for part, verdict in parts.items():
        report(part, verdict)
    print(f"in {time.perf_counter() - begin:.0f} s")
    wrong = [*complaints(parts)]
    if wrong:
        raise SystemExit("\n".join(wrong))


def complaints(parts: dict[str, Verdict]) -> list[str]:
    """What keeps the run from holding."""
    told = [f"{part}: less than {LEAST} % are killed" for part, verdict in parts.items() if verdict.score < LEAST]
    for verdict in parts.values():
        told += [f"no test notices\n{change}" for change in verdict.unexplained]
        told += [f"stale in the list: no such survivor\n{change}" for change in verdict.stale]
    return told


if __name__ == "__main__":
    main()
