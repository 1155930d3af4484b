"""What the vendors post as their prices, and bill by: their pages' own figures, until somebody sets others."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict

from attrs import frozen

from omniflash_sandbox.store import Store

LARGEST = Decimal(10**9)
LONGEST_UNIT = 200  # characters


@frozen
class Price:
    """So much for each `unit`, which is the vendor's own word."""

    amount: Decimal
    unit: str


class PriceLine(TypedDict):
    """A price as it is shown; `amount` is a decimal number as text."""

    provider: str
    endpoint: str
    amount: str
    unit: str


Endpoint = tuple[str, str]
"""A provider, and the endpoint's id there."""


class Prices:
    """The prices of a state. One that was set holds from then on, for every server on it."""

    def __init__(self, store: Store, usual: Mapping[Endpoint, Price]) -> None:
        self._store, self._usual = store, usual

    def of(self, provider: str, endpoint: str) -> Price:
        """The price that holds now; raises KeyError where the vendor posts none."""
        usual = self._usual[provider, endpoint]
        rows = self._store.rows(
            "SELECT amount, unit FROM prices WHERE provider = ? AND endpoint = ?", provider, endpoint
        )
        return next((Price(Decimal(amount), str(unit)) for amount, unit in rows), usual)

    def set(self, provider: str, endpoint: str, amount: Decimal, unit: str | None = None) -> None:
        """Raises ValueError for an endpoint there is not, or what is no price."""
        if (provider, endpoint) not in self._usual:
            known = ", ".join(" ".join(one) for one in self._usual)
            raise ValueError(f"there is no price of {provider!r} for {endpoint!r}, only {known}")
        if not (amount.is_finite() and 0 <= amount <= LARGEST):
            raise ValueError(f"amount must be a number from 0 to {LARGEST:,}, not {amount}")
        if unit is not None and not 0 < len(unit) <= LONGEST_UNIT:
            raise ValueError(f"unit must be a text of 1 to {LONGEST_UNIT} characters, not {unit!r}")
        words = self.of(provider, endpoint).unit if unit is None else unit
        self._store.run("INSERT OR REPLACE INTO prices VALUES (?, ?, ?, ?)", provider, endpoint, str(amount), words)

    def lines(self) -> list[PriceLine]:
        """Every price that holds now."""
        return [_line(provider, endpoint, self.of(provider, endpoint)) for provider, endpoint in self._usual]


def _line(provider: str, endpoint: str, price: Price) -> PriceLine:
    return PriceLine(provider=provider, endpoint=endpoint, amount=f"{price.amount:f}", unit=price.unit)
