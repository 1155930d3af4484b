"""What becomes of each field that a caller set (CAP-DISPOSE): one fate for each, and the fate is the truth."""

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import evolve

from omniflash import Request
from omniflash.adapter import Offer
from omniflash.jobs import Disposition, Fate
from omniflash.redact import safe_text
from omniflash.spec.requests import UNSENT_FIELDS
from omniflash.types import JSON

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..means.asking import plain
from ..means.bodies import Sent, drawn_from, sent
from ..verdicts import NotDeclared, expect_equal, expect_none, shown


@case("CAP-DISPOSE-1", "each field that was set has one fate, and no other field has any", modes=EVERY_MODE)
def each_field_has_one_fate(bench: AdapterBench) -> None:
    client = bench.client()

    def look(request: Request) -> None:
        told = Counter(one.field for one in sent(bench, client, request).preview.dispositions)
        expect_none(f"{name} was set, and nothing is said of it" for name in request.given if name not in told)
        expect_none(f"{name} was not set, and has a fate" for name in told if name not in request.given)
        expect_none(f"{name} has {n} fates" for name, n in told.items() if n > 1)

    bench.drawn(drawn_from(bench.offer), look, share=0.6)


@case("CAP-DISPOSE-2", "what is said to be sent stands in the body, and as it is told", modes=EVERY_MODE)
def what_is_sent_is_there(bench: AdapterBench) -> None:
    client = bench.client()

    def look(request: Request) -> None:
        found = sent(bench, client, request)
        expect_none(problem for one in _of(found, Fate.SENT, Fate.ADAPTED) for problem in _untrue(one, found))

    bench.drawn(drawn_from(bench.offer), look, share=0.6)


def _untrue(told: Disposition, found: Sent) -> Iterator[str]:
    if told.wire is None or not found.has(told.wire):
        yield f"{told.field} is said to be {told.fate} as {told.wire}, and is not in the body"
    elif _brief(told.value) != _brief(found.at(told.wire)):
        yield f"{told.field} is said to be {told.fate} as {shown(told.value)}, and {shown(found.at(told.wire))} is"


def _brief(value: JSON) -> JSON:
    """As a disposition shows it: without what may be a secret in it."""
    match value:
        case str():
            return safe_text(value)
        case list():
            return [_brief(item) for item in value]
        case dict():
            return {name: _brief(item) for name, item in value.items()}
        case _:
            return value


@case("CAP-DISPOSE-3", "only what is used here, or always made, is kept; nothing is dropped unasked", modes=EVERY_MODE)
def what_is_kept_is_not_there(bench: AdapterBench) -> None:
    client, offer = bench.client(), bench.offer

    def look(request: Request) -> None:
        found = sent(bench, client, request)
        lost = [one for one in found.preview.dispositions if one.fate in (Fate.DROPPED, Fate.REFUSED)]
        expect_none(f"{one.field} is {one.fate}, though it is declared and nobody said that it may be" for one in lost)
        expect_none(problem for one in _of(found, Fate.KEPT) for problem in _not_kept(one, found, offer))

    bench.drawn(drawn_from(offer), look, share=0.4)


def _not_kept(told: Disposition, found: Sent, offer: Offer) -> Iterator[str]:
    declared = offer.fields.get(told.field)
    if declared is not None and declared.wire is not None:
        there = "and it is sent" if found.has(declared.wire) else "and it is not sent"
        yield f"{told.field} is declared as {declared.wire!r} and said to be kept, {there}"
    elif declared is None and told.field not in UNSENT_FIELDS:
        yield f"{told.field} is said to be kept, and this provider does not take it"


@case("CAP-DISPOSE-4", "the plan says of each field what the paid call does with it", modes=EVERY_MODE)
def the_plan_says_the_same(bench: AdapterBench) -> None:
    client = bench.client()

    def look(request: Request) -> None:
        planned = _fates(client.plan(request).best.dispositions)
        expect_equal(_fates(sent(bench, client, request).preview.dispositions), planned, "what becomes of the fields")

    bench.drawn(drawn_from(bench.offer), look, share=0.3)


def _fates(dispositions: tuple[Disposition, ...]) -> Mapping[str, str]:
    return {one.field: f"{one.fate} as {one.wire}" if one.wire else one.fate.value for one in dispositions}


@case(
    "CAP-DISPOSE-5",
    "the job carries the same fates as its preview",
    needs=Needs.FIXED,
    modes=EVERY_MODE,
    recording="submit-{mode}",
    clips=1,
)
def the_job_says_the_same(bench: AdapterBench) -> None:
    client = bench.client()
    request = bench.plain(client)
    previewed = _fates(sent(bench, client, request).preview.dispositions)
    expect_equal(_fates(bench.submitted(client, request).dispositions), previewed, "what the job says of the fields")


@case("CAP-DISPOSE-6", "a seed that is dropped with consent is told, and is not sent", modes=EVERY_MODE)
def a_dropped_seed_is_told(bench: AdapterBench) -> None:
    if "seed" in bench.offer.fields:
        raise NotDeclared(f"{bench.adapter.name} takes a seed in {bench.mode}")
    client = bench.client(on_unsupported="drop")
    request = plain(bench.offer, bench.picture)
    without = sent(bench, client, request)
    found = sent(bench, client, evolve(request, seed=7))
    fates = {one.field: one.fate for one in found.preview.dispositions}
    expect_equal(fates.get("seed"), Fate.DROPPED, "what becomes of the seed")
    expect_equal(found.body, without.body, "the body without the seed")


def _of(found: Sent, *fates: Fate) -> Iterator[Disposition]:
    return (one for one in found.preview.dispositions if one.fate in fates)
