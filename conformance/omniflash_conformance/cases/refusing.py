"""What a vendor does not take: refused before anything is sent, or left out with consent (CAP-REJECT)."""

from collections.abc import Iterator, Mapping
from functools import partial

from hypothesis.strategies import one_of

from omniflash import Refine, Request
from omniflash.adapter import Offer
from omniflash.spec import FIELDS, REQUESTS, Mode, Previous

from ..bench import ClientBench
from ..case import EVERY_MODE, Needs, case
from ..strategies import outside
from ..subject import Client, Offers, form_of
from ..verdicts import Broken, NotDeclared, NotRun, expect, expect_equal

VALUES: Mapping[str, tuple[object, ...]] = {
    "seed": (7,),
    "output_format": ("mp4", "webm", "mov"),
    "duration": (3, 10),
    "aspect_ratio": ("16:9", "9:16", "1:1"),
}


@case("CAP-REJECT-1", "what the vendor does not take is refused before anything is sent", needs=Needs.SERVER)
def what_is_not_taken_is_refused(bench: ClientBench) -> None:
    bench.needs(Offers.REFUSE)
    refused = []
    with bench.opened() as client:
        for request, name in _outside(bench):
            told = bench.refusal(partial(client.submit, request))
            sent = [exchange["call"] for exchange in bench.exchanges()]
            expect(not sent, f"{name}, which the vendor does not take, is refused only after {', '.join(sent)}")
            if told is None:
                raise Broken(f"{name} is not taken by the vendor, and a job was made without a word")
            expect(name in told.text, f"{name} is refused as {told.kind}, which does not name it")
            refused.append(name)
    bench.note(refused=sorted(set(refused)))


@case(
    "CAP-REJECT-5",
    "whatever else the vendor does not take is refused before anything is sent",
    needs=Needs.SERVER,
    modes=EVERY_MODE,
)
def whatever_is_not_taken_is_refused(bench: ClientBench) -> None:
    bench.needs(Offers.REFUSE)
    strange = one_of(*(outside(offer) for offer in _offers(bench) if offer.mode is bench.mode))
    if strange.is_empty:
        raise NotDeclared(f"{bench.provider} takes everything that there is to ask for")
    with bench.opened() as client:
        bench.drawn(strange, partial(_refused, bench, client), share=0.4)


def _refused(bench: ClientBench, client: Client, drawn: tuple[Request, str]) -> None:
    request, place = drawn
    bench.shown = form_of(request)
    told = bench.refusal(lambda: client.submit(request))
    expect(not bench.exchanges(), f"{place}, which the vendor does not take, is refused only by the vendor")
    if told is None:
        raise Broken(f"{place} is not taken by the vendor, and a job was made without a word")
    expect(place in told.text, f"{place} is refused as {told.kind}, which does not name it")


@case("CAP-REJECT-2", "a mode that the vendor has not got is refused before anything is sent", needs=Needs.SERVER)
def a_missing_mode_is_refused(bench: ClientBench) -> None:
    bench.needs(Offers.REFUSE)
    if any(offer.mode is Mode.REFINE for offer in _offers(bench)):
        raise NotDeclared(f"{bench.provider} refines clips")
    with bench.opened() as client:
        told = bench.refusal(lambda: client.submit(Refine("At night", previous=Previous(handle="vid_of_nobody"))))
    expect(not bench.exchanges(), "a mode that the vendor has not got is refused only by the vendor")
    expect(told, "a mode that the vendor has not got gave a job")


@case("CAP-REJECT-3", "a seed is left out only with consent, and the job says so", needs=Needs.SERVER)
def only_a_seed_is_dropped(bench: ClientBench) -> None:
    bench.needs(Offers.DROP)
    names = {name for _, name in _outside(bench)}
    if "seed" not in names:
        raise NotDeclared(f"{bench.provider} takes a seed")
    with bench.opened(drops=True) as client:
        ticket = client.submit(bench.least(seed=7))
        expect_equal(client.dropped(ticket), ("seed",), "what is left out with consent, as the job says,")
        expect("seed" not in str(bench.exchanges("submit")[0]["body"]), "a seed that is left out is sent")


@case("CAP-REJECT-4", "consent leaves out nothing but a seed", needs=Needs.SERVER)
def nothing_else_is_dropped(bench: ClientBench) -> None:
    bench.needs(Offers.DROP)
    others = [(request, name) for request, name in _outside(bench) if name != "seed"]
    if not others:
        raise NotDeclared(f"{bench.provider} takes everything but a seed")
    with bench.opened(drops=True) as client:
        for request, name in others:
            told = bench.refusal(partial(client.submit, request))
            expect(told, f"{name} is left out with a consent that is for seeds")
            expect(not bench.exchanges(), f"{name}, which the vendor does not take, is refused only by the vendor")


def _offers(bench: ClientBench) -> tuple[Offer, ...]:
    if bench.adapter is None:
        raise NotRun("what the vendor takes is not known without its adapter")
    return bench.adapter.offers


def _outside(bench: ClientBench) -> Iterator[tuple[Request, str]]:
    """Right requests, each with one value that the vendor does not take, and its field's name."""
    found = list(_strange(bench))
    if not found:
        raise NotDeclared(f"{bench.provider} takes everything that there is to ask for")
    yield from found


def _strange(bench: ClientBench) -> Iterator[tuple[Request, str]]:
    for offer in _offers(bench):
        if offer.mode is not Mode.TEXT_TO_VIDEO:
            continue
        for name in [name for name in FIELDS[REQUESTS[offer.mode]] if name in VALUES]:
            declared = offer.fields.get(name)
            taken = declared.values if declared else ()
            for value in VALUES[name]:
                if declared is None or (taken and value not in taken):
                    yield bench.least(**{name: value}), name
