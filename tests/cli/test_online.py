"""`omniflash plan --online`: what vendors ask now, and who cannot be asked."""

from omniflash_sandbox import Sandbox
from tests.cli.conftest import omniflash

APP = "google/gemini-omni-flash"


def test_a_plan_is_made_by_what_is_asked_now() -> None:
    with Sandbox(speed=1000.0) as sandbox:
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


def test_without_a_key_there_is_a_plan_still() -> None:
    done = omniflash("plan", "A cat", "--provider", "fal", "--online", FAL_KEY="", FAL_KEY_ID="")
    assert done.code == 0
    assert "note: asked online in vain: there is no key for fal" in done.out
