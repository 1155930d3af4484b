"""Policies: what every one of them keeps to, whatever the candidates are; and their text, which says the same."""

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from omniflash import Candidate, Client, ConfigurationError, Mode, NoEligibleProvider, Plan, Policy, Provider
from omniflash.codec import from_json, to_json
from omniflash.errors import RegionRestricted
from omniflash.money.quotes import Kind, Quote, dollars
from omniflash.routing.grammar import policy_of
from omniflash.routing.plan import Desk, make_plan
from omniflash.routing.policies import (
    RANKINGS,
    RESERVED,
    Ranking,
    Under,
    asked,
    cheapest,
    chosen,
    fastest,
    named,
    only,
    ordered,
    prefer,
    under,
)
from omniflash.spec import CLAUSES, TextToVideo
from tests.stage import DAY, OUTLOOK, Acme, account

Rows = list[Candidate]
AMOUNTS = tuple(map(Decimal, ("0.50", "0.80", "1.00")))
MORE = tuple(map(Decimal, ("0", "0.30")))
TIMES = (30.0, 60.0, 60.5, 90.0)
PROVIDERS = ("acme", "best")
ACCOUNTS = ("acme", "acme-eu", "best", "east", "west")
EVERYBODY = (*ACCOUNTS, "nobody")


def candidate(
    name: str, provider: str = "acme", amount: Decimal = AMOUNTS[0], more: Decimal = MORE[0], expected_s: float = 30.0
) -> Candidate:
    """One who can; `more` is what it may cost beyond its amount."""
    quote = Quote(amount, amount + more, Kind.EXACT, "", "", DAY.date())
    return Candidate(name, provider, "1.0", Mode.EDIT, "flash", quote, expected_s, ())


@st.composite
def candidates(draw: st.DrawFn) -> Rows:
    """Candidates of few amounts, bounds and times, so that ties are common; each account once or with two offers."""
    make = st.builds(
        candidate,
        st.sampled_from(ACCOUNTS),
        st.sampled_from(PROVIDERS),
        st.sampled_from(AMOUNTS),
        st.sampled_from(MORE),
        st.sampled_from(TIMES),
    )
    offers = st.builds(lambda row, end: evolve(row, endpoint=end), make, st.sampled_from(["flash", "flash/pro"]))
    rows = draw(st.lists(offers, min_size=1, max_size=7, unique_by=lambda row: (row.account, row.endpoint)))
    places = draw(st.permutations(range(len(ACCOUNTS))))
    makers = {row.account: row.provider for row in rows}
    return [evolve(row, rank=places[ACCOUNTS.index(row.account)], provider=makers[row.account]) for row in rows]


rankings = st.sampled_from(list(RANKINGS.values()))
limits = st.fixed_dictionaries(
    {"seconds": st.none() | st.sampled_from([30, 60, 60.5]), "usd": st.none() | st.sampled_from(AMOUNTS)}
)


