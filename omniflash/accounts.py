"""Who is called with which key: a provider as the user names it, and the account that comes of it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from types import UnionType
from typing import TypeAlias
from urllib.parse import urlsplit

from attrs import evolve, field, fields, frozen, has

from .adapter import Adapter, Offer, Pace
from .codec import from_plain
from .discovery import adapter
from .errors import AuthenticationFailed, ConfigurationError
from .jobs import Charge
from .money.overrides import OwnPrice, applied, ranked
from .money.price_tables import Sold, read
from .money.quotes import LEAST, MOST, USD
from .redact import safe_url
from .spec.violations import did_you_mean

Sleep: TypeAlias = Callable[[float], None]
UNIT = "unit"  # what a vendor counts its bill in where it names nothing else
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MIN_SECRET = 12  # what is shorter cannot be told from words, and blotting it out would spoil every text


def _safe_hosts(hosts: Mapping[str, str]) -> str:
    return str({name: safe_url(url) for name, url in hosts.items()})


@frozen
class Provider:
    """One account at one vendor, as a user configures it.

    `provider` is the name of one that is installed, or an adapter itself, such as one that is being written. `key`
    defaults to the vendor's own environment variables. `name` tells several accounts of one vendor apart. `hosts`
    replaces base URLs by name; beside a sandbox, only those on this machine count. `options` is the provider's own
    options value. `credit_usd` is what one credit really cost you, in US dollars; `unit_usd` is what one unit of the
    vendor's bill costs you, where it bills units that have no price, as fal does. `prices` are your own, each an
    OwnPrice or a mapping of its fields. `pace` replaces the request rate that the adapter keeps to. `uploads` are
    origins (`http://host:port`) that local files may be sent to although they are private, or not https.
    """

    provider: str | Adapter
    key: str | None = field(default=None, repr=False)
    name: str | None = None
    hosts: Mapping[str, str] = field(factory=dict, repr=_safe_hosts, hash=False)
    options: object = None
    credit_usd: Decimal | None = None
    pace: Pace | None = None
    uploads: tuple[str, ...] = ()
    unit_usd: Decimal | None = None
    prices: Sequence[OwnPrice | Mapping[str, object]] = field(default=(), hash=False)


@frozen
class Site:
    """A sandbox, as plain data: whose protocol it speaks where, with which keys, and how fast its time goes.

    `speed` 0 is a clock that only moves when it is told to: then `sleep` moves it. `uploads` are the origins that its
    vendors' upload URLs have. `state` is the folder that keeps its jobs.
    """

    url: str
    hosts: Mapping[str, Mapping[str, str]] = field(hash=False)
    keys: Mapping[str, str] = field(hash=False, repr=False)
    speed: float = 1.0
    sleep: Sleep | None = field(default=None, eq=False, repr=False)
    uploads: Mapping[str, Iterable[str]] = field(factory=dict, hash=False)
    state: str | None = None

    @classmethod
    def of(cls, data: "Site | Mapping[str, object]") -> "Site":
        """The site that a sandbox describes itself as. Raises ConfigurationError when it is no such description."""
        if isinstance(data, Site):
            return data
        try:
            known = {attribute.name: data[attribute.name] for attribute in fields(cls) if attribute.name in data}
            return cls(**known)  # type: ignore[arg-type]  # plain data by the sandbox's contract
        except TypeError as problem:
            raise ConfigurationError(
                "this is no description of a sandbox", remedy="start `omniflash sandbox`"
            ) from problem


@frozen
class Account:
    """A provider, resolved: its adapter, key, hosts, options, pace, and where else its uploads may go."""

    name: str
    adapter: Adapter = field(repr=lambda adapter: adapter.name)
    key: str | None = field(repr=False)
    hosts: Mapping[str, str] = field(hash=False, repr=_safe_hosts)
    options: object = None
    credit_usd: Decimal | None = None
    pace: Pace | None = None
    uploads: tuple[str, ...] = ()
    sandbox: bool = False
    unit_usd: Decimal | None = None
    prices: tuple[OwnPrice, ...] = ()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What is sold here, at the prices that hold for this account."""
        return self._repriced if self.prices else self.adapter.offers

    @cached_property
    def _repriced(self) -> tuple[Offer, ...]:
        return applied(self.adapter.offers, self.prices)

    def dollars(self, charge: Charge) -> Decimal | None:
        """What a charge comes to in US dollars, or None where nobody has said what its unit costs."""
        price = self.units.get(charge.unit)
        return None if price is None else charge.amount * price

    @cached_property
    def units(self) -> Mapping[str, Decimal]:
        """What one of each unit that charges are counted in costs, in USD, where somebody has said so."""
        listed: dict[str, set[Decimal]] = {}
        for row in (offer.price for offer in self.adapter.offers):
            listed.setdefault(row.unit, set()).add(self.credit_usd or row.usd_per_unit)
        own = {UNIT: self.unit_usd} if self.unit_usd is not None else {}
        return {**{unit: min(told) for unit, told in listed.items() if len(told) == 1}, **own, USD: Decimal(1)}

    @property
    def label(self) -> str | None:
        """The account's name where that says more than the provider's."""
        return None if self.name == self.adapter.name else self.name

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the key, and what stands behind the colon in one that has an id before it."""
        key = self.key or ""
        return tuple(part for part in dict.fromkeys((key, key.partition(":")[2])) if len(part) >= MIN_SECRET)

    def credentials(self) -> Mapping[str, str]:
        """The headers that carry the key. Raises AuthenticationFailed when there is none."""
        if self.key is None:
            raise missing_keys([self])
        return self.adapter.authorize(self.key)


def missing_keys(accounts: Sequence[Account]) -> AuthenticationFailed:
    """The error of accounts without a key: which variables to set, and that there is a sandbox."""
    ways = [names for account in accounts for names in account.adapter.credentials]
    variables = " or ".join(" and ".join(names) for names in dict.fromkeys(ways))
    remedy = f"set {variables}, or try --sandbox, which needs no key"
    return AuthenticationFailed(f"there is no key for {' or '.join(a.name for a in accounts)}", remedy=remedy)


# What a Provider's fields are, None aside, with what to write; what is not here is looked at where it is read.
KINDS: Mapping[str, tuple[type | UnionType, str]] = {
    "key": (str, "text, as the vendor shows it"),
    "name": (str, "text of your own"),
    "hosts": (Mapping, "base URLs by name"),
    "pace": (Pace, "omniflash.Pace(requests, seconds)"),
    "prices": (list | tuple, "a list of OwnPrices, or of mappings of their fields"),
}


def _check_kinds(provider: Provider) -> None:
    if not isinstance(provider.provider, str) and not hasattr(provider.provider, "offers"):
        told = f"a Provider is named, or is an adapter, and nothing of type {type(provider.provider).__name__}"
        raise ConfigurationError(told, remedy='write "fal", or whoever it is')
    for name, (kind, wanted) in KINDS.items():
        value = getattr(provider, name)
        if value is not None and not isinstance(value, kind):
            told = f"{name} of a Provider is nothing of type {type(value).__name__}"
            raise ConfigurationError(told, remedy=f"write {wanted}")


def resolve(provider: Provider, site: Site | None = None, prices: Sequence[OwnPrice] = ()) -> Account:
    """The account of a provider, on a sandbox where there is one; of `prices`, which are the user's, it gets its own.

    Raises ConfigurationError for what does not fit.
    """
    _check_kinds(provider)
    found = adapter(provider.provider) if isinstance(provider.provider, str) else provider.provider
    key = site.keys.get(found.name) if site else _own_key(found, provider) or _from_environment(found)
    return Account(
        name=provider.name or found.name,
        adapter=found,
        key=key,
        hosts=_site_hosts(found, site, provider.hosts) if site else _hosts(found, provider.hosts),
        options=_options(found, provider.options),
        credit_usd=_credit_usd(found, provider.credit_usd),
        unit_usd=_price("unit_usd", found, provider.unit_usd),
        prices=_prices(found, provider, prices),
        pace=provider.pace or found.pace,
        uploads=tuple(site.uploads.get(found.name, ())) if site else _origins(found, provider.uploads),
        sandbox=site is not None,
    )


def _credit_usd(found: Adapter, price: Decimal | None) -> Decimal | None:
    if price is not None and all(offer.price.unit == USD for offer in found.offers):
        raise ConfigurationError(f"{found.name} asks for dollars, not for credits", remedy="leave credit_usd out")
    return _price("credit_usd", found, price)


def _price(name: str, found: Adapter, price: object) -> Decimal | None:
    if price is None or (isinstance(price, Decimal) and price.is_finite() and LEAST <= price <= MOST):
        return price
    remedy = f'write dollars from {LEAST} to {MOST:,}, such as Decimal("0.05")'
    raise ConfigurationError(f"{name} of {found.name} is {price!r}", remedy=remedy)


def _prices(found: Adapter, provider: Provider, listed: Sequence[OwnPrice]) -> tuple[OwnPrice, ...]:
    if not provider.prices and not listed:
        return ()
    name = provider.name or found.name
    sold: Sold = dict.fromkeys((name, found.name, None), lambda: found.offers)
    given = read(provider.prices, f"Provider({name!r}), price", datetime.now(UTC).date(), sold)
    prices = [
        *(price for price in listed if price.provider in sold),
        *(evolve(price, provider=None) for price in given),
    ]
    return ranked(prices, found.name)


def _own_key(found: Adapter, provider: Provider) -> str | None:
    key = _cleaned(provider.key, "key")
    if provider.key is not None and key is None:
        raise ConfigurationError(f"the key for {found.name} is blank", remedy="write the key, or leave it out")
    return key


def _from_environment(found: Adapter) -> str | None:
    for names in found.credentials:
        values = [_cleaned(os.environ.get(name), name) for name in names]
        if all(values):
            return ":".join(filter(None, values))
    return None


def _cleaned(key: str | None, where: str) -> str | None:
    text = (key or "").strip()  # a pasted key often ends in a line break, which vendors answer with 401
    if not all("!" <= letter <= "~" for letter in text):
        raise ConfigurationError(
            f"the key in {where} has characters that no key has", remedy="copy it again, as one word"
        )
    return text or None


def _site_hosts(found: Adapter, site: Site, replaced: Mapping[str, str]) -> Mapping[str, str]:
    if found.name not in site.hosts:
        spoken = ", ".join(site.hosts)
        raise ConfigurationError(f"the sandbox does not speak {found.name}'s protocol", remedy=f"it speaks {spoken}")
    # Of what the caller says, only what is on this very machine counts: nothing made up goes to a real vendor.
    local = {name: url for name, url in _hosts(found, replaced).items() if urlsplit(url).hostname in LOOPBACK}
    return {**dict.fromkeys(found.hosts, site.url), **site.hosts[found.name], **local}


def _hosts(found: Adapter, replaced: Mapping[str, str]) -> Mapping[str, str]:
    for name, url in replaced.items():
        if name not in found.hosts:
            raise ConfigurationError(f"{found.name} has no host {name!r}", remedy=did_you_mean(name, found.hosts))
        if not url.startswith(("https://", "http://")):
            raise ConfigurationError(f"the host {name!r} of {found.name} is no http(s) URL", remedy="write https://…")
    return {**found.hosts, **replaced}


def _origins(found: Adapter, uploads: object) -> tuple[str, ...]:
    if not isinstance(uploads, list | tuple) or not all(isinstance(url, str) and "://" in url for url in uploads):
        told = f"uploads of {found.name} are a list of origins, not {uploads!r}"
        raise ConfigurationError(told, remedy='write ["http://host:port"]')
    return tuple(uploads)


def _options(found: Adapter, options: object) -> object:
    kind = found.options
    if options is None or (kind is not None and isinstance(options, kind)):
        return options
    if kind is None or not has(kind):
        raise ConfigurationError(f"{found.name} has no options of its own", remedy="leave options out")
    if not isinstance(options, Mapping):
        expected = f"{kind.__module__}.{kind.__name__}"
        raise ConfigurationError(f"options of {found.name} are a {expected}", remedy=f"write {expected}(…)")
    return _structured(found, kind, options)


def _structured(found: Adapter, kind: type, options: Mapping[str, object]) -> object:
    names = [attribute.name for attribute in fields(kind)]
    for name in options:
        if name not in names:
            raise ConfigurationError(f"{found.name} has no option {name!r}", remedy=did_you_mean(name, names))
    return from_plain(options, kind, f"options of {found.name}")
