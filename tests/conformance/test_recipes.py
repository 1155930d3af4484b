"""The CI recipe and the commands of its pages: they are what GitHub and our command line understand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from omniflash.cli.app import build
from omniflash_conformance.starting import rendered

DOCS = Path(__file__).parents[2] / "docs"
ANSWERS = Path(__file__).parent / "authors" / "omniflash_kinoko"
PAGES = ("adding-a-provider.md", "checking-vendors.md")
FILES = dict(rendered("kinoko"))
RECIPE: dict[Any, Any] = yaml.safe_load(FILES[".github/workflows/conformance.yml"])
STEPS: list[dict[str, Any]] = RECIPE["jobs"]["conformance"]["steps"]
(DRIFT,) = re.findall(r"```yaml\n(.+?)```", (DOCS / "checking-vendors.md").read_text("utf-8"), re.DOTALL)
LIVE = next(step for step in STEPS if step.get("id") == "live")


def commands() -> Iterator[str]:
    """Every line of ours: in the recipe, in what a page adds to it, and on the pages."""
    for step in (*STEPS, *yaml.safe_load(DRIFT)):
        yield from (line for line in step.get("run", "").splitlines() if line.startswith("omniflash "))
    for page in PAGES:
        text = (DOCS / page).read_text("utf-8")
        yield from re.findall(r"^\$ (omniflash .+)$", text, re.MULTILINE)
        yield from (" ".join(line.split()) for line in re.findall(r"`(omniflash [a-z][^`]+)`", text))


def test_what_a_page_shows_of_a_provider_is_what_the_suite_was_held_against() -> None:
    shown = re.findall(
        r"^```py\n(.+?)^```", (DOCS / "adding-a-provider.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    files = [path.read_text("utf-8") for path in ANSWERS.glob("*.py")]
    assert len(shown) > 5
    assert [block for block in shown if not any(block in text for text in files)] == []


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_and_option_is_one(line: str) -> None:
    _, *tokens = shlex.split(line.partition(" |")[0].replace("$MOST_USD", "5"))
    command, _, _ = build().parse_args(tokens, exit_on_error=False, print_error=False)
    assert command.__name__ in ("run", "record", "compare", "drift", "new", "providers")


def test_a_command_that_there_is_not_would_be_found() -> None:
    for line in ("conformance run kinoko --cap 5", "conformance look kinoko", "conformance run kinoko --max-cost much"):
        with pytest.raises(Exception, match=r"Unknown option|Unknown command|Invalid value"):
            build().parse_args(line.split(), exit_on_error=False, print_error=False)


def test_the_live_run_is_the_weekly_one_and_has_a_cap_and_the_adapters_key() -> None:
    assert {"--max-cost", "--yes"} <= set(LIVE["run"].split())
    (variable,) = LIVE["env"]
    assert f'("{variable}",)' in FILES["omniflash_kinoko/adapter.py"]
    crons = [each["cron"] for each in RECIPE[True]["schedule"]]  # YAML 1.1 reads `on` as true
    (weekly,) = (cron for cron in crons if not cron.endswith("*"))
    assert f"github.event.schedule == '{weekly}' && 'live'" in RECIPE["env"]["GROUND"]


def test_a_step_that_fails_in_a_pipe_fails() -> None:
    assert RECIPE["defaults"]["run"]["shell"] == "bash"  # GitHub's `bash` is -eo pipefail, its default is not
    assert all("shell" not in step for step in STEPS)


def test_what_comes_after_a_failure_is_done_all_the_same() -> None:
    names = [step.get("id") or step.get("name", "") for step in STEPS]
    after = STEPS[names.index("live") + 1 :]
    assert all(re.match(r"always\(\)|failure\(\)", step["if"]) for step in after)
    assert "gh issue create" in after[-1]["run"]


def test_every_step_that_is_spoken_of_is_there() -> None:
    ids = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.(\w+)\.", FILES[".github/workflows/conformance.yml"])) <= ids
