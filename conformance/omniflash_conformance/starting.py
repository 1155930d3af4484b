"""`omniflash conformance new`: begins a provider's package from the template, under the provider's name."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Annotated

from cyclopts import Parameter

from omniflash.cli import show
from omniflash.discovery import PROVIDERS, installed
from omniflash.errors import ConfigurationError

from .choosing import SPEC

LONGEST = 40
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
WORDS = "small letters and digits, with single - or _ between, a letter first"
TOP = PurePosixPath()
# What the template calls otherwise than the package does: with a dot, it would be at work here.
PLACES: Mapping[str, str] = {"workflows": ".github/workflows", "gitignore": ".gitignore"}


def new(
    name: str, /, *, output: Annotated[Path, Parameter(name=["--output", "-o"], help="where to make it")] = Path()
) -> int:
    """Begin a package for another provider: a folder omniflash-NAME, that is red where something is left to do."""
    home = output / f"omniflash-{checked(name)}"
    made = {home / place: text for place, text in rendered(name)}
    _write(made)
    for path in made:
        show.note(f"wrote {path}")
    show.result(f"next: pip install -e '{home}', then fill in {home}/{module_of(name)}/contract.toml")
    return 0


def checked(name: str) -> str:
    """A name for a new provider. Raises ConfigurationError for one that cannot be, or is taken."""
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise ConfigurationError(f"{name!r} is no name for a provider", remedy=f"up to {LONGEST} of {WORDS}")
    if name == SPEC or name in installed(PROVIDERS) or find_spec(module_of(name)):
        raise ConfigurationError(f"the name {name!r} is taken", remedy="choose another, or uninstall what has it")
    return name


def module_of(name: str) -> str:
    """The name of a provider's package in Python."""
    return f"omniflash_{name.replace('-', '_')}"


def rendered(name: str) -> Iterator[tuple[str, str]]:
    """The package's files, each by its path in the folder."""
    plain = name.replace("-", "_")
    words = {
        "omniflash_vendorname": module_of(name),
        "omniflash>=0.0.0": f"omniflash>={version('omniflash')}",
        "VENDORNAME": plain.upper(),
        "VendorName": "".join(part.capitalize() for part in plain.split("_")),
        "vendorname": name,
    }
    for place, text in _files(files(__package__) / "template"):
        for word, put in words.items():
            place, text = place.replace(word, put), text.replace(word, put)
        yield place, text


def _files(folder: Traversable, within: PurePosixPath = TOP) -> Iterator[tuple[str, str]]:
    for found in sorted(folder.iterdir(), key=lambda one: one.name):
        place = within / PLACES.get(found.name, found.name)
        if found.is_file():
            yield str(place), found.read_text("utf-8")
        elif found.name != "__pycache__":
            yield from _files(found, place)


def _write(made: Mapping[Path, str]) -> None:
    """All files or, where one of them is there already, none. Raises ConfigurationError."""
    there = next((path for path in made if path.exists() or path.is_symlink()), None)
    if there:
        raise ConfigurationError(f"{there} is there already", remedy="nothing was written: name another --output")
    try:
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as problem:
        told = f"the package cannot be written: {problem}"
        raise ConfigurationError(told, remedy="name another folder with --output") from problem
