"""`omniflash conformance compare`: what became of one report by the time of another, with an exit code for CI."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from omniflash.cli import show

from ..comparing import compare as compared
from .differences import lines
from .reading import read


def compare(
    before: Annotated[Path, Parameter(help="the report.json of the earlier run")],
    after: Annotated[Path, Parameter(help="the report.json of the later run")],
    /,
    *,
    strict: Annotated[
        bool, Parameter(negative="", help="let nothing pass but what healed, and what is new and holds")
    ] = False,
    json: Annotated[bool, Parameter(negative="", help="print the comparison as JSON")] = False,
) -> int:
    """Compare two reports: what broke, healed, changed, came and went.

    Exits with 0 when nothing broke, with 1 when something did.
    """
    found = compared(read(before), read(after))
    if json:
        show.result_json(found.to_json())
        return found.exit_code(strict=strict)
    for line in lines(found):
        show.result(line)
    return found.exit_code(strict=strict)
