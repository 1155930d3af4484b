"""The command `omniflash sandbox`: a sandbox for clients in any language, until Ctrl-C."""

import sys
import threading
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omniflash_sandbox.server import Sandbox

BAD_USAGE, INTERRUPTED = 2, 130

NOTICE = """\
The omniflash sandbox: {url}
It stands in for fal and PixelDojo, and is neither: clips are synthetic, and nothing is billed.

Point a client at it:
    export OMNIFLASH_SANDBOX={url}
    omniflash generate "A lighthouse at dusk" --sandbox -o clip.mp4

{time}
State: {state}
{faults}Ctrl-C stops it; its jobs go on, for the next sandbox on this state.
"""
SCALED = "A second here is {speed:g} s of a job."
VIRTUAL = 'Time stands still, until POST {url}/_sandbox/clock/advance {{"seconds": 60}} moves it.'
FAULTS = (
    "Faults are to come: {url}/_sandbox/faults shows which, POST {url}/_sandbox/reset forgets them with all else.\n"
)


def sandbox(
    *,
    port: int = 8765,
    speed: float = 1.0,
    state: Path | None = None,
    faults: Path | None = None,
    chaos: str | None = None,
    contract: list[Path] | None = None,
    json: bool = False,
) -> int:
    """Serve fal's and PixelDojo's protocols on this machine, for tests: without a key, a network or a bill.

    Parameters
    ----------
    port
        Of the vendors' APIs; 0 is any that is free.
    speed
        Seconds of a job in one second; 0 makes time stand still until it is told to move.
    state
        The folder that keeps jobs and clips. Unless it is named, it is the one that --sandbox uses.
    faults
        A file of what is to go wrong, one row for each fault.
    chaos
        SEED or SEED:RATE: this share of the calls, 0.1 unless it is said, goes wrong as the seed decides.
    contract
        A file that declares one more vendor, to be served beside the others; may be given several times.
    json
        Print where the sandbox is as one line of JSON.
    """
    from omniflash_sandbox.chaos import chaos_in
    from omniflash_sandbox.declared import Contract
    from omniflash_sandbox.server import Sandbox, default_state

    folder = state or default_state()
    try:
        drawing = chaos_in(chaos) if chaos else None
        declared = [Contract.load(path) for path in contract or ()]
        with Sandbox(state=folder, port=port, speed=speed, faults=faults, contracts=declared) as running:
            if drawing:
                running.chaos(drawing.seed, drawing.rate)
            sys.stdout.write(site_line(running) if json else notice(running, folder))
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (ValueError, OSError) as problem:
        sys.stderr.write(f"omniflash sandbox: {problem}\n")
    return BAD_USAGE


def site_line(running: "Sandbox") -> str:
    return dumps({name: value for name, value in running.site.items() if name != "sleep"}) + "\n"


def notice(running: "Sandbox", state: Path) -> str:
    time = SCALED if running.site["speed"] else VIRTUAL
    faults = FAULTS if running.armed else ""
    return NOTICE.format(
        url=running.url, state=state, time=time.format(**running.site), faults=faults.format(url=running.url)
    )
