"""`omniflash generate`: from words to a file."""

import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter

from ..spec.limits import LATEST
from . import show
from .dry_run import show_request
from .finish import finish
from .options import Ask, Ground, Json, Output, Prompt, Timeout

NO_ASK, ANY_GROUND = Ask(), Ground()


def generate(
    prompt: Prompt,
    /,
    *,
    ask: Ask = NO_ASK,
    ground: Ground = ANY_GROUND,
    output: Output = None,
    timeout: Timeout = None,
    dry_run: Annotated[
        bool, Parameter(negative="", help="show the request that would leave, and stop; needs no key")
    ] = False,
    json: Json = False,
) -> int:
    """Make a clip and save it."""
    with ground.client() as client:
        plan = client.plan(ask.form(prompt))
        if dry_run:
            return show_request(client.preview(plan), as_json=json)
        best = plan.best
        target = output or free_name(ask.output_format)
        client.check_target(target)
        if best.has_key:
            show.note(f"{best.account}: {best.quote}{ground.unbilled}")
        with show.uploading() as uploads, _held_interrupt(uploads) as heard:
            job = client.submit(plan, on_upload=uploads)
        return finish(client, job, target, ground, timeout=timeout, as_json=json, interrupted=bool(heard))


def free_name(output_format: str | None) -> Path:
    """A file name for a clip that was given none: one that nothing here has."""
    return Path(f"omniflash-{secrets.token_hex(4)}.{output_format or LATEST.output_format_default}")


@contextmanager
def _held_interrupt(uploads: show.Uploads) -> Iterator[list[int]]:
    """Let the paid call finish before Ctrl-C is heard, so that its job is never lost; a second one breaks in.

    While something is uploaded nothing has been paid, and the first one ends it.
    """
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        if heard or uploads.under_way:
            raise KeyboardInterrupt
        heard.append(number)
        show.note("waiting for the vendor's answer to the paid call; once more breaks off and leaves its fate unknown")

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
