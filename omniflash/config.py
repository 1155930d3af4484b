"""Settings: what stands in omniflash.toml, here or under the platform's config folder."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from attrs import evolve, field, fields, frozen
from attrs.validators import and_, ge, le, optional

from .accounts import Provider
from .adapter import Offer, Pace
from .codec import from_plain
from .discovery import PROVIDERS, adapter, installed
from .errors import ConfigurationError
from .money.budgets import Budget
from .money.overrides import OwnPrice
from .money.price_tables import Sold, read
from .money.quotes import LEAST, MOST
from .spec.violations import did_you_mean

NO_LIMIT = Budget()
FILE_NAME = "omniflash.toml"
A_PRICE = optional(and_(ge(LEAST), le(MOST)))


@frozen(kw_only=True)
class Table:
    """One account's table in the file: `[provider.NAME]`."""

    provider: str | None = None
    key: str | None = None
    hosts: Mapping[str, str] = {}
    options: Mapping[str, object] = {}
    credit_usd: Decimal | None = field(default=None, validator=A_PRICE)
    requests_per_minute: int | None = field(default=None, validator=optional(ge(1)))
    uploads: tuple[str, ...] = ()
    unit_usd: Decimal | None = field(default=None, validator=A_PRICE)


@frozen(kw_only=True)
class Settings:
    """What a user can settle once.

    `providers` are asked in this order where a policy leaves it open (default: all that are installed). `policy`
    decides who is asked first. `country` is where the person is for whom clips are made; with `strict_region`, editing
    an uploaded video needs one. `on_unsupported` is "refuse" or "drop" (only a seed is ever dropped). With
    `host_files`, a local file that a provider takes only as a URL goes through another account's storage. `timeout` is
    how long to wait for a job, in seconds. `budget` is the most that may be spent. `provider` holds a table for
    each account. `price` holds the user's own prices.
    """

    providers: tuple[str, ...] = ()
    policy: str = "cheapest"
    country: str | None = None
    strict_region: bool = False
    on_unsupported: str = "refuse"
    host_files: bool = False
    timeout: float = 1200.0
    budget: Budget = NO_LIMIT
    provider: Mapping[str, Table] = {}
    price: tuple[OwnPrice, ...] = ()

    def accounts(self) -> tuple[Provider, ...]:
        """The configured accounts, in order."""
        names = self.providers or tuple(dict.fromkeys([*self.provider, *installed(PROVIDERS)]))
        return tuple(self.account(name) for name in names)

    def account(self, name: str) -> Provider:
        """One account by its name: a table of the file, or an installed provider as it is."""
        table = self.provider.get(name, Table())
        provider = table.provider or name
        return Provider(
            provider=provider,
            key=table.key,
            name=None if name == provider else name,
            hosts=table.hosts,
            options=table.options or None,
            credit_usd=table.credit_usd,
            pace=Pace(table.requests_per_minute) if table.requests_per_minute else None,
            uploads=table.uploads,
            unit_usd=table.unit_usd,
        )


def places() -> tuple[Path, ...]:
    """Where the file is looked for, the first that is there being used."""
    from platformdirs import user_config_path

    return (Path(FILE_NAME), user_config_path("omniflash") / FILE_NAME)


def load(path: Path | None = None) -> Settings:
    """The settings of a file, or of the first of `places()` that is there. Raises ConfigurationError for a bad one."""
    found = path or next((place for place in places() if place.is_file()), None)
    if found is None:
        return Settings()
    try:
        data = tomllib.loads(found.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigurationError(f"{found} cannot be read: {problem}", remedy="mend the file") from problem
    _only(Settings, data, str(found))
    _only(Budget, data.get("budget", {}), f"{found} [budget]")
    for name, table in _tables(data.get("budget", {}), "provider"):
        _only(Budget, table, f"{found} [budget.provider.{name}]")
    tables = data.get("provider", {})
    for name, table in tables.items() if isinstance(tables, Mapping) else ():
        _only(Table, table, f"{found} [provider.{name}]")
        _own_key(table, f"{found} [provider.{name}]")
    rows = data.pop("price", [])
    return evolve(from_plain(data, Settings, str(found)), price=_prices(rows, tables, str(found)))


def _tables(table: Mapping[str, object], name: str) -> Iterable[tuple[str, object]]:
    inner = table.get(name, {})
    return inner.items() if isinstance(inner, Mapping) else ()


def _prices(rows: object, tables: Mapping[str, Mapping[str, object]], where: str) -> tuple[OwnPrice, ...]:
    if not isinstance(rows, list):
        raise ConfigurationError(f"{where} has no list of prices", remedy="write [[price]], with two brackets each")
    kinds = {name: str(table.get("provider") or name) for name, table in tables.items()}
    names = {**{name: name for name in installed(PROVIDERS)}, **kinds} if rows else {}
    sold: Sold = {name: partial(_offers, kind) for name, kind in names.items()}
    return read(rows, f"{where} [[price]]", datetime.now(UTC).date(), sold)


def _offers(provider: str) -> Sequence[Offer]:
    return adapter(provider).offers


def _only(kind: type, table: object, where: str) -> None:
    names = [attribute.name for attribute in fields(kind)]
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{where} is no table", remedy=f"write {', '.join(names)} in it")
    for name in table:
        if name not in names:
            raise ConfigurationError(f"{where} has no setting {name!r}", remedy=did_you_mean(name, names))


def _own_key(table: Mapping[str, object], where: str) -> None:
    # A file that somebody else put into this folder must not be able to send the key of the environment to a host of
    # theirs.
    if table.get("hosts") and not str(table.get("key") or "").strip():
        remedy = "write the key for those hosts beside them"
        raise ConfigurationError(
            f"{where} names hosts without a key; a key from elsewhere is not sent there", remedy=remedy
        )
