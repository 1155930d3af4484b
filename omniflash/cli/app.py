"""The commands, and what becomes of whatever they raise."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError, Parameter

from ..discovery import COMMANDS, installed
from ..errors import OmniflashError
from . import INTERRUPTED, show
from .exits import BUG, TERMINATED, UNCERTAIN, exit_code
from .interrupts import BrokenOff, Terminated, told_to_stop

OURS: Mapping[str, str] = {
    "generate": "make a clip and save it",
    "plan": "who can make it, and for how much; sends nothing",
    "resume": "go on with a job, and save its clip",
    "jobs": "what the ledger knows of every paid call",
    "spend": "what was quoted, and what was charged",
    "cancel": "ask the vendor to cancel a job",
    "providers": "who is installed, and what each can do",
    "prices": "what every provider asks, and where that stands",
    "probe": "look whether a clip is what it should be",
}
# What a listing says of the commands that extras bring, which are not loaded for that.
OF_EXTRAS: Mapping[str, str] = {
    "conformance": "hold providers to the spec, clause by clause",
    "sandbox": "serve the vendors' protocols on this machine, for tests",
}
GROUPS = {"jobs": "app"}  # commands that have commands of their own


def build() -> App:
    """The application: our commands and those of installed packages, each loaded when it runs."""
    app = App(
        name="omniflash",
        help="Gemini Omni Flash from any vendor.",
        version=version("omniflash"),
        default_parameter=Parameter(show_default=False),
        suppress_keyboard_interrupt=False,
    )
    for name, told in OURS.items():
        app.command(f"omniflash.cli.{name}:{GROUPS.get(name, name)}", name=name, help=told)
    for name, point in installed(COMMANDS).items():
        told = OF_EXTRAS.get(name) or f"from {point.dist.name if point.dist else point.module}"
        app.command(point.value, name=name, help=told)
    return app


def run(tokens: Sequence[str]) -> int:
    """Run a command and return its exit code. Whatever goes wrong is one line for each problem, never a traceback."""
    show.prepare()
    try:
        with told_to_stop():
            return _outcome(tokens, as_json="--json" in tokens)
    except BrokenPipeError:
        show.nobody_reads()
        return 0


def _outcome(tokens: Sequence[str], *, as_json: bool) -> int:
    try:
        result = build()(list(tokens), exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as problem:
        return show.usage(problem, as_json=as_json)
    except OmniflashError as problem:
        show.error(problem, as_json=as_json)
        return exit_code(problem)
    except BrokenOff as stop:
        show.broken_off(stop, as_json=as_json)
        return UNCERTAIN
    except Terminated:
        return TERMINATED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever is left is our own mistake, and is told as one
        show.bug(problem, as_json=as_json)
        return BUG
    return result if isinstance(result, int) else 0
