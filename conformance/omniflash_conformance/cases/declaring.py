"""What an adapter declares, and whether that is whole and fits together (CAP-DECLARE). Nothing is sent."""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from attrs import astuple, has

from omniflash import File, UnsupportedFeature
from omniflash.adapter import Attachment, Field, MediaKind, Offer, Priced
from omniflash.effects import Flow
from omniflash.jobs import Cancellation, Cancelled, Job
from omniflash.money.quotes import USD
from omniflash.spec import FIELDS, LATEST, LIMITS, REQUESTS, Limits, Mode
from omniflash.spec.requests import UNSENT_FIELDS

from ..bench import AdapterBench
from ..case import case
from ..means.declaration import malformed
from ..verdicts import Broken, Lax, expect, expect_equal, expect_none, shown

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MEDIA = ("image", "video", "references")
NEEDED: Mapping[Mode, tuple[str, ...]] = {
    Mode.TEXT_TO_VIDEO: ("prompt",),
    Mode.IMAGE_TO_VIDEO: ("prompt", "image"),
    Mode.REFERENCE_TO_VIDEO: ("prompt", "references"),
    Mode.EDIT: ("prompt", "video"),
    Mode.REFINE: ("prompt", "previous"),
}
KEYS = ("id-of-a-key:and-its-secret-half", "id-of-another:secret-half-of-it")


@case("CAP-DECLARE-1", "the declaration is one: every part is there, and of its type")
def it_is_a_declaration(bench: AdapterBench) -> None:
    expect_none(malformed(bench.adapter))
    first, second = bench.adapter.offers, bench.adapter.offers
    expect(first == second, "its offers are others each time they are read")


@case("CAP-DECLARE-2", "it has a name that can be written anywhere, and offers under that name")
def it_has_one_name(bench: AdapterBench) -> None:
    name = bench.adapter.name
    expect(NAME.fullmatch(name), f"its name is {name!r}, not up to 40 small letters, digits, - and _")
    expect(bench.adapter.offers, "it offers nothing")
    expect_none(
        f"its offer of {offer.mode} is {offer.provider!r}'s, not {name!r}'s"
        for offer in bench.adapter.offers
        if offer.provider != name
    )


@case("CAP-DECLARE-3", "each mode of each model version is offered once, and at an endpoint")
def each_offer_is_one_of_a_kind(bench: AdapterBench) -> None:
    expect_none(problem for offer in bench.adapter.offers for problem in _unplaced(offer))
    counted = Counter((offer.mode, offer.version) for offer in bench.adapter.offers)
    expect_none(f"{mode} of {version} is offered {n} times" for (mode, version), n in counted.items() if n > 1)
    bench.note(offers=[f"{offer.mode} {offer.version} at {offer.endpoint}" for offer in bench.adapter.offers])
    for offer in bench.adapter.offers:
        if not offer.assumed and not _names(offer.endpoint, offer.version):
            raise Lax(f"{offer.endpoint!r} names no version, and {offer.version} is not said to be assumed")


def _unplaced(offer: Offer) -> Iterator[str]:
    if offer.version not in LIMITS:
        yield f"its offer of {offer.mode} is of version {offer.version!r}, which the spec does not know"
    if not re.fullmatch(r"[!-~]+", offer.endpoint):
        yield f"its offer of {offer.mode} has the endpoint {offer.endpoint!r}, which is no word"


def _names(endpoint: str, version: str) -> bool:
    """Whether 1.0 stands in an endpoint's id, in any of the ways in which versions are written."""
    major, _, minor = version.partition(".")
    rest = rf"[.-_]?{minor}(?!\d)" if minor.strip("0") else rf"([.-_]?{minor})?(?![\d.])"
    return re.search(rf"(?<!\d){major}{rest}", endpoint) is not None


@case("CAP-DECLARE-4", "each offer takes the fields that its mode needs, and none that its mode has not")
def fields_are_of_the_mode(bench: AdapterBench) -> None:
    expect_none(problem for offer in bench.adapter.offers for problem in _fields_amiss(offer))


