"""The sandbox's own API: the same over HTTP as in Python, and one clear line for what it cannot take."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.switches import SWITCHES
from tests.sandbox.clients import Fal, PixelDojo


def post(sandbox: Sandbox, path: str, **fields: Any) -> httpx.Response:
    return httpx.post(f"{sandbox.url}/_sandbox{path}", json=fields)


def shown(sandbox: Sandbox, path: str = "") -> Any:
    return httpx.get(f"{sandbox.url}/_sandbox{path}").raise_for_status().json()


def test_the_first_page_says_what_it_is_not(sandbox: Sandbox) -> None:
    page = httpx.get(sandbox.url)
    assert page.headers["content-type"].startswith("text/html")
    assert "This is not fal, not PixelDojo" in page.text
    assert f"export OMNIFLASH_SANDBOX={sandbox.url}" in page.text


def test_the_site_is_the_same_over_http_but_for_sleep(sandbox: Sandbox) -> None:
    site = shown(sandbox)
    assert sandbox.site == {**site, "sleep": sandbox.advance}
    assert site == {
        "omniflash_sandbox": 1,
        "url": sandbox.url,
        "speed": 0.0,
        "virtual": True,
        "hosts": {
            "fal": {host: f"{sandbox.url}/fal/{host}" for host in ("queue", "rest", "run", "cdn", "api")},
            "pixeldojo": {"api": f"{sandbox.url}/pixeldojo/api/v1"},
        },
        "uploads": {"fal": [sandbox.asset_url]},
        "keys": {"fal": "sandbox:omniflash", "pixeldojo": "pd_sandbox_omniflash"},
        "state": site["state"],
    }
    assert (Path(site["state"]) / "sandbox.sqlite3").is_file()


def test_time_is_advanced_over_http(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    job_id = pixeldojo.request()
    answer = post(sandbox, "/clock/advance", seconds=90.5)
    assert answer.json() == {"now": "2026-01-01T00:01:30.500Z", "speed": 0.0, "virtual": True}
    assert shown(sandbox, "/clock") == answer.json()
    assert pixeldojo.status(job_id).json()["status"] == "completed"


def test_a_fault_is_armed_over_http(sandbox: Sandbox, fal: Fal) -> None:
    assert post(sandbox, "/faults", fault="rate-limit", provider="fal", seconds=9, times=2).is_success
    assert [fal.submit().status_code for _ in range(3)] == [429, 429, 200]


def test_a_switch_is_turned_over_http(sandbox: Sandbox, pixeldojo: PixelDojo) -> None:
    assert shown(sandbox, "/switches") == {name: switch.values[0] for name, switch in SWITCHES.items()}
    answer = post(sandbox, "/switches", name="pixeldojo.output", value="assets")
    assert answer.json() == shown(sandbox, "/switches")
    assert "assets" in pixeldojo.status(pixeldojo.finished()).json()


def test_bill_and_journal_are_the_same_over_http(sandbox: Sandbox, fal: Fal) -> None:
    fal.submit()
    assert shown(sandbox, "/ledger")["lines"] == sandbox.charges()
    assert shown(sandbox, "/journal")["exchanges"] == sandbox.journal()


def test_the_sandboxs_own_calls_are_not_in_the_journal(sandbox: Sandbox) -> None:
    shown(sandbox)
    shown(sandbox, "/ledger")
    assert sandbox.journal() == []


def test_everything_is_reset_over_http(sandbox: Sandbox, fal: Fal) -> None:
    fal.finished()
    assert post(sandbox, "/reset").json() == {"reset": True}
    assert (sandbox.charges(), sandbox.journal()) == ([], [])
    assert shown(sandbox, "/clock")["now"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("path", "fields", "reason"),
    [
        ("/clock/advance", {}, 'needs {"seconds": a number}, not {}'),
        ("/clock/advance", {"seconds": "60"}, 'needs {"seconds": a number}'),
        ("/clock/advance", {"seconds": True}, 'needs {"seconds": a number}'),
        ("/clock/advance", {"seconds": 1, "minutes": 1}, 'needs {"seconds": a number}'),
        ("/clock/advance", {"seconds": -1}, "seconds must be a number from 0 to 31,536,000,000, not -1"),
        ("/clock/advance", {"seconds": 10**400}, "seconds must be a number from 0 to 31,536,000,000, not 1000"),
        ("/faults", {}, "there is no fault None, only lose-response"),
        ("/faults", {"fault": ["lose-response"]}, "there is no fault ['lose-response'], only"),
        ("/faults", {"fault": "region", "provider": 5}, "there is no provider 5, only fal, pixeldojo"),
        ("/switches", {"name": "pixeldojo.output"}, 'needs {"name": …, "value": …}, both texts, not '),
        ("/switches", {"name": "pixeldojo.input", "value": "page"}, "there is no switch 'pixeldojo.input', only "),
        ("/switches", {"name": "pixeldojo.output", "value": "x"}, "pixeldojo.output can be page, outputs, assets, "),
    ],
)
def test_bad_input_is_a_400_with_one_line(sandbox: Sandbox, path: str, fields: dict[str, Any], reason: str) -> None:
    answer = post(sandbox, path, **fields)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(reason)
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("content", [b"no json", b"[1]", b"\xff", b'{"seconds": NaN}', b"[" * 5_000])
def test_a_body_that_is_no_object_is_a_400(sandbox: Sandbox, content: bytes) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/clock/advance", content=content)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("DELETE", "/_sandbox/ledger"), ("GET", "/_sandbox/reset")]
)
def test_what_is_not_there_is_a_404_that_says_so(sandbox: Sandbox, method: str, path: str) -> None:
    answer = httpx.request(method, f"{sandbox.url}{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": f"nothing at {method} {path}"})
    assert httpx.get(sandbox.asset_url).status_code == 404
