"""Faults on demand: the catalogue, whom a fault strikes and how often, and what cannot be asked for."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.acceptance import FLAWS
from omniflash_sandbox.assets import ASSET
from omniflash_sandbox.fault_kinds import KINDS
from omniflash_sandbox.jobs import Ending
from omniflash_sandbox.spoils import SPOIL
from omniflash_sandbox.vendors import VENDORS
from tests.sandbox.clients import APP, CALLS, FAL_BODIES, PROVIDERS, Fal, PixelDojo, lost


@PROVIDERS
def test_every_call_of_a_vendor_can_be_struck(provider: str) -> None:
    (vendor,) = (vendor for vendor in VENDORS if vendor.name == provider)
    assert {operation.call for operation in (*vendor.operations, *vendor.files, ASSET)} == set(vendor.calls)


def test_every_fault_has_what_it_does_to_an_answer_to_a_job_or_to_a_clip() -> None:
    assert set(SPOIL) == {name for name, kind in KINDS.items() if kind.ending is None}
    assert set(FLAWS) == {name for name, kind in KINDS.items() if kind.ending is Ending.VIDEO}


@PROVIDERS
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if "submit" in kind.calls])
def test_the_catalogue_says_whether_the_vendor_hears_of_a_submit(
    sandbox: Sandbox, vendor: Fal | PixelDojo, name: str
) -> None:
    quick = {"stall": {"seconds": 0}, "slow-drip": {"bytes_per_second": 1_000_000}}
    known = httpx.get(f"{sandbox.url}/_sandbox/faults").json()["known"][name]
    for accepted in (True, False) if known["accepted"] == "option" else (known["accepted"],):
        sandbox.reset()
        options = {"accepted": accepted} if known["accepted"] == "option" else {}
        sandbox.arm(name, call="submit", **options, **quick.get(name, {}))
        with suppress(httpx.TransportError):
            vendor.submit()
        assert len(sandbox.charges()) == accepted
        assert not (known["refuses"] and accepted)


def test_the_catalogue_says_all_that_can_be_asked_for(sandbox: Sandbox) -> None:
    known = httpx.get(f"{sandbox.url}/_sandbox/faults").json()["known"]
    assert list(known) == list(KINDS)
    assert known["rate-limit"] == {
        "happens": "429 with Retry-After",
        "calls": [*CALLS["fal"]],
        "usual_calls": ["submit"],
        "options": {"seconds": 3},
        "accepted": False,
        "refuses": True,
    }
    assert known["cut-download"]["refuses"] is None
    assert [name for name, kind in known.items() if kind["refuses"]] == ["rate-limit", "locked"]


# --- whom a fault strikes, and how often ----------------------------------------------------------------------------


def test_a_fault_strikes_the_vendor_and_call_it_was_armed_for(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    sandbox.arm("unavailable", provider="pixeldojo", call="status")
    request_id, job_id = fal.request(), pixeldojo.request()
    assert fal.status(request_id).status_code == 202
    assert pixeldojo.status(job_id).status_code == 503
    assert pixeldojo.status(job_id).status_code == 200


@pytest.mark.parametrize(("times", "struck"), [(1, 1), (3, 3), (None, 5)])
def test_a_fault_strikes_as_often_as_it_was_armed_for(
    sandbox: Sandbox, fal: Fal, times: int | None, struck: int
) -> None:
    sandbox.arm("unavailable", times=times)
    assert [fal.submit().status_code for _ in range(5)] == [503] * struck + [200] * (5 - struck)


def test_faults_strike_in_the_order_in_which_they_were_armed(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    sandbox.arm("rate-limit")
    assert [fal.submit().status_code for _ in range(3)] == [503, 429, 200]


def test_of_many_requests_at_once_exactly_one_is_struck(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: fal.submit().status_code, range(16)))
    assert sorted(answers) == [200] * 15 + [503]
    assert len(sandbox.charges()) == 15


def test_a_wrong_key_spends_no_fault(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("unavailable")
    assert fal.submit(Authorization="Key wrong:key").status_code == 401
    assert fal.submit().status_code == 503


def test_a_job_may_have_a_fault_of_its_ending_and_its_answer_another(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.arm("lose-response")
    sandbox.arm("no-video")
    assert lost(fal.submit)
    (entry,) = sandbox.journal()
    assert entry["fault"] == "lose-response, no-video"


@PROVIDERS
def test_a_request_can_bring_its_own_fault(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    answer = vendor.submit(X_Sandbox_Fault="rate-limit; seconds=7")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert vendor.submit(X_Sandbox_Fault="unavailable;accepted=true").status_code == 503
    assert lost(lambda: vendor.submit(X_Sandbox_Fault="lose-response"))
    assert vendor.submit().is_success
    assert len(sandbox.charges()) == 3


def test_a_request_can_bring_the_ending_of_its_job(fal: Fal) -> None:
    request_id = fal.finished(endpoint=f"{APP}/edit", X_Sandbox_Fault="region")
    assert fal.result(request_id).status_code == 422


def test_a_fault_that_is_none_of_its_calls_passes_a_request_by(fal: Fal) -> None:
    assert fal.submit(X_Sandbox_Fault="cut-download; bytes=5").is_success


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("explode", "there is no fault 'explode'"),
        ("rate-limit; hours=1", "rate-limit has no option hours"),
        ("rate-limit; seconds=soon", "seconds must be a whole number"),
        ("lose-response; accepted=maybe", "accepted must be true or false"),
        ("rate-limit; 5", "'5' is no option=value"),
        ("", "there is no fault ''"),
    ],
)
def test_a_header_that_names_no_fault_is_a_400_and_nothing_happens(
    sandbox: Sandbox, fal: Fal, header: str, reason: str
) -> None:
    answer = fal.submit(X_Sandbox_Fault=header)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)
    assert sandbox.charges() == []


@pytest.mark.parametrize(
    ("fault", "fields", "reason"),
    [
        ("explode", {}, "there is no fault 'explode', only lose-response, "),
        ("rate-limit", {"hours": 1}, "rate-limit has no option hours, only seconds"),
        ("region", {"shape": "null"}, "region has no option shape, only none"),
        ("rate-limit", {"seconds": -1}, "seconds must be a whole number of 0 or more, not -1"),
        ("rate-limit", {"seconds": True}, "seconds must be a whole number of 0 or more, not True"),
        ("rate-limit", {"seconds": "9" * 5_000}, "seconds must be a whole number of 0 or more, not "),
        ("no-video", {"shape": "round"}, "shape must be one of absent, null, empty, not 'round'"),
        ("unknown-status", {"status": ""}, "status must be a text, not ''"),
        ("unavailable", {"provider": "runway"}, "there is no provider 'runway', only fal, pixeldojo"),
        ("unavailable", {"call": "credits"}, "unavailable can strike submit, status, result, cancel, "),
        ("unavailable", {"call": "cancel", "provider": "pixeldojo"}, "unavailable can strike submit, status, list, "),
        ("cut-download", {"call": "submit"}, "cut-download can strike asset, not 'submit'"),
        ("unavailable", {"times": 0}, 'times must be a whole number of 1 or more, or "always", not 0'),
        ("unavailable", {"times": True}, "times must be a whole number of 1 or more"),
        ("unavailable", {"times": "2"}, "times must be a whole number of 1 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_armed_is_refused_in_one_line_by_both_ways(
    sandbox: Sandbox, fault: str, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError) as refusal:
        sandbox.arm(fault, **fields)
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json={"fault": fault, **fields})
    assert answer.status_code == 400
    assert answer.json() == {"error": str(refusal.value)}
    assert str(refusal.value).startswith(reason)
    assert "\n" not in str(refusal.value)
    assert fal_is_well(sandbox)


def fal_is_well(sandbox: Sandbox) -> bool:
    client = Fal(sandbox)
    with client.http:
        return client.submit(FAL_BODIES[APP]).is_success


def test_what_is_armed_can_be_seen(sandbox: Sandbox) -> None:
    sandbox.arm("rate-limit", provider="fal", times=2, seconds=5)
    shown = httpx.get(f"{sandbox.url}/_sandbox/faults").json()
    assert shown["armed"] == [
        {"name": "rate-limit", "provider": "fal", "calls": ["submit"], "times": 2, "skip": 0, "options": {"seconds": 5}}
    ]
    assert shown["chaos"] is None
