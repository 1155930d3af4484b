"""Faults by seed: the same seed and the same order of calls give the same faults."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash_sandbox import Sandbox
from omniflash_sandbox.chaos import Chaos, chaos, chaos_in
from omniflash_sandbox.fault_kinds import KINDS
from omniflash_sandbox.faults import fault
from tests.sandbox.clients import CALLS, LONG_ENOUGH_S, PROVIDERS, Fal, PixelDojo


def exchanges(sandbox: Sandbox, vendor: Fal | PixelDojo) -> list[tuple[str, str | None, int | None]]:
    """Call, fault and status of a run that goes on whatever happens."""
    for n in range(12):
        answer = outcome(lambda n=n: vendor.submit({"prompt": f"Cat {n}", "duration": 3}))  # type: ignore[misc]
        job = accepted(answer)
        sandbox.advance(LONG_ENOUGH_S)
        if job:
            outcome(lambda job=job: vendor.status(job))  # type: ignore[misc]
    return [(entry["call"], entry["fault"], entry["status"]) for entry in sandbox.journal()]


def outcome(call: Callable[[], httpx.Response]) -> httpx.Response | None:
    try:
        return call()
    except httpx.TransportError:
        return None


def accepted(answer: httpx.Response | None) -> str | None:
    try:
        told = answer.json() if answer else {}
    except json.JSONDecodeError:
        return None
    return told.get("request_id") or told.get("jobId")


@PROVIDERS
def test_the_same_seed_and_calls_give_the_same_faults(sandbox: Sandbox, vendor: Fal | PixelDojo) -> None:
    runs = []
    for seed in (7, 7, 8):
        sandbox.reset()
        sandbox.chaos(seed, rate=0.5)
        runs.append(exchanges(sandbox, vendor))
    assert runs[0] == runs[1] != runs[2]
    assert len({fault for _, fault, _ in runs[0] if fault}) > 3


def test_what_strikes_a_vendors_call_does_not_depend_on_other_calls(
    sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo
) -> None:
    def submits(between: Callable[[], object]) -> list[int | None]:
        sandbox.reset()
        sandbox.chaos(3, rate=0.5, faults=["unavailable", "rate-limit", "gateway-html"])
        return [(between(), fal.submit().status_code)[1] for _ in range(12)]

    assert submits(lambda: None) == submits(lambda: (pixeldojo.submit(), fal.status("unknown")))


def test_a_seed_can_be_limited_to_some_faults_and_none_but_reset_ends_it(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.chaos(1, rate=1, faults=["rate-limit"])
    assert [fal.submit().status_code for _ in range(3)] == [429, 429, 429]
    assert fal.submit(X_Sandbox_Fault="unavailable").status_code == 503
    sandbox.arm("unavailable", status=500)
    assert [fal.submit().status_code for _ in range(2)] == [500, 429]
    sandbox.reset()
    assert fal.submit().is_success


def test_a_seed_goes_on_where_a_sandbox_on_the_same_state_left_off(tmp_path: Path) -> None:
    def run(folder: Path, *parts: int) -> list[int]:
        codes: list[int] = []
        for part in parts:
            with Sandbox(state=folder, speed=0) as sandbox:
                if not codes:
                    sandbox.chaos(5, rate=0.5, faults=["unavailable"])
                client = Fal(sandbox)
                with client.http:
                    codes += [client.submit().status_code for _ in range(part)]
        return codes

    assert run(tmp_path / "one", 20) == run(tmp_path / "other", 7, 13)


def test_a_rate_of_nothing_strikes_nothing(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.chaos(1, rate=0)
    assert all(fal.submit().is_success for _ in range(5))
    assert not any(entry["fault"] for entry in sandbox.journal())


def test_a_seed_is_sown_and_shown_over_http(sandbox: Sandbox, fal: Fal) -> None:
    sown = httpx.post(f"{sandbox.url}/_sandbox/chaos", json={"seed": 1, "rate": 1, "faults": ["rate-limit"]}).json()
    assert sown == {"seed": 1, "rate": 1.0, "faults": ["rate-limit"]}
    assert httpx.get(f"{sandbox.url}/_sandbox/faults").json()["chaos"] == sown
    assert fal.submit().status_code == 429
    assert httpx.post(f"{sandbox.url}/_sandbox/chaos", json={"seed": 1}).json()["rate"] == 0.1


@pytest.mark.parametrize("name", KINDS)
@PROVIDERS
def test_every_fault_can_be_drawn_and_leaves_the_sandbox_well(
    sandbox: Sandbox, provider: str, vendor: Fal | PixelDojo, name: str
) -> None:
    sandbox.chaos(1, rate=1, faults=[name])
    answer = outcome(vendor.submit)
    job = accepted(answer) or "unknown"
    outcome(lambda: vendor.status(job))
    if isinstance(vendor, Fal):
        outcome(lambda: vendor.result(job))
    sandbox.reset()
    assert vendor.submit().is_success


@given(seed=st.integers(), rate=st.floats(0, 1), turn=st.integers(1, 10_000), data=st.data())
def test_what_is_drawn_is_always_a_fault_that_could_be_armed(
    seed: int, rate: float, turn: int, data: st.DataObject
) -> None:
    provider = data.draw(st.sampled_from(list(CALLS)))
    call = data.draw(st.sampled_from(CALLS[provider]))
    drawn = chaos(seed, rate).draw(provider, call, turn)
    assert drawn == chaos(seed, rate).draw(provider, call, turn)
    if drawn:
        assert fault(drawn.name, drawn.options, CALLS, provider, call) == drawn


@given(seed=st.integers())
def test_a_seed_strikes_about_as_often_as_it_is_told_to(seed: int) -> None:
    struck = sum(chaos(seed, 0.1).draw("fal", "submit", turn) is not None for turn in range(1_000))
    assert 40 < struck < 180


@pytest.mark.parametrize(
    ("text", "expected"), [("7", chaos(7)), ("7:0.2", chaos(7, 0.2)), ("-1:1", chaos(-1, 1)), ("0:0", chaos(0, 0))]
)
def test_a_seed_and_its_rate_can_be_written_in_one(text: str, expected: Chaos) -> None:
    assert chaos_in(text) == expected


@pytest.mark.parametrize("text", ["", "seven", "7:", "7:often", "7:2", "7:-1", "7:nan", "7:0.1:5", "9" * 5_000])
def test_a_seed_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"chaos must be SEED or SEED:RATE, such as 7:0\.2, not "):
        chaos_in(text)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, 'needs {"seed": a whole number}, and may have rate and faults, not {}'),
        ({"seed": 1, "share": 1}, 'needs {"seed": a whole number}, and may have rate and faults, not '),
        ({"seed": "1"}, "seed must be a whole number, not '1'"),
        ({"seed": True}, "seed must be a whole number, not True"),
        ({"seed": 1, "rate": 1.5}, "rate must be a number from 0 to 1, not 1.5"),
        ({"seed": 1, "rate": "often"}, "rate must be a number from 0 to 1, not 'often'"),
        ({"seed": 1, "faults": "reset"}, "faults must be a list of names of faults, not 'reset'"),
        ({"seed": 1, "faults": []}, "faults must be a list of names of faults, not []"),
        ({"seed": 1, "faults": ["explode"]}, "there is no fault 'explode', only lose-response, "),
        ({"seed": 1, "faults": [["reset"]]}, "there is no fault ['reset'], only lose-response, "),
    ],
)
def test_a_seed_that_cannot_be_sown_is_a_400_with_one_line(
    sandbox: Sandbox, given: dict[str, Any], reason: str
) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/chaos", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)
    assert not sandbox.armed
