"""What goes over the wire for a request: contract, lossless, minimal, order (MAP-*)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve
from hypothesis import strategies as st

from omniflash import Client, OmniflashError, Request
from omniflash.adapter import MediaKind, Offer
from omniflash.jobs import Fate
from omniflash.spec import LIMITS, Mode, Previous, Url
from omniflash_sandbox.contracts import Violation

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..means.asking import PICTURE_URL, STYLE_URL, UNTIMED, changed, least, plain
from ..means.bodies import Sent, asked_for, defaults_sent, drawn_from, sent, texts
from ..strategies import offered
from ..verdicts import Broken, NotDeclared, expect, expect_equal, expect_none, shown

TAGS = re.compile(r"<IMAGE_REF_\d+>")


@case("MAP-CONTRACT-1", "every body keeps the vendor's published schema", modes=EVERY_MODE)
def bodies_keep_the_contract(bench: AdapterBench) -> None:
    contract, client = bench.vendors_contract, bench.client()

    def look(request: Request) -> None:
        found = sent(bench, client, request)
        try:
            broken = contract.violations(found.preview.method, _path(bench, client, found), found.document)
        except ValueError as problem:
            raise Broken(str(problem)) from problem
        expect_none(map(_breach, broken))

    bench.drawn(drawn_from(bench.offer), look)


@case(
    "MAP-CONTRACT-2",
    "the vendor takes what is sent to it",
    needs=Needs.SERVER,
    modes=EVERY_MODE,
    clips=5,
)
def the_vendor_takes_it(bench: AdapterBench) -> None:
    client = bench.client()
    own = {"previous": st.just(_previous(bench, client))} if bench.mode is Mode.REFINE else {}

    def look(request: Request) -> None:
        plan = client.plan(request)
        bench.previewed(client, request)
        try:
            client.submit(plan)
        except OmniflashError as problem:
            raise Broken(f"a right request is answered with {type(problem).__name__}: {problem}") from problem

    bench.drawn(offered(bench.offer, **own), look, share=0.2)


@case("MAP-LOSSLESS-1", "read by the vendor's own rules, the wire gives the request back", modes=EVERY_MODE)
def the_vendor_reads_the_request(bench: AdapterBench) -> None:
    contract, client = bench.vendors_contract, bench.client()

    def look(request: Request) -> None:
        found = sent(bench, client, request)
        try:
            form = contract.decode(found.preview.method, _path(bench, client, found), found.document)
        except ValueError as problem:
            raise Broken(str(problem)) from problem
        expect_equal(form.pop("mode"), bench.offer.mode.value, "the mode, as the vendor reads it,")
        wanted = _on_wire(request, bench.offer)
        expect_none(
            f"the vendor reads {shown(form.get(name))} as {name}, not {shown(wanted.get(name))}"
            for name in sorted({*form, *wanted})
            if form.get(name) != wanted.get(name)
        )

    bench.drawn(drawn_from(bench.offer), look)


def _on_wire(request: Request, offer: Offer) -> dict[str, Any]:
    """The fields of a request that a vendor has to read, as it reads them."""
    names = {field.wire: name for name, field in offer.fields.items()}
    defaults = {names[wire]: value for wire, value in defaults_sent(request, offer).items()}
    return defaults | {name: _written(getattr(request, name)) for name in asked_for(request, offer)}


def _written(value: object) -> object:
    match value:
        case Url(text):
            return text
        case tuple():
            return [_written(item) for item in value]
        case Previous():
            return value.handle
        case _:
            return getattr(value, "uri", value)


@case("MAP-LOSSLESS-2", "requests that differ in a field look different on the wire", modes=EVERY_MODE)
def nothing_is_lost(bench: AdapterBench) -> None:
    client, offer = bench.client(), bench.offer
    base = plain(offer, bench.picture)
    for name, field in offer.fields.items():
        seen: dict[tuple[object, ...], object] = {}
        for value in _alike(offer, name) if field.wire else ():
            found = sent(bench, client, changed(base, {name: value})).seen
            expect(found not in seen, f"{name} {shown(seen.get(found))} and {shown(value)} are sent as the very same")
            seen[found] = value


# Prompts and seeds that a careless mapping takes for the same: stripped, folded, composed, cut, wrapped.
LONG = "x" * 19_999
PROMPTS = (
    "A cat",
    "A cat ",
    " A cat",
    "A  cat",
    "A cat\n",
    "a cat",
    "A caf\u00e9",
    "A cafe\u0301",
    f"{LONG}y",
    f"{LONG}z",
)
SEEDS = (0, 1, 1_000, 2**8, 2**15, 2**16, 2**31 - 1)


def _alike(offer: Offer, name: str) -> Sequence[object]:
    """Values of a field that are not the same, and may look so to somebody."""
    field, limits = offer.fields[name], LIMITS[offer.version]
    first, second = Url(PICTURE_URL), Url(STYLE_URL)
    choices: Mapping[str, Sequence[object]] = {
        "prompt": PROMPTS,
        "seed": SEEDS,
        "duration": range(limits.duration.minimum, limits.duration.maximum + 1),
        "aspect_ratio": limits.aspect_ratios,
        "output_format": limits.output_formats,
        "references": ((first,), (first, second), (second, first), (first, first)),
        "previous": (Previous(handle="vid_1"), Previous(handle="vid_10"), Previous(handle="VID_1")),
    }
    if field.kinds and MediaKind.URL not in field.kinds:
        return ()
    return field.values or choices.get(name, (first, second))


@case("MAP-LOSSLESS-3", "the prompt goes out letter for letter", modes=EVERY_MODE)
def prompts_are_left_alone(bench: AdapterBench) -> None:
    client, wire = bench.client(), bench.offer.fields["prompt"].wire

    def look(request: Request) -> None:
        found = sent(bench, client, request)
        _only_as_told("prompt", found)
        expect(
            request.prompt in texts(found.at(wire)),
            f"the prompt {shown(request.prompt)} goes out as {shown(found.at(wire))}",
        )

    bench.drawn(drawn_from(bench.offer), look, share=0.4)


def _only_as_told(name: str, found: Sent) -> None:
    """Raises NotDeclared where the adapter says itself that it changes a field for its vendor."""
    fates = {disposition.field: disposition.fate for disposition in found.preview.dispositions}
    if fates.get(name) is Fate.ADAPTED:
        raise NotDeclared(f"it says that it changes the {name}")


@case("MAP-MINIMAL-1", "the body has the fields that were asked for, and no others", modes=EVERY_MODE)
def only_what_was_asked(bench: AdapterBench) -> None:
    client, offer = bench.client(), bench.offer
    bench.drawn(drawn_from(offer), lambda request: _is_minimal(bench, sent(bench, client, request), request))


@case("MAP-MINIMAL-2", "the least request has the least body", modes=EVERY_MODE)
def the_least_body(bench: AdapterBench) -> None:
    unset = changed(least(bench.offer, bench.picture), UNTIMED)
    found = sent(bench, bench.client(), unset)
    _is_minimal(bench, found, unset)
    bench.note(method=found.preview.method, path=urlsplit(found.preview.url).path, body=sorted(found.body))


def _is_minimal(bench: AdapterBench, found: Sent, request: Request) -> None:
    offer = bench.offer
    asked, defaults = asked_for(request, offer), defaults_sent(request, offer)
    expect_none(f"the body has {name}: null" for name in found.nulls)
    surplus = found.beside({*asked.values(), *defaults, *_telling(bench)})
    address = (offer.endpoint, offer.version, offer.mode.value)  # some vendors want these in the body
    expect_none(
        f"the body has {name}: {shown(value)}, which nobody asked for"
        for name, value in surplus.items()
        if value not in address
    )
    expect_none(
        f"the URL has {name}={value}, which nobody asked for"
        for name, value in parse_qsl(urlsplit(found.preview.url).query, keep_blank_values=True)
        if name not in asked.values() and value not in address
    )
    for wire, value in defaults.items():
        expect_equal(found.at(wire), value, f"the default that is sent as {wire}")


def _telling(bench: AdapterBench) -> Iterator[str]:
    """The names by which a body tells its vendor which mode it is of."""
    mode = bench.offer.mode.value
    if bench.contract is not None and mode in bench.contract.modes:
        yield from (steps[-1] for steps in bench.contract.request(mode).modes[mode].equals)


@case("MAP-MINIMAL-3", "what is kept here changes nothing on the wire", modes=EVERY_MODE)
def what_is_kept_is_not_sent(bench: AdapterBench) -> None:
    client, offer = bench.client(), bench.offer

    def look(request: Request) -> None:
        bare = sent(bench, client, evolve(request, country=None, version=None, metadata={}))
        full = sent(bench, client, evolve(request, country="US", version=offer.version, metadata={"shelf": "A7-kept"}))
        expect(bare.seen == full.seen, f"country, version or metadata are seen on the wire: {shown(full.body)}")

    bench.drawn(drawn_from(offer), look, share=0.3)


@case(
    "MAP-ORDER-1",
    "references go out in the order they were given",
    modes=[Mode.REFERENCE_TO_VIDEO, Mode.EDIT, Mode.REFINE],
)
def references_keep_their_order(bench: AdapterBench) -> None:
    client, wire = bench.client(), _reference_wire(bench)

    def look(request: Any) -> None:
        wanted = [_written(medium) for medium in request.references]
        there = [text for text in texts(sent(bench, client, request).at(wire)) if text in wanted]
        expect_equal(there, wanted, f"the order of {wire}")

    bench.drawn(drawn_from(bench.offer), look, share=0.6)


@case(
    "MAP-ORDER-2",
    "a tag in the prompt names the reference that it named",
    modes=[Mode.REFERENCE_TO_VIDEO, Mode.EDIT, Mode.REFINE],
)
def tags_are_left_alone(bench: AdapterBench) -> None:
    client, prompt = bench.client(), bench.offer.fields["prompt"].wire
    _reference_wire(bench)

    def look(request: Any) -> None:
        every = "".join(f"<IMAGE_REF_{n}>" for n in range(len(request.references)))
        tagged = evolve(request, prompt=f"A street at noon {every}")
        found = sent(bench, client, tagged)
        _only_as_told("prompt", found)
        tags = [tag for text in texts(found.at(prompt)) for tag in TAGS.findall(text)]
        expect_equal(tags, TAGS.findall(every), "what is tagged in the prompt that is sent")

    bench.drawn(drawn_from(bench.offer), look, share=0.3)


def _reference_wire(bench: AdapterBench) -> str:
    declared = bench.offer.fields.get("references")
    if declared is None or declared.wire is None:
        raise NotDeclared(f"{bench.adapter.name} takes no references here")
    return declared.wire


def _previous(bench: AdapterBench, client: Client) -> Previous:
    request: Any = bench.least(client)
    previous: Any = request.previous
    return Previous(handle=previous.handle)


def _path(bench: AdapterBench, client: Client, found: Sent) -> str:
    path = bench.vendors_contract.path_of(found.preview.url, client.accounts[bench.adapter.name].hosts)
    if path is None:
        raise Broken(f"the paid call goes to {found.preview.url}, which is no host of the contract")
    return path


def _breach(found: Violation) -> str:
    """What breaks a contract, in words."""
    place = ".".join(map(str, found.place)) or "the body"
    match found.keyword:
        case "required":
            return f"{place} is missing, and the contract demands it"
        case "additionalProperties":
            return f"{place} is sent, and the contract has no such field"
        case keyword:
            return f"{place} is {shown(found.given)}, and the contract says {keyword}: {shown(found.demand)}"
