"""What the sandbox remembers: bill, journal and jobs, across servers that run at once, end, or are killed."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from omniflash_sandbox import Sandbox
from omniflash_sandbox.journal import KEPT
from omniflash_sandbox.store import FILE, VERSION, StateError, Store
from tests.sandbox.clients import APP, FAL_BODIES, LONG_ENOUGH_S, PIXELDOJO_BODIES, Fal, PixelDojo, path_of

# --- the bill -------------------------------------------------------------------------------------------------------


def test_the_ledger_has_one_line_for_each_accepted_job(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    request_id, job_id = fal.request(), pixeldojo.request()
    pixeldojo.submit({"prompt": "A cat", "duration": 99})
    first, second = sandbox.charges()
    assert first == {
        "provider": "fal",
        "account": "sandbox",
        "job": request_id,
        "mode": "text_to_video",
        "amount": "0.3750",
        "unit": "units",
        "usd": "0.3750",
        "accepted_at": "2026-01-01T00:00:00.000Z",
        "state": "billed",
        "digest": first["digest"],
    }
    assert (second["job"], second["amount"], second["unit"], second["usd"]) == (job_id, "16", "credits", "1.0000")


def test_to_pay_twice_for_one_request_shows(sandbox: Sandbox, fal: Fal) -> None:
    fal.submit()
    fal.submit()
    fal.submit({"prompt": "Another"})
    digests = [line["digest"] for line in sandbox.charges()]
    assert digests[0] == digests[1] != digests[2]
    assert re.fullmatch("[0-9a-f]{32}", digests[0])


def test_what_is_asked_about_our_own_files_is_the_same_on_any_port(tmp_path: Path) -> None:
    digests = set()
    for _ in range(2):
        with Sandbox(speed=0) as sandbox:
            fal = Fal(sandbox)
            with fal.http:
                fal.submit({"prompt": "A cat", "image_url": f"{sandbox.asset_url}/fal/files/1/a.png"})
            digests.add(sandbox.charges()[0]["digest"])
    assert len(digests) == 1


def test_the_ledger_adds_up_by_provider(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    fal.cancel(fal.request())
    fal.request()
    pixeldojo.request()
    shown = httpx.get(f"{sandbox.url}/_sandbox/ledger").json()
    assert shown["lines"] == sandbox.charges()
    assert shown["totals"] == {
        "fal": {"accepted": 2, "billed": 1, "refunded": 1, "usd": "0.3750"},
        "pixeldojo": {"accepted": 1, "billed": 1, "refunded": 0, "usd": "1.0000"},
    }


def test_each_key_has_an_account_of_its_own_and_no_key_is_kept(tmp_path: Path) -> None:
    secret = "id-in-clear:secret-in-clear"
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = Fal(sandbox, key=secret)
        with client.http:
            client.submit()
            client.submit(Authorization=f"Basic {secret}")
            client.submit(Authorization=secret)
            client.submit(Authorization=f"{secret} {secret}")
        (line,) = sandbox.charges()
        shown = [entry["headers"]["authorization"] for entry in sandbox.journal()]
    assert re.fullmatch("acct_[0-9a-f]{12}", line["account"])
    assert shown[0] == f"Key {line['account']}"
    assert shown[1] == f"Basic {line['account']}"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"in-clear" not in kept


# --- the journal ----------------------------------------------------------------------------------------------------


def test_the_journal_has_every_exchange_as_it_went_over_the_wire(sandbox: Sandbox, fal: Fal) -> None:
    accepted = fal.submit()
    (entry,) = sandbox.journal()
    headers = entry["headers"]
    assert entry == {
        "n": 1,
        "at": "2026-01-01T00:00:00.000Z",
        "provider": "fal",
        "call": "submit",
        "method": "POST",
        "path": f"/fal/queue/{APP}",
        "query": {},
        "headers": headers,
        "body": FAL_BODIES[APP],
        "status": 200,
        "answer": accepted.json(),
        "job": accepted.json()["request_id"],
        "fault": None,
        "key_leaked": False,
    }
    assert headers["authorization"] == "Key sandbox"
    assert headers["content-type"] == "application/json"
    assert "host" not in headers


def test_a_parameter_that_is_repeated_is_journalled_with_all_its_values(sandbox: Sandbox, fal: Fal) -> None:
    request_id = fal.request()
    logged = fal.http.get(f"/{APP}/requests/{request_id}/status", params=[("logs", "0"), ("a", "b"), ("logs", "1")])
    assert logged.json()["logs"] == []
    assert sandbox.journal()[-1]["query"] == {"logs": "0,1", "a": "b"}


def test_every_call_has_its_name_in_the_journal(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    request_id = fal.finished()
    fal.status(request_id)
    httpx.get(fal.video_url(request_id))
    fal.cancel(request_id)
    pixeldojo.status(pixeldojo.request())
    pixeldojo.http.get("/credits")
    assert [(entry["provider"], entry["call"]) for entry in sandbox.journal()] == [
        ("fal", "submit"),
        ("fal", "status"),
        ("fal", "result"),
        ("fal", "asset"),
        ("fal", "cancel"),
        ("pixeldojo", "submit"),
        ("pixeldojo", "status"),
        ("pixeldojo", "other"),
    ]


def test_a_key_that_comes_to_the_clips_host_is_a_leak(sandbox: Sandbox, fal: Fal) -> None:
    url = fal.video_url(fal.finished())
    httpx.get(url)
    fal.http.get(url)
    leaks = [(entry["call"], entry["key_leaked"]) for entry in sandbox.journal()]
    assert leaks == [("submit", False), ("result", False), ("asset", False), ("asset", True)]


def test_a_clip_is_journalled_as_its_type_and_what_was_sent_of_it(sandbox: Sandbox, fal: Fal) -> None:
    url = fal.video_url(fal.finished())
    httpx.get(url, headers={"Range": "bytes=0-99"})
    sandbox.arm("cut-download", bytes=500)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
    part, cut = sandbox.journal()[-2:]
    assert (part["status"], part["answer"]) == (206, {"content_type": "video/mp4", "bytes": 100})
    assert (cut["status"], cut["answer"]) == (200, {"content_type": "video/mp4", "bytes": 500})


def test_a_data_uri_is_shortened_in_the_journal(sandbox: Sandbox, fal: Fal) -> None:
    uri = "data:image/png;base64," + "A" * 1_000_000
    fal.submit({"prompt": "A cat", "image_urls": [uri]}, f"{APP}/reference-to-video")
    (entry,) = sandbox.journal()
    assert entry["body"] == {
        "prompt": "A cat",
        "image_urls": ["data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAA… (1000022 characters)"],
    }


def test_the_journal_keeps_only_the_last_few_thousand(
    sandbox: Sandbox, fal: Fal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omniflash_sandbox.journal.KEPT", 5)
    for _ in range(8):
        fal.status("unknown")
    assert [entry["n"] for entry in sandbox.journal()] == [4, 5, 6, 7, 8]
    assert KEPT >= 1_000


# --- reset and repetition -------------------------------------------------------------------------------------------


def test_a_reset_forgets_everything(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    request_id = fal.finished()
    url = fal.video_url(request_id)
    sandbox.arm("unavailable")
    sandbox.switch("pixeldojo.output", "assets")
    sandbox.reset()
    assert (sandbox.charges(), sandbox.journal()) == ([], [])
    assert fal.status(request_id).status_code == 404
    assert httpx.get(url).status_code == 404
    assert fal.submit().json()["request_id"] == request_id
    assert "output" in pixeldojo.status(pixeldojo.finished()).json()


def test_a_run_is_repeated_to_the_byte(sandbox: Sandbox, fal: Fal, pixeldojo: PixelDojo) -> None:
    def run() -> str:
        sandbox.reset()
        sandbox.arm("no-video", provider="fal")
        fal.status(fal.finished())
        fal.result(fal.request({"prompt": 3}))
        httpx.get(pixeldojo.video_url(pixeldojo.finished()))
        return json.dumps([sandbox.journal(), sandbox.charges()])

    assert run() == run()


# --- several servers on one state -----------------------------------------------------------------------------------


def test_two_servers_on_one_state_are_one_vendor(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as one, Sandbox(state=tmp_path, speed=0) as other:
        here, there = Fal(one), Fal(other)
        with here.http, there.http:
            request_id = here.request()
            other.advance(LONG_ENOUGH_S)
            assert there.status(request_id).json()["status"] == "COMPLETED"
            assert here.status(request_id).json()["status"] == "COMPLETED"
            assert there.video_url(request_id).startswith(other.asset_url)
            assert httpx.get(there.video_url(request_id)).content == httpx.get(here.video_url(request_id)).content
        assert one.charges() == other.charges()
        assert one.journal() == other.journal()


def test_two_servers_neither_lose_a_job_nor_charge_one_twice(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as one, Sandbox(state=tmp_path, speed=0) as other:
        one.arm("unavailable", times=3)
        clients = [Fal(one), Fal(other)]
        with clients[0].http, clients[1].http, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: clients[n % 2].submit(), range(40)))
        accepted = [answer.json()["request_id"] for answer in answers if answer.is_success]
        assert len(accepted) == 37
        assert sorted(accepted) == sorted(line["job"] for line in other.charges())
        assert [entry["n"] for entry in one.journal()] == list(range(1, 41))


def test_a_later_server_shows_refines_edits_and_serves_an_earlier_ones_clip(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = PixelDojo(sandbox)
        with client.http:
            job_id = client.finished()
            video_id, old_url = client.video_id(job_id), client.video_url(job_id)
    with Sandbox(state=tmp_path, speed=0) as later:
        client = PixelDojo(later)
        with client.http:
            new_url = client.video_url(job_id)
            assert path_of(new_url) == path_of(old_url)
            assert httpx.get(new_url).is_success
            assert client.submit({"prompt": "Make it night", "video_id": video_id}).is_success
            assert client.submit({"prompt": "Make it night", "video": old_url}).is_success
        assert len(later.charges()) == 3


SERVER = """
import sys
from pathlib import Path
from threading import Event
from omniflash_sandbox import Sandbox
with Sandbox(state=Path(sys.argv[1]), speed=200) as sandbox:
    print(sandbox.url, flush=True)
    Event().wait()