def _fields_amiss(offer: Offer) -> Iterator[str]:
    known = [name for name in FIELDS[REQUESTS[offer.mode]] if name not in UNSENT_FIELDS]
    yield from (f"{offer.mode} takes {name}, which the mode has not" for name in offer.fields if name not in known)
    for name in NEEDED[offer.mode]:
        if name not in offer.fields or offer.fields[name].wire is None:
            yield f"{offer.mode} has no place on the wire for {name}, which it cannot do without"


@case("CAP-DECLARE-5", "each field has a wire name of its own, or says what is always made")
def wire_names_are_told_apart(bench: AdapterBench) -> None:
    expect_none(problem for offer in bench.adapter.offers for problem in _names_amiss(offer))
    bench.note(
        wire={
            offer.mode.value: {name: one.wire for name, one in offer.fields.items()} for offer in bench.adapter.offers
        }
    )


def _names_amiss(offer: Offer) -> Iterator[str]:
    names = Counter(field.wire for field in offer.fields.values() if field.wire is not None)
    yield from (f"{offer.mode} sends {n} fields as {wire!r}" for wire, n in names.items() if n > 1)
    for name, field in offer.fields.items():
        if field.wire is not None and not field.wire.strip():
            yield f"{offer.mode} sends {name} under a blank name"
        if field.wire is None and not field.values:
            yield f"{offer.mode} sends no {name}, and does not say which it always makes"


@case("CAP-DECLARE-6", "pictures and videos have ways in, each with its limit; other fields have none")
def media_have_ways_in(bench: AdapterBench) -> None:
    everywhere = [(offer, name, field) for offer in bench.adapter.offers for name, field in offer.fields.items()]
    expect_none(problem for offer, name, field in everywhere for problem in _ways_amiss(offer, name, field))
    uploads = any(MediaKind.UPLOAD in field.kinds for _, _, field in everywhere)
    said = "takes uploads in a field" if uploads else "takes uploads in no field"
    expect_equal(bench.adapter.features.upload, uploads, f"it {said}, and features.upload")


def _ways_amiss(offer: Offer, name: str, field: Field) -> Iterator[str]:
    where = f"{name} of {offer.mode}"
    if bool(field.kinds) is not (name in MEDIA):
        yield f"{where} has no way in" if name in MEDIA else f"{where} is no picture or video, and has ways in"
    for kind, limit in {MediaKind.DATA: field.inline_limit, MediaKind.UPLOAD: field.upload_limit}.items():
        if kind in field.kinds and limit == 0:
            yield f"{where} takes a {kind} of at most 0 bytes, so none at all"
        if kind not in field.kinds and limit:
            yield f"{where} limits a {kind} to {limit:,} bytes, and takes none"


@case("CAP-DECLARE-7", "limits are the spec's, or narrower")
def limits_are_narrower(bench: AdapterBench) -> None:
    fields = [(offer, name, field) for offer in bench.adapter.offers for name, field in offer.fields.items()]
    expect_none(problem for offer, name, field in fields for problem in _values_amiss(offer, name, field))


Allows = Callable[[Limits, object], bool]
# What a field that can be narrowed may hold at most.
ALLOWED: Mapping[str, Allows] = {
    "duration": lambda limits, value: type(value) is int and value in limits.duration,
    "seed": lambda limits, value: type(value) is int and value in limits.seed,
    "aspect_ratio": lambda limits, value: value in limits.aspect_ratios,
    "output_format": lambda limits, value: value in limits.output_formats,
}


def _values_amiss(offer: Offer, name: str, field: Field) -> Iterator[str]:
    limits, where = LIMITS.get(offer.version, LATEST), f"{name} of {offer.mode}"
    allows = ALLOWED.get(name)
    for value in field.values:
        if allows is None or not allows(limits, value):
            yield f"{where} takes {value!r}, which the spec does not"
    default = getattr(limits, f"{name}_default", None)
    if field.vendor_default is not None and default is None:
        yield f"{where} has a default of the vendor's, and the spec has none to send in its place"
    if field.vendor_default not in (None, default) and field.values and default not in field.values:
        yield f"{where} stands for {default!r} when unset, which is sent, and is not among what it takes"


