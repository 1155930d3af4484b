"""What went wrong, in the one taxonomy, with the vendor's own words (ERR-KIND, ERR-WORDS)."""

from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve, frozen

from omniflash import (
    AuthenticationFailed,
    ContentRejected,
    EmptyResult,
    GenerationFailed,
    InsufficientCredits,
    InvalidRequest,
    Job,
    NotFound,
    OmniflashError,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
    RegionRestricted,
    State,
    Status,
    SubmissionUncertain,
)
from omniflash.effects import Call, Flow, Response
from omniflash.errors import Money, VendorWords
from omniflash.flows.submit import Intent, submit
from omniflash.flows.wait import status
from omniflash.spec import Mode
from omniflash.types import JSON
from omniflash_sandbox.fault_kinds import KINDS

from ..bench import RENDER_S, AdapterBench
from ..case import Needs, case
from ..choosing import Ground
from ..means.life import ended, facts_of, words_of
from ..means.overheard import Heard
from ..means.places import named, texts
from ..means.scripted import Script
from ..verdicts import Broken, NotRun, expect, expect_equal
from .cancelling import strangers

Kinds = type[OmniflashError] | tuple[type[OmniflashError], ...]
DENIED = (AuthenticationFailed, InsufficientCredits, RegionRestricted, ContentRejected)


@frozen
class Row:
    """What a bare HTTP status is in the taxonomy, asked by a look and by a paid call; None is whatever it may be."""

    look: Kinds
    paid: Kinds
    again: bool | None = False


# What HTTP itself says (RFC 9110, 6585), where the vendor's body says nothing more.
BY_STATUS: Mapping[int, Row] = {
    400: Row((InvalidRequest, NotFound, ProtocolError), InvalidRequest),
    401: Row(AuthenticationFailed, AuthenticationFailed),
    402: Row(InsufficientCredits, InsufficientCredits),
    403: Row(DENIED, DENIED),
    404: Row(NotFound, NotFound),
    422: Row((InvalidRequest, ProtocolError), InvalidRequest),
    429: Row(RateLimited, RateLimited, again=True),
    500: Row(ProviderUnavailable, (SubmissionUncertain, ProviderUnavailable), again=None),
    502: Row(ProviderUnavailable, (SubmissionUncertain, ProviderUnavailable), again=None),
    503: Row(ProviderUnavailable, (SubmissionUncertain, ProviderUnavailable), again=None),
    504: Row(ProviderUnavailable, (SubmissionUncertain, ProviderUnavailable), again=None),
}
BODIES = (b"", b"{}", b"<html></html>")
RETRY_AFTER = 7.0


def caught(act: Callable[[], object], when: str) -> OmniflashError:
    """The error that something ends in. Raises Broken when it ends well, or in what is no error of the taxonomy."""
    try:
        came = act()
    except OmniflashError as error:
        return error
    except Broken:
        raise
    except Exception as problem:
        raise Broken(f"{when} raises {type(problem).__name__} ({problem}), which is not in the taxonomy") from problem
    raise Broken(f"{when} raises nothing, and gives {came!r:.200}")


def is_kind(error: OmniflashError, kinds: Kinds, when: str) -> None:
    """Break the case unless an error is of one of these kinds."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    names = " or ".join(kind.__name__ for kind in wanted)
    expect(isinstance(error, wanted), f"{when} is {type(error).__name__}, not {names}")


@case("ERR-KIND-1", "a bare HTTP status of a look is what HTTP means by it")
def a_look_is_answered_with_a_status(bench: AdapterBench) -> None:
    job = nobodys(bench)
    for code, row in BY_STATUS.items():
        for body in BODIES:
            when = f"HTTP {code} on a look"
            error = caught(partial(_asked, code, body, status(bench.account, job)), when)
            is_kind(error, row.look, when)
            _advises(error, row, when)


@case("ERR-KIND-2", "a bare HTTP status of the paid call is what HTTP means by it, and only a refusal costs nothing")
def a_paid_call_is_answered_with_a_status(bench: AdapterBench) -> None:
    client = bench.client()
    plan = client.plan(bench.least(client))
    intent = Intent(plan, plan.best, bench.account, "order-1")
    for code, row in BY_STATUS.items():
        when = f"HTTP {code} on the paid call"
        error = caught(partial(_asked, code, b"{}", submit(intent)), when)
        is_kind(error, row.paid, when)
        _advises(error, row, when)
        if isinstance(error, SubmissionUncertain):
            expect(error.money is Money.MAYBE, f"{when} leaves it open if the job exists, and is told to cost nothing")
        elif code < 500:
            expect_equal(error.money, Money.NO, f"whether {when} may have cost money")


def _advises(error: OmniflashError, row: Row, when: str) -> None:
    if row.again is not None:
        expect_equal(error.retry_helps, row.again, f"whether trying again helps after {when}")
    if isinstance(error, RateLimited):
        expect_equal(error.retry_after, RETRY_AFTER, "the seconds to wait, of which the vendor says 7,")


def nobodys(bench: AdapterBench) -> Job:
    """A job that there is not, of the first mode that is offered."""
    offer = bench.adapter.offers[0]
    return Job(bench.adapter.name, offer.version, Mode(offer.mode), "job-1", "order-1")


def _asked(code: int, body: bytes, flow: Flow[object]) -> object:
    headers = {"content-type": "application/json", "retry-after": f"{RETRY_AFTER:g}"}

    def answered(call: Call) -> Response:
        return Response(code, headers if code == 429 else {"content-type": "application/json"}, body)

    return Script(answered).run(flow)


@frozen
class Trouble:
    """A fault of the vendor's looks, and the error that it is once it does not pass."""

    fault: str
    kinds: Kinds
    again: bool | None
    options: Mapping[str, JSON] = {}


