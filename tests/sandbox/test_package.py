"""What the package gives its users: public names that load lazily, pytest fixtures, and the embedded sandbox."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest

from omniflash_sandbox import Sandbox, embedded
from tests.conftest import unwatched

HEAVY = ("av", "cryptography", "httpx", "jsonschema", "starlette", "uvicorn", "sqlite3")


def loaded(statement: str) -> set[str]:
    """Which of the heavy packages a statement loads, in an interpreter of its own."""
    code = f"{statement}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=unwatched())
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["", ".command", ".contracts", ".pytest_plugin"])
def test_importing_the_package_loads_no_server(module: str) -> None:
    assert loaded(f"import omniflash_sandbox{module}") == set()


def test_a_running_sandbox_has_loaded_no_codec_and_no_validator() -> None:
    assert loaded("from omniflash_sandbox import Sandbox\nwith Sandbox(): pass") == {"starlette", "uvicorn", "sqlite3"}


def test_the_package_imports_nothing_of_omniflash() -> None:
    modules = loaded_modules("from omniflash_sandbox import Sandbox\nwith Sandbox(): pass")
    assert not [name for name in modules if name.split(".")[0] in ("omniflash", "omniflash_fal", "omniflash_pixeldojo")]


def loaded_modules(statement: str) -> list[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    import omniflash_sandbox

    with pytest.raises(AttributeError, match="has no attribute 'Sandboxes'"):
        _ = omniflash_sandbox.Sandboxes


def test_the_embedded_sandbox_is_fast_and_keeps_its_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMNIFLASH_SANDBOX_STATE", str(tmp_path))
    with embedded() as site:
        assert (site["speed"], site["virtual"], site["sleep"]) == (20.0, False, None)
        assert httpx.get(f"{site['url']}/_sandbox").json() | {"sleep": None} == site
    assert (tmp_path / "sandbox.sqlite3").is_file()


def test_the_entry_points_lead_to_the_sandbox() -> None:
    points = {point.name: point.load() for point in entry_points(group="omniflash.sandbox")}
    assert points == {"embedded": embedded, "steered": Sandbox}


TESTS = """
def test_the_first(omniflash_sandbox):
    omniflash_sandbox.arm("unavailable")
    omniflash_sandbox.advance(60)
    assert omniflash_sandbox.site["virtual"]

def test_the_second(omniflash_sandbox, omniflash_sandbox_server):
    import httpx
    site = omniflash_sandbox.site
    headers = {"Authorization": f"Key {site['keys']['fal']}"}
    endpoint = f"{site['hosts']['fal']['queue']}/google/gemini-omni-flash"
    answer = httpx.post(endpoint, json={"prompt": "A cat"}, headers=headers)
    assert answer.status_code == 200
    assert len(omniflash_sandbox.charges()) == 1
    assert omniflash_sandbox is omniflash_sandbox_server
"""


def pytest_run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_fixtures_are_there_for_anybodys_tests(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(TESTS)
    assert "2 passed" in pytest_run(tmp_path)


def test_the_fixtures_are_explained_by_pytest(tmp_path: Path) -> None:
    listed = pytest_run(tmp_path, "--fixtures", "--collect-only")
    assert "An empty omniflash sandbox under the virtual clock" in listed
    assert "One omniflash sandbox for the whole session" in listed


def test_a_sandbox_starts_and_stops_again_and_again() -> None:
    for _ in range(3):
        with Sandbox(speed=0) as sandbox:
            assert httpx.get(sandbox.url).is_success
            url = sandbox.url
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
