"""The sides that go through a storm: omniflash's clients, sound or broken, and an app that stands on fal's own."""

from collections.abc import Mapping, Sequence
from random import Random

from attrs import frozen

from tests.chaos import judge
from tests.chaos.asked import Asked
from tests.chaos.ground import Ground
from tests.chaos.judge import Verdict
from tests.chaos.notes import ENDED, Notes
from tests.chaos.settling import Settled, settle
from tests.chaos.storm import Storm
from tests.chaos.worker import SOUND


@frozen
class Ours:
    """omniflash: what its user knows stands in the ledger. A broken client is an AsyncClient."""

    client: str = SOUND
    function: str = "tests.chaos.worker:work"
    keyed: bool = True

    def given(self, chance: Random) -> Mapping[str, object]:
        tasks = chance.random() < 0.5 or self.client != SOUND
        return {"client": self.client, "way": "tasks" if tasks else "threads"}

    def settle(self, ground: Ground) -> Settled:
        return settle(ground)

    def out_of_reach(self, ground: Ground) -> frozenset[str]:
        return judge.out_of_reach(ground.bill(), ground.records())

    def missing(self, ground: Ground, wanted: Sequence[Asked]) -> frozenset[str]:
        return judge.missing(wanted, ground.records())

    def verdict(self, storm: Storm) -> Verdict:
        ground = storm.ground
        return judge.verdict(storm.wanted, ground.bill(), ground.records(), storm.settled, storm.lost)


@frozen
class Theirs:
    """fal_client: what its user knows stands in the app's own notes."""

    function: str = "tests.chaos.fal_client_run:work"
    keyed: bool = False

    def given(self, chance: Random) -> Mapping[str, object]:
        return {}

    def settle(self, ground: Ground) -> Settled:
        """There is nothing to settle: nothing says that it is uncertain."""
        return Settled()

    def out_of_reach(self, ground: Ground) -> frozenset[str]:
        noted = ((charge, Notes(ground.folder, charge.key).id) for charge in ground.bill())
        return frozenset(judge.unknown(charge) for charge, known in noted if known != charge.job)

    def missing(self, ground: Ground, wanted: Sequence[Asked]) -> frozenset[str]:
        return frozenset(f"{one.key}: no result" for one in wanted if Notes(ground.folder, one.key).end is None)

    def verdict(self, storm: Storm) -> Verdict:
        ground, bill = storm.ground, storm.ground.bill()
        ends = [Notes(ground.folder, one.key).end for one in storm.wanted]
        return Verdict(
            asked=len(storm.wanted),
            accepted=len(bill),
            billed=sum(charge.billed for charge in bill),
            delivered=sum(end not in (None, ENDED) for end in ends),
            without_clip=ends.count(ENDED),
            settled=Settled(),
            lost=tuple(sorted(storm.lost | self.out_of_reach(ground) | self.missing(ground, storm.wanted))),
            twice=judge.bought_twice(bill),
        )