TROUBLES = (
    Trouble("rate-limit", RateLimited, again=True),
    *(Trouble("unavailable", ProviderUnavailable, True, {"status": code}) for code in (500, 503)),
    Trouble("gateway-html", ProviderUnavailable, True, {"status": 502}),
    Trouble("gateway-html", (ProtocolError, ProviderUnavailable), None, {"status": 200}),
    Trouble("malformed-json", (ProtocolError, ProviderUnavailable), None),
    Trouble("lose-response", ProviderUnavailable, again=True),
    Trouble("half-answer", ProviderUnavailable, again=True),
    Trouble("redirect", (ProtocolError, ProviderUnavailable), None),
    Trouble("unknown-job", NotFound, again=False),
)


@case(
    "ERR-KIND-3", "what goes wrong with a look is told by its kind, and whether trying again helps", needs=Needs.FAULTS
)
def a_look_goes_wrong(bench: AdapterBench) -> None:
    seen: dict[str, JSON] = {}
    for trouble in TROUBLES:
        bench.sandbox.reset()
        client = bench.client()
        job = bench.submitted(client)
        options = dict(trouble.options)
        bench.arm(trouble.fault, call="status", times=None, **options)
        when = " ".join([f"a look that meets {trouble.fault}", *map(str, options.values())])
        error = caught(partial(client.status, job), when)
        is_kind(error, trouble.kinds, when)
        if trouble.again is not None:
            expect_equal(error.retry_helps, trouble.again, f"whether trying again helps after {when}")
        seen[" ".join([trouble.fault, *map(str, options.values())])] = type(error).__name__
        if isinstance(error, RateLimited):
            expect_equal(error.retry_after, 3.0, "the seconds to wait, of which the vendor says 3,")
    bench.note(kinds=seen)


@case("ERR-KIND-4", "a job that ends badly ends in an error of its own kind", needs=Needs.FAULTS)
def a_job_ends_badly(bench: AdapterBench) -> None:
    for fault, kinds in (("content-rejected", ContentRejected), ("job-failed", GenerationFailed)):
        error = failed(bench, fault)
        is_kind(error, kinds, f"a job that ended as {fault}")
        expect(fault == "job-failed" or not error.retry_helps, f"{fault} says that trying again helps")


@case("ERR-KIND-5", "an edit that is refused for the region is told as that", needs=Needs.FAULTS, modes=(Mode.EDIT,))
def the_region_is_told(bench: AdapterBench) -> None:
    error = failed(bench, "region")
    is_kind(error, RegionRestricted, "an edit that is refused for the region")
    expect(not error.retry_helps, "an edit that is refused for the region says that trying again helps")


@case("ERR-KIND-6", "each way in which a job fails at the vendor is a failure of the job", needs=Needs.FAULTS)
def each_failure_is_one(bench: AdapterBench) -> None:
    seen: dict[str, JSON] = {}
    for code in KINDS["job-failed"].options["error_type"].draws:
        error = failed(bench, "job-failed", error_type=code)
        is_kind(error, GenerationFailed, f"a job that failed as {code}")
        told = error.words.code if error.words else None
        if told != code:  # this vendor has no such codes: one failure is like another
            break
        seen[str(code)] = type(error).__name__
        empty = isinstance(error, EmptyResult)
        expect(empty is (code == "no_media_generated"), f"a job that failed as {code} is {type(error).__name__}")
    bench.note(kinds=seen)


def failed(bench: AdapterBench, fault: str, **options: JSON) -> OmniflashError:
    """The error of a job that ends by a fault. Raises Broken where it has none."""
    client = bench.client()
    request = bench.least(client)
    bench.arm(fault, **options)
    return ending(bench.finished(client, request), fault)


