"""The grounds beside the sandbox: recordings with the network shut off, and the vendor itself under a cap."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import yaml
from attrs import evolve

from omniflash import AuthenticationFailed, ConfigurationError
from omniflash.adapter import Adapter
from omniflash.cli import main
from omniflash.discovery import adapter
from omniflash.spec import Mode
from omniflash_conformance import stamps
from omniflash_conformance.case import Case, cases
from omniflash_conformance.command import _stamp
from omniflash_conformance.grounds.live import LiveStand, at_vendor, dearest, live_stand
from omniflash_conformance.grounds.recorded import recorded_stand
from omniflash_conformance.grounds.sandbox import sandbox_stand
from omniflash_conformance.grounds.stand import Stand
from omniflash_conformance.recordings import secrets
from omniflash_conformance.recordings.making import made
from omniflash_conformance.report import Result
from omniflash_conformance.runner import Run
from omniflash_conformance.verdicts import Verdict
from omniflash_conformance.zoo.altered import Altered
from omniflash_sandbox import Sandbox
from tests.conformance.test_exemptions import live as live_report
from tests.conformance.test_runner import SOUND, strange

CASSETTES = Path(__file__).parent.parent / "cassettes"
STATES, VIDEO, REFUSAL, PURE = (cases()[id_] for id_ in ("JOB-STATES-1", "RES-VIDEO-1", "ERR-WORDS-1", "CAP-DECLARE-2"))


def on(stand: Stand, case: Case, mode: Mode | None = None, given: Adapter | None = None) -> Result:
    return Run("fal", stand=stand, adapter=given or adapter("fal")).result((case, mode))


def recordings(folder: Path, **texts: str) -> Path:
    """A folder of fal's recordings that holds these."""
    (folder / "fal").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "fal" / f"{name}.yaml").write_text(text)
    return folder


# Recorded


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_without_a_recording_what_needs_one_is_not_run_and_named_and_the_rest_is(name: str, tmp_path: Path) -> None:
    stand = recorded_stand("fal", tmp_path / name)
    assert stand.server == f"nobody: no recording of fal is in {tmp_path / name}"
    assert on(stand, PURE).verdict is Verdict.HELD
    assert (found := on(stand, STATES)).verdict is Verdict.NOT_RUN
    assert found.said == "there is no recording fal/status"


def test_an_empty_recording_is_none(tmp_path: Path) -> None:
    assert on(recorded_stand("fal", recordings(tmp_path, status="")), STATES).verdict is Verdict.NOT_RUN


@pytest.mark.parametrize("text", ["[", "7", "\x00", "made: {}\nexchanges: [7]", "exchanges:\n- request: {}"])
def test_a_recording_that_is_none_is_told_and_counts_against_nobody(text: str, tmp_path: Path) -> None:
    stand = recorded_stand("fal", recordings(tmp_path, status=text))
    found = on(stand, STATES)
    assert found.verdict is Verdict.ENGINE
    assert "this is no recording, or not the whole of one" in found.said
    assert on(stand, PURE).verdict is Verdict.HELD


def test_a_recording_that_is_cut_short_is_told_by_the_request_that_it_lacks(tmp_path: Path) -> None:
    whole = yaml.safe_load((CASSETTES / "fal" / "status.yaml").read_text("utf-8"))
    whole["exchanges"].pop()
    found = on(recorded_stand("fal", recordings(tmp_path, status=yaml.safe_dump(whole))), STATES)
    assert found.verdict is Verdict.BROKEN
    assert found.said.startswith("it asks what the recording status has no answer to: GET /fal/queue/google/")


def test_a_request_that_differs_from_the_recorded_one_is_named(tmp_path: Path) -> None:
    text = (CASSETTES / "fal" / "status.yaml").read_text("utf-8")
    changed = yaml.safe_load(text)
    changed["exchanges"][0]["request"]["json"]["prompt"] = "Another"
    found = on(recorded_stand("fal", recordings(tmp_path, status=yaml.safe_dump(changed))), STATES)
    assert found.verdict is Verdict.BROKEN
    assert found.said == "it asks what the recording status has no answer to: POST /fal/queue/google/gemini-omni-flash"


