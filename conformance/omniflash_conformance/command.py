"""`omniflash conformance`: hold providers to the clauses, and compare two days."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from json import dumps
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Annotated, Any, TypeAlias

from cyclopts import App, Parameter
from rich.progress import MofNCompleteColumn, Progress, TaskID, TextColumn

from omniflash.cli import show
from omniflash.cli.exits import BUG
from omniflash.discovery import adapter
from omniflash.errors import ConfigurationError
from omniflash.money.quotes import dollars
from omniflash.spec import Subject

from . import exemptions, stamps
from .case import Profile, cases
from .choosing import CASSETTES, EXAMPLES, PATIENCE_S, SEED, Ground, Options, check, checked, chosen
from .grounds.choice import contract_for
from .replacing import replace_text
from .report import Report, Result
from .reports.html import page
from .reports.junit import junit
from .reports.terminal import summary
from .runner import Run
from .supervising import Watcher, supervised
from .verdicts import Verdict

app = App(name="conformance", help="Hold providers to the spec, clause by clause.")
app.command(
    "omniflash_conformance.drift.command:drift",
    name="drift",
    help="Has a vendor changed? Its schemas and recorded answers against our contract.",
)
app.command("omniflash_conformance.starting:new", name="new", help="Begin a package for another provider.")
app.command(
    "omniflash_conformance.reports.command:compare",
    name="compare",
    help="Compare two reports: what broke, healed, changed, came and went.",
)
OUTPUT = Path("conformance-report")


Against: TypeAlias = Annotated[
    Ground, Parameter(help="the ground: a server on this machine, recordings, or the vendor")
]
Only: TypeAlias = Annotated[
    tuple[str, ...],
    Parameter(negative="", help="only this case (JOB-ONCE-3), clause (JOB-ONCE) or family (JOB); may be repeated"),
]
Cassettes: TypeAlias = Annotated[Path, Parameter(help=f"recordings, in a folder for each provider ({CASSETTES})")]
OwnContract: TypeAlias = Annotated[
    Path | None, Parameter(help="the vendor's contract, in place of the one that the provider brings")
]
MaxCost: TypeAlias = Annotated[
    Decimal | None, Parameter(help="the most that each provider may cost, in USD; needed at the vendor itself")
]
Yes: TypeAlias = Annotated[bool, Parameter(negative="", help="spend that without being asked")]


@app.command
def run(
    *providers: Annotated[str, Parameter(help="whom to hold to them; unset, all that are installed")],
    against: Against = Ground.SANDBOX,
    profile: Annotated[
        tuple[Profile, ...], Parameter(negative="", help="only what belongs to this profile; may be repeated")
    ] = (),
    case: Only = (),
    seed: Annotated[int, Parameter(help=f"decides what is drawn: the same seed draws the same ({SEED})")] = SEED,
    examples: Annotated[int, Parameter(help=f"how many examples a drawn case looks at ({EXAMPLES})")] = EXAMPLES,
    patience: Annotated[float, Parameter(help=f"seconds until a case counts as hanging ({PATIENCE_S:g})")] = PATIENCE_S,
    cassettes: Cassettes = CASSETTES,
    contract: OwnContract = None,
    exempt: Annotated[Path | None, Parameter(help="a TOML file of the cases that are known not to hold")] = None,
    max_cost: MaxCost = None,
    yes: Yes = False,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help=f"the folder for report.html, report.json, junit.xml ({OUTPUT})")
    ] = OUTPUT,
    json: Annotated[bool, Parameter(negative="", help="print the report as JSON in place of its summary")] = False,
) -> int:
    """Hold providers to the clauses of the spec, and write a report.

    Unless it is run --against live, nothing leaves this machine, no key is needed and nothing is paid. Exits with 0
    when nothing is broken, with 1 when something is.
    """
    options = asked(
        ground=against,
        only=case,
        profiles=profile,
        seed=seed,
        examples=examples,
        patience_s=patience,
        cassettes=cassettes,
        contract=contract,
        max_cost=max_cost,
    )
    names = checked(providers)
    if contract:
        contract_for("", options)  # one that is not right is told before anything is run
    rows = exemptions.read(exempt) if exempt else ()
    known = stamps.load(stamps.default_path())
    prepared(output)
    _consent(names, options, yes=yes)
    with watched() as watcher:
        report = supervised(names, options, exemptions=rows, stamps=known, watcher=watcher)
    files = write(report, output)
    if against is Ground.LIVE:
        _stamp(report, names)
    if json:
        show.result_json(report.to_json())
    else:
        summary(report, files)
    return 0 if report.ok else BUG


@app.command
def record(
    provider: Annotated[str, Parameter(help="whose calls to record")],
    /,
    *,
    against: Annotated[Ground, Parameter(help="who answers: a server on this machine, or the vendor")] = Ground.SANDBOX,
    case: Only = (),
    cassettes: Cassettes = CASSETTES,
    contract: OwnContract = None,
    max_cost: MaxCost = None,
    yes: Yes = False,
) -> int:
    """Make a provider's recordings anew; each says against whom it was made.

    Only cases that hold are kept. Exits with 0 when nothing is broken, with 1 when something is.
    """
    from .grounds.choice import stand
    from .recordings.making import made

    (name,) = checked([provider])
    options = asked(ground=against, only=case, cassettes=cassettes, contract=contract, max_cost=max_cost)
    if against is Ground.RECORDED:
        raise ConfigurationError("a recording cannot be recorded", remedy="record --against sandbox, or live")
    wanted = chosen(options, Subject.ADAPTER)
    _consent([name], options, yes=yes)
    broken = 0
    vendors = contract_for(name, options)
    with stand(name, options, vendors) as ground:
        for result in made(Run(name, stand=ground, adapter=adapter(name), contract=vendors), wanted, cassettes):
            broken += result.verdict in (Verdict.BROKEN, Verdict.ENGINE)
            show.result(" ".join(filter(None, (result.case, result.mode, result.verdict, result.said))))
    return BUG if broken else 0


def asked(**given: Any) -> Options:
    """The options of a run. Raises ConfigurationError for those that are none, or leave nothing to run."""
    try:
        options = Options(**given)
    except ValueError as problem:
        raise ConfigurationError(str(problem), remedy="see `omniflash conformance run --help`") from problem
    check(options)
    return options


def _stamp(report: Report, providers: Iterable[str]) -> None:
    """Keep the day on which each case held at the vendor itself, which only hosts of the adapter's own are."""
    from .grounds.live import at_vendor

    path = stamps.default_path()
    met = {name for name in providers if at_vendor(adapter(name))}
    if met:
        stamps.save(stamps.load(path).after(report, met), path)