def ending(seen: Status, fault: str) -> OmniflashError:
    """The error of a job that is over. Raises Broken where it has none."""
    expect_equal(seen.state, State.FAILED, f"the state of a job that ended as {fault}")
    if seen.error is None:
        raise Broken(f"a job that ended as {fault} has no error")
    return seen.error


@case("ERR-WORDS-1", "a refusal keeps the vendor's own words", needs=Needs.FIXED, recording="refusal")
def a_refusal_keeps_the_words(bench: AdapterBench) -> None:
    client, ears = bench.overheard(key="wrong-id:wrong-secret-half")
    error = caught(lambda: bench.submitted(client), "a submit with a wrong key")
    is_kind(error, AuthenticationFailed, "a wrong key")
    has_words(error, ears.heard[-1], "a refusal")
    _noted(bench, error, ears.heard[-1])


@case("ERR-WORDS-2", "a failed job keeps the vendor's own words", needs=Needs.FIXED, recording="failure")
def a_failure_keeps_the_words(bench: AdapterBench) -> None:
    if Needs.FAULTS in bench.stand.gives:
        bench.arm("content-rejected")
    elif bench.stand.ground == Ground.LIVE:
        raise NotRun("a vendor does not fail on demand")
    client, ears = bench.overheard()
    job = bench.submitted(client)
    bench.stand.advance(RENDER_S)
    error = ending(client.status(job), "content-rejected")
    is_kind(error, ContentRejected, "a prompt that was rejected")
    has_words(error, ears.heard[-1], "a failed job")
    _noted(bench, error, ears.heard[-1])


def _noted(bench: AdapterBench, error: OmniflashError, heard: Heard) -> None:
    words = error.words or VendorWords()
    bench.note(kind=type(error).__name__, code=words.code, message=words.message)
    bench.note(answers=facts_of([heard]), words=words_of([heard], ""))


@case("ERR-WORDS-3", "whatever goes wrong with a call keeps the vendor's own words", needs=Needs.FAULTS)
def a_look_that_goes_wrong_keeps_the_words(bench: AdapterBench) -> None:
    for fault in ("rate-limit", "unavailable", "unknown-job"):
        bench.sandbox.reset()
        client, ears = bench.overheard()
        job = bench.submitted(client)
        bench.arm(fault, call="status", times=None)
        error = caught(partial(client.status, job), f"a look that meets {fault}")
        has_words(error, ears.heard[-1], f"an error of {fault}")


@case("ERR-WORDS-4", "a job that failed at the vendor keeps the vendor's own words", needs=Needs.FAULTS)
def a_job_that_failed_keeps_the_words(bench: AdapterBench) -> None:
    for fault in ("content-rejected", "job-failed"):
        bench.sandbox.reset()
        bench.arm(fault)
        look = ended(bench)
        has_words(ending(look.status, fault), look.heard[-1], f"a job that ended as {fault}")


@case("ERR-WORDS-5", "a job that nobody knows is answered in the vendor's own words", needs=Needs.FAULTS)
def an_unknown_job_keeps_the_words(bench: AdapterBench) -> None:
    client, ears = bench.overheard()
    job = bench.submitted(client)
    stranger = evolve(job, handle=strangers(job.handle))
    error = caught(lambda: client.status(stranger), "a look at a job that the vendor does not know")
    is_kind(error, NotFound, "a job that the vendor does not know")
    has_words(error, ears.heard[-1], "an unknown job")
    _noted(bench, error, ears.heard[-1])


CODES = ("code", "type", "error_code", "errorcode", "error_type", "errortype")
REQUEST_ID = "request-id"


def has_words(error: OmniflashError, heard: Heard, what: str) -> None:
    """Break the case unless the error has what stands in the vendor's answer: status, request id, message, code."""
    words = error.words
    if words is None:
        raise Broken(f"{what} has none of the vendor's words")
    bad = heard.response.status >= 400
    expect_equal(words.status, heard.response.status if bad else words.status, f"the HTTP status on {what}")
    ids = [value for name, value in heard.response.headers.items() if name.endswith(REQUEST_ID)]
    if bad and ids:
        expect_equal(words.request_id, ids[0], f"the request id on {what}")
    _quotes(words.message, heard.body, what)
    codes = [leaf for leaf in named(heard.body, lambda name: name in CODES) if isinstance(leaf, str)]
    expect(not codes or words.code in codes, f"the code on {what} is {words.code!r}, and the vendor's is {codes[:1]}")


SHORTEST_SENTENCE = 12  # a shorter text may be an id or a state


def _quotes(message: str | None, body: JSON, what: str) -> None:
    said = [text for text in texts(body) if len(text) >= SHORTEST_SENTENCE and " " in text]
    quoted = any(text in (message or "") for text in said)
    expect(not said or quoted, f"the message on {what} is {message!r}, and the vendor says {said[:1]}")
