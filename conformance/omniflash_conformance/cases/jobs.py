"""The life of a job as an adapter reads it: its states, and an end without a video (JOB-STATES, JOB-EMPTY)."""

from collections.abc import Iterator, Mapping

from hypothesis import strategies as st

from omniflash import EmptyResult, GenerationFailed, OmniflashError, ProtocolError, ProviderUnavailable, State, Status
from omniflash.types import JSON
from omniflash_sandbox.fault_kinds import KINDS

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..means.life import Look, ended, facts_of, lived
from ..means.places import Place, without
from ..strategies.nasty import put
from ..verdicts import Broken, NotRun, expect, expect_equal, expect_raised

ONWARD = (State.QUEUED, State.RUNNING, State.SUCCEEDED)
SERVER_ERRORS = (500, 502, 503, 504)


@case("JOB-STATES-1", "a job is queued, then running, then over", needs=Needs.FIXED, recording="status", clips=1)
def a_job_only_goes_forward(bench: AdapterBench) -> None:
    life = lived(bench)
    looks = [look.status for look in life]
    states = [look.state for look in looks]
    under_way = (*life.queued.heard, *life.running.heard)  # the answer that has the clip is RES-VIDEO's
    bench.note(words=[look.word for look in looks], answers=facts_of(under_way))
    expect(all(state in ONWARD for state in states), f"a job that ended well was {', '.join(states)}")
    expect_equal(states, sorted(states, key=ONWARD.index), "the order of states")
    expect_equal(states[-1], State.SUCCEEDED, "the last state")
    expect(all(look.known for look in looks), f"a status is unknown: {[look.word for look in looks]}")


@case("JOB-STATES-2", "each word of the vendor's table is the state that it stands for", needs=Needs.FAULTS)
def each_word_is_its_state(bench: AdapterBench) -> None:
    if bench.contract is None:
        raise NotRun("there is no contract of this vendor")
    life = lived(bench)
    beside = {State.QUEUED: life.queued, State.RUNNING: life.running}
    for word, state in bench.contract.statuses.items():
        seen = beside.get(State(state), life.over).saying(word).again(bench)
        expect_equal(seen.state.value, state, f"the state of {word!r}")
        expect(seen.known, f"{word!r}, which stands in the vendor's table, is told as unknown")
    bench.note(table=dict(bench.contract.statuses))


