"""Runs cases: each ends in one Result, whatever the subject does. A mistake of the suite is told apart from one of
the subject by where it was raised.
"""

import shlex
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from omniflash.adapter import Adapter
from omniflash.house import Preview
from omniflash.redact import HIDDEN
from omniflash.spec import Mode, Subject
from omniflash_sandbox.declared.contract import Contract

from .bench import AdapterBench, Bench, ClientBench, SpecBench
from .case import Case, Profile
from .choosing import EXAMPLES, SEED, Options, again
from .grounds.stand import Stand
from .hiding import hidden
from .ours import OurSpec, our_client
from .place import SandboxPlace
from .report import Result, Wire
from .subject import ClientKind, Spec
from .verdicts import Finding, NotDeclared, NotRun, Verdict

Task: TypeAlias = tuple[Case, Mode | None]


UNPLAYED = (Verdict.NOT_DECLARED, Verdict.NOT_RUN)


@frozen(kw_only=True)
class Run:
    """Everything that cases are run with. `adapter` may be None where only cases of the spec or a client are run.

    `contract` is the vendor's declarative contract, where there is one. `examples` is how many a drawn case looks at,
    `words` the options by which the command line runs a case just so.
    """

    provider: str = field(kw_only=False)
    stand: Stand
    adapter: Adapter | None = None
    client: ClientKind | None = None
    spec: Spec = field(factory=OurSpec)
    contract: Contract | None = None
    seed: int = SEED
    examples: int = EXAMPLES
    words: tuple[str, ...] = ()

    def by(self, options: Options) -> "Run":
        """The same, drawn by these options, which are told wherever a case is to be run again."""
        return evolve(self, seed=options.seed, examples=options.examples, words=options.words)

    def result(self, task: Task) -> Result:
        """What one case finds."""
        case, mode = task
        began = time.perf_counter()
        with TemporaryDirectory(prefix="omniflash-conformance-") as folder, self._bench(case, mode, folder) as bench:
            verdict, said = self._played(case, mode, bench)
            wire = () if verdict in UNPLAYED else bench.wire()
            found = Result(
                case=case.id,
                verdict=verdict,
                title=case.title,
                mode=mode,
                profile=case.profile_in(mode),
                said=said,
                request=bench.shown,
                wire=wire,
                curl=_curl(bench.preview, wire),
                again=again(self.provider, case.id, self.words),
                facts=bench.facts,
                seconds=round(time.perf_counter() - began, 3),
            )
            return hidden(found, bench.secrets)

    def on(self, stand: Stand) -> "Run":
        """The same on another stand."""
        return evolve(self, stand=stand)

    def _played(self, case: Case, mode: Mode | None, bench: Bench) -> tuple[Verdict, str]:
        try:
            self._check(case, mode)
            with self.stand.playing(case.cassette(mode)):
                case.play(bench)
        except Finding as finding:
            return finding.verdict, finding.said
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - whatever a stranger's code does is a finding
            return self._blamed(problem)
        return Verdict.HELD, ""

    def _check(self, case: Case, mode: Mode | None) -> None:
        if mode and self.adapter and all(offer.mode is not mode for offer in self.adapter.offers):
            raise NotDeclared(f"{self.provider} does not offer {mode}")
        if case.needs not in self.stand.gives:
            raise NotRun(f"needs {case.needs}, and the ground is {self.stand.ground!r}")
        if case.subject is Subject.CLIENT and self.client and not self.client.virtual_time:
            _check_time(self.client, self.stand)

    def _bench(self, case: Case, mode: Mode | None, folder: str) -> Bench:
        drawing: dict[str, Any] = {"case": case.id, "mode": mode, "seed": self.seed, "examples": self.examples}
        match case.subject:
            case Subject.SPEC:
                return SpecBench(spec=self.spec, **drawing)
            case Subject.ADAPTER:
                adapter: Any = self.adapter
                return AdapterBench(adapter=adapter, stand=self.stand, contract=self.contract, **drawing)
            case Subject.CLIENT:
                place = SandboxPlace(self.provider, self.stand, Path(folder))
                kind = self.client or our_client(self.adapter or self.provider)
                subject: dict[str, Any] = {"adapter": self.adapter, "contract": self.contract, "kind": kind}
                return ClientBench(provider=self.provider, stand=self.stand, place=place, **subject, **drawing)

    def _blamed(self, problem: BaseException) -> tuple[Verdict, str]:
        said = f"{type(problem).__name__}: {problem}"
        place = _guilty(problem.__traceback__, self._suspects())
        if place:
            return Verdict.BROKEN, f"raised {said} (at {place})"
        return Verdict.ENGINE, f"{said} (at {_innermost(problem.__traceback__)})"

    def _suspects(self) -> tuple[str, ...]:
        found = (self.adapter, self.client and self.client.open, self.spec)
        return tuple(_package(subject) for subject in found if subject is not None)


def _check_time(client: ClientKind, stand: Stand) -> None:
    if stand.sandbox.site["virtual"]:
        raise NotRun(f"{client.name} goes by the wall's clock, and here time passes only by waiting")


def _package(subject: object) -> str:
    """Where a subject's code is: its module's package, or the module where that is all there is."""
    module = str(getattr(subject, "__module__", type(subject).__module__))
    return module.rpartition(".")[0] or module


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    while trace is not None:
        frame = trace.tb_frame
        yield str(frame.f_globals.get("__name__", "")), f"{Path(frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next


OWN = ("omniflash", "omniflash_conformance")


def _guilty(trace: TracebackType | None, suspects: Iterable[str]) -> str | None:
    """The innermost line of a subject's own code that a problem went through; ours are never a stranger's."""
    theirs = [package for package in suspects if package not in OWN]
    within = [at for module, at in _frames(trace) if any(f"{module}.".startswith(f"{name}.") for name in theirs)]
    return within[-1] if within else None


def _innermost(trace: TracebackType | None) -> str:
    return [at for _, at in _frames(trace)][-1]


def _curl(preview: Preview | None, wire: Iterable[Wire]) -> str:
    """A line that sends the case's paid call again; the key stands in it as a variable."""
    if preview is not None:
        headers = {name: _without_key(value) for name, value in preview.headers.items() if name in SENT_HEADERS}
        return _line(preview.method, preview.url, headers, preview.body.decode("utf-8", "replace"))
    return ""


SENT_HEADERS = ("authorization", "content-type", "accept")


def _without_key(value: str) -> str:
    return value.replace(HIDDEN, "$KEY")


def _line(method: str, url: str, headers: Mapping[str, str], body: str) -> str:
    given = "".join(f' -H "{name}: {value}"' for name, value in headers.items())
    return f"curl -X {method} {shlex.quote(url)}{given} --data-raw {shlex.quote(body)}"


def tasks(cases: Iterable[Case]) -> tuple[Task, ...]:
    """What there is to run: each case once, or once for each mode that it is about."""
    return tuple((case, mode) for case in cases for mode in (case.modes or (None,)))


def claims(adapter: Adapter | None) -> frozenset[Profile]:
    """The profiles that follow from what an adapter declares."""
    claimed = {Profile.CORE, Profile.RELIABILITY}
    if adapter is None:
        return frozenset(claimed)
    modes = {offer.mode for offer in adapter.offers}
    declared = {
        Profile.EDITING: Mode.EDIT in modes,
        Profile.REFINE: Mode.REFINE in modes,
        Profile.UPLOADS: adapter.features.upload,
        Profile.WEBHOOKS: adapter.features.webhook,
    }
    return frozenset(claimed | {profile for profile, offered in declared.items() if offered})
