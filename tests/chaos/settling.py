"""The user, who settles what is uncertain: by what the vendor's dashboard shows, that is the bill, with its prompts."""

import os
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile

from attrs import frozen

from omniflash.cli import main
from omniflash.money.records import OrderState
from tests.chaos.ground import Ground, aged


@frozen
class Settled:
    """How many orders were uncertain, and what their user found."""

    accepted: int = 0
    never: int = 0

    @property
    def total(self) -> int:
        return self.accepted + self.never

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.accepted + other.accepted, self.never + other.never)


def settle(ground: Ground) -> Settled:
    """Look at the vendor's dashboard and say `omniflash jobs resolve` of each uncertain order; no process lives.

    An order that nobody heard of again counts as uncertain after five minutes; here, an hour passes before.
    """
    uncertain = [record for record in ground.records() if record.state is OrderState.UNCERTAIN]
    if not uncertain:
        return Settled()
    aged(ground.ledger)
    found = {charge.key: charge.job for charge in ground.bill()}
    answers = [(record.id, found.get(str(record.key))) for record in uncertain]
    commands = [["jobs", "resolve", order, "--sandbox", *_word(job)] for order, job in answers]
    if commanded(ground, commands):
        raise RuntimeError("the command line did not take its user's word")
    accepted = sum(job is not None for _, job in answers)
    return Settled(accepted, len(answers) - accepted)


def _word(job: str | None) -> Sequence[str]:
    return ["--never-accepted"] if job is None else ["--accepted", job]


def commanded(ground: Ground, commands: Sequence[Sequence[str]]) -> int:
    """Run commands one after another, in one process; the exit code is the worst of theirs."""
    environment = {"OMNIFLASH_SANDBOX": ground.sandbox.url}
    return ground.zygotes[0].run("tests.chaos.settling:command", {"commands": commands, "environment": environment})


def command(*, commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> int:
    """As `commanded`, in the child; what the commands say is told only if one fails."""
    os.environ.update(environment)
    shown = os.dup(2)
    with TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        code = max([main(each) for each in commands], default=0)
        os.dup2(shown, 2)
        said.seek(0)
        os.write(2, said.read() if code else b"")
    return code
