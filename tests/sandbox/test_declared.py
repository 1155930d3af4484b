"""A vendor that a file declares, served beside the others: with its bill, its faults and ids of the client's own."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from omniflash import (
    Client,
    Edit,
    EmptyResult,
    ImageToVideo,
    OmniflashError,
    Provider,
    ReferenceToVideo,
    Refine,
    TextToVideo,
)
from omniflash.jobs import Cancelled
from omniflash.media.probe import probe
from omniflash_conformance.zoo.acme import ADAPTER
from omniflash_sandbox import Sandbox
from omniflash_sandbox.command import sandbox as command
from omniflash_sandbox.declared import contract_from
from omniflash_sandbox.fault_kinds import KINDS
from omniflash_sandbox.jobs import Ending
from omniflash_sandbox.messages import JSON
from tests.sandbox.clients import LONG_ENOUGH_S, lost
from tests.sandbox.declaring import ACME, OWN, TINY, tiny


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(speed=0, contracts=[ACME, tiny()]) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    server.reset()
    return server


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with Client(Provider(ADAPTER), sandbox=sandbox.site) as client:
        yield client


class Acme:
    """Acme's tickets, as its pages have them: nothing but httpx."""

    def __init__(self, sandbox: Sandbox, key: str | None = None) -> None:
        site = sandbox.site
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=site["hosts"]["acme"]["studio"], headers={"X-Acme-Key": key or site["keys"]["acme"]}
        )

    def submit(self, body: JSON = None, same_id: str | None = None) -> httpx.Response:
        headers = {"X-Acme-Ticket": same_id} if same_id else {}
        return self.http.post("/clips", json=body or {"task": "imagine", "text": "A cat"}, headers=headers)

    def edit(self) -> httpx.Response:
        return self.http.post("/changes", json={"text": "At night", "film": "https://example.com/a.mp4"})

    def ticket(self, *arguments: Any) -> str:
        ticket: str = self.submit(*arguments).raise_for_status().json()["ticket"]
        return ticket

    def look(self, ticket: str) -> httpx.Response:
        return self.http.get(f"/tickets/{ticket}")


@pytest.fixture
def acme(sandbox: Sandbox) -> Iterator[Acme]:
    acme = Acme(sandbox)
    with acme.http:
        yield acme


def test_our_client_makes_clips_in_all_modes_at_a_vendor_that_is_only_declared(
    sandbox: Sandbox, client: Client, picture: Path, tmp_path: Path
) -> None:
    first = client.generate(TextToVideo("A cat", duration=3, aspect_ratio="9:16", seed=7))
    clips = [
        client.generate(ImageToVideo("It turns", image=picture, duration=3)),
        client.generate(ReferenceToVideo("They meet", references=[picture, "https://e.com/a.png"], duration=4)),
        client.generate(Edit("At night", video=first.url)),
        client.generate(Refine("By day", previous=first)),
    ]
    lengths = [3, 3, 4, 3, 3]
    assert [line["amount"] for line in sandbox.charges()] == [str(3 * seconds) for seconds in lengths]
    for clip, seconds in zip([first, *clips], lengths, strict=True):
        report = probe(clip.save(tmp_path / f"{clip.handle}.mp4"))
        assert abs(report.seconds - seconds) < 0.5
    held_to_its_contract(sandbox)


def held_to_its_contract(sandbox: Sandbox) -> None:
    hosts = sandbox.site["hosts"]["acme"]
    for exchange in sandbox.journal():
        path = ACME.path_of(sandbox.url + exchange["path"], hosts)
        assert not exchange["key_leaked"]
        if exchange["call"] not in ("asset", "upload"):
            assert ACME.call_of(exchange["method"], str(path)) == exchange["call"]
        if exchange["call"] == "submit":
            assert ACME.violations(exchange["method"], str(path), exchange["body"]) == []