def strange_words(known: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Words for a state that no vendor has, and such as have a known one in them."""
    made_up = st.sampled_from(("UNDER_REVIEW", "moderating", "paused", "scheduled", "", " ", "None", "200"))
    near = st.builds("{}_{}".format, st.sampled_from(("not", "ALMOST")), st.sampled_from(known))
    after = st.builds("{}_{}".format, st.sampled_from(known), st.sampled_from(("over", "WITH_WARNINGS")))
    return made_up.filter(str.strip) | near | after | st.text(max_size=12).map("unheard of: {}".format)


@case("JOB-STATES-3", "a word that nobody knows counts as running, and is told as unknown", needs=Needs.FAULTS)
def an_unknown_word_counts_as_running(bench: AdapterBench) -> None:
    life = lived(bench)

    def look(drawn: tuple[Look, str]) -> None:
        before, word = drawn
        seen = before.saying(word).again(bench)
        _goes_on(seen, word)

    words = strange_words(tuple(seen.status.word for seen in life))
    bench.drawn(st.tuples(st.sampled_from((life.queued, life.running, life.over)), words), look)


def _goes_on(seen: Status, word: str) -> None:
    expect_equal(seen.state, State.RUNNING, f"the state of a job whose status is {word!r}")
    expect(not seen.known, f"the status {word!r} is told as a known one")
    expect_equal(seen.word, word, "the word that is told")
    expect(seen.clip is None and seen.error is None, f"a job whose status is {word!r} has a clip or an error already")


@case("JOB-STATES-4", "a status that stands in no document does not end the job", needs=Needs.FAULTS)
def an_unknown_status_passes(bench: AdapterBench) -> None:
    client = bench.client()
    job = bench.submitted(client)
    bench.stand.advance(200.0)
    bench.arm("unknown-status", status="UNDER_REVIEW")
    _goes_on(client.status(job), "UNDER_REVIEW")
    expect_equal(client.status(job).state, State.SUCCEEDED, "the state after it")


@case("JOB-STATES-5", "a server error while looking says nothing of the job", needs=Needs.FAULTS)
def a_server_error_is_no_end(bench: AdapterBench) -> None:
    client = bench.client()
    job = bench.submitted(client)
    for code in SERVER_ERRORS:
        bench.arm("unavailable", call="status", status=code)
        try:
            seen = client.status(job)
        except OmniflashError as error:
            raise Broken(f"one HTTP {code} while looking ends the look with {type(error).__name__}") from error
        going = seen.state in (State.QUEUED, State.RUNNING)  # the look was made again, a moment later
        expect(going, f"the state of a job that has just begun is {seen.state.value!r} after one HTTP {code}")
    bench.arm("unavailable", call="status", times=None)
    with expect_raised(ProviderUnavailable, "a look at a vendor that is down"):
        client.status(job)


@case("JOB-EMPTY-1", "completed without a video is a failure of its own kind", needs=Needs.FAULTS, modes=EVERY_MODE)
def nothing_is_no_success(bench: AdapterBench) -> None:
    client = bench.client()
    request = bench.least(client)
    bench.arm("no-video")
    _is_empty(bench.finished(client, request), "completed without a video")


def _is_empty(seen: Status, how: str) -> None:
    expect_equal(seen.state, State.FAILED, f"the state of a job that {how}")
    expect(seen.clip is None, f"a job that {how} has a clip")
    expect(
        isinstance(seen.error, EmptyResult),
        f"the error of a job that {how} is {type(seen.error).__name__}, not EmptyResult",
    )
    helps = seen.error is not None and seen.error.retry_helps
    expect(not helps, f"the error of a job that {how} says that trying again helps")


@case("JOB-EMPTY-2", "nothing is nothing in every shape that the vendor gives it", needs=Needs.FAULTS)
def nothing_in_every_shape(bench: AdapterBench) -> None:
    for shape in KINDS["no-video"].options["shape"].draws:
        bench.arm("no-video", shape=shape)
        client = bench.client()
        try:
            seen = bench.finished(client)
        except OmniflashError as error:
            raise Broken(f"a video that is {shape} ends the look with {type(error).__name__}") from error
        _is_empty(seen, f"completed with a video that is {shape}")


@case("JOB-EMPTY-3", "whatever stands where the clip's URL should, there is no clip and no crash", needs=Needs.FAULTS)
def nothing_anywhere_on_the_way(bench: AdapterBench) -> None:
    look = ended(bench)
    number, place = look.urls[0]
    for how, clean, body in hollow(look.heard[number].body, place):
        told = look.with_body(number, body)
        if clean:
            _is_empty(told.again(bench), f"completed {how}")
        else:
            _has_no_clip(bench, told, how)


NOTHINGS: tuple[JSON, ...] = ("", [], {}, 0, False)


def hollow(body: JSON, place: Place) -> Iterator[tuple[str, bool, JSON]]:
    """An answer with nothing where something stood, at every step to it: in words, and whether its types are right."""
    for depth in range(1, len(place) + 1):
        at, name = place[:depth], ".".join(map(str, place[:depth]))
        yield f"without {name}", True, without(body, at)
        yield f"with {name} null", True, put(body, at, None)
        for nothing in NOTHINGS:
            yield f"with {name} {nothing!r}", False, put(body, at, nothing)


def _has_no_clip(bench: AdapterBench, told: Look, how: str) -> None:
    try:
        seen = told.again(bench)
    except ProtocolError:
        return
    except OmniflashError as error:
        raise Broken(f"a job that completed {how} ends the look with {type(error).__name__}") from error
    _is_empty(seen, f"completed {how}")


@case("JOB-EMPTY-4", "a result that is an error is no success", needs=Needs.FAULTS)
def an_error_is_no_success(bench: AdapterBench) -> None:
    for fault, options in ENDINGS:
        bench.arm(fault, **options)
        seen = bench.finished(bench.client())
        expect_equal(seen.state, State.FAILED, f"the state of a job that ended in an error ({fault})")
        expect(seen.clip is None, f"a job that ended in an error ({fault}) has a clip")
        expect(seen.error is not None, f"a job that ended in an error ({fault}) has none")
        code = seen.error.words.code if seen.error and seen.error.words else None
        if code == NOTHING_MADE["error_type"]:
            expect(isinstance(seen.error, EmptyResult), f"{code} is {type(seen.error).__name__}, not EmptyResult")
        elif fault == "job-failed":
            kind = type(seen.error).__name__
            expect(isinstance(seen.error, GenerationFailed), f"a job that failed at the vendor is {kind}")


NOTHING_MADE = {"error_type": "no_media_generated"}
ENDINGS: tuple[tuple[str, Mapping[str, JSON]], ...] = (
    ("job-failed", {}),
    ("content-rejected", {}),
    ("job-failed", NOTHING_MADE),
)
