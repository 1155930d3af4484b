"""Whatever is declared works on the wire (CAP-TRUTH): what is asked for here is derived from the declaration alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from urllib.parse import unquote

from omniflash import (
    Data,
    File,
    InsufficientCredits,
    Job,
    OmniflashError,
    ProviderUnavailable,
    RateLimited,
    Request,
)
from omniflash.adapter import Field, MediaKind, Offer
from omniflash.jobs import Cancelled
from omniflash.spec import LIMITS, REQUESTS, Media, Mode, Url
from omniflash_sandbox.declared import Contract

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, Profile, case
from ..means.asking import FILM, FILM_URL, PICTURE, PICTURE_URL, TURN, changed, least
from ..means.life import facts_of
from ..verdicts import Broken, NotDeclared, NotRun, expect, expect_equal, expect_none, shown

HOOK = "https://example.com/hooks/omniflash"
LISTED_S = 60.0  # longer than it takes until a job is listed


# What a vendor may answer on a bad day to whoever keeps every clause.
BUSY = (ProviderUnavailable, RateLimited, InsufficientCredits)


@contextmanager
def _works(what: str) -> Iterator[None]:
    """Breaks the case where the vendor, or the adapter, does not take what is declared."""
    try:
        yield
    except BUSY as problem:
        raise NotRun(f"the vendor takes nothing now: {problem}") from problem
    except OmniflashError as problem:
        raise Broken(f"{what} is declared, and ends in {type(problem).__name__}: {problem}") from problem


@case(
    "CAP-TRUTH-1",
    "a plain request of each mode is accepted",
    needs=Needs.FIXED,
    modes=EVERY_MODE,
    recording="submit-{mode}",
    clips=1,
)
def each_mode_works(bench: AdapterBench) -> None:
    client, ears = bench.overheard()
    with _works(str(bench.mode)):
        job = bench.submitted(client, bench.plain(client))
    bench.note(answers=facts_of(ears.heard[-1:]))
    expect_equal((job.mode, job.version), (bench.offer.mode, bench.offer.version), "what the job is of")


@case(
    "CAP-TRUTH-2",
    "each declared value is accepted, and the borders of each range",
    needs=Needs.SERVER,
    modes=EVERY_MODE,
    clips=3,
)
def each_value_works(bench: AdapterBench) -> None:
    client = bench.client()
    base = bench.least(client)
    for values in _rounds(bench.offer):
        told = ", ".join(f"{name} {_told(value)}" for name, value in values.items())
        with _works(told):
            bench.submitted(client, changed(base, values))


def _rounds(offer: Offer) -> Iterator[dict[str, object]]:
    """As few rounds as bring every value: in the first each field's first one, in the next its second, over again."""
    choices = {name: found for name, field in offer.fields.items() if (found := _choices(offer, name, field))}
    length = max(map(len, choices.values()))
    rounds = {name: tuple(islice(cycle(found), length)) for name, found in choices.items()}
    return ({name: found[n] for name, found in rounds.items()} for n in range(length))


def _choices(offer: Offer, name: str, field: Field) -> Sequence[object]:
    """The values of a field to be tried: all that it lists, or the borders of what the spec allows."""
    if field.values:
        return field.values
    limits = LIMITS[offer.version]
    counts = limits.references if offer.mode is Mode.REFERENCE_TO_VIDEO else limits.references_editing
    spans = {"duration": limits.duration, "seed": limits.seed}
    match name:
        case "duration" | "seed":
            return spans[name].minimum, spans[name].maximum
        case "aspect_ratio":
            return limits.aspect_ratios
        case "output_format":
            return limits.output_formats
        case "prompt":
            return "x", "x" * limits.prompt.maximum
        case "references" if MediaKind.URL in field.kinds:
            return tuple(_pictures(n) for n in (counts.minimum, counts.maximum))
        case _:
            return ()


def _pictures(count: int) -> tuple[Media, ...]:
    return tuple(Url(f"{PICTURE_URL}?n={n}") for n in range(count))


def _told(value: object) -> str:
    match value:
        case tuple():
            return f"× {len(value)}"
        case str() if len(value) > 20:
            return f"of {len(value):,} characters"
        case _:
            return shown(value)


INLINE: Mapping[str, Media] = {
    "image": Data.of(PICTURE, "image/png"),
    "video": Data.of(FILM, "video/mp4"),
    "references": Data.of(PICTURE, "image/png"),
}
PUBLIC: Mapping[str, Media] = {"image": Url(PICTURE_URL), "video": Url(FILM_URL), "references": Url(PICTURE_URL)}


@case(
    "CAP-TRUTH-3",
    "each declared way in for a picture or video is accepted",
    needs=Needs.SERVER,
    modes=EVERY_MODE,
    clips=4,
)
def each_way_in_works(bench: AdapterBench) -> None:
    ways = {MediaKind.URL: PUBLIC, MediaKind.DATA: INLINE}
    media = {name: field.kinds for name, field in bench.offer.fields.items() if name in PUBLIC}
    tried = [(name, kind) for name, kinds in media.items() for kind in ways if kind in kinds]
    if not tried:
        raise NotDeclared(f"{bench.adapter.name} takes no URL and no data URI in {bench.mode}")
    client = bench.client()
    base = bench.least(client)
    for name, kind in tried:
        with _works(f"a {kind} as {name}"):
            bench.submitted(client, _with(base, name, ways[kind][name]))


def _with(request: Request, name: str, medium: Media) -> Request:
    return changed(request, {name: (medium,) if name == "references" else medium})


