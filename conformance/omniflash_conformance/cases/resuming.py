"""Going on with a job elsewhere, and giving up in time (JOB-RESUME, JOB-DEADLINE)."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress

from ..bench import ClientBench
from ..case import Needs, case
from ..means.breaking_in import ctrl_c
from ..subject import Client, Offers, Told
from ..verdicts import Broken, Lax, NotRun, expect, expect_equal
from .paying import RELIABLE, SILENT_S

LONGEST_TOKEN = 299
OWN_KEY = "resuming-id:resuming-secret-4be1"
SHORT_WAIT_S, LONG_WAIT_S = 8.0, 60.0
EARLY_SHARE, LATE_SHARE, LATE_S = 0.5, 1.5, 5.0


@case("JOB-RESUME-1", "a token is short", needs=Needs.SERVER)
def a_token_is_short(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME)
    token = _token(bench)
    expect(len(token) <= LONGEST_TOKEN, f"a token has {len(token)} characters, not under 300")
    bench.note(characters=len(token))


@case("JOB-RESUME-2", "there is no secret and no URL in a token", needs=Needs.SERVER)
def a_token_holds_nothing_secret(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME)
    for said in _readings(_token(bench)):
        expect("://" not in said, "there is a URL in a token")
        for secret in (OWN_KEY, OWN_KEY.partition(":")[2]):
            expect(secret not in said, "the key is in a token")


def _token(bench: ClientBench) -> str:
    with bench.opened(own_key=OWN_KEY) as client:
        return client.token(client.submit(bench.least()))


ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}")


def _readings(token: str) -> Iterator[str]:
    """A token as it is, and what base64 makes of its words."""
    yield token
    for word in ENCODED.findall(token):
        with suppress(ValueError):
            yield base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("latin-1")


@case("JOB-RESUME-3", "another process goes on with a token, without anything else", needs=Needs.SERVER)
def another_process_goes_on(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME)
    with bench.opened() as client:
        token = client.token(client.submit(bench.least()))
    target = bench.folder / "clip.mp4"
    with bench.opened(folder=bench.folder) as client:
        ticket = client.resume(token)
        expect(bench.slack or not client.status(ticket).over, "a fresh job is over, as a look by its token says")
        bench.stand.advance(200)
        expect(client.status(ticket).over, "a job is not over, as a look by its token says, after 200 s")
        clip = bench.clip(client, ticket)
        if bench.has(Offers.SAVE):
            client.save(clip, target)
            expect(target.exists(), "the clip of a token was saved, and there is no file")
    expect_equal(bench.bought(), 1, "the number of jobs bought")


@case("JOB-RESUME-4", "a wait that gives up tells the token", needs=Needs.SERVER)
def giving_up_tells_the_token(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME, Offers.DEADLINE, Offers.PARTING)
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        told = bench.refusal(lambda: bench.waited(client, ticket, timeout=SHORT_WAIT_S))
        if told is None:
            _not_over_yet(bench, SHORT_WAIT_S)
        _tells_the_token(bench, client, ticket, told, "a wait that ran out of time")


@case("JOB-RESUME-5", "a wait that meets nothing but nonsense tells the token", **RELIABLE)
def nonsense_tells_the_token(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME, Offers.DEADLINE, Offers.PARTING)
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.arm("malformed-json", call="status", times=None)
        told = bench.refusal(lambda: bench.waited(client, ticket, timeout=LONG_WAIT_S))
        _tells_the_token(bench, client, ticket, told, "a wait that met nothing but nonsense")


@case("JOB-RESUME-6", "a wait that is interrupted tells the token", **RELIABLE)
def an_interruption_tells_the_token(bench: ClientBench) -> None:
    bench.needs(Offers.RESUME, Offers.WAIT, Offers.PARTING)
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.arm("stall", call="status", seconds=SILENT_S)
        told = None
        try:
            with ctrl_c(lambda: bool(bench.exchanges("status"))):
                client.wait(ticket)
        except BaseException as problem:  # noqa: BLE001 - Ctrl-C, or what the client makes of it
            told = bench.told(problem)
        _tells_the_token(bench, client, ticket, told, "a wait that was interrupted")


def _tells_the_token(bench: ClientBench, client: Client, ticket: object, told: Told | None, what: str) -> None:
    if told is None:
        raise Broken(f"{what} came back as if the clip were there")
    token = client.token(ticket)
    expect(token in (told.token or "") or token in told.text, f"{what} ends as {told.kind}, without the token")


@case("JOB-DEADLINE-1", "a wait ends at its deadline", needs=Needs.SERVER)
def a_wait_ends_in_time(bench: ClientBench) -> None:
    bench.needs(Offers.DEADLINE)
    with bench.opened() as client:
        _ends_in_time(bench, client, SHORT_WAIT_S)


@case("JOB-DEADLINE-2", "a wait ends at its deadline, whatever the vendor answers", **RELIABLE)
def a_wait_ends_whatever_comes(bench: ClientBench) -> None:
    bench.needs(Offers.DEADLINE)
    for fault in ("unknown-status", "lose-response", "unavailable", "rate-limit", "unknown-job"):
        bench.afresh()
        with bench.opened() as client:
            _ends_in_time(bench, client, LONG_WAIT_S, fault)


def _ends_in_time(bench: ClientBench, client: Client, timeout: float, fault: str = "") -> None:
    ticket = client.submit(bench.least())
    if fault:
        bench.arm(fault, call="status", times=None)
    began = bench.now()
    told = bench.refusal(lambda: bench.waited(client, ticket, timeout=timeout))
    passed = bench.now() - began
    after = f" ({fault})" if fault else ""
    latest = timeout * LATE_SHARE + LATE_S + bench.slack
    if told is None:
        _not_over_yet(bench, timeout, passed < latest)
        raise Broken(f"a wait of {timeout:g} s came back after {passed:.0f} s as if the clip were there{after}")
    expect(passed <= latest, f"a wait of {timeout:g} s took {passed:.0f} s{after}")
    if not fault and passed < timeout * EARLY_SHARE:
        raise Broken(f"a wait of {timeout:g} s ended after {passed:.1f} s, as {told.kind}")


def _not_over_yet(bench: ClientBench, timeout: float, soon: bool = True) -> None:
    """Where the clock runs by itself, a job may be over before its wait is."""
    if soon and not bench.virtual:
        raise NotRun(f"the job was over before a wait of {timeout:g} s was")


@case("JOB-DEADLINE-3", "a job whose wait ran out of time lives on, and can be waited for again", needs=Needs.SERVER)
def the_job_lives_on(bench: ClientBench) -> None:
    bench.needs(Offers.DEADLINE)
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        told = bench.refusal(lambda: bench.waited(client, ticket, timeout=SHORT_WAIT_S))
        if told is None:
            _not_over_yet(bench, SHORT_WAIT_S)
            raise Broken(f"a wait of {SHORT_WAIT_S:g} s came back as if the clip were there")
        expect(told.retry_helps is not False, "a wait that ran out of time says that waiting again is no use")
        expect(not bench.exchanges("cancel"), "a wait that ran out of time cancelled the job")
        bench.stand.advance(200)
        told = bench.refusal(lambda: bench.waited(client, ticket))
        expect(told is None, f"waiting again for a job that is over ends as {told and told.kind}")
    expect_equal(bench.bought(), 1, "the number of jobs bought")


@case("JOB-DEADLINE-4", "a wait is bounded where no deadline is given", **RELIABLE)
def a_wait_is_bounded(bench: ClientBench) -> None:
    bench.needs(Offers.WAIT)
    if not bench.virtual:
        raise NotRun("may take hours by the wall's clock")
    with bench.opened() as client:
        ticket = client.submit(bench.least())
        bench.arm("unknown-status", call="status", times=None)
        began = bench.now()
        told = bench.refusal(lambda: bench.waited(client, ticket))
        passed = bench.now() - began
    expect(told, "a job that never ended was waited for, and a clip came")
    bench.note(seconds=round(passed))
    if passed < LONG_WAIT_S:
        raise Lax(f"gives up after {passed:.0f} s at a status that it does not know")