def test_a_job_is_cancelled_for_nothing_while_it_waits_and_not_once_it_is_over(
    sandbox: Sandbox, client: Client
) -> None:
    job = client.submit(client.plan("A cat"))
    assert client.cancel(job).result is Cancelled.CANCELLED
    assert client.cancel(job).result is Cancelled.TOO_LATE
    assert client.status(job).state == "cancelled"
    (line,) = sandbox.charges()
    assert line["state"] == "refunded"


def test_a_job_that_is_cancelled_while_it_runs_is_charged(sandbox: Sandbox, client: Client) -> None:
    job = client.submit(client.plan("A cat"))
    sandbox.advance(10)
    assert client.cancel(job).may_bill
    (line,) = sandbox.charges()
    assert line["state"] == "billed"


def test_a_list_shows_what_was_asked_for_and_only_to_whom_it_belongs(sandbox: Sandbox, acme: Acme) -> None:
    ticket = acme.ticket()
    assert acme.http.get("/tickets").json() == {"tickets": []}
    sandbox.advance(LONG_ENOUGH_S)
    (listed,) = acme.http.get("/tickets").json()["tickets"]
    assert (listed["ticket"], listed["asked"]) == (ticket, {"task": "imagine", "text": "A cat"})
    other = Acme(sandbox, key="somebody-elses-key")
    with other.http:
        assert other.http.get("/tickets").json() == {"tickets": []}
        assert other.look(ticket).status_code == 404


@pytest.mark.parametrize(
    ("ask", "status", "kind", "says"),
    [
        (lambda acme: acme.http.post("/clips", headers={"X-Acme-Key": "wrong"}), 401, "who_are_you", "the key is "),
        (lambda acme: acme.http.post("/clips", headers={"X-Acme-Key": ""}), 401, "who_are_you", "the key is missing"),
        (lambda acme: acme.submit({"task": "imagine"}), 400, "bad_order", "text breaks required"),
        (
            lambda acme: acme.submit({"task": "imagine", "text": "a", "x": 1}),
            400,
            "bad_order",
            "x breaks additionalPro",
        ),
        (lambda acme: acme.http.post("/clips", content=b"{"), 400, "bad_order", "the body cannot be read"),
        (
            lambda acme: acme.http.post("/changes", json={"text": "a", "made": "x"}),
            400,
            "bad_order",
            "there is no such",
        ),
        (lambda acme: acme.look("acme_1"), 404, "no_ticket", "there is no such ticket"),
        (lambda acme: acme.http.get("/nothing"), 404, "no_ticket", "there is nothing at GET "),
        (lambda acme: httpx.put(acme.http.post("/files").json()["put_to"] + "0"), 404, "no_ticket", "there is no such"),
        (lambda acme: acme.http.put("/clips"), 404, "no_ticket", "there is nothing at PUT "),
    ],
)
def test_what_is_wrong_is_told_in_the_vendors_own_form(
    sandbox: Sandbox, acme: Acme, ask: Callable[[Acme], httpx.Response], status: int, kind: str, says: str
) -> None:
    answer = ask(acme)
    assert (answer.status_code, answer.json()["trouble"]["kind"]) == (status, kind)
    assert answer.json()["trouble"]["says"].startswith(says)
    assert sandbox.charges() == []


@pytest.mark.parametrize("authorization", ["", "Bearer", "a-key", "Basic a-key", "Bearer wrong"])
def test_a_key_without_its_scheme_is_none(sandbox: Sandbox, authorization: str) -> None:
    url = f"{sandbox.site['hosts']['tiny']['api']}/videos/1"
    assert httpx.get(url, headers={"Authorization": authorization}).status_code == 401
    assert httpx.get(url, headers={"Authorization": "bearer a-key"}).status_code == 404


def test_an_account_without_credit_gets_no_job(sandbox: Sandbox) -> None:
    poor = Acme(sandbox, key="a-poor-key")
    with poor.http:
        assert poor.submit().status_code == 402
    assert sandbox.charges() == []