def test_an_exchange_that_is_never_asked_for_is_told(tmp_path: Path) -> None:
    more = yaml.safe_load((CASSETTES / "fal" / "status.yaml").read_text("utf-8"))
    more["exchanges"].append(more["exchanges"][-1])
    found = on(recorded_stand("fal", recordings(tmp_path, status=yaml.safe_dump(more))), STATES)
    assert (found.verdict, found.said) == (
        Verdict.BROKEN,
        "it leaves 1 exchanges of the recording status unasked",
    )


SOCKET = f"""{SOUND}import socket
class Odd(Sound):
    def status(self, job):
        with socket.socket() as own:
            own.connect(('127.0.0.1', 9))
        yield from super().status(job)
"""


def test_an_adapter_that_opens_a_socket_of_its_own_finds_the_network_shut_off() -> None:
    stand, given = recorded_stand("pixeldojo", CASSETTES), strange(SOCKET).Odd()
    found = Run("pixeldojo", stand=stand, adapter=given).result((STATES, None))
    assert found.verdict is Verdict.BROKEN
    assert found.said.startswith("raised RuntimeError: Network is disabled")


def test_whom_recordings_were_made_against_is_told_once() -> None:
    server = recorded_stand("fal", CASSETTES).server
    assert server.count("the sandbox of omniflash") == 1
    assert server.startswith("recordings of the sandbox of omniflash")


# Live: a sandbox stands for the vendor


@pytest.fixture(scope="module")
def vendor() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def at_sandbox(vendor: Sandbox) -> Sandbox:
    """The sandbox, set for fal in omniflash.toml."""
    vendor.reset()
    hosts = ", ".join(
        f'{name} = "{url}"' for name, url in vendor.site["hosts"]["fal"].items() if name in adapter("fal").hosts
    )
    Path("omniflash.toml").write_text(f'[provider.fal]\nkey = "{vendor.site["keys"]["fal"]}"\nhosts = {{ {hosts} }}\n')
    return vendor


def live(sandbox: Sandbox, *wanted: Case, cap: Decimal = Decimal(100)) -> LiveStand:
    return live_stand(adapter("fal"), wanted, cap, sleep=sandbox.advance)


def test_without_a_key_nothing_is_begun() -> None:
    with pytest.raises(AuthenticationFailed, match="FAL_KEY"):
        live_stand(adapter("fal"), [STATES], Decimal(100))


def test_without_a_cap_or_with_one_below_the_estimate_nothing_is_begun(at_sandbox: Sandbox) -> None:
    most = 2 * dearest(adapter("fal"))
    with pytest.raises(ConfigurationError, match=rf"--max-cost {most:.2f}"):
        live_stand(adapter("fal"), [STATES, VIDEO], None)
    with pytest.raises(ConfigurationError, match="is below what it costs at most"):
        live(at_sandbox, STATES, VIDEO, cap=most - Decimal("0.01"))
    assert live(at_sandbox, STATES, VIDEO, cap=most).most == most
    assert at_sandbox.journal() == []


def test_what_does_not_fit_under_the_cap_any_more_is_not_run(at_sandbox: Sandbox) -> None:
    one = dearest(adapter("fal"))
    stand = evolve(live(at_sandbox, STATES, VIDEO), cap=one)
    assert on(stand, STATES).verdict is Verdict.HELD
    assert stand.spent == one
    found = on(stand, VIDEO)
    assert found.verdict is Verdict.NOT_RUN
    assert found.said.endswith("of --max-cost is left")
    assert on(stand, REFUSAL).verdict is Verdict.HELD  # it buys nothing
    assert stand.spent == one
    assert len(at_sandbox.charges()) == 1


class Angry(Altered):
    """Nothing that it looks at comes to a good end."""

    def status(self, job: object) -> object:
        raise KeyError("video")


