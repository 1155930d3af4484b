"""Which fault strikes an exchange: the request's own, the first of the armed ones, or one that a seed draws."""

import json

from attrs import asdict, evolve

from omniflash_sandbox.chaos import Chaos
from omniflash_sandbox.fault_kinds import Moment
from omniflash_sandbox.faults import HEADER, Fault, fault_in
from omniflash_sandbox.messages import Ask, canonical
from omniflash_sandbox.store import Store


class Faults:
    """The faults of a state. An armed one strikes as often as it was armed for, however many requests come at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arm(self, *armed: Fault) -> None:
        with self._store.writing():
            for one in armed:
                self._store.run("INSERT INTO faults (fault) VALUES (?)", canonical(asdict(one)))

    def disarm(self) -> None:
        self._store.run("DELETE FROM faults")

    def armed(self) -> list[Fault]:
        return [waiting for _, waiting in self._rows()]

    def begin(self, chaos: Chaos) -> None:
        """From now on a seed draws; the exchanges of each provider's each call are counted from 1."""
        with self._store.writing():
            self._store.run("DELETE FROM chaos")
            self._store.run("DELETE FROM turns")
            self._store.run("INSERT INTO chaos VALUES (?)", canonical(asdict(chaos)))

    def chaos(self) -> Chaos | None:
        """What draws, if anything does."""
        for (text,) in self._store.rows("SELECT chaos FROM chaos"):
            return Chaos(**json.loads(str(text)))
        return None

    def numbered(self, ask: Ask) -> Ask:
        """The same request with its turn, which is counted only while a seed draws."""
        if not self.chaos():
            return ask
        with self._store.writing():
            self._store.run(
                "INSERT INTO turns VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1", ask.provider, ask.call
            )
            ((turn,),) = self._store.rows("SELECT n FROM turns WHERE provider = ? AND call = ?", ask.provider, ask.call)
        return evolve(ask, turn=int(turn))

    def strike(self, ask: Ask, moment: Moment, mode: str | None = None) -> Fault | None:
        """The fault of this moment, which is spent by being told; `mode` is the job's, at acceptance.

        Raises ValueError for a header that names no fault.
        """
        own = fault_in(ask.headers[HEADER]) if HEADER in ask.headers else None
        if own and own.strikes(ask, moment, mode):
            return own
        return self._spend(ask, moment, mode) or self._drawn(ask, moment, mode)

    def _spend(self, ask: Ask, moment: Moment, mode: str | None) -> Fault | None:
        if not self._rows():
            return None
        with self._store.writing():
            meant = [(n, waiting) for n, waiting in self._rows() if waiting.strikes(ask, moment, mode)]
            struck = next(((n, waiting) for n, waiting in meant if not waiting.skip), None)
            for n, waiting in meant:
                if waiting.skip:  # also where another one strikes: a script's rows count the same calls
                    self._replace(n, evolve(waiting, skip=waiting.skip - 1))
            if struck:
                self._count_down(*struck)
        return struck and struck[1]

    def _count_down(self, n: int, spent: Fault) -> None:
        if spent.times == 1:
            self._store.run("DELETE FROM faults WHERE n = ?", n)
        elif spent.times is not None:
            self._replace(n, evolve(spent, times=spent.times - 1))

    def _replace(self, n: int, waiting: Fault) -> None:
        self._store.run("UPDATE faults SET fault = ? WHERE n = ?", canonical(asdict(waiting)), n)

    def _drawn(self, ask: Ask, moment: Moment, mode: str | None) -> Fault | None:
        chaos = self.chaos() if ask.turn else None
        drawn = chaos.draw(ask.provider, ask.call, ask.turn) if chaos else None
        return drawn if drawn and drawn.strikes(ask, moment, mode) else None

    def _rows(self) -> list[tuple[int, Fault]]:
        rows = self._store.rows("SELECT n, fault FROM faults ORDER BY n")
        return [(int(n), Fault(**json.loads(str(waiting)))) for n, waiting in rows]
