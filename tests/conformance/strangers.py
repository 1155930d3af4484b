"""Packages of strangers, each a provider of its own, installed: for whoever tries to break the suite."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from omniflash.discovery import adapter, installed

SOUND = "from omniflash_pixeldojo.adapter import PixelDojo as Sound\n"


def looking(body: str) -> str:
    """A provider that is sound, but for what it does in each look at a job."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    head = f"{SOUND}import os, sys, time\nclass Odd(Sound):\n    def status(self, job):\n"
    return f"{head}{lines}        yield\nADAPTER = Odd()\n"


def install(folder: Path, sources: Mapping[str, str], contracts: Mapping[str, str] | None = None) -> None:
    """Put a package for each of these providers into a folder, and a contract beside those that have one."""
    about = folder / "odd-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (folder / "odd_contracts").mkdir()
    (folder / "odd_contracts" / "__init__.py").touch()
    points = ["[omniflash.providers]", *(f"{name} = odd_{name}:ADAPTER" for name in sources), "[omniflash.contracts]"]
    for name, source in sources.items():
        (folder / f"odd_{name}.py").write_text(source)
    for name, text in (contracts or {}).items():
        (folder / "odd_contracts" / f"{name}.toml").write_text(text)
        points.append(f"{name} = odd_contracts:{name}.toml")
    (about / "entry_points.txt").write_text("\n".join([*points, ""]))


@contextmanager
def here(folder: Path) -> Iterator[None]:
    """The packages of a folder, installed for the processes that are started, and for this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=":")
        patch.syspath_prepend(folder)
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    installed.cache_clear()
    adapter.cache_clear()
