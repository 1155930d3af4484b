"""`omniflash generate`: from words to a file."""

import secrets
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..client import Client
from ..errors import OmniflashError
from ..flows.route import Failed, onward
from ..money.records import OrderState
from ..routing.hosting import note as hosting_note
from ..spec.limits import LATEST
from . import show
from .dry_run import show_request
from .finish import finish
from .interrupts import held
from .options import Ask, Ground, Json, Online, Output, Prompt, Timeout

NO_ASK, ANY_GROUND = Ask(), Ground()


def generate(
    prompt: Prompt,
    /,
    *,
    ask: Ask = NO_ASK,
    ground: Ground = ANY_GROUND,
    output: Output = None,
    timeout: Timeout = None,
    key: Annotated[str | None, Parameter(help="your own name for it: the same key gives the same job")] = None,
    max_cost: Annotated[str | None, Parameter(help="the most that it may cost, in US dollars")] = None,
    online: Online = False,
    dry_run: Annotated[
        bool, Parameter(negative="", help="show the request that would leave, and stop; needs no key")
    ] = False,
    json: Json = False,
) -> int:
    """Make a clip and save it."""
    with ground.client(paying=not dry_run, budget={"job": max_cost}) as client:
        if not dry_run:
            tell_unfinished(client)
        plan = client.plan(ask.form(prompt), online=online)
        if dry_run:
            return show_request(client.preview(plan), as_json=json)
        best = plan.best
        target = output or free_name(ask.output_format)
        client.check_target(target)
        if best.has_key:
            stands = f" ({best.quote.source}, {best.quote.as_of})" if online else ""
            show.note(f"{best.account}: {best.quote}{stands}{ground.unbilled}")
        if best.hosted_by:
            show.note(hosting_note(plan.request, best.hosted, best.hosted_by))
        client.patience(timeout)
        failed: Failed | None = None
        while True:
            with held(client) as heard:
                with show.uploading() as uploads:
                    job = client.submit(plan, key=key, on_upload=uploads, instead_of=failed)
                try:
                    return finish(client, job, target, ground, timeout=timeout, as_json=json, heard=heard)
                except OmniflashError as problem:
                    others = onward(plan, job, problem)
                    if others is None:
                        raise
                    plan, failed = others, (job, problem)


def tell_unfinished(client: Client) -> None:
    """Say what an earlier command left behind."""
    left = client.ledger.unfinished() if client.ledger else ()
    if left:
        lost = sum(record.state is OrderState.UNCERTAIN for record in left)
        told = f"{len(left) - lost} unfinished: `omniflash resume --all`" if len(left) > lost else ""
        doubt = f"{lost} uncertain: `omniflash jobs`" if lost else ""
        show.note(f"from before: {'; '.join(filter(None, (told, doubt)))}")


def free_name(output_format: str | None) -> Path:
    """A file name for a clip that was given none: one that nothing here has."""
    return Path(f"omniflash-{secrets.token_hex(4)}.{output_format or LATEST.output_format_default}")
