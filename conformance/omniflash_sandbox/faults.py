"""Faults on demand: who asked for which, and which exchange it strikes."""

import json
from collections.abc import Mapping, Sequence

from attrs import asdict, evolve, frozen

from omniflash_sandbox.fault_kinds import ANY, CALLS, KINDS, Kind, Option
from omniflash_sandbox.messages import JSON, Ask, canonical
from omniflash_sandbox.store import Store

HEADER = "x-sandbox-fault"
"""Names a fault for the one request that carries it: `X-Sandbox-Fault: rate-limit; seconds=5`."""


@frozen
class Fault:
    """A fault that waits for its exchange. `provider` None is either, `times` None is until the sandbox is reset."""

    name: str
    options: Mapping[str, JSON]
    calls: Sequence[str]
    provider: str | None = None
    times: int | None = 1

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def reaches_vendor(self) -> bool:
        return bool(self.options.get("accepted", self.kind.accepted))

    def strikes(self, ask: Ask, mode: str | None) -> bool:
        """Whether it is meant for this moment: before the vendor hears of it (`mode` None), or at acceptance."""
        return (
            ask.call in self.calls
            and self.provider in (None, ask.provider)
            and (self.kind.ending is None) == (mode is None)
            and (self.kind.modes is None or mode in self.kind.modes)
        )


def fault(name: JSON, options: Mapping[str, JSON], provider: JSON = None, call: JSON = None, times: JSON = 1) -> Fault:
    """A fault with every field checked; raises ValueError in one line that says what there is to choose from."""
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"there is no fault {name!r}, only {', '.join(KINDS)}")
    kind = KINDS[name]
    return Fault(
        name=name,
        options=_options(name, kind, options),
        calls=(_call(name, kind, provider, call),),
        provider=_provider(provider),
        times=_times(times),
    )


def fault_in(header: str) -> Fault:
    """The fault that a request's own header names, for whatever call it is; raises ValueError."""
    name, *parts = (part.strip() for part in header.split(";"))
    given = dict(_given(part) for part in parts if part)
    return evolve(fault(name, given), calls=KINDS[name].calls)


def _given(part: str) -> tuple[str, JSON]:
    option, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part!r} is no option=value")
    return option.strip(), value.strip()


def _options(name: str, kind: Kind, given: Mapping[str, JSON]) -> dict[str, JSON]:
    if unknown := sorted(set(given) - set(kind.options)):
        raise ValueError(f"{name} has no option {', '.join(unknown)}, only {', '.join(kind.options) or 'none'}")
    return {option: _option(option, row, given) for option, row in kind.options.items()}


def _option(name: str, option: Option, given: Mapping[str, JSON]) -> JSON:
    try:
        return option.read(given[name]) if name in given else option.default
    except ValueError as problem:
        raise ValueError(f"{name} must be {problem}") from problem


def _call(name: str, kind: Kind, provider: JSON, call: JSON) -> str:
    possible = [known for known in kind.calls if known in CALLS.get(str(provider), ANY)]
    if call is not None and call not in possible:
        raise ValueError(f"{name} can strike {', '.join(possible)}, not {call!r}")
    return kind.calls[0] if call is None else str(call)


def _provider(provider: JSON) -> str | None:
    if provider is not None and provider not in CALLS:
        raise ValueError(f"there is no provider {provider!r}, only {', '.join(CALLS)}")
    return None if provider is None else str(provider)


def _times(times: JSON) -> int | None:
    match times:
        case None:
            return None
        case int() if times >= 1 and not isinstance(times, bool):
            return times
        case _:
            raise ValueError(f"times must be a whole number of 1 or more, or null for every time, not {times!r}")


class Faults:
    """The armed faults of a state. Each strikes as often as it was armed for, however many requests come at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arm(self, armed: Fault) -> None:
        self._store.run("INSERT INTO faults (fault) VALUES (?)", canonical(asdict(armed)))

    def armed(self) -> list[Fault]:
        return [waiting for _, waiting in self._rows()]

    def strike(self, ask: Ask, mode: str | None = None) -> Fault | None:
        """The fault of this moment, which is spent by being told: the request's own, else the first that is armed.

        `mode` is None before the vendor hears of the request, and the job's mode when it accepts it. Raises ValueError
        for a header that names no fault.
        """
        own = fault_in(ask.headers[HEADER]) if HEADER in ask.headers else None
        return own if own and own.strikes(ask, mode) else self._spend(ask, mode)

    def _spend(self, ask: Ask, mode: str | None) -> Fault | None:
        if not self._rows():
            return None
        with self._store.writing():
            for n, waiting in self._rows():
                if waiting.strikes(ask, mode):
                    self._count_down(n, waiting)
                    return waiting
        return None

    def _count_down(self, n: int, spent: Fault) -> None:
        if spent.times == 1:
            self._store.run("DELETE FROM faults WHERE n = ?", n)
        elif spent.times is not None:
            left = evolve(spent, times=spent.times - 1)
            self._store.run("UPDATE faults SET fault = ? WHERE n = ?", canonical(asdict(left)), n)

    def _rows(self) -> list[tuple[int, Fault]]:
        rows = self._store.rows("SELECT n, fault FROM faults ORDER BY n")
        return [(int(n), Fault(**json.loads(str(waiting)))) for n, waiting in rows]
