"""Whatever bytes the vendor answers, a flow ends in a value, or in an error of the taxonomy (ERR-KIND)."""

from collections.abc import Callable, Iterator
from functools import partial

from attrs import evolve
from hypothesis import strategies as st

from omniflash import Cancellation, Job, OmniflashError, State, Status
from omniflash.effects import Call, Response
from omniflash.flows.submit import Intent, submit
from omniflash.flows.wait import cancel

from ..bench import AdapterBench
from ..case import Needs, case
from ..means.life import Look, lived
from ..means.scripted import Script
from ..strategies import hostile_answers
from ..strategies.nasty import NO_JSON
from ..verdicts import Broken, expect
from .cancelling import can_cancel


@case(
    "ERR-KIND-7", "whatever a look is answered, it ends in a state or in an error of the taxonomy", needs=Needs.FAULTS
)
def any_answer_to_a_look(bench: AdapterBench) -> None:
    life = lived(bench)

    def look(spoilt: Look) -> None:
        seen = ends(partial(spoilt.again, bench), Status, said(*(one.response for one in spoilt.heard)))
        if isinstance(seen, Status):
            _is_sound(seen)

    for good in life:
        for number, one in enumerate(good.heard):
            for response in nothings(one.response):
                look(_with(good, number, response))
    bench.drawn(_spoilt(tuple(life)), look)


def nothings(good: Response) -> Iterator[Response]:
    """Answers in which nothing stands that was asked for."""
    return (evolve(good, body=body) for body in NO_JSON)


@st.composite
def _spoilt(draw: st.DrawFn, looks: tuple[Look, ...]) -> Look:
    """A look of which one answer is hostile."""
    good = looks[draw(st.integers(0, len(looks) - 1))]
    number = draw(st.integers(0, len(good.heard) - 1))
    return _with(good, number, draw(hostile_answers(good.heard[number].response)))


def _with(look: Look, number: int, response: Response) -> Look:
    heard = tuple(evolve(one, response=response) if n == number else one for n, one in enumerate(look.heard))
    return evolve(look, heard=heard)


def _is_sound(seen: Status) -> None:
    well = seen.state is State.SUCCEEDED
    expect(
        well is (seen.clip is not None), f"a job that is {seen.state.value} {'has a' if seen.clip else 'has no'} clip"
    )
    expect(seen.state is not State.FAILED or seen.error is not None, "a job that is failed has no error")
    url = seen.clip.url if seen.clip else "https://"
    expect(url.startswith(("http://", "https://")), f"a clip is told to be at {url!r:.100}")


@case(
    "ERR-KIND-8",
    "whatever the paid call is answered, it ends in a job or in an error of the taxonomy",
    needs=Needs.FAULTS,
)
def any_answer_to_the_paid_call(bench: AdapterBench) -> None:
    client, ears = bench.overheard()
    plan = client.plan(bench.least(client))
    client.submit(plan)
    intent = Intent(plan, plan.best, bench.account, "order-1")

    def look(response: Response) -> None:
        ends(lambda: Script(partial(_always, response)).run(submit(intent)), Job, said(response))

    for response in nothings(ears.heard[-1].response):
        look(response)
    bench.drawn(hostile_answers(ears.heard[-1].response), look)


@case(
    "ERR-KIND-9",
    "whatever a cancel is answered, it ends in a result or in an error of the taxonomy",
    needs=Needs.FAULTS,
)
def any_answer_to_a_cancel(bench: AdapterBench) -> None:
    can_cancel(bench)
    client, ears = bench.overheard()
    job = bench.submitted(client)
    client.cancel(job)

    def look(response: Response) -> None:
        ends(lambda: Script(partial(_always, response)).run(cancel(bench.account, job)), Cancellation, said(response))

    for response in nothings(ears.heard[-1].response):
        look(response)
    bench.drawn(hostile_answers(ears.heard[-1].response), look)


def _always(response: Response, call: Call) -> Response:
    return response


LONGEST_SHOWN = 160  # bytes of an answer


def said(*responses: Response) -> str:
    """Some answers in a few words."""
    shown = (f"HTTP {one.status} {one.body[:LONGEST_SHOWN]!r}" for one in responses)
    return f"the answer {', then '.join(shown)}"


def ends(act: Callable[[], object], kind: type, given: str) -> object:
    """What something ends in: a value of a kind, or an error of the taxonomy. Anything else breaks the case."""
    try:
        came = act()
    except OmniflashError as error:
        line = str(error)
        expect(not set(line) & set("\n\r\x1b"), f"{given} ends in an error of several lines: {line!r:.100}")
        return error
    except Broken:
        raise
    except Exception as problem:
        raise Broken(f"{given} raises {type(problem).__name__} ({problem!s:.200})") from problem
    expect(isinstance(came, kind), f"{given} ends in {type(came).__name__}, which is no {kind.__name__}")
    return came