def test_a_key_is_shown_nowhere_and_seen_where_it_does_not_belong(sandbox: Sandbox) -> None:
    acme = Acme(sandbox, key="a-key-that-is-secret")
    with acme.http:
        ticket = acme.ticket()
        sandbox.advance(LONG_ENOUGH_S)
        film = acme.look(ticket).json()["film"]["href"]
        acme.http.get(film)
    assert httpx.get(film).is_success
    exchanges = sandbox.journal()
    assert [exchange["key_leaked"] for exchange in exchanges] == [False, False, True, False]
    assert exchanges[0]["headers"]["x-acme-key"].startswith("acct_")
    assert "a-key-that-is-secret" not in str(exchanges)


# --- the same id ----------------------------------------------------------------------------------------------------


def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_id_and_paid_once(
    sandbox: Sandbox, client: Client
) -> None:
    sandbox.arm("lose-response", provider="acme", times=2)
    job = client.submit(client.plan("A cat"))
    (line,) = sandbox.charges()
    assert line["job"] == job.handle
    ids = [exchange["headers"]["x-acme-ticket"] for exchange in sandbox.journal() if exchange["call"] == "submit"]
    assert ids == [job.order_id] * 3


def test_the_same_id_is_the_same_job_to_the_same_account_alone(sandbox: Sandbox, acme: Acme) -> None:
    other = Acme(sandbox, key="somebody-elses-key")
    with other.http:
        tickets = [acme.ticket(None, "a"), acme.ticket(None, "a"), acme.ticket(None, "b"), acme.ticket()]
        tickets += [acme.ticket(), other.ticket(None, "a")]
    assert len(set(tickets)) == len(sandbox.charges()) == 5
    assert tickets[0] == tickets[1]


def test_an_id_can_stand_in_the_body(tmp_path: Path) -> None:
    declared = tiny("[server.accepted]", '[server.same_id]\nfield = "mood.id"\n\n[server.accepted]')
    paid = evolve(declared.requests[0], schema=evolve(declared.requests[0].schema, document={}))
    with Sandbox(speed=0, contracts=[evolve(declared, requests=(paid,))]) as sandbox:
        for same_id in ("a", "a", "b"):
            ask_tiny(sandbox, {"text": "A cat", "mood": {"id": same_id}})
        ask_tiny(sandbox, {"text": "A cat"})
        assert len(sandbox.charges()) == 3


@pytest.mark.parametrize(
    "body", [{"seconds": 0}, {"seconds": 10**9}, {"seconds": "long"}, {"seconds": None}, {"kind": "gif"}, [], 1]
)
def test_what_a_lax_schema_lets_through_makes_no_job_that_cannot_be_made(body: Any) -> None:
    declared = tiny('text = "prompt"', 'text = "prompt", kind = "output_format"')
    paid = evolve(declared.requests[0], schema=evolve(declared.requests[0].schema, document={}))
    with Sandbox(speed=0, contracts=[evolve(declared, requests=(paid,))]) as sandbox:
        answer = ask_tiny(sandbox, body)
        assert answer.status_code == 422
        assert sandbox.charges() == []


def ask_tiny(sandbox: Sandbox, body: JSON) -> httpx.Response:
    headers = {"Authorization": f"Bearer {sandbox.site['keys']['tiny']}"}
    return httpx.post(f"{sandbox.site['hosts']['tiny']['api']}/videos", json=body, headers=headers)


def test_a_vendor_that_posts_prices_posts_what_it_bills_by() -> None:
    calls = '[calls]\nprices = { host = "api", method = "GET", path = "/prices" }\n'
    body = (
        '[server.prices]\nbody = { clip = "{per_clip}", second = "{per_second}", in = "{unit}" }\n\n[server.accepted]'
    )
    document = TINY.replace("[calls]\n", calls).replace("[server.accepted]", body)
    with Sandbox(speed=0, contracts=[contract_from(tomllib.loads(document))]) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.site['keys']['tiny']}"}
        answer = httpx.get(f"{sandbox.site['hosts']['tiny']['api']}/prices", headers=headers)
        assert answer.json() == {"clip": 10, "second": 0, "in": "credit"}
        assert sandbox.journal()[-1]["call"] == "prices"