"""


def test_a_server_that_is_killed_has_written_everything_down(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", SERVER, tmp_path], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    with killed, httpx.Client(headers={"Authorization": "Key sandbox:omniflash"}) as client:
        url = f"{killed.stdout.readline().strip()}/fal/queue/{APP}"
        ids = [client.post(url, json={"prompt": f"Cat {n}", "duration": 3}).json()["request_id"] for n in range(5)]
        killed.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    time.sleep(0.2)  # 40 s of each job
    with Sandbox(state=tmp_path, speed=0) as later:
        assert [line["job"] for line in later.charges()] == ids
        client_of_later = Fal(later)
        with client_of_later.http:
            assert all(httpx.get(client_of_later.video_url(request_id)).is_success for request_id in ids)


OPENER = """
import sys, time
from pathlib import Path
from omniflash_sandbox.store import Store
while time.time() < float(sys.argv[2]):
    pass
Store(Path(sys.argv[1])).close()
"""


def test_servers_may_make_the_same_state_at_the_same_moment(tmp_path: Path) -> None:
    for attempt in range(3):
        moment = str(time.time() + 0.5)
        folder = str(tmp_path / str(attempt))
        openers = [subprocess.Popen([sys.executable, "-c", OPENER, folder, moment]) for _ in range(6)]
        assert [opener.wait() for opener in openers] == [0] * 6


# --- a state that cannot be used ------------------------------------------------------------------------------------


def refusal(folder: Path) -> str:
    with pytest.raises(StateError) as problem, Sandbox(state=folder):
        pass
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    before = (tmp_path / FILE).read_bytes()
    assert f"has version {VERSION + 1}, and this sandbox knows only {VERSION}" in refusal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_somebody_elses_database_is_not_touched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    before = (tmp_path / FILE).read_bytes()
    assert "is somebody else's database" in refusal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look at " * 100, b"short"])
def test_what_is_no_database_is_told_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert "is not a usable state of the sandbox" in refusal(tmp_path)


def test_a_damaged_state_is_told_so(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path, speed=0) as sandbox:
        client = PixelDojo(sandbox)
        with client.http:
            for _ in range(20):
                client.submit(PIXELDOJO_BODIES["reference_to_video"] | {"prompt": "A cat " * 500})
    file = tmp_path / FILE
    content = bytearray(file.read_bytes())
    content[8_192:] = os.urandom(len(content) - 8_192)
    file.write_bytes(content)
    assert FILE in refusal(tmp_path)


def test_a_state_that_is_a_file_or_has_no_place_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "taken" / FILE).mkdir(parents=True)
    for folder in (file, file / "below", tmp_path / "taken"):
        assert "cannot hold the sandbox's state" in refusal(folder)


def test_a_temporary_state_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Sandbox(speed=0) as sandbox:
        (folder,) = tmp_path.iterdir()
        client = Fal(sandbox)
        with client.http:
            client.result(client.finished())
        assert {path.name for path in folder.iterdir()} >= {FILE, "clips"}
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_is_not_running_says_so() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not running"):
        sandbox.charges()
