"""What `omniflash conformance new` begins: red where something is left to do, and green with the answers filled in.

The answers are those of a vendor that does not exist, as its author wrote them by following the documentation alone.
"""

import importlib
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from omniflash.adapter import Adapter
from omniflash.errors import ConfigurationError
from omniflash.spec import CLAUSES, Mode
from omniflash_conformance.case import cases
from omniflash_conformance.grounds.recorded import recorded_stand
from omniflash_conformance.grounds.sandbox import sandbox_stand
from omniflash_conformance.recordings.making import made
from omniflash_conformance.recordings.readable import NOBODY, as_answered, as_asked, bases_of
from omniflash_conformance.runner import Run, tasks
from omniflash_conformance.starting import new, rendered
from omniflash_conformance.verdicts import Verdict
from omniflash_sandbox.declared.contract import Contract, contract_from

NAME = "kinoko"
PACKAGE = f"omniflash_{NAME}"
ANSWERS = Path(__file__).parent / "authors" / PACKAGE
WRITTEN = ("offers.py", "errors.py", "adapter.py")  # what an author writes, once the contract is complete
RENDERED = {Path(place).name: text for place, text in rendered(NAME) if place.startswith(PACKAGE)}
TODO = re.compile(r"# TODO ([A-Z-]+(?:, [A-Z-]+)*)")
Begun = Callable[[str], Adapter]
Steps = tuple[str | int, ...]


def clauses(text: str) -> set[str]:
    """The clauses that the marks of what is left to do name."""
    return {clause for found in TODO.findall(text) for clause in found.split(", ")}