# --- faults ---------------------------------------------------------------------------------------------------------


QUICK: Mapping[str, dict[str, JSON]] = {"stall": {"seconds": 0}, "slow-drip": {"bytes_per_second": 1_000_000}}
CALLS = ("submit", "status", "cancel", "list", "initiate", "upload", "asset")
CASES = [
    (name, call)
    for name, kind in KINDS.items()
    for call in kind.calls
    if call in CALLS and (kind.ending is None or call == "submit")
]


def ask(acme: Acme, call: str, ticket: str, film: str) -> httpx.Response:
    put_to = acme.http.post("/files").json()["put_to"] if call == "upload" else ""
    calls: Mapping[str, Callable[[], httpx.Response]] = {
        "submit": acme.edit,
        "status": lambda: acme.look(ticket),
        "cancel": lambda: acme.http.delete(f"/tickets/{ticket}"),
        "list": lambda: acme.http.get("/tickets"),
        "initiate": lambda: acme.http.post("/files"),
        "upload": lambda: httpx.put(put_to, content=b"abc"),
        "asset": lambda: httpx.get(film),
    }
    return calls[call]()


@pytest.mark.parametrize(("name", "call"), CASES)
def test_every_fault_strikes_a_declared_vendor_in_every_call_it_has(
    sandbox: Sandbox, acme: Acme, name: str, call: str
) -> None:
    ticket = acme.ticket()
    sandbox.advance(LONG_ENOUGH_S)
    film = acme.look(ticket).json()["film"]["href"]
    sandbox.arm(name, provider="acme", call=call, **QUICK.get(name, {}))
    with suppress(httpx.TransportError):
        ask(acme, call, ticket, film)
    struck = [exchange for exchange in sandbox.journal() if exchange["fault"]]
    assert [(exchange["call"], exchange["fault"]) for exchange in struck] == [(call, name)]


def test_a_fault_of_a_call_that_it_has_not_is_refused_and_says_what_there_is(sandbox: Sandbox) -> None:
    with pytest.raises(
        ValueError, match="unavailable can strike submit, status, cancel, list, initiate, upload, asset, not"
    ):
        sandbox.arm("unavailable", provider="acme", call="run")
    with pytest.raises(ValueError, match="there is no provider 'runway', only fal, pixeldojo, acme, tiny"):
        sandbox.arm("unavailable", provider="runway")


def test_other_peoples_words_for_what_went_wrong_are_the_vendors_own(sandbox: Sandbox, acme: Acme) -> None:
    ticket = acme.ticket()
    for name, status, kind in (("rate-limit", 429, "slow_down"), ("unavailable", 503, "our_fault")):
        sandbox.arm(name, provider="acme", call="status")
        answer = acme.look(ticket)
        assert (answer.status_code, answer.json()["trouble"]["kind"]) == (status, kind)
    sandbox.arm("unknown-job", provider="acme", call="status")
    assert acme.look(ticket).status_code == 404
    sandbox.arm("unknown-status", provider="acme")
    assert acme.look(ticket).json()["stage"] == "UNDER_REVIEW"
    sandbox.arm("foreign-urls", provider="acme", call="status")
    assert "/stranger/" in acme.look(ticket).json()["links"]["self"]
    assert acme.look(ticket).json()["stage"] == "waiting"


@pytest.mark.parametrize(
    ("fault", "error"),
    [(name, EmptyResult if kind.ending is Ending.NO_VIDEO else OmniflashError) for name, kind in KINDS.items()
     if kind.ending not in (None, Ending.VIDEO)],
)  # fmt: skip
def test_how_a_job_ends_is_told_and_one_that_failed_costs_nothing(
    sandbox: Sandbox, client: Client, fault: str, error: type[OmniflashError]
) -> None:
    sandbox.arm(fault, provider="acme")
    with pytest.raises(error):
        client.generate(Edit("At night", video="https://example.com/a.mp4"))
    (line,) = sandbox.charges()
    assert line["state"] == ("billed" if fault == "no-video" else "refunded")


