"""Modules with one line of theirs broken, to see that what watches them wakes up."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

OURS = ("omniflash", "tests")


@contextmanager
def broken(name: str, right: str, wrong: str) -> Iterator[None]:
    """Have a module's functions from its source with `wrong` in place of `right`, as long as the block lasts."""
    module = importlib.import_module(name)
    source = Path(str(module.__file__)).read_text("utf-8")
    if source.count(right) != 1:
        raise AssertionError(f"{name} has not exactly one {right!r}")
    spoiled = ModuleType(name)
    spoiled.__dict__.update(__package__=module.__package__, __file__=module.__file__)
    exec(compile(source.replace(right, wrong), str(module.__file__), "exec"), spoiled.__dict__)
    kept = list(_uses(module))
    for user, attribute in kept:
        setattr(user, attribute, spoiled if getattr(user, attribute) is module else getattr(spoiled, attribute))
    try:
        yield
    finally:
        for user, attribute in kept:
            setattr(user, attribute, module if getattr(user, attribute) is spoiled else getattr(module, attribute))


def _uses(module: ModuleType) -> Iterator[tuple[ModuleType, str]]:
    """Where the module itself, or a function of its own, stands in others of ours."""
    own = {name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    for user in [user for name, user in sys.modules.items() if name.startswith(OURS) and user is not module]:
        for attribute, value in vars(user).items():
            if value is module or (attribute in own and value is getattr(module, attribute)):
                yield user, attribute
