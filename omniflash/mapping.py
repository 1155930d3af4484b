"""From a request to the wire by a provider's declaration alone: what is declared, sent and told cannot disagree."""

from collections.abc import Callable, Iterator, Mapping

from .adapter import Field, MediaKind, Offer, Order, Wire
from .jobs import Disposition, Fate
from .redact import safe_text
from .spec.limits import LIMITS
from .spec.media import Data, File, FileFacts, Media, Url
from .spec.requests import UNSENT_FIELDS, Request, media_of
from .spec.violations import Violation, shown
from .types import JSON

DROPPABLE = frozenset({"seed"})  # the only field that can be left out without changing what is paid for
SOURCES = ("image", "video", "references", "previous")


def compose(order: Order) -> Wire:
    """The body of an order, and the fate of each field that the caller set."""
    given = order.request.given
    body: dict[str, JSON] = {}
    fates = []
    for name, declared in order.offer.fields.items():
        value = _on_wire(name, given, order) if name in given else _spec_default(name, declared, order.offer)
        if value is not None and declared.wire:
            body[declared.wire] = value
        if name in given:
            fates.append(_fate(name, declared, _brief(value) if name in SOURCES else order.request.words.get(name)))
    fates += [_unsent(name, order.dropped) for name in given if name not in order.offer.fields]
    return Wire(body, tuple(fates))


def _on_wire(name: str, given: Mapping[str, object], order: Order) -> JSON:
    if name == "references":
        return [order.media[path] for path in media_of(order.request) if path.startswith("references[")]
    value: JSON = order.media[name] if name in SOURCES else given[name]  # type: ignore[assignment]  # JSON by REQ-*
    return value


def _spec_default(name: str, declared: Field, offer: Offer) -> JSON:
    default: JSON = getattr(LIMITS[offer.version], f"{name}_default", None)
    return default if declared.vendor_default not in (None, default) else None


def _fate(name: str, declared: Field, value: JSON) -> Disposition:
    if declared.wire is None:
        return Disposition(name, Fate.KEPT, note="what this provider always makes")
    return Disposition(name, Fate.SENT, declared.wire, value)


def _brief(value: JSON) -> JSON:
    if isinstance(value, str):
        return safe_text(value)
    return [_brief(item) for item in value] if isinstance(value, list) else value


def _unsent(name: str, dropped: frozenset[str]) -> Disposition:
    if name in UNSENT_FIELDS:
        return Disposition(name, Fate.KEPT, note="used here, never sent")
    if name in dropped:
        return Disposition(name, Fate.DROPPED, note='left out by on_unsupported="drop"')
    return Disposition(name, Fate.REFUSED, note="this provider does not take it")


def unsupported(request: Request, offer: Offer) -> frozenset[str]:
    """The fields that the caller set and this offer has no place for."""
    return frozenset(request.given) - set(offer.fields) - set(UNSENT_FIELDS)


Takers = Callable[[str], str]


PUBLIC = "put it where the public can fetch it and give that URL, or use a provider that takes files"


def refusals(
    request: Request,
    offer: Offer,
    facts: Mapping[File, FileFacts],
    dropped: frozenset[str],
    takers: Takers,
    way_out: str | None = PUBLIC,
) -> Iterator[Violation]:
    """Why this offer cannot serve a request that is right by the spec (CAP-REJECT).

    `takers` gives the remedy for a field that another provider may take, `way_out` is the one for inputs that have no
    way in; None says that another account's storage is theirs.
    """
    for name in sorted(unsupported(request, offer) - dropped):
        limit = f"{offer.provider} takes no {name} in {offer.mode}"
        yield Violation("CAP-REJECT", name, shown(getattr(request, name)), limit, takers(name))
    for name, value in request.given.items():
        declared = offer.fields.get(name)
        if declared and declared.values and value not in declared.values:
            limit = f"{offer.provider} takes {', '.join(map(str, declared.values))}"
            yield Violation("CAP-REJECT", name, shown(value), limit, takers(name))
    if way_out is None:
        return
    media = media_of(request)
    for path, problem in unfit(request, offer, facts).items():
        yield Violation("CAP-REJECT", path, shown(media[path]), f"{offer.provider} {problem}", way_out)


def field_of(path: str) -> str:
    """The field that an input stands in: of "references[0]" it is "references"."""
    return path.partition("[")[0]


def unfit(request: Request, offer: Offer, facts: Mapping[File, FileFacts]) -> dict[str, str]:
    """The inputs that find no way in by the declaration of their fields, by their path, and why."""
    found: dict[str, str] = {}
    for path, medium in media_of(request).items():
        declared = offer.fields.get(field_of(path))
        problem = declared and _unfit(medium, declared, facts)
        if problem:
            found[path] = problem
    return found


# The ways of each kind of input, the better one first: vendors advise against large data URIs.
WAYS: Mapping[type[Media], tuple[MediaKind, ...]] = {
    Url: (MediaKind.URL,),
    Data: (MediaKind.DATA, MediaKind.UPLOAD),
    File: (MediaKind.UPLOAD, MediaKind.DATA),
}


def way_in(medium: Media, declared: Field, size: int) -> MediaKind | None:
    """How an input of `size` bytes reaches this provider, or None where it cannot."""
    limits = {MediaKind.DATA: declared.inline_limit, MediaKind.UPLOAD: declared.upload_limit}
    ways = (kind for kind in WAYS[type(medium)] if kind in declared.kinds)
    return next((kind for kind in ways if size <= limits.get(kind, size)), None)


def _unfit(medium: Media, declared: Field, facts: Mapping[File, FileFacts]) -> str | None:
    size = size_of(medium, facts)
    if way_in(medium, declared, size):
        return None
    if not declared.kinds.intersection(WAYS[type(medium)]):
        return f"takes only {' or '.join(sorted(declared.kinds))}"
    return f"takes up to {max(declared.inline_limit, declared.upload_limit):,} bytes, and this has {size:,}"


def size_of(medium: Media, facts: Mapping[File, FileFacts]) -> int:
    """How many bytes of an input have to be sent."""
    match medium:
        case Url():
            return 0
        case Data(uri):
            return len(uri) * 3 // 4  # base64 writes three bytes as four characters
        case File():
            return facts[medium].size if medium in facts else 0
