"""`omniflash prices`: every row of every account, what clips cost by it, where it stands, and how old it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter
from rich.table import Table

from ..accounts import Account
from ..adapter import Offer
from ..codec import plain
from ..money.posted import OnlinePrices
from ..money.quotes import OLD_AFTER_DAYS, USD, PriceRow, Quote, Rate, aged, money, price_words, quote
from ..spec.limits import LIMITS
from ..types import JSON
from . import show
from .generate import ANY_GROUND
from .options import Ground, Json, Online

LENGTHS = (4, 8, 10)


@frozen
class Row:
    """One price, as an account has it."""

    account: Account
    offer: Offer
    today: date
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.account.name} {self.offer.version} {self.offer.mode} {self.offer.price.resolution}"

    @property
    def old(self) -> str | None:
        return aged(self.offer.price, self.today)

    @property
    def at_most(self) -> Rate:
        """The dearest that it may come to: what the vendor posts may be dearer than the row's own bound."""
        price = self.offer.price
        lengths = (*LENGTHS, LIMITS[self.offer.version].duration.maximum)
        return price.bound if any(price.bound.units(n) > price.rate.units(n) for n in lengths) else price.rate

    def quotes(self) -> Iterator[tuple[int, Quote]]:
        """What clips cost, of those lengths that the model makes."""
        for seconds in LENGTHS:
            if seconds in LIMITS[self.offer.version].duration:
                yield seconds, quote(self.offer.price, seconds, self.account.credit_usd)


def prices(
    *,
    check: Annotated[bool, Parameter(help="say only which prices are old", negative="")] = False,
    online: Online = False,
    ground: Ground = ANY_GROUND,
    json: Json = False,
) -> int:
    """What every provider asks, by which price, and where it stands. Yours, in omniflash.toml, go first."""
    today = datetime.now(UTC).date()
    with ground.client() as client:
        posted = {told.account: told for told in client.posted_prices()} if online else {}
        rows = [
            _row(account, offer, today, posted.get(account.name))
            for account in client.accounts.values()
            for offer in account.offers
        ]
    told = [row for row in rows if row.old] if check else rows
    if json:
        show.result_json([_facts(row) for row in told])
    elif check:
        _checked(rows, told)
    else:
        _shown(rows)
    return 0


def _row(account: Account, offer: Offer, today: date, posted: OnlinePrices | None) -> Row:
    """A row, or in its place what the vendor says it asks now, with what there is to say of that."""
    told = posted.of(offer) if posted else None
    priced = posted.priced(offer) if posted else None
    return Row(account, priced or offer, today, told.note if told else "")


def _checked(rows: list[Row], old: list[Row]) -> None:
    for row in old:
        show.result(f"{row.name}: {_age(row)}; {_remedy(row.offer.price)}")
    show.result(f"{len(rows)} prices, {len(old) or 'none'} of them older than {OLD_AFTER_DAYS} days")


def _shown(rows: list[Row]) -> None:
    table = Table(show_lines=True)
    table.add_column("", no_wrap=True)
    for name in ("price", "quotes", "source"):
        table.add_column(name, overflow="fold")
    for row in rows:
        lines = (f"{seconds} s: {told}" for seconds, told in row.quotes())
        table.add_row(row.name.replace(" ", "\n"), "\n".join(_price(row)), "\n".join(lines), "\n".join(_source(row)))
    show.table(table)


def _price(row: Row) -> Iterator[str]:
    price = row.offer.price
    yield price_words(price, price.rate)
    if row.at_most != price.rate:
        yield f"at most {price_words(price, row.at_most)}"
    if price.unit != USD:
        yield f"a {price.unit}: ${money(row.account.credit_usd or price.usd_per_unit)}"
    if row.account.unit_usd is not None:
        yield f"a billed unit: ${money(row.account.unit_usd)}"


def _source(row: Row) -> Iterator[str]:
    yield row.offer.price.source
    yield f"{row.offer.price.as_of}{f': {_age(row)}' if row.old else ''}"
    if row.note:
        yield row.note


def _age(row: Row) -> str:
    return f"OLD, {(row.today - row.offer.price.as_of).days:,} days"


def _remedy(price: PriceRow) -> str:
    if price.own:
        return "see if it still holds, and renew it or its as_of"
    return f"look at {price.source}, and write a [[price]] of your own if it changed"


def _facts(row: Row) -> dict[str, JSON]:
    return {
        "account": row.account.name,
        "provider": row.offer.provider,
        "version": row.offer.version,
        "mode": row.offer.mode.value,
        "resolution": row.offer.price.resolution,
        "price": price_words(row.offer.price, row.offer.price.rate),
        "at_most": price_words(row.offer.price, row.at_most),
        "unit": row.offer.price.unit,
        "row": plain(row.offer.price),
        "digest": row.offer.price.digest,
        "quotes": {str(seconds): plain(told) for seconds, told in row.quotes()},
        "source": row.offer.price.source,
        "as_of": row.offer.price.as_of.isoformat(),
        "old": row.old is not None,
        "yours": row.offer.price.own,
        "note": row.note,
    }