@case("CAP-DECLARE-8", "each offer has a price, and the price a source and a day")
def prices_have_a_source(bench: AdapterBench) -> None:
    expect_none(problem for offer in bench.adapter.offers for problem in _price_amiss(offer))
    bench.note(prices={f"{offer.mode} {offer.version}": offer.price.source for offer in bench.adapter.offers})


def _price_amiss(offer: Offer) -> Iterator[str]:
    price, what = offer.price, f"the price of {offer.mode}"
    rates = (price.rate, price.bound)
    told = {
        f"{what} has no source": not price.source.strip(),
        f"{what} is of {price.as_of}, which is yet to come": price.as_of > _tomorrow(),
        f"{what} has a part below 0": min(part for rate in rates for part in astuple(rate)) < 0,
        f"{what} is by the token, and no tokens are in a second": any(
            rate.per_million_tokens and not rate.tokens_per_second for rate in rates
        ),
        f"{what} is of no resolution": not price.resolution.strip(),
        f"{what} is said to be the user's own": price.own,
        f"{what} is in no unit": not price.unit.strip(),
        f"{what} is in dollars, at ${price.usd_per_unit} a dollar": price.unit == USD and price.usd_per_unit != 1,
        f"{what} is in {price.unit}s of ${price.usd_per_unit}": price.usd_per_unit <= 0,
    }
    return (problem for problem, holds in told.items() if holds)


def _tomorrow() -> date:
    return datetime.now(UTC).date() + timedelta(days=1)  # today, somewhere


@case("CAP-DECLARE-9", "its API hosts are https, and nothing but hosts")
def hosts_are_https(bench: AdapterBench) -> None:
    expect(bench.adapter.hosts, "it has no host")
    expect_none(problem for name, url in bench.adapter.hosts.items() for problem in _host_amiss(name, url))
    bench.note(hosts=dict(bench.adapter.hosts))


def _host_amiss(name: str, url: str) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"a host is called {name!r}, which no call can name"
    try:
        parts = urlsplit(url)
        bare = parts.hostname and not (parts.query or parts.fragment or parts.username or parts.password)
    except ValueError as problem:
        yield f"the host {name} is {url!r}: {problem}"
        return
    if parts.scheme != "https":
        yield f"the host {name} is {url!r}, where the key would go without https"
    if not bare or url.endswith("/"):
        yield f"the host {name} is {url!r}, not an origin with at most a path and no slash at its end"


@case("CAP-DECLARE-10", "it says which variables hold a key, and how a call carries it")
def the_key_has_a_place(bench: AdapterBench) -> None:
    ways = bench.adapter.credentials
    expect(ways and all(ways), "it names no variable that holds its key")
    names = [name for way in ways for name in way]
    expect_none(f"{name!r} is no name of a variable" for name in names if not VARIABLE.fullmatch(name))
    expect(len(set(ways)) == len(ways), "it names the same variables twice")
    one, other = (dict(bench.adapter.authorize(key)) for key in KEYS)
    expect(one, "authorize gives no header")
    expect(one != other, "authorize gives the same headers for different keys")
    expect_none(f"authorize gives {name!r}: {value!r}" for name, value in one.items() if not _is_header(name, value))
    bench.note(key_in=sorted(name.lower() for name in one), variables=[list(way) for way in ways])


def _is_header(name: object, value: object) -> bool:
    words = isinstance(name, str) and isinstance(value, str)
    return words and re.fullmatch(r"[A-Za-z0-9-]+", str(name)) is not None and str(value).isprintable()


@case("CAP-DECLARE-11", "each mode that it does not offer has a remedy")
def absent_modes_have_a_remedy(bench: AdapterBench) -> None:
    offered = {offer.mode for offer in bench.adapter.offers}
    absent = bench.adapter.absent
    expect_none(f"{mode} is offered, and said to be absent" for mode in absent if mode in offered)
    expect_none(f"the remedy for {mode} is blank" for mode, remedy in absent.items() if not remedy.strip())
    bench.note(modes=sorted(mode.value for mode in offered))
    missing = [mode for mode in Mode if mode not in offered and mode not in absent]
    if missing:
        raise Lax(f"it does not offer {', '.join(missing)}, and does not say what to do instead")


