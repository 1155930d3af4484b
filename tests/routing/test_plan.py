"""Plans: who can and for how much, best first; who cannot, and every reason (CAP-REJECT, CAP-DISPOSE, COST-QUOTE)."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from omniflash import (
    Budget,
    BudgetExceeded,
    Client,
    Clip,
    ConfigurationError,
    Edit,
    InvalidRequest,
    Job,
    Mode,
    NoEligibleProvider,
    OmniflashError,
    Plan,
    PlanOutdated,
    Provider,
    ReferenceToVideo,
    Refine,
    RegionRestricted,
    Request,
    TextToVideo,
)
from omniflash.adapter import Field
from omniflash.codec import from_json, to_json
from omniflash.jobs import Fate
from omniflash.mapping import compose
from omniflash.money.quotes import Kind
from omniflash.routing.plan import Desk, make_plan
from omniflash_conformance.strategies import requests
from tests.stage import OUTLOOK, Acme, account, offer, order

BOTH = [Provider("fal", key="the-id:the-secret"), Provider("pixeldojo", key="pd_the-key")]
CLIENT = Client(BOTH)
PICTURES = ["https://example.com/1.png", "https://example.com/2.png"]
FILM = "https://example.com/v.mp4"


def ranked(plan: Plan) -> list[str]:
    return [candidate.account for candidate in plan.candidates]


def reasons(plan: Plan) -> dict[str, list[str]]:
    return {out.account: [f"{reason.clause} {reason.field}" for reason in out.reasons] for out in plan.ruled_out}


def test_an_edit_with_references_is_pixeldojos_alone() -> None:
    plan = CLIENT.plan(Edit("At night", video=FILM, references=PICTURES))
    assert ranked(plan) == ["pixeldojo"]
    assert reasons(plan) == {"fal": ["CAP-REJECT references"]}
    assert "use pixeldojo" in plan.explain()


def test_a_remedy_names_only_whom_it_would_help() -> None:
    asked = TextToVideo("A cat", output_format="webm")
    assert "use pixeldojo, or leave it out" in CLIENT.plan(asked).explain()
    assert "leave it out: no configured provider takes it" in Client("fal").plan(asked).explain()


def test_in_germany_it_is_nobodys() -> None:
    plan = CLIENT.plan(Edit("At night", video=FILM, references=PICTURES, country="DE"))
    assert ranked(plan) == []
    assert [found[0] for found in reasons(plan).values()] == ["REQ-REGION country"] * 2
    with pytest.raises(RegionRestricted, match="REQ-REGION"):
        _ = plan.best
    with pytest.raises(RegionRestricted):
        CLIENT.submit(plan)


def test_a_refine_in_germany_is_pixeldojos() -> None:
    plan = CLIENT.plan(Refine("At night", previous="vid_1", country="DE"))
    assert ranked(plan) == ["pixeldojo"]
    assert "Edit(video=clip.url)" in plan.explain()


def test_when_nobody_can_every_reason_is_told() -> None:
    plan = Client("fal").plan(Refine("At night", previous="vid_1"))
    with pytest.raises(NoEligibleProvider, match="fal: CAP-REJECT mode") as caught:
        _ = plan.best
    assert list(caught.value.reasons) == ["fal"]


SEED, TOO_LITTLE = "  fal: CAP-REJECT seed = 5", r"more than the \$\S+ allowed for a job"


def refused(budget: Budget, *providers: str, **fields: Any) -> OmniflashError:
    """Why nobody can make four seconds for so much."""
    client = Client(providers or BOTH, budget=budget)
    request = {"prompt": "A cat", **fields} if "video" in fields else {"prompt": "A cat", "duration": 4, **fields}
    error = client.plan(request).refusal()
    lines = {line.partition(":")[0].strip() for line in str(error).splitlines()} - {"nobody configured can do this"}
    assert lines == {out.account for out in client.plan(request).ruled_out} or isinstance(error, RegionRestricted)
    return error


def test_a_budget_is_told_alone_only_where_it_is_the_only_reason() -> None:
    alone = refused(Budget(job=Decimal("0.5")), "fal")
    assert type(alone) is BudgetExceeded
    assert str(alone).startswith("fal: it may cost up to $0.52: $0.02 more than the $0.50 allowed for a job; allow")
    mixed = refused(Budget(job=Decimal("0.5")), seed=5)
    assert type(mixed) is NoEligibleProvider
    assert SEED in str(mixed)
    assert re.search(f"  pixeldojo: BUDGET .* {TOO_LITTLE}", str(mixed))


def test_of_several_that_are_too_dear_all_are_told_the_one_that_lacks_least_first() -> None:
    tight = Budget(job=2, provider={"fal": Budget(job=Decimal("0.01")), "pixeldojo": Budget(job=Decimal("0.9"))})
    for budget, first in ((Budget(job=Decimal("0.1")), "fal"), (tight, "pixeldojo")):
        error = refused(budget)
        assert type(error) is BudgetExceeded
        told = str(error).splitlines()
        assert [bool(re.search(TOO_LITTLE, line)) for line in told] == [False, True, True]
        assert told[1].startswith(f"  {first}: BUDGET ")


def test_where_the_country_rules_out_everybody_their_other_reasons_are_told_too() -> None:
    error = refused(Budget(), video=FILM, country="DE", seed=5)
    assert type(error) is RegionRestricted
    assert [one.clause for one in error.violations] == ["REQ-REGION"]
    assert SEED in str(error)
    assert str(error).count("REQ-REGION") == 2


def test_each_candidate_has_its_quote_and_arithmetic() -> None:
    told = CLIENT.plan("A cat", duration=10).explain()
    assert "16 credits a clip × $0.0625 a credit = $1.00" in told
    assert "10 s × $0.125 = $1.25" in told
    assert "1.0 is assumed" in told
    assert "2026-11-20" in told


@pytest.mark.parametrize(
    ("seconds", "order_"), [(3, ["fal", "pixeldojo"]), (8, ["pixeldojo", "fal"]), (10, ["pixeldojo", "fal"])]
)
def test_the_cheapest_depends_on_the_length(seconds: int, order_: list[str]) -> None:
    assert ranked(CLIENT.plan("A cat", duration=seconds)) == order_


def test_an_unset_length_is_quoted_at_the_default_and_a_sources_at_most_at_the_longest() -> None:
    fal = Client("fal")
    assert fal.plan("A cat").best.quote == fal.plan("A cat", duration=8).best.quote
    edit = fal.plan(Edit("At night", video=FILM)).best.quote
    assert (edit.amount, edit.bound, edit.kind) == (Decimal("1.04"), Decimal("1.30"), Kind.APPROXIMATE)
    assert "nobody here knows how long that is" in edit.arithmetic


def test_who_made_a_clip_alone_can_refine_it() -> None:
    two = Client([Provider("pixeldojo", key="k1", name="one"), Provider("pixeldojo", key="k2", name="two")])
    clip = Clip("https://e.com/a.mp4", "pixeldojo", handle="v", account="two")
    plan = two.plan(Refine("At night", previous=clip))
    assert ranked(plan) == ["two"]
    assert reasons(plan) == {"one": ["CAP-REJECT previous"]}
    fals = Clip("https://e.com/a.mp4", "fal", job=Job("fal", "1.0", Mode.EDIT, "r1", "o").token)
    assert reasons(CLIENT.plan(Refine("At night", previous=fals)))["pixeldojo"] == ["CAP-REJECT previous"]
    job = Job("pixeldojo", "1.0", Mode.EDIT, "job_1", "o")
    assert ranked(CLIENT.plan(Refine("At night", previous=job))) == ["pixeldojo"]


def test_a_clip_without_any_handle_cannot_be_refined() -> None:
    with pytest.raises(InvalidRequest, match="REQ-PREVIOUS"):
        CLIENT.plan(Refine("At night", previous=Clip("https://e.com/a.mp4", "pixeldojo")))


def test_an_edit_of_unknown_country_is_noted_and_a_strict_client_refuses() -> None:
    assert "country is not known" in CLIENT.plan(Edit("At night", video=FILM)).explain()
    strict = Client("fal", strict_region=True)
    with pytest.raises(RegionRestricted):
        _ = strict.plan(Edit("At night", video=FILM)).best
    assert Client("fal", country="US", strict_region=True).plan(Edit("At night", video=FILM)).candidates


def test_only_a_seed_is_dropped_and_only_by_consent() -> None:
    drops = Client(["fal", "pixeldojo"], on_unsupported="drop")
    by_account = {candidate.account: candidate for candidate in drops.plan("A cat", seed=7).candidates}
    fates = {fate.field: fate.fate for fate in by_account["fal"].dispositions}
    assert fates == {"prompt": Fate.SENT, "seed": Fate.DROPPED}
    assert by_account["pixeldojo"].dropped == frozenset()
    assert reasons(drops.plan("A cat", seed=7, output_format="webm")) == {"fal": ["CAP-REJECT output_format"]}
    assert ranked(CLIENT.plan("A cat", seed=7)) == ["pixeldojo"]


def test_what_a_provider_always_makes_is_kept_and_not_sent() -> None:
    plan = Client("fal").plan("A cat", output_format="mp4")
    fates = {fate.field: (fate.fate, fate.wire) for fate in plan.best.dispositions}
    assert fates["output_format"] == (Fate.KEPT, None)


def test_what_is_used_here_is_kept() -> None:
    fates = {
        f.field: f.fate
        for f in CLIENT.plan("A cat", country="DE", version="1.0", metadata={"a": "b"}).best.dispositions
    }
    assert fates == {"prompt": Fate.SENT, "country": Fate.KEPT, "version": Fate.KEPT, "metadata": Fate.KEPT}


@given(requests())
def test_a_plan_is_a_value_that_survives_json(request: Request) -> None:
    plan = CLIENT.plan(request)
    assert from_json(json.loads(json.dumps(to_json(plan))), Plan) == plan


def test_a_plan_can_be_submitted_by_whoever_has_its_account() -> None:
    plan = Client("fal").plan("A cat")
    with pytest.raises(ConfigurationError, match="no account 'fal'"):
        Client("pixeldojo").submit(plan)
    gone = evolve(plan, candidates=tuple(evolve(candidate, version="9.9") for candidate in plan.candidates))
    with pytest.raises(PlanOutdated, match="no longer offers"):
        Client(Provider("fal", key="the-id:the-secret")).preview(gone)


def test_a_default_of_the_vendors_own_is_answered_with_the_specs() -> None:
    fields = {"prompt": Field(wire="text"), "duration": Field(wire="seconds", vendor_default=5)}
    same = {"prompt": Field(wire="text"), "duration": Field(wire="seconds", vendor_default=8)}
    assert compose(evolve(order(), offer=offer(**fields))).body == {"text": "A cat", "seconds": 8}
    assert compose(evolve(order(), offer=offer(**same))).body == {"text": "A cat"}
    asked = evolve(order(TextToVideo("A cat", duration=3)), offer=offer(**fields))
    assert compose(asked).body == {"text": "A cat", "seconds": 3}


def test_an_undeclared_field_is_refused_even_by_the_mapping() -> None:
    fates = {f.field: f.fate for f in compose(evolve(order(TextToVideo("A cat", seed=7)))).dispositions}
    assert fates["seed"] is Fate.REFUSED


def test_a_narrower_limit_is_the_providers_reason() -> None:
    fields = {"prompt": Field(wire="text"), "aspect_ratio": Field(wire="shape", values=("16:9",))}
    at = account(Acme(offers=(offer(**fields),)))
    plan = make_plan(TextToVideo("A cat", aspect_ratio="9:16"), Desk([at]), {}, OUTLOOK)
    (reason,) = plan.ruled_out[0].reasons
    assert (reason.clause, reason.limit) == ("CAP-REJECT", "acme takes 16:9")


def test_references_above_the_limit_are_refused_before_any_provider_is_asked() -> None:
    with pytest.raises(InvalidRequest, match="REQ-REFS"):
        CLIENT.plan(ReferenceToVideo("A cat", references=PICTURES * 4))


def test_a_token_says_who_can_refine_its_clip() -> None:
    fals = Job("fal", "1.0", Mode.EDIT, "r1", "o").token
    assert reasons(CLIENT.plan(Refine("At night", previous=fals)))["pixeldojo"] == ["CAP-REJECT previous"]
    dojos = Job("pixeldojo", "1.0", Mode.EDIT, "job_1", "o").token
    assert ranked(CLIENT.plan(Refine("At night", previous=dojos))) == ["pixeldojo"]


def test_a_sandboxs_clip_is_not_refined_at_the_vendor() -> None:
    made_up = Job("pixeldojo", "1.0", Mode.EDIT, "job_1", "o", sandbox=True)
    (reason,) = [
        out.reasons for out in CLIENT.plan(Refine("At night", previous=made_up)).ruled_out if out.account == "pixeldojo"
    ]
    assert "on a sandbox" in reason[0].limit


@pytest.mark.parametrize("previous", ["omni1.garbage", "\ud800"])
def test_a_token_that_is_none_is_a_violation(previous: str) -> None:
    with pytest.raises(InvalidRequest, match="REQ-PREVIOUS"):
        CLIENT.plan(Refine("At night", previous=previous))


def test_odd_values_are_violations_and_no_crash() -> None:
    for fields in ({"duration": 10**5000}, {"image": "http://e/\ud800"}, {"image": "http://e/\x00"}):
        with pytest.raises(InvalidRequest):
            CLIENT.plan("A cat", **fields)
