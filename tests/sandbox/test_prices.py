"""Prices: what is posted is what is billed, it can be changed while all runs, and fal estimates by it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.fal import MODELS
from tests.sandbox.clients import APP, FAL_BODIES, Fal, PixelDojo, keeps

MODEL = "google-gemini-omni-flash"


def price(fal: Fal, endpoint: str = APP) -> dict[str, Any]:
    answer = fal.prices(endpoint).raise_for_status().json()
    assert keeps("fal-prices", answer)
    (row,) = answer["prices"]
    return row  # type: ignore[no-any-return]


def cost(dojo: PixelDojo) -> dict[str, Any]:
    answer = dojo.model().raise_for_status().json()
    assert keeps("pixeldojo-model", answer)
    return answer["creditCost"]  # type: ignore[no-any-return]


def billed(sandbox: Sandbox) -> Decimal:
    return Decimal(sandbox.charges()[-1]["amount"])


# --- what is posted, and billed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in FAL_BODIES if not endpoint.endswith("/edit")])
def test_fal_bills_by_what_it_posts(sandbox: Sandbox, fal: Fal, endpoint: str) -> None:
    posted = price(fal, endpoint)
    assert posted == {
        "endpoint_id": endpoint,
        "unit_price": float(MODELS[endpoint].usd_per_s),
        "unit": "seconds",
        "currency": "USD",
    }
    fal.request({**FAL_BODIES[endpoint], "duration": 4}, endpoint)
    assert billed(sandbox) == Decimal(str(posted["unit_price"])) * 4


def test_pixeldojo_bills_by_what_it_posts(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    assert cost(pixeldojo) == {"default": 16, "type": "fixed", "amount": 16}
    pixeldojo.request()
    assert billed(sandbox) == 16


@pytest.mark.parametrize(
    ("amount", "unit", "bill"),
    [(0.2, None, "0.6"), (0.2, "seconds", "0.6"), (0.9, "videos", "0.9"), (2, "units", "0.75"), (0, None, "0")],
)
def test_fals_price_changes_while_all_runs(
    sandbox: Sandbox, fal: Fal, amount: float, unit: str | None, bill: str
) -> None:
    before = fal.request()
    sandbox.set_price("fal", APP, amount, unit)
    assert (price(fal)["unit_price"], price(fal)["unit"]) == (amount, unit or "seconds")
    fal.request()
    assert billed(sandbox) == Decimal(bill)
    assert (sandbox.charges()[0]["job"], Decimal(sandbox.charges()[0]["amount"])) == (before, Decimal("0.375"))
    assert price(fal, f"{APP}/edit")["unit_price"] == 0.13


@pytest.mark.parametrize(("kind", "bill"), [(None, 2), ("fixed", 2), ("per_second", 6)])
def test_pixeldojos_does_too(sandbox: Sandbox, pixeldojo: PixelDojo, kind: str | None, bill: int) -> None:
    sandbox.set_price("pixeldojo", MODEL, 2, kind)
    assert cost(pixeldojo) == {"default": 2, "type": kind or "fixed", "amount": 2}
    assert pixeldojo.submit().json()["creditCost"] == bill
    assert billed(sandbox) == bill


def test_a_price_outlives_the_server_and_ends_with_a_reset(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        usual = sandbox.prices()
        sandbox.set_price("fal", APP, 0.2)
        sandbox.restart()
        changed = sandbox.prices()
    with Sandbox(state=tmp_path, speed=0) as later:
        assert later.prices() == changed != usual
        later.reset()
        assert later.prices() == usual


# --- setting it -----------------------------------------------------------------------------------------------------


def test_prices_are_shown_and_set_over_http(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/_sandbox/prices"
    given = {"provider": "pixeldojo", "endpoint": MODEL, "amount": 1.5, "unit": "per_second"}
    assert {"provider": "fal", "endpoint": APP, "amount": "0.125", "unit": "seconds"} in httpx.get(url).json()["prices"]
    answer = httpx.post(url, json=given)
    assert {**given, "amount": "1.5"} in answer.json()["prices"]
    assert answer.json() == httpx.get(url).json() == {"prices": sandbox.prices()}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, 'needs {"provider": …, "endpoint": …, "amount": a number}, and may have unit, not {}'),
        ({"amount": "1"}, "needs "),
        ({"amount": True}, "needs "),
        ({"unit": 5}, "needs "),
        ({"currency": "EUR"}, "needs "),
        ({"provider": "acme"}, f"there is no price of 'acme' for '{APP}', only fal {APP}, "),
        ({"endpoint": "x"}, "there is no price of 'fal' for 'x', only "),
        ({"amount": -1}, "amount must be a number from 0 to 1,000,000,000, not -1"),
        ({"amount": 1e30}, "amount must be a number from 0 to "),
        ({"unit": ""}, "unit must be a text of 1 to 200 characters, not ''"),
    ],
)
def test_what_is_no_price_is_one_line(sandbox: Sandbox, given: dict[str, Any], told: str) -> None:
    fields = {"provider": "fal", "endpoint": APP, "amount": 1, **given} if given else {}
    answer = httpx.post(f"{sandbox.url}/_sandbox/prices", json=fields)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(told)
    assert "\n" not in answer.json()["error"]


# --- fal's own words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [[APP, f"{APP}/edit"], [f"{APP},{APP}/edit"], [APP, APP, f"{APP}/edit"]])
def test_fal_takes_several_endpoints_in_either_form_each_once(fal: Fal, form: list[str]) -> None:
    answer = fal.prices(*form).json()
    assert [row["endpoint_id"] for row in answer["prices"]] == [APP, f"{APP}/edit"]
    assert (answer["next_cursor"], answer["has_more"]) == (None, False)


@pytest.mark.parametrize(
    ("endpoints", "status", "kind"),
    [([""], 400, "validation_error"), ([APP] * 51, 400, "validation_error"), (["fal-ai/flux/dev"], 404, "not_found")],
)
def test_fal_refuses_what_it_cannot_price(fal: Fal, endpoints: list[str], status: int, kind: str) -> None:
    answer = fal.prices(*endpoints)
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert keeps("fal-platform-error", answer.json())


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("Key wrong-id:wrong-secret", 401), ("Bearer a:b", 401), ("Key poor:poor", 403)]
)
def test_fal_tells_no_price_without_a_good_key(fal: Fal, key: str, status: int) -> None:
    fal.http.headers["Authorization"] = key
    for answer in (fal.prices(), fal.estimate()):
        assert (answer.status_code, answer.json()["error"]["type"]) == (status, "authorization_error")
        assert keeps("fal-platform-error", answer.json())


@pytest.mark.parametrize(
    ("kind", "quantity", "total"),
    [
        ("historical_api_price", {"call_quantity": 1}, 1.0),
        ("historical_api_price", {"call_quantity": 100}, 100.0),
        ("unit_price", {"unit_quantity": 2.5}, 0.3125),
    ],
)
def test_fal_estimates_by_its_prices(fal: Fal, kind: str, quantity: dict[str, float], total: float) -> None:
    answer = fal.estimate({"estimate_type": kind, "endpoints": {APP: quantity}}).raise_for_status().json()
    assert keeps("fal-estimated", answer)
    assert answer == {"estimate_type": kind, "total_cost": total, "currency": "USD"}


def test_an_estimate_is_one_sum_and_knows_a_new_price(sandbox: Sandbox, fal: Fal) -> None:
    sandbox.set_price("fal", APP, 0.5, "videos")
    body: Any = {
        "estimate_type": "historical_api_price",
        "endpoints": {APP: {"call_quantity": 2}, f"{APP}/edit": {"call_quantity": 1}},
    }
    assert fal.estimate(body).json()["total_cost"] == 2.04


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"estimate_type": "historical_api_price"},
        {"estimate_type": "guess", "endpoints": {}},
        {"estimate_type": "historical_api_price", "endpoints": {APP: {"unit_quantity": 1}}},
        {"estimate_type": "historical_api_price", "endpoints": {APP: {"call_quantity": 0}}},
        {"estimate_type": "unit_price", "endpoints": {APP: 1}},
    ],
)
def test_fal_refuses_what_it_cannot_estimate(fal: Fal, body: Any) -> None:
    answer = fal.http.post(f"{fal.sandbox.site['hosts']['fal']['api']}/v1/models/pricing/estimate", json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation_error")
    assert keeps("fal-platform-error", answer.json())


def test_a_price_is_no_job(sandbox: Sandbox, fal: Fal) -> None:
    fal.prices()
    fal.estimate()
    assert sandbox.charges() == []
    assert [exchange["call"] for exchange in sandbox.journal()] == ["prices", "estimate"]


# --- PixelDojo's ----------------------------------------------------------------------------------------------------


def test_pixeldojo_tells_everybody_and_minds_no_key(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    with_key = pixeldojo.http.get(f"/models/{MODEL}")
    assert with_key.json() == pixeldojo.model().json()
    assert [exchange["key_leaked"] for exchange in sandbox.journal()] == [False, False]


def test_pixeldojo_knows_its_model_alone(pixeldojo: PixelDojo) -> None:
    answer = pixeldojo.model("flux-1.1-pro")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert keeps("pixeldojo-error", answer.json())
    assert pixeldojo.model().json()["requestSchema"]["required"] == ["prompt"]
