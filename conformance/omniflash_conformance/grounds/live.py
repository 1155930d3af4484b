"""The ground that costs money: the vendor itself, with a key, under a cap that is looked at before every case.

Only cases that always ask for the same, the cheapest there is, are run here. Time passes by waiting.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from omniflash import Client, config
from omniflash.accounts import missing_keys
from omniflash.adapter import Adapter, Offer
from omniflash.errors import ConfigurationError
from omniflash.money.quotes import dollars, quote
from omniflash.spec import LIMITS

from ..case import Case, Needs
from ..report import Wire
from ..verdicts import NotRun
from .stand import KEY, no_sandbox

if TYPE_CHECKING:
    from omniflash_sandbox import Sandbox

Sleep = Callable[[float], None]


@define
class LiveStand:
    """The stand at a vendor. `cap`, in USD, is the most that may be spent, `most` what all cases come to, `spent` what
    those that were run did: all by upper bounds.

    Key and hosts are the user's own, from the environment and omniflash.toml.
    """

    adapter: Adapter
    cap: Decimal
    sleep: Sleep = time.sleep
    spent: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    ground: str = "live"
    gives: frozenset[Needs] = frozenset({Needs.NOTHING, Needs.FIXED})
    clips: Mapping[str, int] = field(factory=dict)

    @property
    def server(self) -> str:
        return f"{self.adapter.name} at {', '.join(sorted(_hosts(self.adapter).values()))}{self._doubt}"

    @property
    def _doubt(self) -> str:
        return "" if at_vendor(self.adapter) else ", which is set for it and need not be the vendor"

    @property
    def sandbox(self) -> "Sandbox":
        raise no_sandbox(self.ground)

    def client(self, adapter: Adapter, settings: Mapping[str, Any]) -> Client:
        """Our client, as the user has set it up, with this adapter in the place of the one that is installed."""
        own = {name: settings[name] for name in settings if name == KEY}
        others = {name: settings[name] for name in settings if name != KEY}
        account = evolve(config.load().account(adapter.name), provider=adapter, name=None, **own)
        return Client(account, **others)

    def advance(self, seconds: float) -> None:
        """Waits, for real."""
        self.sleep(seconds)

    @contextmanager
    def playing(self, recording: str | None) -> Iterator[None]:
        cost = price(self.adapter, self.clips.get(recording or "", 0))
        if self.spent + cost > self.cap:
            raise NotRun(f"may cost {dollars(cost)}, and {dollars(self.cap - self.spent)} of --max-cost is left")
        self.spent += cost  # whatever comes of it: a lost answer may be billed
        yield

    def wire(self) -> tuple[Wire, ...]:
        return ()


def _hosts(adapter: Adapter) -> Mapping[str, str]:
    with Client(adapter.name) as client:
        return client.accounts[adapter.name].hosts


def at_vendor(adapter: Adapter) -> bool:
    """Whether a live run meets the vendor itself: no other hosts are set in its place."""
    return _hosts(adapter) == dict(adapter.hosts)


def dearest(adapter: Adapter) -> Decimal:
    """What the cheapest clip of an adapter's dearest mode costs at most, in USD."""
    return max((_bound(offer) for offer in adapter.offers), default=Decimal(0))


def _bound(offer: Offer) -> Decimal:
    return quote(offer.price, LIMITS[offer.version].duration.minimum).bound


def price(adapter: Adapter, clips: int) -> Decimal:
    """The upper bound of so many of the cheapest clips."""
    return dearest(adapter) * clips


def estimate(adapter: Adapter, cases: Iterable[Case]) -> Decimal:
    """What a live run of these cases costs at most: each of its modes buys its clips."""
    offered = {offer.mode for offer in adapter.offers}
    return price(
        adapter, sum(case.clips * (len(offered.intersection(case.modes)) if case.modes else 1) for case in cases)
    )


def live_stand(adapter: Adapter, cases: Iterable[Case], cap: Decimal | None, sleep: Sleep = time.sleep) -> LiveStand:
    """The stand at a vendor. Raises ConfigurationError without a cap or with one below the estimate, and
    AuthenticationFailed without a key.
    """
    wanted = [case for case in cases if case.needs is Needs.FIXED]
    most = estimate(adapter, wanted)
    if cap is None:
        raise ConfigurationError(f"a live run costs up to {dollars(most)}", remedy=f"allow it: --max-cost {most:.2f}")
    if cap < most:
        told = f"--max-cost {dollars(cap)} is below what it costs at most: {dollars(most)}"
        raise ConfigurationError(told, remedy="allow more, or run fewer cases with --case")
    _check_key(adapter)
    clips = {
        cassette: case.clips for case in wanted for mode in case.modes or (None,) if (cassette := case.cassette(mode))
    }
    return LiveStand(adapter, cap, sleep, most=most, clips=clips)


def _check_key(adapter: Adapter) -> None:
    with Client(adapter.name) as client:
        account = client.accounts[adapter.name]
    if account.key is None:
        raise missing_keys([account])
