"""A trial of mutants by tests: quick where a function can be changed in place, else whole.

A quick trial puts the changed code into the loaded function, and runs just the tests that come by there. Whatever lives
through it, and whatever runs at import, is imported anew in place of its module, and meets all tests.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, ModuleType

import pytest
from attrs import define, field, frozen

from tests.mutation.mutants import Mutant
from tests.mutation.processes import passing

OURS = ("omniflash", "omniflash_conformance", "omniflash_fal", "omniflash_pixeldojo", "omniflash_sandbox", "tests")
# No plugin but Hypothesis's own: a mutant costs as much as it takes to begin.
PYTEST = (
    *("-x", "--assert=plain", "--disable-plugin-autoload", "-p", "_hypothesis_pytestplugin"),
    *("-p", "no:terminal", "-p", "no:cacheprovider", "--hypothesis-profile=mutation"),
)


def survivors(mutants: Sequence[Mutant], tests: Sequence[str], processes: int) -> tuple[Mutant, ...]:
    """The mutants with which all of the tests hold."""
    quick = Quick(mutants, processes)
    if pytest.main([*PYTEST, *tests], plugins=[quick]) != 0:
        raise SystemExit(f"these tests do not hold as they are: {' '.join(tests)}")
    _unload()
    left = [mutant for mutant in mutants if mutant not in quick.verdicts]
    trials = ((mutant, partial(_whole, mutant, tests, quick.ground)) for mutant in left)
    verdicts = quick.verdicts | dict(passing(trials, processes))
    return tuple(mutant for mutant in mutants if verdicts[mutant])


def _unload() -> None:
    """What the tests need of others stays loaded, nothing of ours does."""
    ours = [name for name in sys.modules if name.partition(".")[0] in OURS and not name.startswith("tests.mutation")]
    for name in ours:
        del sys.modules[name]


def _whole(mutant: Mutant, tests: Sequence[str], ground: "Ground") -> int:
    sys.meta_path.insert(0, Substitute(mutant))
    importlib.import_module(mutant.module)
    return int(pytest.main([*PYTEST, *tests], plugins=[Likeliest(ground, mutant)]))


@frozen
class Likeliest:
    """The tests that are named as the module is first, and the cheapest: most mutants die of one of them."""

    ground: "Ground"
    mutant: Mutant

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        own = f"test_{self.mutant.path.stem}.py"
        items.sort(key=lambda item: (item.path.name != own, self.ground.costs.get(item.nodeid, 0.0)))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        os._exit(exitstatus)  # nobody needs this process any more, nor that it cleans up


@frozen
class Substitute(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds a mutant where its module is asked for."""

    mutant: Mutant

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        file = self.mutant.path
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(file), is_package=file.stem == "__init__")
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str(file.parent))
        return spec

    def get_source(self, fullname: str) -> str:
        return self.mutant.text

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.text, str(self.mutant.path), "exec"), module.__dict__)


@frozen
class Ground:
    """What one run of the tests tells: what each costs, which come by each function, and what runs at import."""

    costs: Mapping[str, float]
    reached: Mapping[str, Sequence[str]]
    at_import: frozenset[str]


@define
class Quick:
    """In place of running the collected tests: tries on them the mutants of functions that run in tests alone."""

    mutants: Sequence[Mutant]
    processes: int
    verdicts: dict[Mutant, bool] = field(factory=dict)
    ground: Ground = Ground({}, {}, frozenset())

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        modules = sorted({mutant.module for mutant in self.mutants})
        with tempfile.NamedTemporaryFile() as file:
            told = Path(file.name)
            ((_, held),) = passing([(session, partial(_watched, session, modules, told))], 1)
            if not held:
                raise pytest.UsageError("the tests do not hold as they are")
            self.ground = pickle.loads(told.read_bytes())
        self.verdicts = dict(passing(self._trials(session), self.processes))
        return True

    def _trials(self, session: pytest.Session) -> Iterator[tuple[Mutant, Callable[[], int]]]:
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            place = f"{mutant.path.resolve()}:{mutant.function}"
            judges = sorted(self.ground.reached.get(place, ()), key=self.ground.costs.__getitem__)
            if judges and place not in self.ground.at_import:
                yield mutant, partial(_in_place, mutant, session, [items[judge] for judge in judges])


def _in_place(mutant: Mutant, session: pytest.Session, items: Sequence[pytest.Item]) -> int:
    owner: object = sys.modules[mutant.module]
    code = compile(mutant.text, str(mutant.path), "exec")
    for name in mutant.function.split("."):
        owner, code = getattr(owner, name), _inner(code, name)
    getattr(owner, "__func__", owner).__code__ = code
    return _failed(session, items)


def _inner(code: CodeType, name: str) -> CodeType:
    """The last definition of that name."""
    return next(one for one in reversed(code.co_consts) if isinstance(one, CodeType) and one.co_name == name)


def _failed(session: pytest.Session, items: Sequence[pytest.Item]) -> int:
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return 1
    return 0


@contextmanager
def _watching() -> Iterator[set[str]]:
    """The functions that run meanwhile."""
    seen: set[str] = set()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")

    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(None)


def _watched(session: pytest.Session, modules: Sequence[str], told: Path) -> int:
    costs: dict[str, float] = {}
    reached: dict[str, list[str]] = {}
    for item in session.items:
        begin = time.perf_counter()
        with _watching() as seen:
            failed = _failed(session, [item])
        if failed:
            return failed
        costs[item.nodeid] = time.perf_counter() - begin
        for place in seen:
            reached.setdefault(place, []).append(item.nodeid)
    _unload()
    with _watching() as at_import:
        for module in modules:
            importlib.import_module(module)
    told.write_bytes(pickle.dumps(Ground(costs, reached, frozenset(at_import))))
    return 0