LEFT = {file: clauses(RENDERED[file]) for file in WRITTEN}
EVERY = frozenset().union(*LEFT.values())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a package was begun."""
    new(NAME, output=tmp_path)
    return tmp_path / f"omniflash-{NAME}"


@pytest.fixture
def begun(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begun]:
    """The adapter of the package, with every answer filled in but that of one file."""
    monkeypatch.syspath_prepend(str(folder))

    def load(but: str) -> Adapter:
        for file in WRITTEN:
            if file != but:
                (folder / PACKAGE / file).write_text((ANSWERS / file).read_text("utf-8"), "utf-8")
        found: Adapter = importlib.import_module(PACKAGE).ADAPTER
        return found

    yield load
    for module in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[module]


def red(adapter: Adapter, named: Collection[str], modes: Collection[Mode | None]) -> dict[str, str]:
    """What is broken of the cases of these clauses, each with what was found."""
    contract = Contract.load(ANSWERS / "contract.toml")
    wanted = tasks(case for case in cases().values() if case.clause.id in named)
    with sandbox_stand([contract]) as stand:
        run = Run(NAME, stand=stand, adapter=adapter, contract=contract, examples=2)
        results = [run.result(task) for task in wanted if task[1] in modes]
    assert not {result.case: result.said for result in results if result.verdict is Verdict.ENGINE}
    assert [result for result in results if result.verdict is Verdict.HELD]
    return {result.case: result.said for result in results if result.verdict is Verdict.BROKEN}


@pytest.mark.parametrize("file", WRITTEN)
def test_whatever_is_left_to_do_is_red_by_the_clause_that_stands_beside_it(file: str, begun: Begun) -> None:
    assert LEFT[file]
    assert LEFT[file] <= set(CLAUSES)
    found = red(begun(file), LEFT[file], (None, Mode.TEXT_TO_VIDEO))
    assert {case.rpartition("-")[0] for case in found} == LEFT[file]


def test_what_has_nothing_to_do_with_errors_is_green_without_them(begun: Begun) -> None:
    """Without offers or calls there is no job, and every clause that needs one tells so; without errors there is."""
    assert red(begun("errors.py"), EVERY - LEFT["errors.py"], (None, Mode.TEXT_TO_VIDEO)) == {}


def test_with_the_answers_filled_in_it_is_green(begun: Begun) -> None:
    assert red(begun(""), EVERY, (None, *Mode)) == {}


def test_until_the_contract_is_complete_that_is_told(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"contract\.toml: source: is blank$"):
        Contract.load(folder / PACKAGE / "contract.toml")


def blanks(part: Any, steps: Steps = ()) -> Iterator[tuple[Steps, object]]:
    """Where a document says nothing yet."""
    if part in ("", {}):
        yield steps, part
    for step, inner in part.items() if isinstance(part, dict) else enumerate(part if isinstance(part, list) else ()):
        yield from blanks(inner, (*steps, step))


MAY_BE = {("key", "scheme"), ("requests", 0, "modes", "text_to_video"), ("requests", 0, "defaults")}
BLANKS = {steps: blank for steps, blank in blanks(tomllib.loads(RENDERED["contract.toml"])) if steps not in MAY_BE}


@pytest.mark.parametrize("steps", BLANKS, ids=lambda steps: ".".join(map(str, steps)))
def test_no_blank_of_the_contract_can_be_left(steps: Steps) -> None:
    document = tomllib.loads((ANSWERS / "contract.toml").read_text("utf-8"))
    contract_from(document)
    part: Any = document
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = BLANKS[steps]
    with pytest.raises(ValueError, match=rf"\b{steps[-1]}\b") as told:
        contract_from(document)
    assert str(told.value).startswith(str(steps[0]))


def test_what_is_begun_has_the_name_of_its_provider_everywhere(folder: Path) -> None:
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert "vendorname" not in f"{path}{path.read_text('utf-8')}".lower()
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == f"omniflash-{NAME}"


@pytest.mark.parametrize(
    ("name", "module", "adapter", "variable"),
    [
        ("none", "omniflash_none", "NoneAdapter", "NONE_API_KEY"),
        ("my-2nd_one", "omniflash_my_2nd_one", "My2ndOneAdapter", "MY_2ND_ONE_API_KEY"),
        ("a" * 40, f"omniflash_{'a' * 40}", f"A{'a' * 39}Adapter", f"{'A' * 40}_API_KEY"),
    ],
)
def test_any_name_makes_a_package_that_is_python(name: str, module: str, adapter: str, variable: str) -> None:
    made = dict(rendered(name))
    for place, text in made.items():
        if place.endswith(".py"):
            compile(text, place, "exec")
    assert f"class {adapter}:" in made[f"{module}/adapter.py"]
    assert f'"{variable}"' in made[f"{module}/adapter.py"]


@pytest.mark.parametrize("name", ["", "Acme", "a--b", "-a", "a-", "a/b", "..", "é", "1a", "a b", "a" * 41])
def test_what_is_no_name_makes_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no name for a provider"):
        new(name, output=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["fal", "pixeldojo", "spec", "sandbox", "conformance"])
def test_a_name_that_is_taken_makes_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is taken"):
        new(name, output=tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over_or_beside_what_is_there(folder: Path) -> None:
    kept = folder / PACKAGE / "offers.py"
    for path in [path for path in folder.rglob("*") if path.is_file() and path != kept]:
        path.unlink()
    kept.write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        new(NAME, output=folder.parent)
    assert [path for path in folder.rglob("*") if path.is_file()] == [kept]
    assert kept.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        new(NAME, output=tmp_path / "file")


SHORT = ("JOB-STATES-1", "JOB-CANCEL-3", "CAP-TRUTH-4", "RES-VIDEO-1")


def test_what_it_was_recorded_to_ask_it_is_held_to(begun: Begun, tmp_path: Path) -> None:
    adapter, contract = begun(""), Contract.load(ANSWERS / "contract.toml")
    wanted = [cases()[name] for name in SHORT]
    with sandbox_stand([contract]) as stand:
        run = Run(NAME, stand=stand, adapter=adapter, contract=contract)
        assert {result.verdict for result in made(run, wanted, tmp_path)} == {Verdict.HELD}
    kept = "".join(path.read_text("utf-8") for path in (tmp_path / NAME).iterdir())
    assert f"/{NAME}/api/reels" in kept
    assert "127.0.0.1" not in kept
    again = evolve(run, stand=recorded_stand(NAME, tmp_path))
    assert {again.result(task).verdict for task in tasks(wanted)} == {Verdict.HELD}
    changed = evolve(again, adapter=evolve(adapter, hosts={"api": "https://api.kinoko.example/v4"}))
    assert {changed.result(task).verdict for task in tasks(wanted)} == {Verdict.HELD}  # recordings name no host


@pytest.mark.parametrize(
    ("name", "host", "base", "path"),
    [
        (NAME, "api", "https://api.kinoko.example/studio/v3", f"/{NAME}/api/reels"),
        ("fal", "queue", "https://queue.fal.run", "/fal/queue/google/gemini-omni-flash"),
    ],
)
def test_recordings_of_the_vendor_itself_are_as_those_of_the_sandbox(
    name: str, host: str, base: str, path: str
) -> None:
    bases = bases_of(name, {host: base})
    url = base + path.removeprefix(f"/{name}/{host}")
    body = f'{{"href": "{url}/1"}}'.encode()
    headers = {"content-type": "application/json", "Kinoko-Token": "a-key"}
    asked = as_asked(SimpleNamespace(method="POST", uri=f"{url}?page=1", body=body, headers=headers), bases)
    assert (asked.uri, asked.headers) == (f"{NOBODY}{path}?page=1", {})
    assert asked.body == f'{{"href": "{NOBODY}{path}/1"}}'
    assert as_answered({"body": {"string": body}}, bases)["body"]["string"] == asked.body.encode()
