"""The user's own prices (COST-VERSION): which go before which, what is told of a wrong one, what a charge comes to."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Charge, Client, ConfigurationError, Mode, OwnPrice, Provider
from omniflash.accounts import resolve
from omniflash.adapter import Offer
from omniflash.config import load
from omniflash.discovery import adapter
from omniflash.money.overrides import Unit, applied, ranked
from omniflash.money.quotes import USD, Kind, Rate, quote
from tests.stage import Acme, offer

AS_OF = date(2026, 11, 1)
FILM = "https://example.com/v.mp4"
OFFERS = adapter("fal").offers
OURS = {
    "provider": '"fal"',
    "unit": '"second"',
    "usd": '"0.10"',
    "as_of": "2026-11-01",
    "source": '"our contract of 2026"',
}


def table(**fields: str | None) -> str:
    """A row of the file, right but for these fields; None leaves one out."""
    lines = (f"{name} = {value}" for name, value in {**OURS, **fields}.items() if value is not None)
    return "\n".join(["[[price]]", *lines, ""])


def written(*rows: str) -> None:
    Path("omniflash.toml").write_text("\n".join(rows), "utf-8")


def own(**fields: Any) -> OwnPrice:
    return OwnPrice(**{"unit": Unit.SECOND, "usd": Decimal("0.10"), "as_of": AS_OF, **fields})


def quoted(client: Client, account: str = "fal", **asked: Any) -> Any:
    plan = client.plan("A cat", **{"duration": 8, **asked})
    return next(candidate.quote for candidate in plan.candidates if candidate.account == account)


class TestApplied:
    def test_one_from_the_file_says_that_it_is_yours(self) -> None:
        written(table(mode='"text_to_video"'))
        client = Client()
        told = quoted(client)
        assert (told.amount, told.bound, told.kind) == (Decimal("0.80"), Decimal("0.80"), Kind.EXACT)
        assert (told.source, told.as_of) == ("your own price: our contract of 2026", AS_OF)
        assert told.arithmetic == "8 s × $0.10 = $0.80"
        assert quoted(client, image=FILM.replace("mp4", "png")).amount == Decimal("1.04")

    @pytest.mark.parametrize("written_as", ["0.1", '"0.1"', "0.10"])
    def test_a_number_of_the_file_is_just_that_number(self, written_as: str) -> None:
        written(table(usd=written_as))
        (price,) = load().price
        assert price.usd == Decimal("0.1")
        assert quoted(Client()).amount == Decimal("0.8")

    @pytest.mark.parametrize(
        ("row", "rate", "kind"),
        [
            ({"unit": Unit.SECOND}, Rate(per_second=Decimal("0.10")), Kind.EXACT),
            ({"unit": Unit.CLIP}, Rate(per_clip=Decimal("0.10")), Kind.EXACT),
            ({"unit": Unit.CLIP, "at_most": Decimal(1)}, Rate(per_clip=Decimal("0.10")), Kind.APPROXIMATE),
            ({"unit": Unit.DELIVERED_SECOND}, Rate(per_delivered_second=Decimal("0.10")), Kind.APPROXIMATE),
            (
                {"unit": Unit.MILLION_TOKENS, "tokens_per_second": Decimal(5792)},
                Rate(per_million_tokens=Decimal("0.10"), tokens_per_second=Decimal(5792)),
                Kind.APPROXIMATE,
            ),
        ],
    )
    def test_each_unit(self, row: dict[str, Any], rate: Rate, kind: Kind) -> None:
        made = own(**row).over(offer())
        assert (made.rate, made.kind, made.own, made.unit) == (rate, kind, True, USD)
        assert made.bound == (Rate(per_clip=Decimal(1)) if "at_most" in row else rate)

    def test_the_length_of_an_edit_is_its_sources_so_that_by_the_second_it_can_only_cost_less(self) -> None:
        assert own().over(offer(Mode.EDIT)).kind is Kind.MAX
        assert own(unit=Unit.CLIP).over(offer(Mode.EDIT)).kind is Kind.EXACT

    def test_credits_stay_credits(self) -> None:
        written(table(provider='"pixeldojo"', unit='"clip"', usd=None, credits="12", at_most="14"))
        told = quoted(Client(), "pixeldojo")
        assert (told.amount, told.bound) == (Decimal("0.75"), Decimal("0.875"))
        cheaper = Client(Provider("pixeldojo", credit_usd=Decimal("0.05")))
        assert quoted(cheaper, "pixeldojo").amount == Decimal("0.60")

    def test_dollars_take_the_place_of_credits(self) -> None:
        dojo = Provider("pixeldojo", credit_usd=Decimal("0.05"), prices=[own(unit=Unit.CLIP, usd=Decimal("0.70"))])
        assert quoted(Client(dojo), "pixeldojo").arithmetic == "$0.70 a clip = $0.70"

    def test_without_any_nothing_changes(self) -> None:
        assert Client().accounts["fal"].offers is OFFERS


class TestRanks:
    @pytest.mark.parametrize(
        ("prices", "amount"),
        [
            ([own(usd=Decimal(1)), own(usd=Decimal(2), mode=Mode.TEXT_TO_VIDEO)], 16),
            ([own(usd=Decimal(2), mode=Mode.TEXT_TO_VIDEO), own(usd=Decimal(1))], 16),
            ([own(usd=Decimal(1), version="1.0"), own(usd=Decimal(2), mode=Mode.TEXT_TO_VIDEO)], 16),
            ([own(usd=Decimal(1), version="1.0"), own(usd=Decimal(2), resolution="720p")], 8),
            ([own(usd=Decimal(1)), own(usd=Decimal(2), mode=Mode.EDIT)], 8),
        ],
    )
    def test_what_says_more_goes_first(self, prices: list[OwnPrice], amount: int) -> None:
        assert quoted(Client(Provider("fal", prices=prices))).amount == amount

    def test_the_accounts_goes_before_the_providers_and_the_argument_before_both(self) -> None:
        accounts = '[provider.eu]\nprovider = "fal"\nkey = "id:secret-of-eu"\n'
        by_mode = table(usd="1", mode='"text_to_video"')
        written(accounts, by_mode, table(usd="2", provider='"eu"'))
        client = Client(["fal", "eu"])
        assert [quoted(client, name).amount for name in ("fal", "eu")] == [8, 16]
        for price in (own(usd=Decimal(3)), own(usd=Decimal(3), provider="fal")):
            given = Provider("fal", name="eu", key="id:secret-of-eu", prices=[price])
            assert quoted(Client(given), "eu").amount == 24

    def test_the_file_counts_for_accounts_made_in_code(self) -> None:
        written(table())
        assert quoted(Client(Provider("fal", name="mine")), "mine").amount == Decimal("0.80")

    prices = st.lists(
        st.builds(
            own,
            provider=st.sampled_from([None, "fal", "eu"]),
            usd=st.decimals("0.01", 9, places=2),
            mode=st.sampled_from([None, *Mode]),
            version=st.sampled_from([None, "1.0"]),
            resolution=st.sampled_from([None, "720p"]),
        ),
        max_size=8,
        unique_by=lambda price: price.scope,
    )

    @given(prices, st.randoms())
    def test_the_order_in_which_they_stand_does_not_matter(self, prices: list[OwnPrice], random: Any) -> None:
        shuffled = random.sample(prices, len(prices))
        assert applied(OFFERS, ranked(prices, "fal")) == applied(OFFERS, ranked(shuffled, "fal"))

    @given(prices)
    def test_an_offer_has_the_price_of_one_that_fits_it_or_its_own(self, prices: list[OwnPrice]) -> None:
        for before, after in zip(OFFERS, applied(OFFERS, ranked(prices, "fal")), strict=True):
            fitting = [price.over(before) for price in prices if price.fits(before)]
            assert after.price in (fitting or [before.price])
            assert evolve(after, price=before.price) == before


TOMORROWS = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
WRONG = [
    ({"usdd": "1"}, "usdd = 1", "did you mean 'usd'?"),
    ({"provider": '"fall"'}, "provider = 'fall': no provider and no account", "did you mean 'fal'?"),
    ({"provider": None}, "provider: it is missing", "use one of fal, pixeldojo"),
    ({"provider": "5"}, "provider = 5: a text in quotes", "write the name of a provider or an account"),
    ({"mode": '"text-to-video"'}, "mode = 'text-to-video': one of", "did you mean 'text_to_video'?"),
    ({"mode": '"refine"'}, "mode = 'refine': fal offers nothing of it", "use one of text_to_video"),
    ({"version": '"1.O"'}, "version = '1.O': no version of the model", "did you mean '1.0'?"),
    ({"version": "1.0"}, "version = 1.0: a text in quotes", 'write it as "1.0"'),
    ({"resolution": '"1080p"'}, "resolution = '1080p': fal offers nothing of it", "use one of 720p"),
    ({"unit": '"secnd"'}, "unit = 'secnd': one of second, delivered second, clip, million", "did you mean 'second'?"),
    ({"unit": '"token"'}, "unit = 'token'", "did you mean 'million tokens'?"),
    ({"unit": None}, "unit: it is missing", "write what the price is for: second"),
    ({"usd": None}, "usd: there is no price", "write usd = … or credits = …"),
    ({"usd": "-0.1"}, "usd = -0.1: a number from 0.000001 to 1,000,000", "write dollars for one unit"),
    ({"usd": "0"}, "usd = 0: a number from 0.000001", "write dollars"),
    ({"usd": "nan"}, "usd = nan: a number from", "write dollars"),
    ({"usd": "inf"}, "usd = inf: a number from", "write dollars"),
    ({"usd": "true"}, "usd = True: a number from", "write dollars"),
    ({"usd": "1e30"}, "usd = 1E+30: a number from", "write dollars"),
    ({"usd": '"cheap"'}, "usd = 'cheap': a number from", 'such as "0.10"'),
    ({"usd": None, "credits": "16"}, "credits = 16: fal asks for dollars, not for credits", "write usd"),
    ({"credits": "16"}, "credits = 16: there is a price in usd too", "leave one of them out"),
    ({"at_most": "0.09"}, "at_most = 0.09: at least the price itself, usd = 0.1", "raise it, or leave it out"),
    ({"at_most": "0"}, "at_most = 0: a number from", "the most that one unit may cost"),
    ({"as_of": None}, "as_of: it is missing", "as 2026-11-01"),
    ({"as_of": TOMORROWS}, f"as_of = {TOMORROWS}: yet to come", "write when you learned the price"),
    ({"as_of": '"soon"'}, "as_of = 'soon': a day", "as 2026-11-01"),
    ({"as_of": "2026-11-01T10:00:00"}, "as_of = 2026-11-01 10:00:00: a day", "as 2026-11-01"),
    ({"source": "5"}, "source = 5: a text in quotes", "in your words"),
    ({"unit": '"million tokens"'}, "tokens_per_second: it is missing", "Google lists 5,792"),
    ({"tokens_per_second": "5792"}, "tokens_per_second = 5792: the price is for a second", "leave it out"),
]


class TestWrong:
    @pytest.mark.parametrize(("fields", "told", "remedy"), WRONG, ids=str)
    def test_it_is_one_line_with_the_row_the_field_the_value_the_limit_and_the_remedy(
        self, fields: dict[str, str | None], told: str, remedy: str
    ) -> None:
        written(table(), table(**{"mode": '"edit"', **fields}))
        with pytest.raises(ConfigurationError) as caught:
            load()
        lines = [line for line in str(caught.value).splitlines() if "has a price of" not in line]
        assert [line.startswith(f"omniflash.toml [[price]] 2: {told}") for line in lines].count(True) == 1
        assert any(remedy in line for line in lines)

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        written(table(usd="-1", unit='"hour"'), table(), table(provider='"x"', moed="5"))
        with pytest.raises(ConfigurationError) as caught:
            load()
        rows = [line.partition(":")[0].rpartition(" ")[2] for line in str(caught.value).splitlines()]
        assert rows == ["1", "1", "2", "3", "3"]  # the second is for the same as the first

    @pytest.mark.parametrize("also", [{"foo": "1"}, {"as_of": None}, {"usd": "-1"}, {"unit": '"hour"'}], ids=str)
    def test_what_a_row_is_for_is_judged_whatever_else_is_wrong_with_it(self, also: dict[str, str | None]) -> None:
        row = table(mode='"edit"', **also)
        written(table(mode='"refine"', **also), table(provider='"pixeldojo"', resolution='"4k"', **also), row, row)
        with pytest.raises(ConfigurationError) as caught:
            load()
        told = [line.removeprefix("omniflash.toml [[price]] ") for line in str(caught.value).splitlines()]
        assert [line[0] for line in told] == list("11223") + list("44")
        assert told[1].startswith("1: mode = 'refine': fal offers nothing of it")
        assert told[3].startswith("2: resolution = '4k': pixeldojo offers nothing of it")
        assert told[6].startswith("4: row 3 has a price of fal edit too")

    def test_rows_that_do_not_say_what_they_are_for_are_not_taken_for_the_same(self) -> None:
        written(*[table(mode='"edti"'), table(provider='"fall"'), table(mode="5"), table(provider=None)] * 2)
        with pytest.raises(ConfigurationError) as caught:
            load()
        assert len(str(caught.value).splitlines()) == 8

    @pytest.mark.parametrize("scope", [{}, {"mode": '"edit"'}, {"version": '"1.0"', "resolution": '"720p"'}], ids=str)
    def test_two_of_the_same_are_one_too_many(self, scope: dict[str, str | None]) -> None:
        written(table(provider='"pixeldojo"', **scope), table(**scope), table(usd="2", **scope))
        with pytest.raises(
            ConfigurationError, match=r"\[\[price\]\] 3: row 2 has a price of fal.* leave one of the two"
        ):
            load()

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[price]\nusd = 1", "write [[price]]"),
            ("price = 5", "write [[price]]"),
            ("price = [5]", "no table of fields"),
        ],
    )
    def test_what_is_no_row_is_told(self, text: str, told: str) -> None:
        written(text)
        with pytest.raises(ConfigurationError) as caught:
            load()
        assert told in str(caught.value)

    @pytest.mark.parametrize(
        ("prices", "told"),
        [
            (
                [{"unit": "secnd", "usd": 1, "as_of": AS_OF}],
                r"^Provider\('fal'\), price 1: unit = 'secnd'.*'second'\?$",
            ),
            ([{"unit": "second", "usd": -1, "as_of": AS_OF}], "price 1: usd = -1"),
            ([own(), own()], "price 2: row 1 has a price of everything too"),
            ([own(provider="pixeldojo")], "provider = 'pixeldojo': no provider and no account"),
            ([own(mode=Mode.REFINE)], "mode = 'refine': the provider offers nothing of it"),
            ([own(usd=None)], "there is no price"),
            ([5], "price 1 = 5: no table of fields"),
        ],
    )
    def test_what_is_given_in_code_is_held_to_the_same(self, prices: Any, told: str) -> None:
        with pytest.raises(ConfigurationError, match=told):
            Client(Provider("fal", prices=prices))

    def test_floats_and_plain_words_will_do_in_code(self) -> None:
        plain = {"unit": "second", "usd": 0.1, "mode": "text_to_video", "as_of": "2026-11-01"}
        (price,) = resolve(Provider("fal", prices=[plain])).prices
        assert price == own(mode=Mode.TEXT_TO_VIDEO)

    @given(
        st.lists(st.dictionaries(st.sampled_from([*OURS, "mode", "at_most", "x"]), st.from_type(object)), max_size=3)
    )
    def test_whatever_it_is_ends_as_prices_or_as_that_error(self, prices: Any) -> None:
        try:
            Client(Provider("fal", prices=prices))
        except ConfigurationError as problem:
            assert "Provider('fal'), price " in str(problem)  # noqa: PT017 - either end will do


class TestDollars:
    """What a charge comes to."""

    @pytest.mark.parametrize(
        ("account", "charge", "usd"),
        [
            (Provider("fal"), Charge(Decimal("1.04"), USD, "x"), "1.04"),
            (Provider("fal"), Charge(Decimal(2), "unit", "x"), None),
            (Provider("fal", unit_usd=Decimal("1.00")), Charge(Decimal("1.04"), "unit", "x"), "1.04"),
            (Provider("fal", unit_usd=Decimal("0.5")), Charge(Decimal(2), "unit", "x"), "1"),
            (Provider("fal"), Charge(Decimal(16), "credit", "x"), None),
            (Provider("pixeldojo"), Charge(Decimal(16), "credit", "x"), "1"),
            (Provider("pixeldojo", credit_usd=Decimal("0.05")), Charge(Decimal(16), "credit", "x"), "0.8"),
            (Provider("pixeldojo", prices=[own()]), Charge(Decimal(16), "credit", "x"), "1"),
            (Provider("pixeldojo"), Charge(Decimal(16), "unit", "x"), None),
        ],
    )
    def test_it_is_told_where_its_unit_has_a_price(self, account: Provider, charge: Charge, usd: str | None) -> None:
        assert resolve(account).dollars(charge) == (None if usd is None else Decimal(usd))

    def test_credits_of_several_prices_have_none(self) -> None:
        def at(usd: str) -> Offer:
            row = evolve(offer().price, unit="coin", usd_per_unit=Decimal(usd))
            return offer(price=row)

        for prices, known in product([("0.1", "0.1"), ("0.1", "0.2")], [None, Decimal(3)]):
            acme = Provider(Acme(offers=tuple(map(at, prices))), credit_usd=known)
            told = resolve(acme).dollars(Charge(Decimal(2), "coin", "x"))
            assert told == (2 * known if known else Decimal("0.2") if len(set(prices)) == 1 else None)

    def test_the_file_says_what_a_unit_costs(self) -> None:
        written('[provider.fal]\nunit_usd = "1.00"\n')
        assert Client().accounts["fal"].dollars(Charge(Decimal("1.04"), "unit", "x")) == Decimal("1.04")

    @pytest.mark.parametrize("name", ["unit_usd", "credit_usd"])
    @pytest.mark.parametrize(
        "price", [0.05, Decimal(0), Decimal("1E-11"), Decimal("1E7"), Decimal(-1), Decimal("NaN"), "0.05"], ids=repr
    )
    def test_what_is_no_price_is_told(self, name: str, price: Any) -> None:
        with pytest.raises(ConfigurationError, match=f"{name} of pixeldojo is"):
            resolve(Provider("pixeldojo", **{name: price}))


def test_an_own_price_is_quoted_by_the_same_arithmetic() -> None:
    by_token = own(unit=Unit.MILLION_TOKENS, usd=Decimal("21.875"), tokens_per_second=Decimal(5792), source="a bill")
    told = quote(by_token.over(offer()), 8)
    assert told.arithmetic.startswith("8 s × 5,792 tokens × $21.875 a million = $1.0136; at most 8.25 s")
