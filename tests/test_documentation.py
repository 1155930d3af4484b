"""The documentation's own examples, run; and the README's own lines, which CI runs too."""

import inspect
import re
import runpy
import shlex
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import omniflash
from omniflash.cli import main
from omniflash.config import load
from omniflash.house import House
from omniflash.spec import LATEST
from omniflash.testing import SandboxClient
from omniflash_conformance import exemptions
from omniflash_conformance.case import Profile
from omniflash_conformance.report import Column, Report, Result, Standing
from omniflash_conformance.reports.terminal import summary
from omniflash_conformance.verdicts import Verdict
from omniflash_fal.offers import UPLOAD_LIMIT
from omniflash_sandbox import Sandbox
from tests.conftest import PNG

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture
def vendors(omniflash_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client that an example makes works on the sandbox, and the files that it names are there."""
    made = House.__init__

    def sandboxed(self: House, *arguments: Any, **settings: Any) -> None:
        made(self, *arguments, **{"sandbox": omniflash_sandbox.site, **settings})

    monkeypatch.setattr(House, "__init__", sandboxed)
    Path("portrait.png").write_bytes(PNG)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_runs(page: Path, vendors: None, request: pytest.FixtureRequest) -> None:
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(page)
    for example in document.examples():
        example.evaluate()
    for name, value in document.namespace.items():
        if name in ("portrait", "many") or name.startswith("test_"):
            run(value, request)


def run(function: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    """Call an example as pytest would: with the fixtures that it names, awaited if it is to be, on an empty sandbox."""
    sandbox = request.getfixturevalue("omniflash_sandbox")
    sandbox.reset()
    with SandboxClient(sandbox) as client:  # a new one for each example: a client remembers how its vendors did
        own = {"omniflash_client": client}
        names = inspect.signature(function).parameters
        given = {name: own[name] if name in own else request.getfixturevalue(name) for name in names}
        if inspect.iscoroutinefunction(function):
            anyio.run(partial(function, **given))
        else:
            function(**given)


def test_readme_and_ci_run_the_same_test_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (command,) = re.findall(r"<!-- test -->\n```sh\n(.+)\n```", readme)
    shown = subprocess.run(
        ["sed", "-n", "/<!-- test -->/,/```$/p", ROOT / "README.md"], capture_output=True, text=True, check=True
    )
    assert command in shown.stdout
    assert "<!-- test -->" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_readmes_numbers_are_the_specs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"{LATEST.duration} seconds" in readme
    assert " or ".join(LATEST.aspect_ratios) in readme
    assert f"local files up to {UPLOAD_LIMIT // 2**20} MiB" in readme


def test_nothing_but_the_public_names_is_needed_for_the_readme() -> None:
    names = re.findall(r"omniflash\.([A-Za-z]\w+)", (ROOT / "README.md").read_text("utf-8"))
    assert {name for name in names if name != "mp4"} <= set(omniflash.__all__)


# The conformance suite


def test_every_table_that_is_derived_is_on_a_page() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "derived.py"))["tables"]()
    shown = {name for page in PAGES for name in re.findall(r"{{ (\w+) }}", page.read_text("utf-8"))}
    assert shown == set(made)


def blocks(page: str, language: str) -> list[str]:
    """The code of this language on a page."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("page", ["configuration.md", "prices.md"])
def test_the_settings_that_are_shown_can_be_read(page: str, tmp_path: Path) -> None:
    path = tmp_path / "omniflash.toml"
    path.write_text("".join(blocks(page, "toml")), "utf-8")
    assert load(path).price


def test_what_is_shown_of_wrong_prices_is_what_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = '[[price]]\nprovider = "pixeldojo"\nunit = "clip"\nusd = {}\nas_of = 2026-11-01\n'
    Path("omniflash.toml").write_text(wrong.format(1) + wrong.format(-1) + 'mode = "edti"\n', "utf-8")
    assert main(["prices"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert sorted(told) == sorted("".join(blocks("prices.md", "text")).splitlines())


def test_the_exemptions_that_are_shown_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "exempt.toml"
    path.write_text("".join(blocks("conformance.md", "toml")), "utf-8")
    (row,) = exemptions.read(path)
    broken = Result(case=row.case, verdict=Verdict.BROKEN, title="", said=f"cancelling {row.expects}")
    assert exemptions.applied(broken, row.provider, [row], date.min).verdict is Verdict.EXEMPT
    assert exemptions.applied(broken, row.provider, [row], row.until).verdict is Verdict.BROKEN


def shown_runs() -> dict[str, str]:
    """What the page of the suite shows as printed, by the command that prints it."""
    found = (block.partition("\n") for block in blocks("conformance.md", "console"))
    return {command.removeprefix("$ "): printed for command, _, printed in found if printed}


def test_a_live_run_says_what_it_costs_as_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    command = "omniflash conformance run fal --against live"
    assert main(shlex.split(command)[1:]) == 2
    assert capsys.readouterr().err == shown_runs()[command]


def test_a_run_prints_what_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the numbers, which are one day's: a run of everything takes a minute."""
    monkeypatch.setenv("COLUMNS", "80")
    shown = shown_runs()["omniflash conformance run fal pixeldojo"]
    report = Report(
        made_at=datetime.now(UTC),
        omniflash=version("omniflash"),
        ground="sandbox",
        server=f"the sandbox of omniflash {version('omniflash')}, not the vendor",
        seed=0,
        examples=25,
        columns=tuple(column(shown, *row) for row in re.findall(r"│ (\w+) +│ +(\d+) │ +(\d+) │", shown)),
    )
    summary(report, [Path("conformance-report") / name for name in ("report.json", "report.html", "junit.xml")])
    assert capsys.readouterr().out == shown


def column(shown: str, name: str, *numbers: str) -> Column:
    """A column with as many results of each kind, and the profiles that are shown to be held."""
    (held,) = re.findall(rf"^{name}: (.+)$", shown, re.MULTILINE)
    results = [
        Result(case="JOB-ONCE-1", verdict=verdict, title="")
        for verdict, number in zip((Verdict.HELD, Verdict.NOT_DECLARED), numbers, strict=True)
        for _ in range(int(number))
    ]
    profiles = {Profile(words.removesuffix(" held")): Standing.HELD for words in held.split(", ")}
    return Column(name=name, results=tuple(results), profiles=profiles)
