"""`omniflash prices`: every row of every account, and what is wrong with the user's own."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from omniflash.discovery import adapter
from omniflash.money.quotes import OLD_AFTER_DAYS, quote
from omniflash.spec import Mode
from tests.cli.conftest import omniflash

OLD = (datetime.now(UTC) - timedelta(days=OLD_AFTER_DAYS + 2)).date()
OURS = (
    '[[price]]\nprovider = "pixeldojo"\nmode = "edit"\nunit = "clip"\nusd = 0.7\nas_of = {as_of}\nsource = "a bill"\n'
)


def configured(text: str) -> Path:
    path = Path("omniflash.toml")
    path.write_text(text, "utf-8")
    return path


def test_every_row_is_shown_with_its_price_its_quotes_and_its_source() -> None:
    done = omniflash("prices", "--json")
    assert done.code == 0
    offers = [offer for name in ("fal", "pixeldojo") for offer in adapter(name).offers]
    assert [(row["account"], row["mode"]) for row in done.json] == [(o.provider, o.mode.value) for o in offers]
    for row, offer in zip(done.json, offers, strict=True):
        assert {n: Decimal(told["amount"]) for n, told in row["quotes"].items()} == {
            str(n): quote(offer.price, n).amount for n in (4, 8, 10)
        }
        assert (row["source"], row["as_of"]) == (offer.price.source, offer.price.as_of.isoformat())
        assert (row["digest"], row["resolution"], row["yours"]) == (offer.price.digest, "720p", False)


def test_a_table_is_for_people() -> None:
    table = omniflash("prices", "--provider", "pixeldojo").out
    for told in (
        "reference_to_video",
        "16 credits a clip",
        "at most 2 credits a second",
        "8 s: ≈$1.00",
        "a credit: $0.0625",
    ):
        assert told in table
    assert "$0.125" not in table


def test_yours_and_old_ones_are_marked() -> None:
    configured(OURS.format(as_of=OLD) + "[provider.fal]\nunit_usd = 1\n")
    rows = {row["mode"]: row for row in omniflash("prices", "--json", "--provider", "pixeldojo").json}
    assert {mode for mode, row in rows.items() if row["yours"]} == {Mode.EDIT.value}
    assert rows["edit"]["price"] == "$0.70 a clip"
    assert {mode for mode, row in rows.items() if row["old"]} >= {Mode.EDIT.value}
    table = omniflash("prices").out
    assert "your own price: a bill" in table
    assert f"OLD, {OLD_AFTER_DAYS + 2} days" in table
    assert "a billed unit: $1.00" in table


@pytest.mark.parametrize("source", ["see [/foo]", "[red]x[/red]", ":cat: [0]", "two\\nlines", "a\\u001b[31mb"])
def test_what_stands_in_a_source_is_shown_as_it_is_and_in_its_line(source: str) -> None:
    configured(OURS.format(as_of="2026-11-01").replace("a bill", source))
    told = source.replace("\\n", " ").replace("\\u001b", "\\x1b")
    table = omniflash("prices", "--provider", "pixeldojo")
    assert (table.code, table.err) == (0, "")
    assert f"your own price: {told}" in table.out
    plan = omniflash("plan", "At night", "--edit", "https://example.com/v.mp4").out
    assert f"(your own price: {told}, 2026-11-01)" in plan


def test_a_check_says_which_are_old() -> None:
    configured(OURS.format(as_of=OLD))
    done = omniflash("prices", "--check", "--provider", "pixeldojo")
    assert done.code == 0
    assert f"pixeldojo 1.0 edit 720p: OLD, {OLD_AFTER_DAYS + 2} days; see if it still holds" in done.out
    assert f"older than {OLD_AFTER_DAYS} days" in done.out.splitlines()[-1]
    assert "edit" in [row["mode"] for row in omniflash("prices", "--check", "--json").json]


@pytest.mark.parametrize("command", [["prices", "--check"], ["prices"], ["plan", "A cat"]], ids=str)
def test_what_is_wrong_with_yours_is_a_line_each_and_exit_2(command: list[str]) -> None:
    configured(OURS.format(as_of="2026-11-01").replace("0.7", "-0.7").replace("edit", "edti"))
    done = omniflash(*command)
    assert (done.code, done.out) == (2, "")
    assert [line.partition("omniflash.toml [[price]] 1: ")[2].partition(";")[0] for line in done.lines] == [
        f"mode = 'edti': one of {', '.join(Mode)}",
        "usd = -0.7: a number from 0.000001 to 1,000,000",
    ]


def test_a_plan_reckons_with_yours() -> None:
    configured(OURS.format(as_of="2026-11-01"))
    done = omniflash("plan", "At night", "--edit", "https://example.com/v.mp4")
    assert done.out.startswith("1. pixeldojo: $0.70,")
    assert "$0.70 a clip = $0.70 (your own price: a bill, 2026-11-01)" in done.out