def test_what_was_paid_for_a_case_that_breaks_is_spent_all_the_same(at_sandbox: Sandbox) -> None:
    stand = live(at_sandbox, STATES)
    assert on(stand, STATES, given=Angry(adapter("fal"))).verdict is not Verdict.HELD
    assert stand.spent == dearest(adapter("fal"))


@pytest.mark.parametrize("id_", ["JOB-STATES-2", "JOB-ONCE-1", "CAP-TRUTH-2"])
def test_what_needs_a_server_to_steer_is_not_run_at_a_vendor(id_: str, at_sandbox: Sandbox) -> None:
    found = on(live(at_sandbox, cases()[id_]), cases()[id_])
    assert found.verdict is Verdict.NOT_RUN
    assert at_sandbox.journal() == []


def test_the_report_of_a_live_run_says_which_hosts_answered(at_sandbox: Sandbox, tmp_path: Path) -> None:
    words = ["conformance", "run", "fal", "--case", REFUSAL.id, "--against", "live", "--max-cost", "1", "--yes"]
    assert main([*words, "--output", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["server"] == live(at_sandbox).server
    assert at_sandbox.url in report["server"]
    assert report["server"].endswith(", which is set for it and need not be the vendor")
    (found,) = report["columns"][0]["results"]
    assert (found["verdict"], found.get("last_live")) == ("held", None)
    assert not stamps.default_path().exists()


def test_only_at_the_vendors_own_hosts_a_stamp_is_left(at_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    report = live_report(1, Verdict.HELD)
    assert not at_vendor(adapter("fal"))
    _stamp(report, ["fal"])
    assert not stamps.default_path().exists()
    Path("omniflash.toml").unlink()
    monkeypatch.setenv("FAL_KEY", "id:secret")
    assert at_vendor(adapter("fal"))
    assert live(at_sandbox).server == f"fal at {', '.join(sorted(adapter('fal').hosts.values()))}"
    _stamp(report, ["fal"])
    assert stamps.load(stamps.default_path()) == stamps.Stamps().after(report, ["fal"])


# Record


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Stand]:
    with sandbox_stand() as stand:
        yield stand


def recorded(stand: Stand, folder: Path, *wanted: Case, given: Adapter | None = None) -> list[Result]:
    return list(made(Run("fal", stand=stand, adapter=given or adapter("fal")), wanted, folder))


def test_what_is_recorded_can_be_replayed(sandbox: Stand, tmp_path: Path) -> None:
    assert {found.verdict for found in recorded(sandbox, tmp_path, STATES, REFUSAL, PURE)} == {Verdict.HELD}
    assert sorted(path.name for path in (tmp_path / "fal").iterdir()) == ["refusal.yaml", "status.yaml"]
    stand = recorded_stand("fal", tmp_path)
    assert sandbox.server in stand.server
    assert [on(stand, case).verdict for case in (STATES, REFUSAL)] == [Verdict.HELD] * 2


def test_what_does_not_hold_leaves_the_recording_that_was_there(sandbox: Stand, tmp_path: Path) -> None:
    recordings(tmp_path, status="the old one")
    (found,) = recorded(sandbox, tmp_path, STATES, given=Angry(adapter("fal")))
    assert found.verdict is not Verdict.HELD
    assert (tmp_path / "fal" / "status.yaml").read_text() == "the old one"


def test_something_like_a_key_is_not_written(sandbox: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_LIKE", secrets.re.compile("lighthouse"))
    sent_by = httpx.HTTPTransport.handle_request
    (found,) = recorded(sandbox, recordings(tmp_path, status="the old one"), STATES)
    assert httpx.HTTPTransport.handle_request is sent_by, "vcrpy still stands between httpx and the network"
    assert found.verdict is Verdict.ENGINE
    assert "would hold something like a key" in found.said
    assert "lighthouse" not in found.said
    assert (tmp_path / "fal" / "status.yaml").read_text() == "the old one"