def limited(policies: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
    return st.builds(lambda policy, most: under(policy, **most), policies, limits)


def joined(policies: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
    return st.lists(policies, min_size=1, max_size=3).map(lambda some: prefer(*some))


known = st.sampled_from(EVERYBODY)


def policies(names: st.SearchStrategy[str] = known) -> st.SearchStrategy[Policy]:
    """Every policy that the combinators make."""
    named_ones = st.lists(names, min_size=1, max_size=3, unique=True).map(lambda some: only(*some))
    leaves: st.SearchStrategy[Policy] = rankings | named_ones
    return st.recursive(leaves, lambda inner: limited(inner) | joined(inner), max_leaves=4)


def price_and_time(row: Candidate) -> tuple[Decimal, Decimal, float]:
    return row.quote.amount, row.quote.bound, row.expected_s


def dominates(one: Candidate, other: Candidate) -> bool:
    """Whether one is nowhere worse, and somewhere better."""
    here, there = price_and_time(one), price_and_time(other)
    return here != there and here[0] <= there[0] and here[1] <= there[1] and here[2] <= there[2]


@given(policies(), candidates())
def test_only_those_who_can_are_picked_and_each_once(policy: Policy, rows: Rows) -> None:
    kept = asked(policy, rows)
    assert {id(row) for row in kept} <= {id(row) for row in rows}
    assert len({id(row) for row in kept}) == len(kept)


@given(limited(rankings), candidates())
def test_nobody_who_is_worse_in_every_way_is_put_first(policy: Policy, rows: Rows) -> None:
    assume(not named(policy).startswith("ordered"))
    kept = asked(policy, rows)
    for place, row in enumerate(kept):
        assert not any(dominates(later, row) for later in kept[place:])


@given(policies(), candidates(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_given_does_not_matter(policy: Policy, rows: Rows, chance: Any) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)
    assert asked(policy, mixed) == asked(policy, rows)


@given(policies(), candidates(), st.data())
def test_one_more_candidate_changes_nothing_among_the_others(policy: Policy, rows: Rows, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(rows))
    others = [row for row in rows if row is not one]
    assert [row for row in asked(policy, rows) if row is not one] == list(asked(policy, others))


@given(policies(), policies(), candidates())
def test_those_preferred_come_first_and_the_others_as_without_them(one: Policy, other: Policy, rows: Rows) -> None:
    first = asked(one, rows)
    kept = asked(prefer(one, other), rows)
    assert kept[: len(first)] == first
    assert kept[len(first) :] == tuple(row for row in asked(other, rows) if row not in first)


@given(policies(), limits, candidates())
def test_a_limit_lets_through_just_those_under_it(policy: Policy, most: dict[str, Any], rows: Rows) -> None:
    seconds, usd = most["seconds"], most["usd"]
    below = [
        row
        for row in rows
        if (seconds is None or row.expected_s <= seconds) and (usd is None or row.quote.bound <= usd)
    ]
    assert asked(under(policy, **most), rows) == asked(policy, below)


@given(st.lists(st.sampled_from(EVERYBODY), min_size=1, unique=True), candidates())
def test_names_are_accounts_or_providers_in_their_order(names: list[str], rows: Rows) -> None:
    kept = asked(only(*names), rows)
    assert {id(row) for row in kept} == {id(row) for row in rows if row.account in names or row.provider in names}
    places = [names.index(row.account if row.account in names else row.provider) for row in kept]
    assert places == sorted(places)


@given(candidates())
def test_each_ranking_goes_by_its_own_criterion_and_then_the_others(rows: Rows) -> None:
    keys: dict[Ranking, Callable[[Candidate], tuple[object, ...]]] = {
        cheapest: lambda row: (row.quote.amount, row.quote.bound, row.expected_s, row.rank),
        fastest: lambda row: (row.expected_s, row.quote.amount, row.quote.bound, row.rank),
        ordered: lambda row: (row.rank, row.quote.amount, row.quote.bound, row.expected_s),
    }
    for ranking, key in keys.items():
        assert [key(row) for row in asked(ranking, rows)] == sorted(map(key, rows))


@given(policies(), candidates())
def test_those_left_out_are_told_with_a_reason(policy: Policy, rows: Rows) -> None:
    kept, left = chosen(policy, rows)
    assert {row.account for row in kept} | {name for name, _ in left} == {row.account for row in rows}
    assert not {row.account for row in kept} & {name for name, _ in left}
    reasons = [reason for some in left.values() for reason in some]
    assert all(reason.limit and reason.value == named(policy) for reason in reasons)
    for row in rows:
        assert bool(policy.objection(row)) is (row not in kept)  # type: ignore[attr-defined]


# The text


SOON = under(fastest, seconds=60)
words = st.sampled_from([*RESERVED, *EVERYBODY, ",", " ", '"', "60 s", "60s", "$1", "$0.80", "60", "s", "$", "0 s"])


@given(policies(st.text(max_size=5) | st.sampled_from([*RESERVED, "60", "s", "$1", 'a"b', "a, b", "über-eu"])))
def test_what_a_policy_prints_is_read_back_as_it_was(policy: Policy) -> None:
    assert policy_of(named(policy)) == policy
    assert named(policy_of(named(policy))) == named(policy)


@given(st.text() | st.lists(words, max_size=9).map(" ".join) | st.lists(words, max_size=9).map("".join))
@example("prefer " * 5_000)
@example("prefer a" + ", else a" * 5_000)
@example("," * 5_000)
@example('"' * 5_001)
def test_any_text_is_a_policy_or_one_clear_error(text: str) -> None:
    try:
        policy = policy_of(text)
    except ConfigurationError as caught:
        problem = caught
    else:
        assert policy_of(named(policy)) == policy
        return
    assert problem.remedy
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("cheapest under 60 s", under(cheapest, seconds=60)),
        ("cheapest under 60s", under(cheapest, seconds=60)),
        ("fastest under $0.80", under(fastest, usd=Decimal("0.80"))),
        ("cheapest under 60 s and $1", under(cheapest, seconds=60, usd=1)),
        ("cheapest under $1 and 60 s", under(cheapest, seconds=60, usd=1)),
        ("fal, pixeldojo", only("fal", "pixeldojo")),
        ("fal,pixeldojo under $1", under(only("fal", "pixeldojo"), usd=1)),
        ("prefer fal, else cheapest", prefer(only("fal"), cheapest)),
        ("prefer fal, else cheapest under 90 s", prefer(only("fal"), under(cheapest, seconds=90))),
        ("prefer fastest under 60 s, else a, b, else ordered", prefer(SOON, only("a", "b"), ordered)),
        ('"else", "my ""best"""', only("else", 'my "best"')),
    ],
)
def test_it_reads_as_english(text: str, policy: Policy) -> None:
    assert policy_of(text) == policy


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"character 1: it ends where cheapest, fastest, ordered or a name should be; write it like"),
        ("cheapest undr 60 s", r"character 10: 'undr' where the end should be; did you mean 'under'\?"),
        ("cheapest under", r"character 15: it ends where a limit above 0, such as '60 s' or '\$0.80', should be"),
        ("cheapest under 60", r"character 16: '60' where a limit"),
        ("cheapest under 0 s", r"character 16: '0' where a limit above 0"),
        ("cheapest under 60 s and 70 s", r"character 25: '70' where a limit above 0, such as '\$0.80',"),
        ("cheapest under 60 s an $1", r"character 21: 'an' where the end should be; did you mean 'and'\?"),
        ("cheapest and $1", r"character 10: 'and' where the end should be; did you mean 'under'\?"),
        ("cheapest under $1 under 60 s", r"character 19: 'under' where the end should be; "),
        ("fal, fal", r"character 6: 'fal' where another name should be"),
        ("fal, cheapest", r"character 6: 'cheapest' where a name should be"),
        ("fal, else cheapest", r"character 4: ',' where the end should be"),
        ("prefer fal", r"character 11: it ends where ', else' should be"),
        ("prefer fal else cheapest", r"character 12: 'else' where ', else' should be"),
        ('cheapest under $1, "fal', r"character 18: ',' where the end"),
        ('"fal', "character 1: '\"' where"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_possible(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        policy_of(text)


def test_a_name_that_is_nobodys_is_told_where_the_accounts_are() -> None:
    for text, told in [("prefer fall, else cheapest", "names 'fall'.*mean 'fal'"), ("dearest", "mean 'cheapest'")]:
        with pytest.raises(ConfigurationError, match=told):
            Client(policy=text)
    with pytest.raises(ConfigurationError, match=r"names 'pixeldojo'.*use one of cheapest, fastest, ordered, fal"):
        Client("fal", policy="prefer pixeldojo, else cheapest")


@pytest.mark.parametrize("text", ['""', 'cheapest under $1, else ""', 'prefer "", else cheapest', '"", ""'])
def test_no_name_at_all_is_nobodys(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(policy=text)
    assert "\n" not in str(caught.value)


def test_a_settled_policy_may_name_who_is_not_asked_this_time() -> None:
    Path("omniflash.toml").write_text('policy = "prefer pixeldojo, else cheapest"')
    assert [row.account for row in Client().plan("A cat", duration=3).candidates] == ["pixeldojo", "fal"]
    assert Client("fal").plan("A cat").best.account == "fal"
    Path("omniflash.toml").write_text('policy = "prefer pixeldoyo, else cheapest"')
    with pytest.raises(ConfigurationError, match="did you mean 'pixeldojo'"):
        Client("fal")


@pytest.mark.parametrize("given", [5, ["fal"], {"fal"}, b"cheapest"])
def test_what_is_neither_text_nor_function_is_told(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="a policy is text or a function, not of type"):
        Client(policy=given)


@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf"), "much"])
def test_a_limit_that_is_none_is_told(number: Any) -> None:
    for kind in ("seconds", "usd"):
        with pytest.raises(ConfigurationError, match="give a number above 0"):
            under(cheapest, **{kind: number})


def test_names_are_each_given_once() -> None:
    for names in ((), ("fal", "fal")):
        with pytest.raises(ConfigurationError, match="each once"):
            only(*names)


def test_the_tighter_of_two_limits_holds() -> None:
    both = under(under(cheapest, seconds=60, usd=2), seconds=90, usd=1)
    assert both == Under(cheapest, Decimal(60), Decimal(1))


# In a plan


def by_time(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The caller's own: the slowest first."""
    return sorted(candidates, key=lambda row: -row.expected_s)


def nobody(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    return []


def planned(policy: Any) -> Plan:
    return Client(["fal", "pixeldojo"], policy=policy).plan("A cat", duration=10)


def test_the_callers_own_function_is_taken_where_text_is() -> None:
    assert planned(by_time).policy == "by_time"
    assert len(planned(by_time).candidates) == 2
    assert planned(prefer(under(by_time, usd=1), fastest)).policy == "prefer by_time under $1, else fastest"
    assert planned(partial(by_time)).policy == "partial"


def test_the_second_choice_is_shown_whom_the_first_one_left() -> None:
    policy = prefer(only("fal"), lambda rows: rows[:1])
    assert [row.account for row in planned(policy).candidates] == ["fal", "pixeldojo"]


def test_whom_the_policy_leaves_out_stands_in_the_plan_with_the_reason() -> None:
    dear = max(planned("cheapest").candidates, key=lambda row: row.quote.bound)
    limit = f"cheapest under ${dear.quote.bound - 1 / Decimal(1_000)}"
    plan = planned(limit)
    assert dear.account not in [row.account for row in plan.candidates]
    reason = f"POLICY policy = '{limit}': it may cost {dollars(dear.quote.bound)}; use another policy"
    assert f"-  {dear.account}: {reason}" in plan.explain()
    assert from_json(json.loads(json.dumps(to_json(plan))), Plan) == plan
    assert "POLICY" not in CLAUSES


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (nobody, "nobody leaves it out"),
        ("cheapest under 1 s", r"it may take \d+ s"),
        ("cheapest under 1 s and $0.01", r"it may take \d+ s and cost \$[\d.]+"),
        (prefer(nobody, only("nobody")), "nobody leaves it out; it does not name this one"),
    ],
)
def test_where_it_leaves_nobody_each_ones_reason_is_told(policy: Any, reason: str) -> None:
    desk = Client(["fal", "pixeldojo"])._desk
    plan = make_plan(TextToVideo("A cat", duration=10), evolve(desk, policy=policy_of(policy)), {}, OUTLOOK)
    with pytest.raises(NoEligibleProvider, match=f"fal: POLICY policy = .*: {reason}; use another policy"):
        _ = plan.best
    assert [out.account for out in plan.ruled_out] == ["fal", "pixeldojo"]


def test_a_region_and_a_policy_together_are_no_matter_of_the_region_alone() -> None:
    client = Client(["fal", "pixeldojo"], policy="fal")
    with pytest.raises(RegionRestricted):
        _ = client.plan("At night", video="https://example.com/v.mp4", country="DE").best


def test_two_offers_of_one_account_are_ruled_out_only_together() -> None:
    dear = evolve(Acme().offers[0], endpoint="flash/pro", expected_s=90.0)
    desk = Desk([account(Acme(offers=(Acme().offers[0], dear)))], policy="cheapest under 60 s")
    plan = make_plan(TextToVideo("A cat"), desk, {}, OUTLOOK)
    assert ([row.endpoint for row in plan.candidates], plan.ruled_out) == (["flash"], ())
    desk = evolve(desk, policy="cheapest under 30 s")
    (out,) = make_plan(TextToVideo("A cat"), desk, {}, OUTLOOK).ruled_out
    assert [reason.limit for reason in out.reasons] == ["it may take 40 s", "it may take 90 s"]


def test_the_configured_order_is_kept_whatever_comes_before_the_policy() -> None:
    accounts = [Provider("fal", name=name, key="the-id:the-secret") for name in ("c", "a", "b")]
    plan = Client(accounts, policy="ordered").plan("A cat")
    assert [(row.account, row.rank) for row in plan.candidates] == [("c", 0), ("a", 1), ("b", 2)]


# What a function of the caller's own may do wrong


def stranger(rows: Sequence[Candidate]) -> Any:
    return [evolve(rows[0], expected_s=1.0)]


def twice(rows: Sequence[Candidate]) -> Any:
    return [rows[0], rows[1], rows[0]]


def names(rows: Sequence[Candidate]) -> Any:
    return [row.account for row in rows]


def nothing(rows: Sequence[Candidate]) -> Any:
    return None


def lazy(rows: Sequence[Candidate]) -> Any:
    return (row for row in rows)


def one(rows: Sequence[Candidate]) -> Any:
    return rows[0]


def broken(rows: Sequence[Candidate]) -> Any:
    raise ZeroDivisionError("by\nzero")


def greedy(rows: Any) -> Any:
    rows.sort()


WRONG = [
    (stranger, "gave something that it was not given, of type Candidate; let it return a list of those it was given"),
    (twice, "gave '(fal|pixeldojo)' twice"),
    (names, "gave something that it was not given, of type str"),
    (nothing, "gave no list but something of type NoneType"),
    (lazy, "gave no list but something of type generator"),
    (one, "gave no list but something of type Candidate"),
    (broken, "raised ZeroDivisionError: by zero; mend it"),
    (greedy, "raised AttributeError"),
]


@pytest.mark.parametrize(("policy", "told"), WRONG, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("within", [lambda it: it, lambda it: under(it, usd=9), lambda it: prefer(it, cheapest)])
def test_what_it_does_wrong_is_told_by_its_name(policy: Policy, told: str, within: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"the policy {named(policy)} {told}") as caught:
        planned(within(policy))
    assert isinstance(caught.value.__cause__, Exception) is ("raised" in told)


def test_it_is_not_asked_about_nobody() -> None:
    assert asked(broken, []) == ()
    assert planned(prefer(under(broken, usd=Decimal("0.01")), cheapest)).candidates


# The documentation


def test_every_policy_on_the_page_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
    shown = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(shown) > 5
    for text in shown:
        assert named(policy_of(text)) == text
