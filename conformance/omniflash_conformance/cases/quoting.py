"""What a job will cost, told before anything is sent, and by which row (COST-QUOTE, COST-VERSION)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from os import devnull
from threading import get_ident
from typing import Any
from unittest.mock import patch

from attrs import evolve

from omniflash import Client, Provider, Request
from omniflash.money.quotes import USD, Kind, Quote, price_words
from omniflash.spec import LIMITS
from omniflash_sandbox.ledger import Line

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..means.asking import changed, plain
from ..means.bodies import drawn_from
from ..means.life import lived
from ..means.reckoning import reckoned
from ..verdicts import Broken, Lax, NotDeclared, expect, expect_equal, expect_none

HALF_A_CENT = Decimal("0.005")
FAR_OFF = 10  # times as much: no reading of a price list is so far from the bill
CREDIT_USD = Decimal("0.03125")
KEY = "id-of-a-key:and-its-secret-half"


@case("COST-QUOTE-1", "every request that is offered has a whole quote", modes=EVERY_MODE)
def every_request_has_a_quote(bench: AdapterBench) -> None:
    client = bench.client()
    bench.drawn(drawn_from(bench.offer), lambda request: expect_none(_amiss(_quote(client, request))), share=0.6)
    told = _quote(client, plain(bench.offer, bench.picture))
    bench.note(amount=str(told.amount), bound=str(told.bound), source=told.source, as_of=told.as_of.isoformat())


def _amiss(told: Quote) -> Iterator[str]:
    wrong = {
        f"the amount is {told.amount}, and nothing is free": not told.amount > 0,
        f"the upper bound {told.bound} is below the amount {told.amount}": not told.bound >= told.amount,
        "no source of the price is named": not told.source.strip(),
        f"the price is of {told.as_of}, which is yet to come": told.as_of > _tomorrow(),
        f"it is exact, and between {told.amount} and {told.bound}": told.kind is Kind.EXACT
        and told.bound != told.amount,
    }
    return (problem for problem, holds in wrong.items() if holds)


def _tomorrow() -> date:
    return datetime.now(UTC).date() + timedelta(days=1)  # today, somewhere


@case("COST-QUOTE-2", "the arithmetic in words comes to the amount, to the cent", modes=EVERY_MODE)
def the_words_come_to_the_amount(bench: AdapterBench) -> None:
    client = bench.client()

    def look(request: Request) -> None:
        told = _quote(client, request)
        words, _, total = told.arithmetic.partition(" = ")
        found, stated = reckoned(words.replace(bench.offer.price.unit, "")), reckoned(total.split()[0].strip(";,"))
        for sum_ in (found, stated):
            near = sum_ is not None and abs(sum_ - told.amount) <= HALF_A_CENT
            expect(near, f"{told.arithmetic!r} comes to {sum_}, and the amount is {told.amount}")

    bench.drawn(drawn_from(bench.offer), look, share=0.3)


@case("COST-QUOTE-3", "a longer clip is never cheaper", modes=EVERY_MODE)
def longer_is_never_cheaper(bench: AdapterBench) -> None:
    if "duration" not in bench.offer.fields:
        raise NotDeclared(f"{bench.adapter.name} takes no duration in {bench.mode}")
    client, base = bench.client(), plain(bench.offer, bench.picture)
    span = LIMITS[bench.offer.version].duration
    seconds = bench.offer.fields["duration"].values or range(span.minimum, span.maximum + 1)
    lengths = sorted(int(str(value)) for value in seconds)
    quotes = [(n, _quote(client, changed(base, {"duration": n}))) for n in lengths]
    bench.note(quotes={str(n): str(told.amount) for n, told in quotes})
    for (short, one), (long, other) in pairwise(quotes):
        if other.amount < one.amount or other.bound < one.bound:
            raise Lax(f"{long} s cost {other}, and {short} s {one}")


@case("COST-QUOTE-4", "a quote is made without any connection")
def quoting_asks_nobody(bench: AdapterBench) -> None:
    client = bench.client()
    with _unplugged():
        for offer in bench.adapter.offers:
            client.plan(plain(offer, bench.picture))


@contextmanager
def _unplugged() -> Iterator[None]:
    """Breaks the case where this thread opens a connection."""
    here, connect, look_up = get_ident(), socket.socket.connect, socket.getaddrinfo

    def refused(self: socket.socket, address: Any) -> None:
        if get_ident() == here:
            raise Broken(f"a connection to {address} was opened for a quote")
        connect(self, address)

    def unknown(host: Any, *args: Any, **options: Any) -> Any:
        if get_ident() == here:
            raise Broken(f"the address of {host} was looked up for a quote")
        return look_up(host, *args, **options)

    with patch.object(socket.socket, "connect", refused), patch.object(socket, "getaddrinfo", unknown):
        yield


@case("COST-QUOTE-5", "what is billed is within the quote", needs=Needs.FAULTS, modes=EVERY_MODE)
def the_bill_is_within_the_quote(bench: AdapterBench) -> None:
    client = bench.client()
    request = bench.plain(client)
    told, line = _quote(client, request), _billed(bench, client, request)
    billed = Decimal(line["usd"])
    bench.note(amount=str(told.amount), bound=str(told.bound), billed=str(billed))
    expect(0 <= billed <= told.bound, f"${billed} were billed, and the quote was {told.amount}, at most {told.bound}")
    if told.kind is Kind.EXACT:
        expect_equal(billed, told.amount, "what was billed for an exact quote")
    if billed:
        times = told.amount / billed
        near = Decimal(1) / FAR_OFF < times < FAR_OFF
        expect(
            near, f"the quote is ${told.amount}, and ${billed} were billed: {float(times):.3g} times as much was told"
        )


@case(
    "COST-QUOTE-6",
    "what the vendor says it charged is within the quote",
    needs=Needs.FIXED,
    recording="status",
    clips=1,
)
def the_charge_is_within_the_quote(bench: AdapterBench) -> None:
    seen = lived(bench).over.status
    charge, told, row = seen.charge, seen.job.quote, bench.adapter.offers[0].price
    bench.note(charge=str(charge) if charge else None)
    if charge is None or told is None:
        raise NotDeclared(f"{bench.adapter.name} does not say what it charged")
    if charge.unit != row.unit:
        raise NotDeclared(
            f"{bench.adapter.name} says what it charged in {charge.unit}s, and its price is in {row.unit}"
        )
    usd = charge.amount * row.usd_per_unit
    expect(usd <= told.bound, f"{charge} are ${usd}, and the quote was {told.amount}, at most {told.bound}")


@case("COST-VERSION-1", "each offer is quoted by its own row", modes=EVERY_MODE)
def each_offer_has_its_own_row(bench: AdapterBench) -> None:
    client = bench.client()
    for offer in bench.adapter.offers:
        if offer.mode is bench.mode:
            told = client.plan(evolve(plain(offer, bench.picture), version=offer.version)).best
            expect_equal((told.version, told.endpoint), (offer.version, offer.endpoint), "the offer that is quoted")
            row = (offer.price.source, offer.price.as_of, offer.price.kind)
            expect_equal((told.quote.source, told.quote.as_of, told.quote.kind), row, "the row that it is quoted by")
            bench.note(**{f"rate_{offer.version}": _rate_words(offer.price)})


def _rate_words(row: Any) -> str:
    price = f"{row.rate.per_clip} a clip, {row.rate.per_second} a second, at most {row.bound.per_clip} and"
    by_file = f", {price_words(row, row.rate)}, at most {price_words(row, row.bound)}" if row.rate.by_file else ""
    return f"{price} {row.bound.per_second}, in {row.unit} of ${row.usd_per_unit}, {row.kind}{by_file}"


@case("COST-VERSION-2", "what a credit cost the caller counts, where the price is in credits", modes=EVERY_MODE)
def a_callers_own_price_counts(bench: AdapterBench) -> None:
    row = bench.offer.price
    if row.unit == USD:
        raise NotDeclared(f"{bench.adapter.name} asks for dollars")
    request = plain(bench.offer, bench.picture)
    listed = _quote(bench.client(), request)
    with Client(Provider(bench.adapter, key=KEY, credit_usd=CREDIT_USD), config_file=devnull) as client:
        own = _quote(client, request)
    expect_equal(own.amount * row.usd_per_unit, listed.amount * CREDIT_USD, "the amount at the caller's own price")
    expect_equal(own.bound * row.usd_per_unit, listed.bound * CREDIT_USD, "the bound at the caller's own price")
    if not row.unit_source.strip():
        raise Lax(f"no source says what a {row.unit} costs")


@case("COST-VERSION-3", "the price is in the vendor's own unit", needs=Needs.FAULTS, modes=EVERY_MODE)
def the_row_is_in_the_vendors_unit(bench: AdapterBench) -> None:
    client, row = bench.client(), bench.offer.price
    expect(row.usd_per_unit > 0, f"a {row.unit} is told to cost ${row.usd_per_unit}")
    request = bench.plain(client)
    line = _billed(bench, client, request)
    usd, units = Decimal(line["usd"]), Decimal(line["amount"])
    bench.note(unit=line["unit"], units=line["amount"], usd=line["usd"])
    if usd == units:
        expect(row.unit == USD or row.usd_per_unit == 1, f"it bills dollars, and the price is in {row.unit}s")
        return
    told = f"it bills {units} {line['unit']}, and the price is"
    expect(row.unit != USD, f"{told} in dollars: nobody's own price of {line['unit']} counts")
    priced = _quote(client, request).amount / row.usd_per_unit
    near = Decimal(1) / FAR_OFF < priced / units < FAR_OFF
    expect(near, f"{told} {priced} {row.unit}s")


def _billed(bench: AdapterBench, client: Client, request: Request) -> Line:
    job = bench.submitted(client, request)
    bench.stand.advance(600.0)
    return next(line for line in bench.sandbox.charges() if line["job"] == job.handle)


def _quote(client: Client, request: Request) -> Quote:
    return client.plan(request).best.quote