def test_a_missing_video_is_missing_in_every_shape(sandbox: Sandbox, acme: Acme) -> None:
    told: dict[str, Any] = {}
    for shape in ("absent", "null", "empty"):
        sandbox.arm("no-video", provider="acme", shape=shape)
        ticket = acme.ticket()
        sandbox.advance(LONG_ENOUGH_S)
        told[shape] = acme.look(ticket).json().get("film", "nothing")
    assert told == {"absent": "nothing", "null": {"href": None, "made": told["null"]["made"]}, "empty": {}}


def test_a_seed_strikes_it_too(sandbox: Sandbox, acme: Acme) -> None:
    sandbox.chaos(seed=7, rate=1.0, faults=["rate-limit"])
    assert acme.submit().status_code == 429


def test_a_request_brings_its_own_fault(acme: Acme) -> None:
    acme.http.headers["X-Sandbox-Fault"] = "lose-response"
    assert lost(acme.submit)


# --- servers --------------------------------------------------------------------------------------------------------


def test_two_servers_on_one_state_know_the_same_jobs_and_ids(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0, contracts=[ACME]) as one:
        acme = Acme(one)
        with acme.http, Sandbox(state=tmp_path, speed=0, contracts=[ACME]) as two, Sandbox(state=tmp_path) as three:
            other = Acme(two)
            with other.http:
                ticket = acme.ticket(None, "a")
                assert other.ticket(None, "a") == ticket
                assert other.look(ticket).json()["ticket"] == ticket
            assert len(one.charges()) == len(two.charges()) == len(three.charges()) == 1
            one.restart()
            assert acme.look(ticket).is_success
    with Sandbox(state=tmp_path, speed=0, contracts=[ACME]) as later:
        again = Acme(later)
        with again.http:
            assert again.ticket(None, "a") == ticket


def test_a_contract_without_answers_cannot_be_served_nor_can_a_vendor_that_is_there() -> None:
    with pytest.raises(ValueError, match=r"the contract of fal has no \[server\]"):
        Sandbox(contracts=OWN)
    with pytest.raises(
        ValueError, match="the sandbox would speak for 'acme' twice: it speaks for fal, pixeldojo, acme, "
    ):
        Sandbox(contracts=[ACME, ACME])
    with pytest.raises(ValueError, match="the sandbox would speak for 'fal' twice"):
        Sandbox(contracts=[tiny('provider = "tiny"', 'provider = "fal"')])


def test_a_script_can_name_a_declared_vendor(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('faults = [{fault = "rate-limit", provider = "acme"}]')
    with Sandbox(speed=0, faults=script, contracts=[ACME]) as sandbox:
        acme = Acme(sandbox)
        with acme.http:
            assert acme.submit().status_code == 429
    with pytest.raises(ValueError, match="there is no provider 'acme', only fal, pixeldojo"):
        Sandbox(faults=script)


def test_a_bad_contract_ends_the_command_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(port=0, state=tmp_path, contract=[tmp_path / "none.toml"]) == 2
    error = capsys.readouterr().err
    assert error == f"omniflash sandbox: {tmp_path}/none.toml: cannot be read: No such file or directory\n"


def test_the_vendor_of_the_documentation_works(sandbox: Sandbox) -> None:
    accepted = ask_tiny(sandbox, {"text": "A cat", "seconds": 3})
    assert accepted.status_code == 202
    sandbox.advance(LONG_ENOUGH_S)
    url = f"{sandbox.site['hosts']['tiny']['api']}/videos/{accepted.json()['id']}"
    told = httpx.get(url, headers={"Authorization": f"Bearer {sandbox.site['keys']['tiny']}"}).json()
    assert (told["state"], told["credits"]) == ("ready", 10)
    assert httpx.get(told["video"]).is_success