@case(
    "CAP-TRUTH-4",
    "a file is uploaded, and its job accepted",
    needs=Needs.FIXED,
    profile=Profile.UPLOADS,
    recording="upload",
    clips=1,
)
def an_upload_works(bench: AdapterBench) -> None:
    offer, name = next(_uploading(bench.adapter.offers), (None, ""))
    if offer is None:
        raise NotDeclared(f"{bench.adapter.name} takes no uploads")
    medium: Media = bench.picture if name != "video" else _film(bench)
    given = (medium,) if name == "references" else medium
    client = bench.client()
    with _works("an upload"):
        bench.submitted(client, REQUESTS[offer.mode](TURN, **{name: given}))  # type: ignore[arg-type]  # of its mode


def _uploading(offers: Sequence[Offer]) -> Iterator[tuple[Offer, str]]:
    """Where files are taken, the picture of image-to-video first."""
    for name in PUBLIC:
        for offer in offers:
            if name in offer.fields and MediaKind.UPLOAD in offer.fields[name].kinds:
                yield offer, name


def _film(bench: AdapterBench) -> File:
    path = bench.folder / "film.mp4"
    path.write_bytes(FILM)
    return File(path)


@case("CAP-TRUTH-5", "each field that takes uploads takes them", needs=Needs.SERVER, profile=Profile.UPLOADS, clips=4)
def each_upload_works(bench: AdapterBench) -> None:
    found = [(offer, name) for offer, name in _uploading(bench.adapter.offers) if offer.mode is not Mode.REFINE]
    if not found:
        raise NotDeclared(f"{bench.adapter.name} takes no uploads")
    client, picture, film = bench.client(), bench.picture, _film(bench)
    for offer, name in found:
        base = least(offer, picture)
        with _works(f"an upload as {name} of {offer.mode}"):
            bench.submitted(client, _with(base, name, film if name == "video" else picture))


@case("CAP-TRUTH-6", "a job that has just begun can be cancelled", needs=Needs.FIXED, recording="cancel", clips=1)
def cancelling_works(bench: AdapterBench) -> None:
    if not bench.adapter.features.cancel:
        raise NotDeclared(f"{bench.adapter.name} has no cancel")
    client = bench.client()
    job = bench.submitted(client)
    with _works("cancel"):
        result = client.cancel(job).result
    asked = (Cancelled.CANCELLED, Cancelled.REQUESTED)
    expect(result in asked, f"cancel is declared, and answers {result.value!r} to a job that has just begun")
    bench.note(cancelled=result.value)


@case("CAP-TRUTH-7", "a lost job is found in the vendor's list", needs=Needs.FAULTS, profile=Profile.RELIABILITY)
def finding_works(bench: AdapterBench) -> None:
    if not bench.adapter.features.find:
        raise NotDeclared(f"{bench.adapter.name} has no list")
    from ..means.deaf import DeafLedger  # here: a database is slow to load, and collecting cases needs none

    ledger = DeafLedger(bench.folder / "ledger.sqlite3")
    try:
        client = bench.client(ledger=ledger)
        job = bench.submitted(client)
        bench.stand.advance(LISTED_S)
        with _works("find"):
            found = client.reconcile(job.order_id)
        expect_equal(found and found.handle, job.handle, "the job that is found for a lost one")
    finally:
        ledger.close()


@case(
    "CAP-TRUTH-8",
    "a webhook's URL goes to the vendor, and is taken",
    needs=Needs.SERVER,
    profile=Profile.WEBHOOKS,
    clips=1,
)
def webhooks_are_taken(bench: AdapterBench) -> None:
    if not bench.adapter.features.webhook:
        raise NotDeclared(f"{bench.adapter.name} sends no webhooks")
    client = bench.client()
    plan = client.plan(bench.least(client))
    preview = client.preview(plan, webhook_url=HOOK)
    bench.preview = preview
    _expect_told(HOOK, preview.url, preview.body, preview.headers)
    with _works("a webhook"):
        job: Job = client.submit(plan, webhook_url=HOOK)
    expect(job.handle, "the job with a webhook has no handle")


def _expect_told(hook: str, url: str, body: bytes, headers: Mapping[str, str]) -> None:
    seen = (unquote(url), unquote(body.decode("utf-8", "replace")).replace("\\/", "/"), *headers.values())
    expect(any(hook in text for text in seen), "webhooks are declared, and the URL of one is nowhere in the paid call")


@case("CAP-TRUTH-9", "a clip can be refined, so far as refining is offered", needs=Needs.SERVER, clips=2)
def clips_can_be_refined(bench: AdapterBench) -> None:
    offer, client = bench.offer_of(Mode.REFINE), bench.client()
    with _works("refine"):
        first = bench.finished(client)
        expect(
            first.clip is not None and first.clip.handle, "refine is declared, and a finished clip has no handle for it"
        )
        again = bench.finished(client, least(offer, bench.picture, fields={"previous": first.job}))
    expect(again.clip is not None, f"the refined clip is {again.state}")


@case("CAP-TRUTH-10", "each declared field, mode and host is in the vendor's contract")
def the_contract_knows_it(bench: AdapterBench) -> None:
    contract = bench.vendors_contract
    expect_none(problem for offer in bench.adapter.offers for problem in _beyond(offer, contract))
    hosts = {name: url.rstrip("/") for name, url in contract.hosts.items()}
    expect_none(
        f"the host {name} is {url}, and the contract's are {', '.join(hosts.values())}"
        for name, url in bench.adapter.hosts.items()
        if url not in hosts.values()
    )


def _beyond(offer: Offer, contract: Contract) -> Iterator[str]:
    if offer.mode.value not in contract.modes:
        yield f"{offer.mode} is declared, and the contract has no such mode"
        return
    known = contract.request(offer.mode.value).names
    for name, field in offer.fields.items():
        if field.wire is not None and name not in known:
            yield f"{name} of {offer.mode} is declared as {field.wire!r}, and the contract has no such field"
