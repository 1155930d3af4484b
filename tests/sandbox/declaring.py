"""The contracts that the tests of declared vendors go by: the documentation's own, Acme's, and ours."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

from omniflash_conformance import zoo
from omniflash_sandbox import contracts
from omniflash_sandbox.declared import Contract, contract_from

ROOT = Path(__file__).parents[2]
(TINY,) = re.findall(r"```toml\n(provider.+?)```", (ROOT / "docs" / "contracts.md").read_text("utf-8"), re.DOTALL)
ACME = Contract.load(files(zoo) / "acme.toml")
OWN = [Contract.load(files(contracts) / f"{name}.toml") for name in ("fal", "pixeldojo")]


def tiny(old: str = "", new: str = "") -> Contract:
    """The contract of the documentation, with one thing changed."""
    assert old in TINY
    return contract_from(tomllib.loads(TINY.replace(old, new, 1)))
