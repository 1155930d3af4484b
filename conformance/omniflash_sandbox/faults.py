"""A fault on demand: which it is, with which options, and which exchanges it is meant for."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import evolve, frozen

from omniflash_sandbox.fault_kinds import ANY, KINDS, Kind, Moment
from omniflash_sandbox.fault_options import Option
from omniflash_sandbox.messages import JSON, Ask

Calls: TypeAlias = Mapping[str, Sequence[str]]

HEADER = "x-sandbox-fault"
"""Names a fault for the one request that carries it: `X-Sandbox-Fault: rate-limit; seconds=5`."""


@frozen
class Fault:
    """A fault that waits for its exchange.

    `provider` None is either, `times` None is until the sandbox is reset; `skip` is how many exchanges it lets pass
    before.
    """

    name: str
    options: Mapping[str, JSON]
    calls: Sequence[str]
    provider: str | None = None
    times: int | None = 1
    skip: int = 0

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def reaches_vendor(self) -> bool:
        return bool(self.options.get("accepted", self.kind.accepted))

    def strikes(self, ask: Ask, moment: Moment, mode: str | None = None) -> bool:
        """Whether it is meant for this moment of an exchange; `mode` is the job's, at acceptance."""
        return (
            ask.call in self.calls
            and self.provider in (None, ask.provider)
            and self.kind.moment is moment
            and (self.kind.modes is None or mode in self.kind.modes)
        )


def fault(
    name: JSON,
    options: Mapping[str, JSON],
    calls: Calls,
    provider: JSON = None,
    call: JSON = None,
    times: JSON = 1,
    skip: JSON = 0,
) -> Fault:
    """A fault with every field checked, where `calls` are those there are by provider.

    Raises ValueError in one line that says what there is to choose from.
    """
    kind = kind_named(name)
    return Fault(
        name=str(name),
        options=_options(str(name), kind, options),
        calls=_calls(str(name), kind, calls.get(_provider(provider, calls) or "", ANY), provider, call),
        provider=_provider(provider, calls),
        times=_times(times),
        skip=_skip(skip),
    )


def kind_named(name: JSON) -> Kind:
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"there is no fault {name!r}, only {', '.join(KINDS)}")
    return KINDS[name]


FIELDS: Mapping[str, JSON] = {"fault": None, "provider": None, "call": None, "times": 1, "skip": 0}
"""What is said of a fault beside its options, and what holds where it is not said."""


def fault_from(fields: Mapping[str, JSON], calls: Calls) -> Fault:
    """The fault that an object describes, of which what is none of `FIELDS` is an option; raises ValueError."""
    options = {name: value for name, value in fields.items() if name not in FIELDS}
    name, *rest = (fields.get(field, default) for field, default in FIELDS.items())
    return fault(name, options, calls, *rest)


def fault_in(header: str) -> Fault:
    """The fault that a request's own header names, for whatever call it is; raises ValueError."""
    name, *parts = (part.strip() for part in header.split(";"))
    given = dict(_given(part) for part in parts if part)
    return evolve(fault(name, given, {}), calls=KINDS[name].calls)


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


def _calls(name: str, kind: Kind, own: Sequence[str], provider: JSON, call: JSON) -> tuple[str, ...]:
    possible = [known for known in kind.calls if known in own]
    if not possible:
        raise ValueError(f"{name} can strike only {', '.join(kind.calls)}, and {provider} has no such call")
    if call is not None and call not in possible:
        raise ValueError(f"{name} can strike {', '.join(possible)}, not {call!r}")
    return kind.usual_calls if call is None else (str(call),)


def _provider(provider: JSON, calls: Calls) -> str | None:
    if provider is not None and not (isinstance(provider, str) and provider in calls):
        raise ValueError(f"there is no provider {provider!r}, only {', '.join(calls)}")
    return None if provider is None else str(provider)


def _times(times: JSON) -> int | None:
    match times:
        case None | "always":
            return None
        case int() if times >= 1 and not isinstance(times, bool):
            return times
        case _:
            raise ValueError(f'times must be a whole number of 1 or more, or "always", not {times!r}')


def _skip(skip: JSON) -> int:
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        raise ValueError(f"skip must be a whole number of 0 or more, not {skip!r}")
    return skip