@case("CAP-DECLARE-12", "its features are those that it has")
def features_are_those_it_has(bench: AdapterBench) -> None:
    features = bench.adapter.features
    known = ("cancel", "webhook", "upload", "public_uploads", "find", "find_assumed", "prices")
    bench.note(features=[name for name in known if getattr(features, name)])
    expect(features.find or not features.find_assumed, "its list is assumed, and it has none")
    expect(
        isinstance(bench.adapter, Priced) or not features.prices, "it says that it has prices, and has no such method"
    )
    cancels = not _says_unsupported(lambda: bench.adapter.cancel(_some_job(bench)))
    expect_equal(
        features.cancel, cancels, f"cancel {'asks the vendor' if cancels else 'is unsupported'}, and features.cancel"
    )
    uploads = _begins(lambda: bench.adapter.upload(_some_file(bench)))
    expect_equal(
        features.upload, uploads, f"upload {'asks the vendor' if uploads else 'is unsupported'}, and features.upload"
    )


def _some_job(bench: AdapterBench) -> Job:
    offer = bench.adapter.offers[0]
    return Job(bench.adapter.name, offer.version, offer.mode, "job_1", "order-1")


def _some_file(bench: AdapterBench) -> Attachment:
    picture: File = bench.picture
    return Attachment("image", picture, "image/png", picture.path.stat().st_size)


def _says_unsupported(cancel: Callable[[], Flow[Cancellation]]) -> bool:
    """Whether a cancel asks nobody, and says that there is none."""
    ended = _first("cancel", cancel())
    if isinstance(ended, Cancellation):
        if ended.result is not Cancelled.UNSUPPORTED:
            raise Broken(f"cancel asks nobody, and says {ended.result!r}")
        return True
    return False


def _begins(upload: Callable[[], Flow[str]]) -> bool:
    """Whether an upload asks anybody."""
    try:
        ended = _first("upload", upload())
    except UnsupportedFeature:
        return False
    if isinstance(ended, str):
        raise Broken(f"upload asks nobody, and gives {ended!r}")
    return True


def _first(name: str, flow: Flow[Any]) -> object:
    """A flow's first effect, or what it ends with before any."""
    if not isinstance(flow, Generator):
        raise Broken(f"{name} gives {shown(flow)}, which is no flow: it has no yield")
    try:
        return next(flow)
    except StopIteration as stop:
        ended: object = stop.value
        return ended
    finally:
        flow.close()


@case("CAP-DECLARE-13", "what it expects of time is possible, and its days fit together")
def times_are_possible(bench: AdapterBench) -> None:
    expect_none(problem for offer in bench.adapter.offers for problem in _times_amiss(offer))
    bench.note(expected_s={offer.mode.value: offer.expected_s for offer in bench.adapter.offers})


LONGEST_EXPECTED_S = 3_600.0


def _times_amiss(offer: Offer) -> Iterator[str]:
    told = {
        f"{offer.mode} is expected to take {offer.expected_s:g} s, more than an hour": offer.expected_s
        > LONGEST_EXPECTED_S,
        f"{offer.mode} is as of {offer.as_of}, which is yet to come": offer.as_of > _tomorrow(),
        f"{offer.mode} retires on {offer.retires_on}, before it was looked at": offer.retires_on is not None
        and offer.retires_on < offer.as_of,
    }
    return (problem for problem, holds in told.items() if holds)


@case("CAP-DECLARE-14", "its own options are a class of values, all of them optional")
def options_are_optional(bench: AdapterBench) -> None:
    kind = bench.adapter.options
    if kind is None:
        return
    expect(has(kind), f"its options are {kind.__name__}, which is no attrs class")
    try:
        kind()
    except TypeError as problem:
        raise Broken(f"its options cannot be left unset: {problem}") from problem
