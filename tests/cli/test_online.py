"""`omniflash plan --online` and `prices --online`: what vendors ask now, and who cannot be asked."""

from pathlib import Path

from omniflash_sandbox import Sandbox
from tests.cli.conftest import omniflash

APP = "google/gemini-omni-flash"


def test_a_plan_is_made_by_what_is_asked_now() -> None:
    with Sandbox(speed=250.0) as sandbox:
        sandbox.set_price("fal", APP, 0.25)
        offline, online = (
            omniflash("plan", "A cat", "--duration", "5", *flag, OMNIFLASH_SANDBOX=sandbox.url)
            for flag in ((), ("--online",))
        )
        as_json = omniflash("plan", "A cat", "--duration", "5", "--online", "--json", OMNIFLASH_SANDBOX=sandbox.url)
    assert offline.out.startswith("1. fal: ≈$0.625")
    assert online.out.startswith("1. pixeldojo: ≈$1.00")
    assert '5 s × $0.25 = $1.25 (posted as 0.25 USD ("seconds")) (fal, asked online, ' in online.out
    quote = as_json.json["candidates"][1]["quote"]
    assert (quote["amount"], quote["source"]) == ("1.25", "fal, asked online")
    assert quote["asked_at"].startswith(quote["as_of"])
    assert (online.code, online.err) == (0, "")


def test_a_clip_is_made_where_it_is_cheapest_now_and_its_charge_teaches_the_posted_price(tmp_path: Path) -> None:
    asked = ("A cat", "--duration", "5", "--policy", "cheapest")
    with Sandbox(speed=250.0) as sandbox:
        sandbox.set_price("fal", APP, 0.25)
        sandbox.set_price("pixeldojo", "google-gemini-omni-flash", 1)
        own = {"OMNIFLASH_SANDBOX": sandbox.url, "OMNIFLASH_LEDGER": str(tmp_path / "ledger.sqlite3")}
        offline, online = (
            omniflash("generate", *asked, *flag, "-o", tmp_path / f"{len(flag)}.mp4", **own)
            for flag in ((), ("--online",))
        )
        told = [omniflash("plan", *asked, *flag, **own).out for flag in ((), ("--online",))]
    assert offline.err.startswith("fal: ≈$0.625")
    assert online.err.startswith("pixeldojo: ≈$0.0625, at most $0.625 (pixeldojo, asked online, ")
    assert ["1 job was charged" in plan for plan in told] == [False, True]


def test_without_a_key_there_is_a_plan_still() -> None:
    done = omniflash("plan", "A cat", "--provider", "fal", "--online", FAL_KEY="", FAL_KEY_ID="")
    assert done.code == 0
    assert "note: asked online in vain: there is no key for fal" in done.out


def test_prices_are_shown_as_they_are_posted_now() -> None:
    with Sandbox(speed=250.0) as sandbox:
        sandbox.set_price("fal", APP, 0.25)
        sandbox.set_price("fal", f"{APP}/edit", 1, "units")
        rows = omniflash("prices", "--online", "--json", "--provider", "fal", OMNIFLASH_SANDBOX=sandbox.url).json
        table = omniflash("prices", "--online", OMNIFLASH_SANDBOX=sandbox.url).out
    text, *_, edit = rows
    assert (text["price"], text["source"], text["note"]) == ("$0.25 a second", "fal, asked online", "")
    assert (edit["price"], edit["source"]) == ("$0.13 a second", f"fal.ai/models/{APP}/edit")
    assert edit["note"].startswith('asked online, fal posts 1 USD ("units"): ')
    assert "pixeldojo, asked online" in table


def test_your_own_price_stays(tmp_path: Path) -> None:
    config = tmp_path / "omniflash.toml"
    config.write_text('[[price]]\nprovider = "fal"\nunit = "second"\nusd = "0.10"\nas_of = 2026-11-01\n', "utf-8")
    with Sandbox(speed=250.0) as sandbox:
        done = omniflash(
            "plan", "A cat", "--provider", "fal", "--duration", "5", "--online", "--config", config,
            OMNIFLASH_SANDBOX=sandbox.url,
        )  # fmt: skip
    assert "5 s × $0.10 = $0.50 (your own price" in done.out
    assert 'note: asked online, fal posts 0.125 USD ("seconds"): your own price goes first' in done.out
