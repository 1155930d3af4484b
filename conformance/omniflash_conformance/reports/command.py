"""`omniflash conformance compare`: what became of one report by the time of another, with an exit code for CI."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from omniflash.cli import show

from ..comparing import compare as compared
from .differences import lines
from .reading import read


def compare(
    before: Path,
    after: Path,
    *,
    strict: Annotated[bool, Parameter(negative="", help="bear nothing but what healed or is new and whole")] = False,
    json: Annotated[bool, Parameter(negative="", help="print the comparison as JSON")] = False,
) -> int:
    """What broke, healed, changed, came and went between two reports; exit code 1 says that something broke."""
    found = compared(read(before), read(after))
    if json:
        show.result_json(found.to_json())
        return found.exit_code(strict=strict)
    for line in lines(found):
        show.result(line)
    return found.exit_code(strict=strict)
