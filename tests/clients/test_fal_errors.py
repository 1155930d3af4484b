"""What fal's official clients make of each shape of its errors: the words that reach their users, and the bill."""

import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.admin import Site
from tests.clients.asking import APP
from tests.clients.conftest import Did, Pointing
from tests.clients.official import Official, Refused

LONG_ENOUGH_S = 120.0
BODY = {"prompt": "A lighthouse at dusk", "duration": 3}
TOO_LONG = {**BODY, "duration": 11}
NOBODYS = "764cabcf-b745-4b3e-ae38-1200304cf45b"  # of fal's page; the sandbox never gave it


def with_key(site: Site, key: str) -> Site:
    return {**site, "keys": {**site["keys"], "fal": key}}


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        ("nobody:has-this-wrong-key", 401, "No user found for Key ID and Secret"),
        ("no-colon-in-it", 401, "Invalid Key Authorization header format"),
        ("a:poor-account", 403, "User is locked. Reason: Exhausted balance."),
    ],
)
def test_a_key_that_will_not_do(
    pointed: Pointing, key: str, status: int, words: str, sandbox: Sandbox, did: Did
) -> None:
    with pointed(with_key(sandbox.site, key)) as client, pytest.raises(Refused) as told:
        client.submit(APP, BODY)
    assert told.value.status == status
    assert told.value.says["detail"].startswith(words)
    assert (len(sandbox.journal()), sandbox.charges()) == (1, [])
    did(client.name, f"error {status}", APP, words)


def test_a_request_that_nobody_made(client: Official, did: Did) -> None:
    for ask in (client.status, client.result, client.cancel):
        with pytest.raises(Refused) as told:
            ask(APP, NOBODYS)
        assert told.value.status == 404
        assert "NOT_FOUND" in str(told.value.says)
    did(client.name, "error 404", APP, "NOT_FOUND from status, result and cancel")


@pytest.mark.parametrize(
    ("name", "body", "fault", "kind"),
    [
        ("bad input", TOO_LONG, None, "less_than_equal"),
        ("content policy", BODY, "content-rejected", "content_policy_violation"),
    ],
)
def test_what_is_wrong_with_a_request_stands_in_its_result(
    client: Official, name: str, body: dict[str, object], fault: str | None, kind: str, sandbox: Sandbox, did: Did
) -> None:
    if fault:
        sandbox.arm(fault)
    request_id = client.submit(APP, body)
    sandbox.advance(LONG_ENOUGH_S)
    assert client.status(APP, request_id)["status"] == "COMPLETED"
    with pytest.raises(Refused) as told:
        client.result(APP, request_id)
    assert (told.value.status, told.value.request_id) == (422, request_id)
    assert [problem["type"] for problem in told.value.says["detail"]] == [kind]
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]
    did(client.name, f"error 422, {name}", APP, f"accepted; COMPLETED; the result is {kind}")


def test_a_request_that_ran_out_of_time(client: Official, sandbox: Sandbox, did: Did) -> None:
    sandbox.arm("job-failed", error_type="request_timeout")
    request_id = client.submit(APP, BODY)
    sandbox.advance(LONG_ENOUGH_S)
    with pytest.raises(Refused) as told:
        client.result(APP, request_id)
    assert (told.value.status, told.value.request_id) == (504, request_id)
    assert told.value.says == {"detail": "Request timed out", "error_type": "request_timeout"}
    assert [each["call"] for each in sandbox.journal()].count("result") == 1
    did(client.name, "error 504", APP, "request_timeout, not asked again")


def test_a_page_of_the_gateway(client: Official, sandbox: Sandbox, did: Did) -> None:
    sandbox.arm("gateway-html", call="submit", status=500)
    with pytest.raises(Refused) as told:
        client.submit(APP, BODY)
    assert (told.value.status, told.value.request_id) == (500, "")
    assert len(sandbox.journal()) == 1
    did(client.name, "error 500, gateway HTML", APP, "an error with its status and no request id")


def test_a_paid_request_is_paid_twice_when_a_gateway_answers_502(client: Official, sandbox: Sandbox, did: Did) -> None:
    sandbox.arm("gateway-html", call="submit", status=502, accepted=True)
    client.submit(APP, BODY)
    sandbox.advance(LONG_ENOUGH_S)
    assert [line["state"] for line in sandbox.charges()] == ["billed", "billed"]
    did(client.name, "error 502, gateway HTML", APP, "submitted again: billed twice")


def test_a_paid_request_is_paid_twice_when_its_answer_is_lost(client: Official, sandbox: Sandbox, did: Did) -> None:
    sandbox.arm("lose-response")
    client.submit(APP, BODY)
    sandbox.advance(LONG_ENOUGH_S)
    assert [line["state"] for line in sandbox.charges()] == ["billed", "billed"]
    did(client.name, "lost answer", APP, "submitted again: billed twice")