def _consent(providers: Iterable[str], options: Options, *, yes: bool) -> None:
    """Say what a live run costs at most, and ask. Raises ConfigurationError where nobody can be asked, or says no."""
    if options.ground is not Ground.LIVE:
        return
    from .grounds.live import live_stand

    wanted = chosen(options, Subject.ADAPTER)
    for name in providers:
        stand = live_stand(adapter(name), wanted, options.max_cost)
        show.note(f"up to {dollars(stand.most)} for {stand.server}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError("a live run costs money, and nobody is here to be asked", remedy="add --yes")
    show.aside.print("Spend it? [y/N] ", end="")
    if input().strip().lower() not in ("y", "yes"):
        raise ConfigurationError("nothing was run", remedy="say yes, or leave --against live out")


@app.command(name="cases")
def listed(*, json: Annotated[bool, Parameter(negative="", help="print them as JSON")] = False) -> int:
    """List every case: its id, what it needs, and what it demands."""
    found = cases().values()
    if json:
        show.result_json([{"id": c.id, "title": c.title, "needs": c.needs, "profile": c.profile} for c in found])
        return 0
    for each in found:
        show.result(f"{each.id:<18} {each.needs:<36} {each.title}")
    return 0


def prepared(folder: Path) -> None:
    """See that a report can be written there before anything is run. Raises ConfigurationError where it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise _unwritable(problem) from problem


def _unwritable(problem: OSError) -> ConfigurationError:
    return ConfigurationError(f"the report cannot be written: {problem}", remedy="name another folder with --output")


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """Put the report's files into a folder. Raises ConfigurationError where that cannot be."""
    forms = {
        "report.json": dumps(report.to_json(), indent=1, allow_nan=False),
        "report.html": page(report),
        "junit.xml": junit(report),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in forms.items():
            replace_text(folder / name, text + "\n")
    except OSError as problem:
        raise _unwritable(problem) from problem
    return tuple(folder / name for name in forms)


@contextmanager
def watched() -> Iterator[Watcher]:
    """Shows how many cases have been run, on a terminal; elsewhere nothing, the summary says it all."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TextColumn("{task.fields[case]}"))
    bar, lock = Progress(*columns, console=show.aside, transient=True), Lock()
    tasks: dict[str, TaskID] = {}

    def note(provider: str, result: Result) -> None:
        with lock:
            if provider not in tasks:
                tasks[provider] = bar.add_task(provider, total=None, case="")
            bar.update(tasks[provider], advance=1, case=result.case)

    with bar if show.aside.is_terminal else nullcontext():
        yield note
