"""The documentation's own examples, run; and the README's own lines, which CI runs too."""

import inspect
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

import omniflash
from omniflash.house import House
from omniflash.spec import LATEST
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
    request.getfixturevalue("omniflash_sandbox").reset()
    given = {name: request.getfixturevalue(name) for name in inspect.signature(function).parameters}
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
